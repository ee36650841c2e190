// How the mood of a scene colours the picture. Needs `frame`.

fn luma(color: vec3f) -> f32 {
    return dot(color, vec3f(0.2126, 0.7152, 0.0722));
}

// What of `frame` colours a picture.
struct Grading {
    tint: vec4f,
    grade: vec4f,
}

fn grading() -> Grading {
    return Grading(frame.tint, frame.grade);
}

// Darkening of the corners at a place in the picture, 0 to 1 in both directions.
fn vignette(uv: vec2f, strength: f32) -> f32 {
    let q = (uv - 0.5) * vec2f(1.05, 0.95);
    return 1.0 - strength * smoothstep(0.12, 0.62, dot(q, q) * 1.25);
}

// `frame.rs` is the same for the colours of actors.
fn graded(color: vec3f, by: Grading) -> vec3f {
    let grey = vec3f(luma(color));
    var c = mix(grey, color, by.grade.x);
    // A soft-light tint (Pegtop's): keeps black and white, leans the middle tones to the mood.
    let t = by.tint.rgb;
    let soft = c * (2.0 * t + c * (1.0 - 2.0 * t));
    c = mix(c, soft, by.tint.a);
    c = (c - 0.45) * by.grade.w + 0.45;
    return clamp(c * by.grade.y, vec3f(0.0), vec3f(1.0));
}

// Grade of a set.
fn grade_set(color: vec3f, uv: vec2f, by: Grading) -> vec3f {
    return graded(color, by) * vignette(uv, by.grade.z);
}

// Less than one step of 8 bits, against banding (interleaved gradient noise, Jimenez 2014).
fn dither(pixel: vec2f) -> vec3f {
    let n = fract(52.9829189 * fract(dot(pixel, vec2f(0.06711056, 0.00583715))));
    return vec3f((n - 0.5) / 255.0);
}
