// An open field under a great sky: stars, a moon, lit windows far away, an old tree.

const TOP: f32 = 0.27;

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.4) + glow(p, 0.8 - 0.55 * place.hours.w - 0.35 * place.hours.y), 1.0);
}

// The stars and the milky way: a slanting river of light with dark banks.
fn plate_stars(p: vec2f) -> vec4f {
    let across = p.x * 0.62 + (p.y - 0.78) * 0.8 + 0.05 * swell(p.y * 4.0, 501.0);
    let along = p.x * 0.8 - p.y * 0.62;
    let cloudy = fractal(vec2f(across * 6.0, along * 3.0), 4, 502.0);
    let banks = smoothstep(0.42, 0.68, fractal(vec2f(across * 9.0 + 0.6 * cloudy, along * 4.0), 3, 506.0));
    let river = exp(-across * across * 26.0);
    let core = exp(-across * across * 95.0);
    let milk = mix(hex(0x4a5aa8u), hex(0xc9b0d8u), core) * (river * 0.42 + core * 0.34) * (0.35 + 1.1 * cloudy) * (1.0 - 0.7 * banks * river);
    let away = smoothstep(0.1, 0.6, length(p - place.light_position));
    let light = smoothstep(0.36, 0.72, p.y) * (milk * clear_sky() * (0.35 + 0.65 * away)
        + stars(p, 0.62 + 0.2 * river) * (0.5 + 0.5 * away) + stars(p * 1.7 + 3.0, 0.5) * river * 0.6);
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.4, 0.0), 29.0);
    let lit_side = by_hour(hex(0xfff0dcu), hex(0xffffffu), hex(0xf4b48cu), hex(0x6a86bcu));
    let low_side = by_hour(hex(0xb9a9c4u), hex(0xb5d0dcu), hex(0x7d5a86u), hex(0x1c2c5cu));
    let low = smoothstep(0.42, 0.5, p.y) * mix(1.0, 0.5 * smoothstep(0.72, 0.55, p.y) + place.weather.x, place.hours.w);
    return paint(overcast(mix(low_side, lit_side, cloud.y)), cloud.x * low * 0.6);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.06, 0.042), 0.068);
}

fn ridge(p: vec2f, top: f32, base: vec3f, distance: f32) -> vec4f {
    let near_light = lit(p, 0.35);
    let brim = smoothstep(0.05, 0.0, top - p.y);
    let color = base + place.key.rgb * (0.07 + 0.16 * near_light) * brim;
    return paint(through_air(mix(color, snow_white(), 0.75 * place.weather.y), distance + 0.25 * smoothstep(0.0, 0.1, top - p.y)), edge(p.y - top));
}

// Where the second and the nearest hill end.
fn middle_hill(x: f32) -> f32 {
    return 0.375 + 0.03 * swell(x * 2.7 + 1.0, 513.0);
}

fn near_hill(x: f32) -> f32 {
    return 0.315 + 0.022 * swell(x * 3.1 + 2.0, 514.0);
}

fn near_green() -> vec3f {
    return by_hour(hex(0x7e9070u), hex(0x7fae64u), hex(0x6f5a5cu), hex(0x17304fu));
}

// Heaped trees on a hill.
fn heaps(p: vec2f, base: f32, tall: f32, spacing: f32, shift: f32, bright: f32, distance: f32, salt: f32) -> vec4f {
    let jag = p + 0.005 * vec2f(noise(p * 170.0, 515.0) - 0.5, noise(p * 170.0, 516.0) - 0.5);
    let found = cumulus(jag + vec2f(shift, 0.0), base, tall, spacing, salt);
    let dark = by_hour(hex(0x4c6468u), hex(0x3f7058u), hex(0x40335cu), hex(0x0c1a3cu));
    let light = by_hour(hex(0xb8b590u), hex(0x9cc46cu), hex(0xb07a66u), hex(0x35548cu));
    return paint(through_air(mix(mix(dark, light, found.y * found.y * bright), snow_white(), 0.6 * place.weather.y * found.y), distance), found.x);
}

fn plate_hills(p: vec2f) -> vec4f {
    let base = by_hour(hex(0x6d8088u), hex(0x6f9c7cu), hex(0x66486fu), hex(0x122349u));
    let a = 0.435 + 0.045 * swell(p.x * 1.9, 511.0) + 0.006 * swell(p.x * 21.0, 512.0);
    return over(ridge(p, middle_hill(p.x), mix(base, near_green(), 0.5), 0.3), ridge(p, a, base, 0.5));
}

fn plate_woods(p: vec2f) -> vec4f {
    return heaps(p, middle_hill(p.x) - 0.012, 0.042, 0.085, 0.0, 1.0, 0.25, 517.0);
}

fn plate_hamlet(p: vec2f) -> vec4f {
    return cottages(p, middle_hill(p.x) - 0.03, 0.03, 0.15, vec2f(-0.54, -0.02), 518.0);
}

fn plate_near_hill(p: vec2f) -> vec4f {
    return ridge(p, near_hill(p.x), near_green(), 0.14);
}

