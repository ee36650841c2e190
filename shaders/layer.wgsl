// Puts a kept plate or a whole picture into the picture. Needs `frame` and `grade`.

struct Layer {
    // Clip space from texture coordinates: scale (xy) and offset (zw).
    clip_from_uv: vec4f,
    // Opacity; wipe or iris: progress; aspect of the picture; unused. For a page: where its fold meets the
    // lower edge, how far the fold leans, radius of the roll, aspect. For a shoulder: size of a pixel of its shape, and the
    // colours of head and body, three bytes each.
    params: vec4f,
}

@group(1) @binding(0) var<uniform> layer: Layer;
@group(1) @binding(1) var picture: texture_2d<f32>;
@group(1) @binding(2) var smooth_sampler: sampler;

struct Varying {
    @builtin(position) position: vec4f,
    // Texture coordinates (xy).
    @location(0) place: vec4f,
    // What `layer` and the grade hold.
    @location(1) @interpolate(flat) params: vec4f,
    @location(2) @interpolate(flat) tint: vec4f,
    @location(3) @interpolate(flat) grade: vec4f,
}

// `tile` is a part of the texture that is not empty: left, top, right, lower edge.
@vertex
fn vs_layer(@builtin(vertex_index) index: u32, @location(0) tile: vec4f) -> Varying {
    let uv = mix(tile.xy, tile.zw, vec2f(f32(index & 1u), f32(index >> 1u)));
    let clip = uv * layer.clip_from_uv.xy + layer.clip_from_uv.zw;
    return Varying(vec4f(clip, 0.0, 1.0), vec4f(uv, 0.0, 0.0), layer.params, frame.tint, frame.grade);
}

fn texel(uv: vec2f) -> vec4f {
    return textureLoad(picture, vec2i(uv * vec2f(textureDimensions(picture))), 0);
}

fn colored(color: vec4f, in: Varying) -> vec4f {
    let a = max(color.a, 1e-4);
    let clip = in.place.xy * in.params.xy + in.params.zw;
    let c = grade_set(color.rgb / a, clip * vec2f(0.5, -0.5) + 0.5, Grading(in.tint, in.grade)) + dither(in.position.xy);
    return vec4f(max(c, vec3f(0.0)) * color.a, color.a);
}

// The colours of plates, with the mood of the scene. `params` says where in the picture the texture
// lies, `clip_from_uv` where it is drawn to.
@fragment
fn fs_grade(in: Varying) -> @location(0) vec4f {
    return colored(texel(in.place.xy), in);
}

// The same for plates out of focus, which have fewer pixels than the picture.
@fragment
fn fs_grade_soft(in: Varying) -> @location(0) vec4f {
    let color = textureSampleLevel(picture, smooth_sampler, in.place.xy, 0.0);
    return colored(color, in);
}

// A texture as it is.
@fragment
fn fs_smooth(in: Varying) -> @location(0) vec4f {
    return textureSampleLevel(picture, smooth_sampler, in.place.xy, 0.0);
}

// The same. lavapipe draws it in whole rows of bytes: it must be one sample without anything around it, at a
// place that is a part of a vec4f.
@fragment
fn fs_rows(in: Varying) -> @location(0) vec4f {
    return textureSample(picture, smooth_sampler, in.place.xy);
}

// Opaque picture that comes in behind a soft edge moving to the right.
@fragment
fn fs_wipe(in: Varying) -> @location(0) vec4f {
    let t = in.params.y;
    let front = mix(-0.15, 1.15, t) + 0.03 * sin(in.place.y * 5.0);
    let a = smoothstep(front + 0.12, front - 0.12, in.place.x);
    return vec4f(texel(in.place.xy).rgb * a, a);
}

const DARK = vec3f(0.035, 0.03, 0.06);

// From the uniform, without anything that vertices hand on: lavapipe would draw some of it in rows of bytes.
@fragment
fn fs_dark(in: Varying) -> @location(0) vec4f {
    return vec4f(DARK * layer.params.x, layer.params.x);
}

// Everything outside a circle turns dark: closing when the progress falls, opening when it rises.
@fragment
fn fs_iris(in: Varying) -> @location(0) vec4f {
    let aspect = in.params.z;
    let d = length((in.place.xy - vec2f(0.5, 0.52)) * vec2f(aspect, 1.0));
    let radius = in.params.y * 0.62 * length(vec2f(aspect, 1.0));
    let a = smoothstep(radius - 0.015, radius + 0.015, d);
    return vec4f(DARK * a, a);
}

const PI = 3.14159265;
const PAPER = vec3f(0.957, 0.932, 0.878);

// How much of a pixel lies on the page, whose places are in frame heights.
fn on_page(q: vec2f, size: vec2f, px: f32) -> f32 {
    let inside = min(q, size - q);
    return saturate(min(inside.x, inside.y) / px + 0.5);
}

// How far a place is from the page.
fn off_page(q: vec2f, size: vec2f) -> f32 {
    let half = size * 0.5;
    return length(max(abs(q - half) - half, vec2f(0.0)));
}

