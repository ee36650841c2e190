// A river bank: a wooden bridge, willows and reeds, water lilies, a fishing rod that somebody left.

const WATER: f32 = 0.345;

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.4) + glow(p, 0.85 - 0.55 * place.hours.w - 0.35 * place.hours.y), 1.0);
}

// The stars and the milky way, light over the sky.
fn plate_stars(p: vec2f) -> vec4f {
    let across = p.x * 0.55 + (p.y - 0.9) * (fract(2101.0 * 0.37) * 1.6 - 0.8);
    let milk = hex(0x505e9cu) * exp(-across * across * 22.0) * fractal(p * 5.0, 4, 2101.0);
    let light = (milk * 0.5 * clear_sky() + stars(p, 0.5)) * smoothstep(0.4, 0.75, p.y);
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.13 * 2101.0, 0.1), 2105.0);
    return paint(streaked(vec3f(0.0), cloud.y, 1.0), cloud.x * smoothstep(0.54, 0.74, p.y) * 0.5);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.058, 0.042), 0.06);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.2, 0.0), 0.5, 0.075, 0.24, 711.0), 0.42);
}

fn plate_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.1, 0.0), 0.6, 0.18, 0.9, 713.0), 0.1);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(0.34, 0.72), 0.1, 811.0);
}

// The middle of the stretch that comes from under the bridge.
fn ford() -> f32 {
    return 0.14 + 0.16 * (hash1(3.0, 801.0) - 0.5);
}

fn leaf_dark() -> vec3f {
    return by_hour(hex(0x48625eu), hex(0x36704eu), hex(0x38305au), hex(0x0c1a3cu));
}

fn leaf_light() -> vec3f {
    return by_hour(hex(0xdccf98u), hex(0xbcdc78u), hex(0xd89a60u), hex(0x4a70acu));
}

fn heaps(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let jag = p + 0.006 * vec2f(noise(p * 190.0, 721.0) - 0.5, noise(p * 190.0, 722.0) - 0.5);
    let found = cumulus(jag, base, tall, spacing, salt);
    return paint(through_air(mix(mix(leaf_dark(), leaf_light(), found.y * found.y * 0.8), snow_white(), 0.6 * place.weather.y * found.y), distance), found.x);
}

fn plate_hills(p: vec2f) -> vec4f {
    let base = by_hour(hex(0x7486a0u), hex(0x74a2a4u), hex(0x70507cu), hex(0x142650u));
    let a = 0.465 + 0.055 * swell(p.x * 1.8 + 0.9, 731.0) + 0.006 * swell(p.x * 21.0, 732.0);
    let b = 0.42 + 0.035 * swell(p.x * 2.6 + 2.2, 733.0) + 0.003 * swell(p.x * 31.0, 734.0);
    let c = 0.385 + 0.012 * swell(p.x * 2.9, 735.0);
    let green = by_hour(hex(0xa4ac88u), hex(0x9cc474u), hex(0x86704fu), hex(0x24426au));
    var color = paint(through_air(mix(base, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.58 + 0.3 * smoothstep(0.0, 0.12, a - p.y)), edge(p.y - a));
    color = over(paint(through_air(mix(mix(base, green, 0.4), snow_white(), 0.7 * place.weather.y) + place.key.rgb * 0.14 * lit(p, 0.3), 0.42 + 0.26 * smoothstep(0.0, 0.08, b - p.y)), edge(p.y - b)), color);
    color = over(heaps(p, c - 0.006, 0.045, 0.08, 0.4, 737.0), color);
    let down = c - p.y;
    var meadow_color = mix(green, green * vec3f(1.08, 1.04, 0.86), smoothstep(0.4, 0.6, noise(vec2f(p.x * 6.0, p.y * 60.0), 739.0)));
    meadow_color = mix(meadow_color, snow_white(), 0.85 * place.weather.y) + place.key.rgb * (0.05 + 0.16 * lit(p, 0.3)) * clear_sky();
    // The river winds down from the hills.
    let t = clamp(down / (c - WATER + 0.03), 0.0, 1.0);
    let middle = ford() + 0.16 * sin(t * 7.0 + 2.6) * (1.0 - t) * (0.35 + t) - 0.05 * (1.0 - t);
    let width = 0.004 + 0.2 * t * t;
    let d = (abs(p.x - middle) - width) * 0.5;
    let water = overcast(sky_color(vec2f(p.x, 0.42 + 0.5 * t), 0.4)) + glow(vec2f(p.x, 0.5), 0.3);
    meadow_color = mix(meadow_color, meadow_color * 0.8, soft_edge(d - 0.003, 0.004));
    meadow_color = through_air(meadow_color, 0.36 - 0.1 * t);
    return over(paint(mix(meadow_color, water, edge(d)), edge(-down)), color);
}

fn plate_hamlet(p: vec2f) -> vec4f {
    return cottages(p, 0.377, 0.034, 0.26, vec2f(-0.62, -0.16), 741.0);
}

// Bushes before the meadows, and the mist over them.
fn plate_bushes(p: vec2f) -> vec4f {
    let color = heaps(p, 0.35, 0.032, 0.12, 0.3, 743.0) * smoothstep(0.13, 0.22, abs(p.x - ford()));
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 747.0);
    let mist = exp(-pow((p.y - 0.365) / 0.024, 2.0)) * (0.2 + 0.8 * wisps) * (0.55 + 0.6 * place.weather.z + 0.4 * place.hours.x);
    return over(paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85)), color);
}

