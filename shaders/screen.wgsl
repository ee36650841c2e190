// Shows a finished picture in a part of a window, which is set as the viewport.

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var picture_sampler: sampler;

struct Varying {
    @builtin(position) position: vec4f,
    @location(0) uv: vec2f,
}

@vertex
fn vs_screen(@builtin(vertex_index) index: u32) -> Varying {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Varying(vec4f(uv * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0), 0.0, 1.0), uv);
}

@fragment
fn fs_screen(in: Varying) -> @location(0) vec4f {
    return vec4f(textureSampleLevel(picture, picture_sampler, in.uv, 0.0).rgb, 1.0);
}
