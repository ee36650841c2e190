// A hilltop above a sea of clouds.

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.3) + glow(p, 0.9 - 0.6 * place.hours.w - 0.3 * place.hours.y), 1.0);
}

// The stars and the milky way, light over the sky.
fn plate_stars(p: vec2f) -> vec4f {
    let across = p.x * 0.5 - (p.y - 0.9) * 0.85;
    let milk = mix(hex(0x4a5aa8u), hex(0xc9b0d8u), exp(-across * across * 90.0)) * exp(-across * across * 22.0) * (0.2 + 0.8 * fractal(p * 5.0, 4, 601.0));
    let light = (milk * 0.5 * clear_sky() + stars(p, 0.6)) * smoothstep(0.3, 0.65, p.y);
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.2, 0.06), 605.0);
    return paint(streaked(vec3f(0.0), cloud.y, 1.0), cloud.x * smoothstep(0.6, 0.8, p.y) * 0.5);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.065, 0.045), 0.075);
}

// Peaks that rise out of the clouds far away.
fn plate_peaks(p: vec2f) -> vec4f {
    let blue = by_hour(hex(0x7f8cb8u), hex(0x7aa6c4u), hex(0x7a5690u), hex(0x1e3168u));
    let snow = by_hour(hex(0xf4dcd8u), hex(0xf4f8fau), hex(0xe9a59au), hex(0x6d86bcu));
    let peak = 0.37 + 0.15 * pow(max(0.0, swell(p.x * 2.2 + 0.8, 607.0)), 1.4) + 0.012 * swell(p.x * 19.0, 608.0) + 0.006 * swell(p.x * 53.0, 609.0);
    let facet = swell(p.x * 19.0 + (peak - p.y) * 30.0, 608.0);
    let rock = mix(blue, snow, smoothstep(0.0, 0.05, p.y - 0.405 + 0.03 * facet) * (0.55 + 0.45 * step(0.0, facet * sign(place.light_position.x - p.x))));
    return paint(through_air(rock, 0.42 + 0.5 * smoothstep(0.44, 0.34, p.y)), edge(p.y - peak));
}

// A bank of clouds that fills everything below it.
fn bank(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let heaps = cumulus(p, base, tall, spacing, salt);
    let body = smoothstep(base + tall * 0.4, base - tall * 0.05, p.y + 0.2 * tall * swell(p.x / spacing * 3.0, salt));
    let folds = 0.42 + 0.3 * (noise(vec2f(p.x * 0.9, p.y * 2.6) / tall, salt + 5.0) - 0.5) - 0.12 * smoothstep(base, base - tall, p.y);
    let sunk = smoothstep(base + tall * 0.32, base - 0.04 * tall, p.y);
    let cover = max(heaps.x, body);
    let tone = mix(folds, heaps.y, heaps.x * (1.0 - sunk));
    let color = cloud_paint(vec2f(cover, tone), distance);
    let warm = place.key.rgb * lit(p, 0.3) * 0.3 * clear_sky() * smoothstep(0.3, 0.9, tone) * (1.0 - 0.5 * place.hours.y - 0.5 * place.hours.w);
    return vec4f(color.rgb + warm * color.a, color.a);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.35, 0.0), 0.56, 0.17, 0.83, 631.0), 0.26);
}

fn plate_far_bank(p: vec2f) -> vec4f {
    return bank(p, 0.36, 0.08, 0.13, 0.5, 611.0);
}

fn plate_middle_bank(p: vec2f) -> vec4f {
    return bank(p + vec2f(0.07, 0.0), 0.305, 0.13, 0.21, 0.3, 621.0);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(-0.4, 0.74), 0.12, 811.0);
}

// How far a place lies from the middle, which the near banks leave open.
fn aside(x: f32) -> f32 {
    return smoothstep(0.2, 0.9, abs(x));
}

fn plate_near_bank(p: vec2f) -> vec4f {
    return bank(p + vec2f(0.2, 0.03 - 0.08 * aside(p.x)), 0.225, 0.16, 0.3, 0.14, 641.0);
}

