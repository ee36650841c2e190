// Puts a kept plate or a whole picture into the picture. Needs `frame` and `grade`.

struct Layer {
    // Clip space from texture coordinates: scale (xy) and offset (zw).
    clip_from_uv: vec4f,
    // Opacity; wipe or iris: progress; aspect of the picture; unused. For a page: where its fold meets the
    // lower edge, how far the fold leans, radius of the roll, aspect. For a shoulder: size of a pixel of its shape.
    params: vec4f,
}

@group(1) @binding(0) var<uniform> layer: Layer;
@group(1) @binding(1) var picture: texture_2d<f32>;
@group(1) @binding(2) var smooth_sampler: sampler;

struct Varying {
    @builtin(position) position: vec4f,
    @location(0) uv: vec2f,
}

// `tile` is a part of the texture that is not empty: left, top, right, lower edge.
@vertex
fn vs_layer(@builtin(vertex_index) index: u32, @location(0) tile: vec4f) -> Varying {
    let uv = mix(tile.xy, tile.zw, vec2f(f32(index & 1u), f32(index >> 1u)));
    let clip = uv * layer.clip_from_uv.xy + layer.clip_from_uv.zw;
    return Varying(vec4f(clip, 0.0, 1.0), uv);
}

fn texel(uv: vec2f) -> vec4f {
    return textureLoad(picture, vec2i(uv * vec2f(textureDimensions(picture))), 0);
}

fn colored(color: vec4f, uv: vec2f, pixel: vec2f) -> vec4f {
    let a = max(color.a, 1e-4);
    let clip = uv * layer.params.xy + layer.params.zw;
    let c = grade_set(color.rgb / a, clip * vec2f(0.5, -0.5) + 0.5) + dither(pixel);
    return vec4f(max(c, vec3f(0.0)) * color.a, color.a);
}

// The colours of plates, with the mood of the scene. `params` says where in the picture the texture
// lies, `clip_from_uv` where it is drawn to.
@fragment
fn fs_grade(in: Varying) -> @location(0) vec4f {
    return colored(texel(in.uv), in.uv, in.position.xy);
}

// The same for plates out of focus, which have fewer pixels than the picture.
@fragment
fn fs_grade_soft(in: Varying) -> @location(0) vec4f {
    let color = textureSampleLevel(picture, smooth_sampler, in.uv, 0.0);
    return colored(color, in.uv, in.position.xy);
}

// A texture whose pixels lie between those of the picture.
@fragment
fn fs_sampled(in: Varying) -> @location(0) vec4f {
    return textureSampleLevel(picture, smooth_sampler, in.uv, 0.0);
}

// A texture whose pixels are those of the picture: no filter is needed.
@fragment
fn fs_exact(in: Varying) -> @location(0) vec4f {
    return texel(in.uv) * layer.params.x;
}

// Opaque picture that comes in behind a soft edge moving to the right.
@fragment
fn fs_wipe(in: Varying) -> @location(0) vec4f {
    let t = layer.params.y;
    let front = mix(-0.15, 1.15, t) + 0.03 * sin(in.uv.y * 5.0);
    let a = smoothstep(front + 0.12, front - 0.12, in.uv.x);
    return vec4f(texel(in.uv).rgb * a, a);
}

const DARK = vec3f(0.035, 0.03, 0.06);

@fragment
fn fs_dark(in: Varying) -> @location(0) vec4f {
    return vec4f(DARK * layer.params.x, layer.params.x);
}

// Everything outside a circle turns dark: closing when the progress falls, opening when it rises.
@fragment
fn fs_iris(in: Varying) -> @location(0) vec4f {
    let aspect = layer.params.z;
    let d = length((in.uv - vec2f(0.5, 0.52)) * vec2f(aspect, 1.0));
    let radius = layer.params.y * 0.62 * length(vec2f(aspect, 1.0));
    let a = smoothstep(radius - 0.015, radius + 0.015, d);
    return vec4f(DARK * a, a);
}

const PI = 3.14159265;
const PAPER = vec3f(0.957, 0.932, 0.878);

// How much of a pixel lies on the page, whose places are in frame heights.
fn on_page(q: vec2f, px: f32) -> f32 {
    let inside = min(q, vec2f(layer.params.w, 1.0) - q);
    return saturate(min(inside.x, inside.y) / px + 0.5);
}

// How far a place is from the page.
fn off_page(q: vec2f) -> f32 {
    let half = vec2f(layer.params.w, 1.0) * 0.5;
    return length(max(abs(q - half) - half, vec2f(0.0)));
}

