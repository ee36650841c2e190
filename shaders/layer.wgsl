// Puts a kept plate or a whole picture into the picture. Needs `frame` and `grade`.

struct Layer {
    // Corners of the rectangle it covers, in clip space: left, lower, right, upper.
    clip: vec4f,
    // Texture coordinates at the left upper corner (xy) and at the right lower one (zw).
    uv: vec4f,
    // Opacity; whether it is still to be graded; wipe or iris: progress; aspect of the picture.
    params: vec4f,
}

@group(1) @binding(0) var<uniform> layer: Layer;
@group(1) @binding(1) var picture: texture_2d<f32>;
@group(1) @binding(2) var smooth_sampler: sampler;

struct Varying {
    @builtin(position) position: vec4f,
    @location(0) uv: vec2f,
}

@vertex
fn vs_layer(@builtin(vertex_index) index: u32) -> Varying {
    let t = vec2f(f32(index & 1u), f32(index >> 1u));
    let clip = mix(layer.clip.xy, layer.clip.zw, t);
    let uv = vec2f(mix(layer.uv.x, layer.uv.z, t.x), mix(layer.uv.w, layer.uv.y, t.y));
    return Varying(vec4f(clip, 0.0, 1.0), uv);
}

fn finish(color: vec4f, pixel: vec2f) -> vec4f {
    if layer.params.y < 0.5 {
        return color * layer.params.x;
    }
    let a = max(color.a, 1e-4);
    let c = grade_set(color.rgb / a, pixel / frame.size_px) + dither(pixel);
    return vec4f(max(c, vec3f(0.0)) * color.a, color.a) * layer.params.x;
}

// A texture whose pixels lie on those of the picture or between them.
@fragment
fn fs_layer(in: Varying) -> @location(0) vec4f {
    return finish(textureSampleLevel(picture, smooth_sampler, in.uv, 0.0), in.position.xy);
}

// A texture whose pixels are those of the picture: no filter is needed.
@fragment
fn fs_exact(in: Varying) -> @location(0) vec4f {
    let size = vec2f(textureDimensions(picture));
    return finish(textureLoad(picture, vec2i(in.uv * size), 0), in.position.xy);
}

// Opaque picture that comes in behind a soft edge moving to the right.
@fragment
fn fs_wipe(in: Varying) -> @location(0) vec4f {
    let t = layer.params.z;
    let front = mix(-0.15, 1.15, t) + 0.03 * sin(in.uv.y * 5.0);
    let a = smoothstep(front + 0.12, front - 0.12, in.uv.x);
    let c = textureLoad(picture, vec2i(in.uv * vec2f(textureDimensions(picture))), 0);
    return vec4f(c.rgb * a, a);
}

const DARK = vec3f(0.035, 0.03, 0.06);

@fragment
fn fs_dark(in: Varying) -> @location(0) vec4f {
    return vec4f(DARK * layer.params.x, layer.params.x);
}

// Everything outside a circle turns dark: closing when the progress falls, opening when it rises.
@fragment
fn fs_iris(in: Varying) -> @location(0) vec4f {
    let aspect = layer.params.w;
    let d = length((in.uv - vec2f(0.5, 0.52)) * vec2f(aspect, 1.0));
    let radius = layer.params.z * 0.62 * length(vec2f(aspect, 1.0));
    let a = smoothstep(radius - 0.015, radius + 0.015, d);
    return vec4f(DARK * a, a);
}