fn plate_nearest_bank(p: vec2f) -> vec4f {
    return bank(p - vec2f(0.0, 0.13 * aside(p.x)), 0.1, 0.2, 0.42, 0.02, 651.0);
}

// Where the hill ends.
fn brow(x: f32) -> f32 {
    return 0.25 - 0.16 * smoothstep(0.45, 1.5, abs(x + 0.05)) + 0.012 * swell(x * 4.0, 661.0);
}

// The light on its edge.
fn brim_light(down: f32) -> vec3f {
    return place.key.rgb * smoothstep(0.012, 0.0, down) * 0.3 * clear_sky() * place.key.a;
}

fn plate_hilltop(p: vec2f) -> vec4f {
    let top = brow(p.x);
    var color = meadow(p, top, 662.0);
    color = meadow_grass(color, p, top, 0.08, 0.6, 665.0);
    // A trodden path to the edge.
    let depth = clamp((top - p.y) / 0.3, 0.0, 1.2);
    let d = abs(p.x + 0.1 - 0.12 * sin(depth * 3.4)) - 0.015 - 0.16 * depth * depth - 0.03 * depth;
    let way = trodden(p, d, depth);
    color = mix(color, way.rgb, way.a * 0.92);
    color += brim_light(top - p.y);
    let scene = paint(overcast(color), edge(p.y - top));
    return over(flowers(p, top, 0.055, 0.42, 671.0) * smoothstep(0.01, 0.05, top - p.y) * step(0.01, d), scene);
}

// Grass that stands against the sky.
fn plate_fringe(p: vec2f) -> vec4f {
    let top = brow(p.x);
    let color = meadow(p, top, 662.0) + brim_light(top - p.y);
    let tip = mix(place.key.rgb, snow_white(), place.weather.y);
    var scene = vec4f(0.0);
    for (var i = -2; i <= 2; i++) {
        let n = floor(p.x / 0.0075) + f32(i);
        let h = hash4(vec2f(n, 3.0), 668.0);
        let x = (n + h.x) * 0.0075;
        let root = brow(x) - 0.004;
        let tuft = 0.012 + 0.022 * max(0.0, clumps(vec2f(x * 9.0, 1.0), 669.0)) * h.y;
        let b = blade(p, vec2f(x, root), tuft, (h.z - 0.5) * 1.4 + 0.4 * place.weather.w, 0.0013);
        let t = clamp((p.y - root) / tuft, 0.0, 1.0);
        let tint = mix(color, tip, 0.55 * t * (0.4 + 0.6 * clear_sky()));
        scene = over(paint(overcast(tint), edge(b) * step(0.03, abs(x + 0.1))), scene);
    }
    return scene;
}

fn plate_boulders(p: vec2f) -> vec4f {
    let right = step(0.0, p.x);
    return boulder(p, mix(vec2f(-0.72, 0.2), vec2f(0.67, 0.195), right), mix(vec2f(0.085, 0.07), vec2f(0.13, 0.1), right), 673.0 + right);
}

fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = by_hour(hex(0x2c3f44u), hex(0x1f4a3au), hex(0x1b1630u), hex(0x070f24u));
    let light = by_hour(hex(0x8f8c74u), hex(0x7aa65cu), hex(0x86584cu), hex(0x2f5080u));
    let petal = overcast(mix(light, place.key.rgb, 0.3));
    let count = select(0, 24, abs(p.x) > 0.36 && p.y < 0.34);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 681.0);
        let foot = vec2f(side * (0.55 + 0.55 * h.x), -0.08);
        let long = (0.12 + 0.2 * h.z) * smoothstep(0.4, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 1.1 + 0.25 * place.weather.w;
        let d = blade(p, foot, long, lean, 0.012);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(d)), color);
        let bloom = circle(p, foot + vec2f(lean * long, long), 0.008 + 0.006 * h.y) * step(h.w, 0.4) + step(0.4, h.w);
        color = over(paint(petal, edge(bloom)), color);
    }
    return color;
}