// A willow on the other bank: domes one before the other, whose withes hang down to the grass.
fn far_willow(p: vec2f, foot: vec2f, height: f32, distance: f32, salt: f32) -> vec4f {
    let q = (p - foot) / height;
    let toward = sign(place.light_position.x - foot.x);
    let lean = 0.05 * wave(salt * 0.37);
    let trunk = max(abs(q.x - lean * q.y - 0.02 * wave(q.y * 0.8)) - 0.032 * (1.0 + 1.3 * exp(-max(q.y, 0.0) * 14.0)), max(q.y - 0.55, -0.03 - q.y));
    let bark = mix(leaf_dark() * 0.6, by_hour(hex(0xb89a86u), hex(0xa8946eu), hex(0xa06a50u), hex(0x3a5084u)), clamp(0.4 + q.x * toward * 9.0, 0.0, 1.0));
    var found = paint(through_air(bark, distance), edge(trunk * height));
    let fine = noise(vec2f(q.x * 74.0, q.y * 10.0), salt + 1.0) - 0.5;
    for (var k = 0; k < 5; k++) {
        let h = hash4(vec2f(f32(k), 5.0), salt);
        let side = select(-1.0, 1.0, k % 2 == 1) * select(1.0, 0.0, k == 0);
        let low = f32((k + 1) / 2);
        let r = 0.29 - 0.055 * low + 0.04 * h.x;
        let c = vec2f(lean + side * (0.13 + 0.07 * low + 0.05 * h.y) * select(1.0, 0.75, k > 2), 0.7 - 0.13 * low + 0.06 * (h.z - 0.5));
        let v = q - c;
        let strand = noise(vec2f((v.x + 0.04 * v.y * v.x) * 30.0, v.y * 2.0), salt + 3.0 + f32(k)) - 0.5;
        let top = length(v * vec2f(1.0, 1.1)) - r + 0.05 * strand + 0.02 * fine;
        let curtain = max(abs(v.x) - r * (0.97 + 0.05 * wave(v.y * 2.0 + h.w)) + 0.03 * strand, -v.y - 0.3 - 0.34 * strand - 0.1 * fine + 0.9 * v.x * v.x / r * 0.3);
        let d = select(curtain, top, v.y > 0.0);
        let tone = clamp(0.46 + 0.45 * v.x / r * toward + 0.55 * v.y + 0.55 * strand + 0.35 * fine + 0.06 * low, 0.0, 1.0);
        var color = mix(leaf_dark(), mix(leaf_dark(), leaf_light(), 0.55), smoothstep(0.1, 0.5, tone));
        color = mix(color, leaf_light(), smoothstep(0.5, 0.95, tone) * (0.3 + 0.7 * clear_sky()));
        color = mix(color, snow_white(), place.weather.y * 0.65 * smoothstep(0.35, 0.8, tone));
        found = over(paint(through_air(color, distance), edge(d * height * 0.8)), found);
    }
    return found;
}