fn plate_hedges(p: vec2f) -> vec4f {
    return heaps(p, near_hill(p.x) - 0.014, 0.034, 0.13, 0.3, 0.8, 0.1, 521.0);
}

fn plate_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 524.0);
    let mist = exp(-pow((p.y - 0.285) / 0.04, 2.0)) * (0.3 + 0.8 * wisps) * (0.7 + 0.5 * place.weather.z);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.15), clamp(mist, 0.0, 0.85));
}

fn plate_field(p: vec2f) -> vec4f {
    let top = TOP + 0.014 * swell(p.x * 2.1, 531.0);
    var color = meadow(p, top, 532.0);
    color = meadow_grass(color, p, top, 0.085, 0.62, 535.0);
    // The tree's shadow lies away from the light.
    let away = sign(-0.72 - place.light_position.x);
    let q = (p - vec2f(-0.72 + 0.14 * away, 0.175)) / vec2f(0.34, 0.035);
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.4), 0.4), 0.6 * smoothstep(1.1, 0.4, length(q) + 0.25 * (noise(p * 40.0, 536.0) - 0.5)));
    color = through_air(color, 0.25 * smoothstep(0.06, 0.0, top - p.y));
    let scene = paint(color, edge(p.y - top));
    return over(flowers(p, top, 0.06, 0.3, 537.0) * smoothstep(0.04, 0.1, top - p.y), scene);
}

// A fence that runs away over the field to the right.
fn plate_fence(p: vec2f) -> vec4f {
    let bark = by_hour(hex(0x6b5d5eu), hex(0x7d6a52u), hex(0x463247u), hex(0x101d3cu));
    let bright = by_hour(hex(0xf2d0a4u), hex(0xd2be94u), hex(0xd98a58u), hex(0x6f90ccu));
    let t = clamp((p.x - 0.3) / 0.9, 0.0, 1.0);
    let scale = mix(0.3, 1.0, t);
    let foot = mix(0.255, 0.135, t);
    // Posts stand closer together the further away they are.
    let along = log(0.3 + 0.7 * t) * 5.5;
    let n = round(along);
    let post_t = (exp(n / 5.5) - 0.3) / 0.7;
    let post_scale = mix(0.3, 1.0, post_t);
    let x = 0.3 + 0.9 * post_t + 0.008 * (hash1(n, 541.0) - 0.5);
    let tall = 0.125 * post_scale * (0.9 + 0.2 * hash1(n, 542.0));
    let y = mix(0.255, 0.135, post_t);
    let lean = (hash1(n, 543.0) - 0.5) * 0.16;
    let u = (p.x - x - lean * (p.y - y)) / (0.011 * post_scale);
    let post = max(abs(u) * 0.011 * post_scale - 0.011 * post_scale, max(y - 0.006 - p.y, p.y - y - tall));
    let sag = 0.0022 * sin(along * 6.2831853) * scale;
    let rails = min(abs(p.y - foot - 0.05 * scale - sag), abs(p.y - foot - 0.092 * scale + sag)) - 0.0055 * scale;
    let there = step(0.3, p.x) * step(p.x, 1.2) * step(0.0, post_t);
    let turned = clamp(u * sign(place.light_position.x - p.x), -1.0, 1.0);
    let streak = noise(vec2f(p.x * 160.0, p.y * 9.0), 544.0);
    let wood = mix(bark * 0.6, mix(bark, bright, smoothstep(0.3, 1.0, turned) * 0.7), smoothstep(-1.0, 0.5, turned)) * (0.8 + 0.3 * streak);
    let rail_wood = mix(bark * 0.75, bark, noise(vec2f(p.x * 20.0, p.y * 300.0), 545.0));
    var color = paint(mix(rail_wood, snow_white(), 0.5 * place.weather.y), edge(max(rails, max(0.3 - p.x, p.x - 1.2))));
    color = over(paint(mix(wood, snow_white(), place.weather.y * smoothstep(y + tall - 0.02, y + tall, p.y)), edge(post) * there), color);
    return vec4f(overcast(color.rgb), color.a);
}

fn plate_tree(p: vec2f) -> vec4f {
    let right = step(0.4, p.x);
    return oak(p, mix(vec2f(-0.72, 0.185), vec2f(1.66, 0.2), right), mix(0.72, 0.64, right), 0.03, 555.0 + right);
}

fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = by_hour(hex(0x1c2f30u), hex(0x163828u), hex(0x11101eu), hex(0x040a18u));
    let light = by_hour(hex(0x7c8068u), hex(0x6f9a50u), hex(0x6f4c44u), hex(0x284672u));
    let count = select(0, 24, abs(p.x) > 0.3 && p.y < 0.34);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 561.0);
        let foot = vec2f(side * (0.48 + 0.62 * h.x), -0.07);
        let long = (0.13 + 0.22 * h.z) * smoothstep(0.3, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 1.2 + 0.25 * place.weather.w;
        let d = blade(p, foot, long, lean, 0.011);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.55 * (0.3 + h.y))), edge(d)), color);
    }
    return color;
}
