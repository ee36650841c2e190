// Entry of a plate's pipeline. Needs `place`, `frame` and `grade`.

struct PlateVarying {
    @builtin(position) position: vec4f,
    @location(0) p: vec2f,
    // What `place` and the grade hold.
    @location(1) @interpolate(flat) window: vec4f,
    @location(2) @interpolate(flat) light: vec4f,
    @location(3) @interpolate(flat) hours: vec4f,
    @location(4) @interpolate(flat) weather: vec4f,
    @location(5) @interpolate(flat) key: vec4f,
    @location(6) @interpolate(flat) shade: vec4f,
    @location(7) @interpolate(flat) fog: vec4f,
    @location(8) @interpolate(flat) mood: vec4f,
    @location(9) @interpolate(flat) seed: vec4f,
    @location(10) @interpolate(flat) tint: vec4f,
    @location(11) @interpolate(flat) grade: vec4f,
}

@vertex
fn vs_plate(@builtin(vertex_index) index: u32) -> PlateVarying {
    let corner = vec2f(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    let at = given_place;
    return PlateVarying(
        vec4f(corner, 0.0, 1.0),
        at.center + at.half_size * corner,
        vec4f(at.center, at.half_size),
        vec4f(at.light_position, at.px, at.time_s),
        at.hours,
        at.weather,
        at.key,
        at.shade,
        at.fog,
        at.mood,
        at.seed,
        frame.tint,
        frame.grade,
    );
}

fn place_of(in: PlateVarying) -> Place {
    return Place(
        in.window.xy,
        in.window.zw,
        in.light.xy,
        in.light.z,
        in.light.w,
        in.hours,
        in.weather,
        in.key,
        in.shade,
        in.fog,
        in.mood,
        in.seed,
    );
}

// A plate that is kept in a texture: graded later, when it is put together.
fn finish_kept(color: vec4f, in: PlateVarying) -> vec4f {
    return vec4f(max(color.rgb + dither(in.position.xy) * color.a, vec3f(0.0)), color.a);
}

// A plate that goes straight into the picture.
fn finish_live(color: vec4f, in: PlateVarying) -> vec4f {
    let a = max(color.a, 1e-4);
    let uv = (in.p - place.center) / place.half_size * vec2f(0.5, -0.5) + 0.5;
    let c = grade_set(color.rgb / a, uv, Grading(in.tint, in.grade)) + dither(in.position.xy);
    return vec4f(c * color.a, color.a);
}