// An arched bridge of wood: deck, trestles, rails with crossed braces.
fn bridge(p: vec2f) -> vec4f {
    let half_width = 0.27;
    let q = p - vec2f(ford(), WATER);
    let u = q.x / half_width;
    let arch = 0.072 * (1.0 - u * u) * step(abs(u), 1.2) + 0.004;
    let rise = q.y - arch;
    let ends = abs(u) - 1.08;
    let toward = sign(place.light_position.x - p.x);
    let dark = by_hour(hex(0x54465au), hex(0x5c4a40u), hex(0x382846u), hex(0x101a3au));
    let body = by_hour(hex(0xa8867cu), hex(0xa9875eu), hex(0x86585au), hex(0x30457au));
    let light = by_hour(hex(0xffe4b8u), hex(0xf0dcaau), hex(0xffb67cu), hex(0x8aa8e0u));
    let grained = 0.86 + 0.28 * noise(vec2f(q.x * 40.0, rise * 300.0), 821.0);
    // Far rail, in shade.
    let far_rail = max(min(abs(rise - 0.052) - 0.0032, abs(rise - 0.03) - 0.0022), ends * half_width);
    let post_pitch = half_width / 5.0;
    let far_x = abs(fract(q.x / post_pitch + 0.62) - 0.5) * post_pitch;
    var found = paint(through_air(mix(dark, body, 0.35), 0.2), edge(max(min(far_rail, max(far_x - 0.0035, max(rise - 0.055, -rise))), ends * half_width)));
    let piles = min(abs(abs(u) - 0.42) * half_width - 0.0075, abs(abs(u) - 0.42 + 0.05) * half_width - 0.0055);
    let legs = max(piles, max(rise, -q.y - 0.03));
    let brace = max(abs(rise + 0.014) - 0.0045, ends * half_width);
    found = over(paint(through_air(mix(dark, body, 0.35 + 0.3 * toward * sign(u)), 0.16), edge(legs)), found);
    found = over(paint(through_air(dark, 0.16), edge(brace)), found);
    let beam = max(abs(rise + 0.002) - 0.0085, ends * half_width);
    let plank_ends = 0.8 + 0.2 * smoothstep(0.08, 0.16, abs(fract(q.x / 0.0145) - 0.5));
    found = over(paint(through_air(mix(body, light, 0.2 + 0.35 * smoothstep(-0.01, 0.006, rise)) * grained * plank_ends, 0.14), edge(beam)), found);
    let deck_light = max(abs(rise - 0.0085) - 0.0028, ends * half_width);
    found = over(paint(through_air(mix(mix(light, body, 0.25), snow_white(), 0.9 * place.weather.y), 0.12), edge(deck_light)), found);
    let near_x = (fract(q.x / post_pitch + 0.5) - 0.5) * post_pitch;
    let crossed = min(abs(rise - 0.009 - (near_x + 0.5 * post_pitch) / post_pitch * 0.044), abs(rise - 0.053 + (near_x + 0.5 * post_pitch) / post_pitch * 0.044)) - 0.0022;
    let braces = max(crossed, max(max(rise - 0.056, 0.008 - rise), (abs(u) - 1.0) * half_width));
    found = over(paint(through_air(mix(dark, body, 0.7), 0.14), edge(braces)), found);
    let post = max(abs(near_x) - 0.0052, max(max(rise - 0.072, -0.012 - rise), ends * half_width));
    let round_tone = clamp(near_x / 0.0052 * toward, -1.0, 1.0);
    found = over(paint(through_air(mix(mix(dark, body, 0.6), light, smoothstep(0.0, 1.0, round_tone) * 0.7), 0.12), edge(post)), found);
    let rail = max(abs(rise - 0.061) - 0.0048, ends * half_width);
    found = over(paint(through_air(mix(mix(body, light, 0.35 + 0.5 * smoothstep(0.057, 0.065, rise)) * grained, snow_white(), place.weather.y * smoothstep(0.06, 0.063, rise)), 0.12), edge(rail)), found);
    return found;
}

// All that stands on the other bank, above the water's line.
fn across(p: vec2f) -> vec4f {
    let x = p.x - ford();
    let slope = smoothstep(0.2, 0.34, abs(x));
    let top = WATER - 0.015 + 0.038 * slope + 0.012 * swell(p.x * 3.1, 823.0) * slope + 0.002 * swell(p.x * 47.0, 824.0);
    let side = sign(x);
    let k = max(floor((abs(x) - 0.3) / 0.3), 0.0);
    let h = hash4(vec2f(side, k), 827.0);
    let foot = vec2f(ford() + side * (0.45 + 0.3 * k + 0.04 * (h.x - 0.5)), WATER + 0.014);
    var color = far_willow(p, foot + vec2f(0.0, 0.008), 0.19 + 0.07 * h.y, 0.16, 829.0 + side + 3.0 * k);
    let green = mix(by_hour(hex(0x9ea67eu), hex(0x92bf66u), hex(0x7a6448u), hex(0x1e3c60u)), by_hour(hex(0x66805eu), hex(0x5c9a4eu), hex(0x524a46u), hex(0x14304eu)), smoothstep(0.0, 0.035, top - p.y));
    let tufts = noise(vec2f(p.x * 170.0, p.y * 60.0), 831.0);
    var bank = mix(green * (0.85 + 0.3 * tufts), snow_white(), 0.85 * place.weather.y) + place.key.rgb * 0.1 * lit(p, 0.35) * clear_sky();
    // Earth shows where the bank breaks off.
    let earth = by_hour(hex(0x6a5660u), hex(0x725a48u), hex(0x452f48u), hex(0x13203fu));
    bank = mix(bank, earth, smoothstep(WATER + 0.008, WATER + 0.002, p.y + 0.006 * (tufts - 0.5)));
    color = over(paint(through_air(bank, 0.16), edge(p.y - top - 0.004 * tufts)), color);
    color = over(bridge(p), color);
    // Reeds stand in the shallows.
    let pitch = 0.007;
    let n = floor(p.x / pitch);
    let r = hash4(vec2f(n, 1.0), 833.0);
    let grown = smoothstep(-0.1, 0.5, swell(p.x * 5.0, 835.0)) * smoothstep(0.17, 0.26, abs(x));
    let tall = (0.016 + 0.034 * r.x) * grown;
    let v = (p.y - WATER + 0.002) / max(tall, 0.001);
    let reed = abs(p.x - (n + 0.3 + 0.4 * r.y) * pitch - 0.01 * (r.z - 0.5) * v * v) - 0.0017 * (1.1 - v);
    let tint = mix(leaf_dark(), by_hour(hex(0xd0c48eu), hex(0xb4cc6cu), hex(0xc08a58u), hex(0x40649cu)), 0.2 + 0.6 * r.w * v);
    return over(paint(through_air(tint, 0.1), edge(max(reed, max(-v, v - 1.0) * tall)) * step(0.004, tall)), color);
}

