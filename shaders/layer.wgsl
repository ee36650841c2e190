// Puts a kept plate or a whole picture into the picture. Needs `frame` and `grade`.

struct Layer {
    // Clip space from texture coordinates: scale (xy) and offset (zw).
    clip_from_uv: vec4f,
    // Opacity; wipe or iris: progress; aspect of the picture; unused.
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

// A texture whose pixels are those of the picture: no filter is needed.
@fragment
fn fs_exact(in: Varying) -> @location(0) vec4f {
    return texel(in.uv);
}

// A texture whose pixels lie between those of the picture.
@fragment
fn fs_smooth(in: Varying) -> @location(0) vec4f {
    return textureSampleLevel(picture, smooth_sampler, in.uv, 0.0);
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
