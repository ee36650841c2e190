// A backdrop that has no place of its own: a paper sweep lit from one side, tinted by the scene's emotion.

fn tinted(color: vec3f, amount: f32) -> vec3f {
    let mood = place.mood.rgb / max(max(place.mood.r, max(place.mood.g, place.mood.b)), 0.01);
    let gray = dot(color, vec3f(0.3, 0.59, 0.11));
    let washed = mood * mix(gray, 1.0, 0.12);
    return mix(color * mix(vec3f(1.0), mood, 0.6 * place.mood.a * amount), washed, clamp(0.42 * place.mood.a * amount, 0.0, 0.7));
}

fn plate_wall(p: vec2f) -> vec4f {
    let high = by_hour(hex(0x7f86b8u), hex(0x5f93abu), hex(0x423c78u), hex(0x101a40u));
    let low = by_hour(hex(0xe6c3b8u), hex(0xc9dccfu), hex(0xb86f78u), hex(0x2c4478u));
    let pool = by_hour(hex(0xffedd0u), hex(0xfff8e0u), hex(0xfabd86u), hex(0x6c8cccu));
    let drift = fractal(p * vec2f(1.1, 1.5), 3, 901.0) - 0.5;
    var color = mix(low, high, smoothstep(0.15, 1.15, p.y + 0.22 * drift + 0.08 * p.x * sign(place.light_position.x)));
    // The light falls in a slanting pool, with a second, fainter one beside it.
    let q = rotated(p - vec2f(0.16 * sign(place.light_position.x), 0.52), 0.06 * sign(place.light_position.x));
    let a = exp(-dot(q * vec2f(1.25, 1.6), q * vec2f(1.25, 1.6)) * 2.2);
    color = mix(color, pool, a * 0.72);
    // Brushed paper: broad strokes that are only just seen.
    let stroke = noise(vec2f(p.x * 3.0 + p.y * 5.0, p.y * 26.0 - p.x * 9.0), 903.0) - 0.5;
    color *= 1.0 + 0.035 * stroke + 0.02 * drift;
    // Great soft discs, like lamps out of focus.
    for (var i = 0; i < 9; i++) {
        let h = hash4(vec2f(f32(i), 2.0), 905.0);
        let at = vec2f((h.x - 0.5) * 3.4, 0.38 + 0.72 * h.y);
        let radius = 0.035 + 0.12 * h.z * h.z;
        let d = length(p - at) - radius;
        let ring = soft_edge(d, 0.02) * (0.75 + 0.25 * smoothstep(-0.35 * radius, 0.0, d));
        color = mix(color, pool, ring * (0.1 + 0.16 * h.w) * smoothstep(0.16, 0.5, length(at - vec2f(0.0, 0.4))));
    }
    color = tinted(color, 0.9);
    let corner = smoothstep(0.5, 1.45, length((p - vec2f(0.0, 0.5)) * vec2f(0.9, 1.1)));
    return vec4f(mix(overcast(color), place.shade.rgb * 0.7, corner * 0.5), 1.0);
}

fn plate_floor(p: vec2f) -> vec4f {
    let far = by_hour(hex(0xe6c3b8u), hex(0xc9dccfu), hex(0xb86f78u), hex(0x2c4478u));
    let near = by_hour(hex(0x766f92u), hex(0x5f8790u), hex(0x382f60u), hex(0x0d1636u));
    let pool = by_hour(hex(0xfff0d8u), hex(0xfffbf0u), hex(0xf8bf90u), hex(0x6c8ccau));
    let t = clamp((0.33 - p.y) / 0.45, 0.0, 1.2);
    var color = mix(far, near, smoothstep(0.0, 1.0, t));
    let q = (p - vec2f(0.0, 0.13)) / vec2f(0.85, 0.17);
    color = mix(color, pool, exp(-dot(q, q) * 1.5) * 0.6);
    let stroke = noise(vec2f(p.x * 2.4 + p.y * 3.0, p.y * 60.0), 907.0) - 0.5;
    color *= 1.0 + 0.03 * stroke;
    color = tinted(color, 0.9);
    let corner = smoothstep(0.6, 1.5, length((p - vec2f(0.0, 0.3)) * vec2f(0.85, 1.4)));
    color = mix(overcast(color), place.shade.rgb * 0.6, corner * 0.5);
    // The sweep has no seam: the floor fades into the wall.
    return paint(color, smoothstep(0.37, 0.18, p.y));
}

// Twigs out of focus in the corners.
fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = select(-1.0, 1.0, p.x > 0.0);
    let dark = tinted(by_hour(hex(0x57506eu), hex(0x4d666cu), hex(0x241c40u), hex(0x070e26u)), 0.5);
    let light = tinted(by_hour(hex(0xb59a98u), hex(0x96ac9cu), hex(0x835060u), hex(0x2a427au)), 0.5);
    let q = vec2f(p.x * side, p.y);
    let count = select(0, 3, q.x > 0.35 && p.y < 0.5);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 911.0);
        let root = vec2f(0.7 + 0.17 * f32(i), -0.13 - 0.03 * h.x);
        let twig = sprig(q, root, 0.33 - 0.055 * f32(i) + 0.03 * (h.y - 0.5), 0.34 + 0.1 * h.z, 0.2 * (h.w - 0.5), 4, 913.0 + f32(i) + side);
        color = over(paint(mix(dark, light, twig.y * (0.35 + 0.5 * twig.z)), twig.x), color);
    }
    return color;
}