fn strokes(p: vec2f, stretch: f32, salt: f32) -> f32 {
    let d = WATER + 0.02 - p.y;
    return noise(vec2f(p.x / (d + 0.05) * stretch, log(d + 0.012) * 13.0), salt);
}

fn plate_banks(p: vec2f) -> vec4f {
    return across(p);
}

fn plate_water(p: vec2f) -> vec4f {
    let d = WATER - p.y;
    let down = max(d, 0.0);
    let a = strokes(vec2f(p.x, min(p.y, WATER)), 0.8, 841.0);
    let b = strokes(vec2f(p.x + 0.3, min(p.y, WATER)), 1.9, 842.0);
    // The image of the bank, drawn out and broken by the waves.
    let shake = vec2f((a - 0.5) * 0.05 + (b - 0.5) * 0.03, 0.0) * smoothstep(0.0, 0.05, down);
    let land = across(vec2f(p.x, WATER + down * 1.15) + shake);
    let near = smoothstep(0.0, 0.13, down);
    let mirrored = overcast(sky_color(vec2f(p.x, 0.42 + down * 3.4), 0.4)) + glow(vec2f(p.x, 0.46 + down), 0.4 - 0.25 * place.hours.w);
    let deep = overcast(by_hour(hex(0x46626eu), hex(0x2f7078u), hex(0x3a3666u), hex(0x0b1d46u)));
    var water = mix(mirrored, deep, 0.16 + 0.42 * near);
    water = mix(water, land.rgb / max(land.a, 0.001) * 0.72 + deep * 0.16, 0.82 * land.a * (1.0 - 0.4 * near));
    water = mix(water, deep * 0.9, smoothstep(0.52, 0.25, a * 0.6 + b * 0.4) * (0.12 + 0.3 * near));
    water = mix(water, mirrored * 1.1, smoothstep(0.54, 0.78, a * 0.6 + b * 0.4) * (0.16 + 0.3 * near));
    let spread = abs(p.x - place.light_position.x) / (0.06 + 0.7 * down);
    let dense = exp(-spread * spread * 0.9);
    let spark = smoothstep(0.8 - 0.42 * dense, 0.88 - 0.38 * dense, b * 0.65 + strokes(vec2f(p.x, min(p.y, WATER)), 3.6, 843.0) * 0.4);
    water = mix(water, mix(place.key.rgb, vec3f(1.0), 0.2), clamp(dense * spark * (0.06 + 0.94 * clear_sky()) * (0.85 - 0.4 * place.hours.y), 0.0, 1.0));
    water += place.key.rgb * dense * 0.1 * clear_sky();
    water = mix(water, overcast(place.fog.rgb), 0.55 * place.weather.z * exp(-down * 8.0));
    // A pale line where water meets land.
    water = mix(water, mirrored * 1.15, 0.55 * smoothstep(0.0035, 0.0005, abs(d - 0.0015)) * smoothstep(0.16, 0.24, abs(p.x - ford())));
    return paint(water, edge(-d));
}

fn shore(x: f32) -> f32 {
    return 0.238 + 0.012 * swell(x * 2.4, 851.0) + 0.005 * swell(x * 9.0, 852.0) + 0.05 * smoothstep(0.55, 1.2, abs(x));
}

