// Entry of a plate's pipeline. Needs `place`, `frame` and `grade`.

struct PlateVarying {
    @builtin(position) position: vec4f,
    @location(0) p: vec2f,
}

@vertex
fn vs_plate(@builtin(vertex_index) index: u32) -> PlateVarying {
    let corner = vec2f(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    return PlateVarying(vec4f(corner, 0.0, 1.0), place.center + place.half_size * corner);
}

// A plate that is kept in a texture: graded later, when it is put together.
fn finish_kept(color: vec4f, p: vec2f, pixel: vec2f) -> vec4f {
    return vec4f(max(color.rgb + dither(pixel) * color.a, vec3f(0.0)), color.a);
}

// A plate that goes straight into the picture.
fn finish_live(color: vec4f, p: vec2f, pixel: vec2f) -> vec4f {
    let a = max(color.a, 1e-4);
    let uv = (p - place.center) / place.half_size * vec2f(0.5, -0.5) + 0.5;
    let c = grade_set(color.rgb / a, uv) + dither(pixel);
    return vec4f(c * color.a, color.a);
}
