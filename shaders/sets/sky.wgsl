// A hilltop above a sea of clouds.

fn plate_sky(p: vec2f) -> vec4f {
    var color = sky_color(p, 0.3);
    if place.hours.w > 0.0 {
        let across = p.x * 0.5 - (p.y - 0.9) * 0.85;
        let milk = mix(hex(0x4a5aa8u), hex(0xc9b0d8u), exp(-across * across * 90.0)) * exp(-across * across * 22.0) * (0.2 + 0.8 * fractal(p * 5.0, 4, 601.0));
        color += place.hours.w * (milk * 0.5 * clear_sky() + stars(p, 0.6)) * smoothstep(0.3, 0.65, p.y);
    }
    color += glow(p, 0.9 - 0.6 * place.hours.w - 0.3 * place.hours.y);
    let cloud = streaks(p + vec2f(0.2, 0.06), 605.0);
    let lit_side = by_hour(hex(0xfff0dcu), hex(0xffffffu), hex(0xf4b48cu), hex(0x5c76acu));
    let low_side = by_hour(hex(0xb9a9c4u), hex(0xb5d0dcu), hex(0x7d5a86u), hex(0x25376au));
    color = mix(color, overcast(mix(low_side, lit_side, cloud.y)), cloud.x * smoothstep(0.6, 0.8, p.y) * 0.5);
    if place.hours.w > 0.5 {
        color = moon(color, p, 0.075);
    } else {
        color = sun(color, p, mix(0.065, 0.045, place.hours.y));
    }
    // Peaks that rise out of the clouds far away.
    let blue = by_hour(hex(0x7f8cb8u), hex(0x7aa6c4u), hex(0x7a5690u), hex(0x1e3168u));
    let snow = by_hour(hex(0xf4dcd8u), hex(0xf4f8fau), hex(0xe9a59au), hex(0x6d86bcu));
    let peak = 0.37 + 0.15 * pow(max(0.0, swell(p.x * 2.2 + 0.8, 607.0)), 1.4) + 0.012 * swell(p.x * 19.0, 608.0) + 0.006 * swell(p.x * 53.0, 609.0);
    let facet = swell(p.x * 19.0 + (peak - p.y) * 30.0, 608.0);
    let rock = mix(blue, snow, smoothstep(0.0, 0.05, p.y - 0.405 + 0.03 * facet) * (0.55 + 0.45 * step(0.0, facet * sign(place.light_position.x - p.x))));
    return vec4f(mix(color, through_air(rock, 0.42 + 0.5 * smoothstep(0.44, 0.34, p.y)), edge(p.y - peak)), 1.0);
}

// A bank of clouds that fills everything below it.
fn bank(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let heaps = cumulus(p, base, tall, spacing, salt);
    let below = smoothstep(base + tall * 0.35, base - tall * 0.1, p.y + 0.25 * tall * swell(p.x / spacing * 3.0, salt));
    let dim = mix(heaps.y, 0.34 + 0.25 * noise(p * vec2f(2.0, 7.0) / tall * 0.3, salt + 5.0), smoothstep(base + tall * 0.3, base - 0.1 * tall, p.y));
    let cover = max(heaps.x, below);
    let color = cloud_paint(vec2f(cover, select(dim, 0.4, heaps.x < 0.01)), distance);
    let warm = place.key.rgb * lit(p, 0.3) * 0.3 * clear_sky() * smoothstep(0.3, 0.9, heaps.y) * (1.0 - 0.5 * place.hours.y - 0.5 * place.hours.w);
    return vec4f(color.rgb + warm * color.a, color.a);
}

fn plate_far(p: vec2f) -> vec4f {
    var color = bank(p, 0.345, 0.075, 0.13, 0.5, 611.0);
    color = over(bank(p + vec2f(0.07, 0.0), 0.29, 0.12, 0.21, 0.3, 621.0), color);
    // A lonely heap that towers to the left.
    let tower = cumulus(p + vec2f(0.95, 0.0), 0.36, 0.3, 1.7, 631.0);
    return over(color, cloud_paint(tower, 0.28));
}

fn plate_near(p: vec2f) -> vec4f {
    var color = bank(p + vec2f(0.2, 0.0), 0.2, 0.17, 0.3, 0.14, 641.0);
    return over(bank(p, 0.08, 0.2, 0.42, 0.02, 651.0), color);
}