// Leaves and flowers of water lilies in the shallows.
fn plate_lilies(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    for (var i = 0; i < 11; i++) {
        let h = hash4(vec2f(f32(i), 2.0), 855.0);
        let group = select(vec2f(-0.32, 0.262), vec2f(0.44, 0.268), i > 5);
        let at = group + vec2f(0.26 * (h.x - 0.5), 0.03 * (h.y - 0.5));
        let size = 0.024 + 0.012 * h.z - 0.2 * (at.y - 0.255);
        let q = (p - at) / vec2f(size, size * 0.3);
        let notch = abs(fract(atan2(q.y, q.x) / 6.2831853 - h.w) - 0.5);
        let pad = max(length(q) - 1.0, 0.5 - 9.0 * step(0.045, 0.5 - notch));
        let tone = 0.45 + 0.3 * q.y + 0.2 * q.x * sign(place.light_position.x - at.x) + 0.12 * wave(atan2(q.y, q.x) * 1.6);
        let green = mix(by_hour(hex(0x4a6a5cu), hex(0x2f7a50u), hex(0x3c3858u), hex(0x10264au)), by_hour(hex(0xc4c890u), hex(0xa4d478u), hex(0xc89464u), hex(0x4c76acu)), clamp(tone, 0.0, 1.0));
        color = over(paint(by_hour(hex(0x32485au), hex(0x1c5260u), hex(0x282450u), hex(0x081636u)), 0.4 * edge((length(q + vec2f(0.0, 0.35)) - 1.0) * size * 0.3)), color);
        color = over(paint(overcast(green), edge(pad * size * 0.3)), color);
        color = over(paint(overcast(mix(green, place.key.rgb, 0.4)), 0.6 * soft_edge(abs(length(q) - 0.95) - 0.05, 0.08) * step(0.0, q.y)), color);
        let f = (p - at - vec2f(0.2 * size, size * 0.22)) / size;
        let open = step(0.62, h.w);
        let turn = atan2(f.y + 0.1, f.x);
        let bloom = max(length(vec2f(f.x, (f.y + 0.1) * 1.25)) - 0.34 - 0.13 * abs(wave(turn * 1.27 + 0.25)), -0.12 - f.y);
        let petal = mix(by_hour(hex(0xf0b8b4u), hex(0xf4c4ccu), hex(0xe09a9cu), hex(0x6a78b8u)), by_hour(hex(0xfff2e6u), hex(0xffffffu), hex(0xffdcc4u), hex(0xb4c8f0u)), clamp(0.3 + 2.0 * f.y + 0.3 * abs(wave(turn * 1.27 + 0.25)), 0.0, 1.0));
        color = over(paint(overcast(petal), edge(bloom * size) * open * (1.0 - place.weather.y)), color);
        color = over(paint(overcast(hex(0xf0c85au) * (0.4 + 0.6 * place.shade.a)), edge((length(f * vec2f(1.0, 1.4)) - 0.12) * size) * open * (1.0 - place.weather.y)), color);
    }
    return color;
}

fn plate_ground(p: vec2f) -> vec4f {
    let top = shore(p.x);
    var color = meadow(p, top, 862.0);
    // A footpath along the bank.
    let path_y = 0.115 + 0.028 * swell(p.x * 1.7 + 0.5, 863.0);
    let d = abs(p.y - path_y) - 0.032 - 0.008 * swell(p.x * 5.0, 864.0);
    let way = trodden(p, d, 0.55 + 0.5 * (path_y - p.y) / 0.1);
    color = mix(color, way.rgb, way.a * 0.92);
    let grassy = meadow_grass(color, p, top + 0.015, 0.08, 0.62, 867.0);
    color = mix(color, grassy, smoothstep(-0.008, 0.012, d));
    // The bank breaks off over a strip of wet sand and pebbles.
    let under = top - p.y + 0.004 * (noise(vec2f(p.x * 60.0, p.y * 40.0), 868.0) - 0.5);
    let sand = mix(by_hour(hex(0xb89a8cu), hex(0xc4ac82u), hex(0x8e6660u), hex(0x2c4270u)), by_hour(hex(0x6c5c68u), hex(0x7c6a58u), hex(0x4a3450u), hex(0x14224au)), smoothstep(0.012, 0.0, under));
    let cell = floor(vec2f(p.x / 0.011, p.y / 0.006));
    let h = hash4(cell, 869.0);
    let pebble = length((vec2f(p.x / 0.011, p.y / 0.006) - cell - 0.3 - 0.4 * h.xy)) - 0.18 - 0.16 * h.z;
    let stony = mix(sand, mix(by_hour(hex(0xd8c4b8u), hex(0xd4ccbcu), hex(0xb08a84u), hex(0x4c6498u)), sand * 0.7, h.w), soft_edge(pebble * 0.008, 0.003) * step(h.z, 0.7));
    let ragged = under - 0.013 - 0.008 * (noise(vec2f(p.x * 28.0, 1.0), 871.0) - 0.3);
    color = mix(mix(stony, snow_white(), 0.7 * place.weather.y * smoothstep(0.004, 0.014, under)), color, soft_edge(-ragged, 0.004));
    color = mix(color, color * 0.72, smoothstep(0.006, 0.0, abs(ragged + 0.001)) * step(ragged, 0.002));
    var scene = paint(color, edge(-under));
    scene = over(paint(mix(place.key.rgb, vec3f(1.0), 0.4), 0.5 * smoothstep(0.0024, 0.0006, abs(under + 0.0015)) * (0.4 + 0.6 * clear_sky())), scene);
    return over(flowers(p, top + 0.01, 0.058, 0.52, 873.0) * smoothstep(0.03, 0.06, top - p.y) * smoothstep(0.004, 0.02, d), scene);
}