// A page that is turned to the left. Beyond its fold it rolls over a cylinder that stands on the new page,
// and lies on its back from there on. `away` is the distance from the fold, `along` the way on the paper.
@fragment
fn fs_page_turn(in: Varying) -> @location(0) vec4f {
    let radius = layer.params.z;
    let aspect = layer.params.w;
    let size = vec2f(aspect, 1.0);
    let px = frame.uv_from_px.y;
    let p = in.uv * size;
    let normal = vec2f(cos(layer.params.y), sin(layer.params.y));
    let away = dot(p - vec2f(layer.params.x, 1.0), normal);
    let bend = asin(saturate(away / radius));
    let before_crest = saturate((radius - away) / px + 0.5);

    // The shadow of the roll and of the page's free edge, on both pages.
    let lifted = (aspect - layer.params.x) * normal.x;
    let crest = p + normal * (select(0.5 * PI * radius, PI * radius - radius * bend, away < radius) - min(away, 0.0) - max(away, 0.0));
    let reach = off_page(crest) + max(away - radius, 0.0);
    let depth = smoothstep(0.0, 0.3, lifted) * smoothstep(-radius, 0.35, layer.params.x);
    let shadow = depth * (0.42 * exp(-reach / 0.045) + 0.26 * exp(-reach / 0.13)) * smoothstep(0.42, 0.3, reach);

    // The front of the old page: flat, then rising.
    let along = select(away, radius * bend, away > 0.0);
    let front_at = p + normal * (along - away);
    let front_cover = before_crest * on_page(front_at, px);
    var front = texel(in.uv).rgb;
    if away > 0.0 {
        front = textureSampleLevel(picture, smooth_sampler, front_at / size, 0.0).rgb;
    }
    front *= 1.0 - 0.5 * bend / (0.5 * PI);
    var color = front * (1.0 - shadow) * front_cover;
    var cover = front_cover + (1.0 - front_cover) * shadow;

    // Its back: paper through which the picture is just seen.
    let over = PI * radius - along;
    let back_at = p + normal * (over - away);
    let back_cover = before_crest * on_page(back_at, px);
    if back_cover > 0.0 {
        let ghost = texel(clamp(back_at / size, vec2f(0.0), vec2f(0.9999))).rgb;
        // Light falls from the upper left: brightest where the roll turns to it, dim at its crest and towards the spine.
        let turned = bend / (0.5 * PI);
        let round = 1.0 - 0.46 * turned * turned;
        let gleam = 0.06 * exp(-pow((along / radius - 0.25) * 3.0, 2.0));
        let dim = 1.0 - 0.10 * smoothstep(0.0, 1.1, -away);
        let edge = 1.0 - 0.05 * smoothstep(0.03, 0.0, min(back_at.x, aspect - back_at.x));
        let paper = PAPER * mix(vec3f(1.0), ghost, 0.17) * (round * dim * edge + gleam);
        color = color * (1.0 - back_cover) + paper * back_cover;
        cover = cover * (1.0 - back_cover) + back_cover;
    }
    return vec4f(color + dither(in.position.xy) * cover, cover);
}

fn shape(uv: vec2f) -> f32 {
    return textureSampleLevel(picture, smooth_sampler, uv, 0.0).a;
}

// Somebody in the foreground, seen from behind: the shape of a figure, dark and out of focus, with light
// along the edge that is turned to it.
@fragment
fn fs_shoulder(in: Varying) -> @location(0) vec4f {
    let px = layer.params.xy;
    let soft = shape(in.uv + px * vec2f(-0.8, -0.3)) + shape(in.uv + px * vec2f(0.8, 0.3))
        + shape(in.uv + px * vec2f(-0.3, 0.8)) + shape(in.uv + px * vec2f(0.3, -0.8));
    let cover = smoothstep(0.04, 0.96, soft * 0.25);
    if cover <= 0.0 {
        return vec4f(0.0);
    }
    let clip = vec2f(in.uv.x, 1.0 - in.uv.y) * 2.0 - 1.0;
    let light = frame.light_position * frame.clip_from_stage.xy + frame.clip_from_stage.zw;
    let towards = normalize((light - clip) * vec2f(1.0, -1.0) + vec2f(1e-4, 0.0));
    let lit = saturate(cover - shape(in.uv + px * towards * 3.2));
    let dark = frame.shade.rgb * mix(0.20, 0.32, smoothstep(1.0, 0.2, in.uv.y));
    let color = grade_set(mix(dark, frame.key.rgb, 0.55 * lit * (0.4 + frame.key.a)), in.uv);
    return vec4f((color + dither(in.position.xy)) * cover, cover);
}