// A page that is turned to the left. Beyond its fold it rolls over a cylinder that stands on the new page,
// and lies on its back from there on. `away` is the distance from the fold, `along` the way on the paper.
@fragment
fn fs_page_turn(in: Varying) -> @location(0) vec4f {
    let radius = in.params.z;
    let aspect = in.params.w;
    let size = vec2f(aspect, 1.0);
    let px = frame.uv_from_px.y;
    let p = in.place.xy * size;
    let normal = vec2f(cos(in.params.y), sin(in.params.y));
    let away = dot(p - vec2f(in.params.x, 1.0), normal);
    let bend = asin(saturate(away / radius));
    let before_crest = saturate((radius - away) / px + 0.5);

    let along = select(away, radius * bend, away > 0.0);
    let over = PI * radius - along;
    let back_at = p + normal * (over - away);

    // The shadow of the roll and of the page's free edge, on both pages.
    let lifted = (aspect - in.params.x) * normal.x;
    let reach = off_page(back_at, size) + max(away - radius, 0.0);
    let depth = smoothstep(0.0, 0.3, lifted) * smoothstep(-radius, 0.35, in.params.x);
    let shadow = depth * (0.36 * exp(-reach / 0.045) + 0.24 * exp(-reach / 0.13)) * (1.0 - smoothstep(0.3, 0.42, reach));

    // The front of the old page: flat, then rising.
    let front_at = p + normal * (along - away);
    let front_cover = before_crest * on_page(front_at, size, px);
    var front = texel(in.place.xy).rgb;
    if away > 0.0 {
        front = textureSampleLevel(picture, smooth_sampler, front_at / size, 0.0).rgb;
    }
    front *= 1.0 - 0.5 * bend / (0.5 * PI);
    var color = front * (1.0 - shadow) * front_cover;
    var cover = front_cover + (1.0 - front_cover) * shadow;

    // Its back: paper through which the picture is just seen.
    let back_cover = before_crest * on_page(back_at, size, px);
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

// A texture through a cubic B-spline, in four samples: smooth however much it is enlarged.
fn splined(uv: vec2f, px: vec2f) -> vec4f {
    let at = uv / px - 0.5;
    let f = fract(at);
    let middle = at - f + 0.5;
    let g = 1.0 - f;
    let w0 = g * g * g / 6.0;
    let w1 = (4.0 - 6.0 * f * f + 3.0 * f * f * f) / 6.0;
    let w3 = f * f * f / 6.0;
    let low = w0 + w1;
    let high = 1.0 - low;
    let one = (middle - 1.0 + w1 / low) * px;
    let other = (middle + 1.0 + w3 / high) * px;
    let s00 = textureSampleLevel(picture, smooth_sampler, one, 0.0);
    let s10 = textureSampleLevel(picture, smooth_sampler, vec2f(other.x, one.y), 0.0);
    let s01 = textureSampleLevel(picture, smooth_sampler, vec2f(one.x, other.y), 0.0);
    let s11 = textureSampleLevel(picture, smooth_sampler, other, 0.0);
    return (s00 * low.x + s10 * high.x) * low.y + (s01 * low.x + s11 * high.x) * high.y;
}

// A colour of three bytes.
fn unpacked(color: f32) -> vec3f {
    let bytes = u32(color);
    return vec3f(vec3u(bytes >> 16u, bytes >> 8u, bytes) & vec3u(255u)) / 255.0;
}

// Somebody in the foreground, seen from behind: the shape of a figure, dark and out of focus, with light
// along the edge that is turned to it.
@fragment
fn fs_shoulder(in: Varying) -> @location(0) vec4f {
    let px = in.params.xy;
    let soft = splined(in.place.xy, px).a;
    let cover = smoothstep(0.03, 0.97, soft);
    if cover <= 0.004 {
        return vec4f(0.0);
    }
    let clip = vec2f(in.place.x, 1.0 - in.place.y) * 2.0 - 1.0;
    let light = frame.light_position * frame.clip_from_stage.xy + frame.clip_from_stage.zw;
    let towards = normalize((light - clip) * vec2f(1.0, -1.0) + vec2f(1e-4, 0.0));
    let beyond = splined(in.place.xy + px * towards * 1.8, px).a;
    let lit = smoothstep(0.0, 1.0, 1.0 - beyond) * cover;
    // Nobody has a face from behind: of its own colours, hair and clothes are left, in the shade.
    let own = mix(unpacked(in.params.z), unpacked(in.params.w), smoothstep(0.68, 0.84, in.place.y));
    let dark = mix(frame.shade.rgb * 0.32, own * (0.2 + 0.5 * frame.shade.rgb), 0.55) * mix(0.7, 1.0, smoothstep(1.0, 0.3, in.place.y));
    let color = grade_set(dark + frame.key.rgb * lit * 0.34 * (0.3 + frame.key.a), in.place.xy, grading());
    return vec4f((color + dither(in.position.xy)) * cover, cover);
}