// Reeds with their brown maces, in a stand round `middle`.
fn reeds(p: vec2f, middle: vec2f, spread: f32, count: i32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), 3.0), salt);
        let foot = middle + vec2f(spread * (h.x * 2.0 - 1.0), 0.02 * (h.y - 0.5));
        let long = 0.14 + 0.15 * h.z;
        let lean = (h.w - 0.5) * 0.42 + 0.12 * place.weather.w;
        let t = (p.y - foot.y) / long;
        let toward = sign(place.light_position.x - foot.x);
        let stalk = h.y > 0.62;
        let width = select(0.0062, 0.0022, stalk);
        let d = blade(p, foot, long, lean, width);
        let x = (p.x - foot.x - lean * long * t * t) / width;
        let tint = mix(leaf_dark() * 0.85, mix(leaf_light(), leaf_dark(), 0.25), clamp(0.25 + 0.45 * t + 0.3 * x * toward, 0.0, 1.0));
        color = over(paint(overcast(mix(tint, snow_white(), 0.3 * place.weather.y * t)), edge(d)), color);
        let head = foot + vec2f(lean * long * 0.86, long * 0.93);
        let along = normalize(vec2f(1.7 * lean, 1.0));
        let mace = segment(p, head - along * 0.02, head + along * 0.02) - 0.0068;
        let side = dot(p - head, vec2f(along.y, -along.x)) / 0.0068;
        let brown = mix(by_hour(hex(0x4e3844u), hex(0x553626u), hex(0x33203au), hex(0x0e1630u)), by_hour(hex(0xc89274u), hex(0xb07c4cu), hex(0xc07448u), hex(0x4a5c90u)), clamp(0.3 + 0.6 * side * toward, 0.0, 1.0));
        color = over(paint(overcast(brown), edge(mace) * select(0.0, 1.0, stalk)), color);
    }
    return color;
}