fn plate_hilltop(p: vec2f) -> vec4f {
    let top = 0.265 - 0.16 * smoothstep(0.45, 1.5, abs(p.x + 0.05)) + 0.012 * swell(p.x * 4.0, 661.0);
    var color = meadow(p, top, 662.0);
    color = meadow_grass(color, p, top, 0.08, 0.6, 665.0);
    // A trodden path to the edge.
    let depth = clamp((top - p.y) / 0.3, 0.0, 1.2);
    let d = abs(p.x + 0.1 - 0.12 * sin(depth * 3.4)) - 0.015 - 0.16 * depth * depth - 0.03 * depth
        + (fractal(vec2f(p.x * 16.0, p.y * 42.0), 2, 667.0) - 0.5) * (0.02 + 0.07 * depth);
    let earth = mix(by_hour(hex(0xecd2aeu), hex(0xe6d4a6u), hex(0xdda876u), hex(0x58709au)), by_hour(hex(0x94826fu), hex(0xb59c70u), hex(0x65504eu), hex(0x1d2b4cu)), depth);
    color = mix(color, mix(earth, snow_white(), 0.8 * place.weather.y), soft_edge(d, 0.008 + 0.02 * depth) * 0.85);
    let brim = smoothstep(0.012, 0.0, top - p.y);
    color += place.key.rgb * brim * 0.3 * clear_sky() * place.key.a;
    var scene = paint(overcast(color), edge(p.y - top));
    // Grass that stands against the sky.
    for (var i = -2; i <= 2; i++) {
        let n = floor(p.x / 0.0075) + f32(i);
        let h = hash4(vec2f(n, 3.0), 668.0);
        let x = (n + h.x) * 0.0075;
        let root = 0.265 - 0.16 * smoothstep(0.45, 1.5, abs(x + 0.05)) + 0.012 * swell(x * 4.0, 661.0) - 0.004;
        let tuft = 0.012 + 0.022 * max(0.0, clumps(vec2f(x * 9.0, 1.0), 669.0)) * h.y;
        let b = blade(p, vec2f(x, root), tuft, (h.z - 0.5) * 1.4 + 0.4 * place.weather.w, 0.0013);
        let t = clamp((p.y - root) / tuft, 0.0, 1.0);
        let tint = mix(color, mix(place.key.rgb, snow_white(), place.weather.y), 0.55 * t * (0.4 + 0.6 * clear_sky()));
        scene = over(paint(overcast(tint), edge(b) * step(0.03, abs(x + 0.1))), scene);
    }
    scene = over(flowers(p, top, 0.055, 0.42, 671.0) * smoothstep(0.01, 0.05, top - p.y) * step(0.01, d), scene);
    // Two boulders.
    for (var i = 0; i < select(0, 1, abs(p.x - 0.1) > 0.4 && p.y > 0.1 && p.y < 0.36); i++) {
        let right = step(0.0, p.x);
        let at = mix(vec2f(-0.7, 0.2), vec2f(0.66, 0.195), right);
        let size = mix(vec2f(0.085, 0.075), vec2f(0.12, 0.1), right);
        let q = (p - at) / size + 0.14 * (vec2f(noise(p * 24.0, 673.0), noise(p * 24.0, 674.0)) - 0.5);
        let r = pow(pow(abs(q.x), 2.6) + pow(abs(q.y), 2.6), 1.0 / 2.6) - 1.0;
        let toward = normalize(place.light_position - p);
        let facet = floor(noise(p * vec2f(26.0, 34.0), 675.0) * 4.0) / 4.0;
        let stone_dark = by_hour(hex(0x5d6078u), hex(0x667480u), hex(0x453660u), hex(0x14224cu));
        let stone_light = by_hour(hex(0xf0d0b4u), hex(0xe0dcccu), hex(0xe69c74u), hex(0x7c98d4u));
        let turned = clamp(0.45 + 0.45 * dot(q, toward) + 0.3 * (facet - 0.4), 0.0, 1.0);
        var stone = mix(stone_dark, stone_light, turned * turned * (0.5 + 0.5 * clear_sky()));
        stone = mix(stone, by_hour(hex(0x73805fu), hex(0x64803fu), hex(0x464638u), hex(0x17304cu)), 0.6 * smoothstep(-0.2, -0.8, q.y + 0.5 * (noise(p * 40.0, 676.0) - 0.5)));
        stone = mix(stone, snow_white(), place.weather.y * smoothstep(0.2, 0.6, q.y));
        let shadow = length((p - at - vec2f(-0.06 * toward.x, -0.055)) / (size * vec2f(1.35, 0.4))) - 1.0;
        scene = over(paint(place.shade.rgb * 0.3, 0.5 * soft_edge(shadow, 0.8) * edge(p.y - top)), scene);
        scene = over(paint(overcast(stone), edge(r * min(size.x, size.y)) * step(at.y - size.y * 0.66 + 0.01 * sin(p.x * 160.0), p.y)), scene);
    }
    return scene;
}

fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = by_hour(hex(0x2c3f44u), hex(0x1f4a3au), hex(0x1b1630u), hex(0x070f24u));
    let light = by_hour(hex(0x8f8c74u), hex(0x7aa65cu), hex(0x86584cu), hex(0x2f5080u));
    let count = select(0, 30, abs(p.x) > 0.36 && p.y < 0.36);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 681.0);
        let foot = vec2f(side * (0.55 + 0.55 * h.x), -0.08);
        let long = (0.12 + 0.2 * h.z) * smoothstep(0.4, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 1.1 + 0.25 * place.weather.w;
        let d = blade(p, foot, long, lean, 0.012);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(d)), color);
        let bloom = circle(p, foot + vec2f(lean * long, long), 0.014 + 0.008 * h.y) * step(h.w, 0.4) + step(0.4, h.w);
        color = over(paint(overcast(mix(light, place.key.rgb, 0.3)), edge(bloom)), color);
    }
    return color;
}