// A rod on a forked stick, its line in the water, a pail beside it.
fn angler(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let dark = by_hour(hex(0x54464cu), hex(0x5e4a38u), hex(0x382840u), hex(0x101a38u));
    let light = by_hour(hex(0xf4d4a4u), hex(0xe2c890u), hex(0xeaa468u), hex(0x7490c8u));
    let fork = min(segment(p, vec2f(0.6, 0.19), vec2f(0.602, 0.258)), min(segment(p, vec2f(0.602, 0.255), vec2f(0.592, 0.276)), segment(p, vec2f(0.602, 0.255), vec2f(0.613, 0.276)))) - 0.0038;
    let rod = tapered(p, vec2f(0.72, 0.185), vec2f(0.36, 0.452), 0.0042, 0.0014);
    let grip = tapered(p, vec2f(0.722, 0.1835), vec2f(0.69, 0.2075), 0.0068, 0.0062);
    let t = clamp((0.452 - p.y) / 0.165, 0.0, 1.0);
    let line = max(abs(p.x - 0.36 + 0.03 * t * t) - max(0.0007, 0.35 * place.px), max(p.y - 0.452, 0.287 - p.y));
    color = over(paint(mix(vec3f(0.95), place.key.rgb, 0.5), 0.5 * edge(line)), color);
    let f = p - vec2f(0.33, 0.288);
    let rings = abs(length(f / vec2f(0.03, 0.006)) - 0.8) - 0.1;
    color = over(paint(mix(place.key.rgb, vec3f(1.0), 0.4), 0.45 * soft_edge(rings, 0.2)), color);
    let bob = length(f / vec2f(0.0062, 0.0105)) - 1.0;
    color = over(paint(overcast(mix(by_hour(hex(0xf6ece0u), hex(0xfaf4e8u), hex(0xe8c4b4u), hex(0x8aa0d4u)), by_hour(hex(0xc85a4eu), hex(0xd2503eu), hex(0xb0444cu), hex(0x54407cu)), step(0.0, f.y))), edge(bob * 0.008)), color);
    color = over(paint(overcast(mix(dark, light, 0.35)), edge(fork)), color);
    color = over(paint(overcast(mix(dark, light, 0.55 + 0.3 * noise(p * 60.0, 881.0))), edge(rod)), color);
    color = over(paint(overcast(by_hour(hex(0x8a5a50u), hex(0x8a5636u), hex(0x68384au), hex(0x243260u))), edge(grip)), color);
    let q = p - vec2f(0.79, 0.186);
    let toward = sign(place.light_position.x - 0.79);
    let body = max(abs(q.x) - 0.031 - 0.2 * q.y, max(-q.y - 0.004 * (1.0 - q.x * q.x * 900.0), q.y - 0.062));
    let u = clamp(q.x / (0.031 + 0.2 * q.y), -1.0, 1.0);
    color = over(paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.02 * toward, -0.002)) / vec2f(0.06, 0.011)) - 1.0, 0.8)), color);
    let handle = max(abs(length((q - vec2f(0.0, 0.062)) / vec2f(0.043, 0.05)) - 1.0) * 0.043 - 0.0022, 0.062 - q.y);
    color = over(paint(overcast(dark), edge(handle)), color);
    let tin = mix(by_hour(hex(0x5c6078u), hex(0x5e707au), hex(0x3f3660u), hex(0x16224cu)), by_hour(hex(0xf2e0d0u), hex(0xdfe8e6u), hex(0xf0b494u), hex(0x8ca8e0u)), smoothstep(-0.9, 1.0, u * toward));
    let bands = 1.0 - 0.2 * smoothstep(0.0026, 0.001, min(abs(q.y - 0.014), abs(q.y - 0.05)));
    color = over(paint(overcast(tin * bands), edge(body)), color);
    let mouth = length((q - vec2f(0.0, 0.062)) / vec2f(0.0435, 0.0095)) - 1.0;
    color = over(paint(overcast(mix(tin, light, 0.4)), edge(mouth * 0.0095)), color);
    color = over(paint(overcast(mix(dark * 0.7, sky_color(vec2f(0.5, 0.7), 0.4), 0.35)), edge((mouth + 0.16) * 0.0095)), color);
    let tuft = q.y - 0.009 * noise(vec2f(p.x * 150.0, 1.0), 883.0);
    return over(paint(overcast(mix(by_hour(hex(0x6b8460u), hex(0x5c9a4cu), hex(0x504a3eu), hex(0x15304cu)), snow_white(), 0.8 * place.weather.y)), edge(tuft) * smoothstep(-0.012, 0.0, q.y) * smoothstep(0.055, 0.03, abs(q.x))), color);
}

// Withes of a willow that hang from above `from_y`, one in each `pitch`, down to a hem.
fn withes(p: vec2f, hem: f32, pitch: f32, dark: vec3f, light: vec3f, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let last = select(-2, 1, p.y > hem - 0.02);
    for (var i = -1; i <= last; i++) {
        let sway = 0.012 * wave(p.y * 0.9 + salt) + 0.03 * place.weather.w * (1.2 - p.y);
        let n = floor((p.x - sway) / pitch) + f32(i);
        let h = hash4(vec2f(n, 1.0), salt);
        let end = hem + 0.2 * h.x * h.x + 0.06 * h.y;
        let x = (n + 0.25 + 0.5 * h.z) * pitch + sway + 0.006 * wave(p.y * 2.2 + h.w);
        let u = p.x - x;
        let t = p.y - end;
        let stem = max(abs(u) - 0.0011, -t);
        let tone = 0.35 + 0.4 * h.w + 0.25 * sign(place.light_position.x - p.x) * clamp(u / 0.01, -1.0, 1.0);
        color = over(paint(mix(dark, light, 0.3), edge(stem)), color);
        let step_y = 0.0155;
        for (var j = 0; j < 2; j++) {
            let side = select(-1.0, 1.0, j == 1);
            let m = floor(t / step_y + 0.5 * f32(j));
            let r = fract(h.y * 7.0 + m * 0.618);
            let at = (m + 0.9 - 0.5 * f32(j)) * step_y;
            let q = spun(vec2f(u, t - at), -0.25 + side * (0.07 + 0.05 * r)) / (0.03 + 0.008 * r);
            let d = leaf(q, 0.19) * 0.032;
            let there = step(0.0, at) * smoothstep(-0.01, 0.03, t + 0.02);
            color = over(paint(mix(dark, light, clamp(tone + 0.3 * (r - 0.5) + 0.16 * sign(q.y), 0.0, 1.0)), edge(d) * there), color);
        }
    }
    return color;
}

// The weather drains colour from what is near as well.
fn dulled(color: vec4f) -> vec4f {
    return vec4f(overcast(color.rgb), color.a);
}

fn plate_left_reeds(p: vec2f) -> vec4f {
    return dulled(reeds(p, vec2f(-0.74, 0.246), 0.13, 20, 891.0));
}

fn plate_right_reeds(p: vec2f) -> vec4f {
    return dulled(reeds(p, vec2f(0.98, 0.25), 0.14, 18, 893.0));
}

fn plate_angler(p: vec2f) -> vec4f {
    return dulled(angler(p));
}

// The old willow on our bank.
fn plate_willow(p: vec2f) -> vec4f {
    let foot = vec2f(-1.02, 0.2);
    let q = p - foot;
    let bend = 0.11 * q.y * q.y + 0.018 * wave(q.y * 1.1 + 0.2);
    let girth = 0.075 * (1.0 - 0.35 * q.y) * (1.0 + 0.9 * exp(-max(q.y, 0.0) * 18.0)) + 0.006 * wave(q.y * 3.3);
    let u = clamp((q.x - bend) / girth, -1.0, 1.0);
    let bough = tapered(p, vec2f(-0.97, 0.72), vec2f(-0.56, 1.08), 0.034, 0.012);
    let trunk = min(max(abs(q.x - bend) - girth, 0.01 * noise(vec2f(p.x * 160.0, 1.0), 895.0) - q.y), bough);
    let toward = sign(place.light_position.x - foot.x);
    let rough = fractal(vec2f(u * 3.2 + 0.3 * wave(p.y * 2.2), p.y * 6.0), 3, 897.0);
    let dark = by_hour(hex(0x3a3b4cu), hex(0x43423fu), hex(0x241d33u), hex(0x090f24u));
    let body = by_hour(hex(0x80695fu), hex(0x85704fu), hex(0x66424au), hex(0x1f2e55u));
    let light = by_hour(hex(0xf0c79au), hex(0xcfb686u), hex(0xe0935au), hex(0x7894ccu));
    let round_tone = u * toward;
    var bark = mix(dark, body, smoothstep(-0.9, 0.5, round_tone));
    bark = mix(bark, light, smoothstep(0.3, 1.0, round_tone) * 0.75 * (0.5 + 0.5 * clear_sky())) * (0.78 + 0.4 * smoothstep(0.35, 0.65, rough));
    bark = mix(bark, by_hour(hex(0x6a7a58u), hex(0x62803fu), hex(0x44443cu), hex(0x15304cu)), 0.5 * smoothstep(0.5, 0.7, fractal(p * vec2f(22.0, 14.0), 2, 899.0)));
    let shadow = paint(place.shade.rgb * 0.2, 0.45 * soft_edge(length((q - vec2f(-0.05 * toward, -0.005)) / vec2f(0.2, 0.02)) - 1.0, 0.8) * smoothstep(0.15, 0.19, p.y));
    return dulled(over(paint(overcast(bark), edge(trunk) * smoothstep(-0.01, 0.025, q.y)), shadow));
}

fn plate_withes(p: vec2f) -> vec4f {
    let x = (p.x + 1.0) / 0.62;
    let hem = 0.5 + (0.42 + 0.5 * x * x) * x * x + 0.05 * swell(p.x * 7.0, 901.0);
    let dark = by_hour(hex(0x34505au), hex(0x24543fu), hex(0x29284au), hex(0x0a1430u));
    let light = by_hour(hex(0xe8d49cu), hex(0xbedc78u), hex(0xdc9c5cu), hex(0x6c92d0u));
    let behind = withes(p, hem + 0.1, 0.026, dark * 0.8, mix(dark, light, 0.4), 903.0);
    return dulled(over(withes(p + vec2f(0.011, 0.0), hem, 0.031, dark, mix(light, snow_white(), 0.6 * place.weather.y), 905.0), behind));
}

fn front_dark() -> vec3f {
    return by_hour(hex(0x1e342fu), hex(0x173a28u), hex(0x141226u), hex(0x050c1cu));
}

fn front_light() -> vec3f {
    return by_hour(hex(0x86885fu), hex(0x78a650u), hex(0x74503fu), hex(0x2a4a78u));
}

// Dark reeds in the corners.
fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = front_dark();
    let light = front_light();
    let count = select(0, 20, abs(p.x) > 0.36 && p.y < 0.4);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 911.0);
        let foot = vec2f(side * (0.6 + 0.5 * h.x), -0.08);
        let long = (0.16 + 0.26 * h.z) * smoothstep(0.5, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.55) * 0.9 * side + 0.2 * place.weather.w;
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.55 * (0.3 + h.y))), edge(blade(p, foot, long, lean, 0.014))), color);
    }
    return color;
}

// A few withes from above, before everything.
fn plate_front_withes(p: vec2f) -> vec4f {
    let x = (p.x - 1.02) / 0.3;
    let hem = 0.76 + 0.26 * x * x;
    return withes(p, hem, 0.05, front_dark(), mix(front_dark(), front_light(), 0.6), 913.0) * smoothstep(0.7, 0.74, p.y);
}
