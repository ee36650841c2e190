// A glade on a winding path: a low light between firs, old trees that frame the stage.

const HORIZON: f32 = 0.27;

fn snow_on(color: vec3f, amount: f32) -> vec3f {
    return mix(color, snow_white(), clamp(amount * place.weather.y, 0.0, 1.0));
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.42) + glow(p, 0.75 - 0.5 * place.hours.w - 0.35 * place.hours.y), 1.0);
}

// The stars and the milky way, light over the sky.
fn plate_stars(p: vec2f) -> vec4f {
    let band = exp(-pow((p.y - 0.95 + 0.35 * p.x) * 3.2, 2.0));
    let light = stars(p, 0.55) * smoothstep(0.4, 0.75, p.y) + hex(0x3d4a86u) * band * fractal(p * 4.0, 4, 31.0) * 0.5 * clear_sky();
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.0, 0.1), 23.0);
    let fade = smoothstep(0.46, 0.62, p.y) * (1.0 - 0.5 * smoothstep(0.9, 1.2, p.y));
    return paint(streaked(vec3f(0.0), cloud.y, 1.0), cloud.x * fade * 0.62);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.055, 0.04), 0.06);
}

fn plate_hills(p: vec2f) -> vec4f {
    let hill_a = 0.475 + 0.05 * swell(p.x * 2.1, 2.0) + 0.006 * swell(p.x * 17.0, 5.0);
    let hill_b = 0.435 + 0.035 * swell(p.x * 3.3 + 2.0, 3.0) + 0.006 * swell(p.x * 26.0, 6.0);
    let base = by_hour(hex(0x7d8bb0u), hex(0x6fa0a4u), hex(0x7c5581u), hex(0x1c2f5eu));
    let light = place.key.rgb * lit(p, 0.25);
    let a = through_air(mix(base, base + light * 0.4, 0.6), 0.62 + 0.3 * smoothstep(0.47, 0.38, p.y));
    let b = through_air(mix(base, base + light * 0.3, 0.6), 0.44 + 0.4 * smoothstep(0.46, 0.36, p.y));
    return over(paint(b, edge(p.y - hill_b)), paint(a, edge(p.y - hill_a)));
}

fn firs(p: vec2f, ground: f32, spacing: f32, height: f32, distance: f32, salt: f32) -> vec4f {
    let row = fir_row(p, ground, spacing, height, salt);
    let dark = by_hour(hex(0x3d5568u), hex(0x2c5a50u), hex(0x362f58u), hex(0x0d1a3cu));
    let light = by_hour(hex(0x8d9a86u), hex(0x7fa868u), hex(0x8a5f6cu), hex(0x33508cu));
    var color = mix(dark, light, row.y * row.y * 0.9);
    color = snow_on(color, row.y * 1.5);
    let near_light = lit(p, 0.3);
    color += place.key.rgb * near_light * (0.16 + 0.3 * row.y * row.y) * (0.4 + 0.6 * clear_sky());
    let low = smoothstep(ground + height * 0.55, ground - 0.01, p.y);
    return paint(through_air(color, mix(distance, 1.0, low * 0.62)), row.x);
}

// Mist that lies on the ground and thins upwards.
fn mist(p: vec2f, at: f32, high: f32, strength: f32, salt: f32) -> vec4f {
    let rise = (p.y - at) / high;
    let wisps = fractal(vec2f(p.x * 2.2, p.y * 7.0), 3, salt);
    let body = max(exp(-rise * rise) - 0.008, 0.0);
    let a = body * strength * (0.45 + 1.1 * wisps) * (1.0 + 0.6 * place.weather.z);
    let color = mix(overcast(place.fog.rgb), place.key.rgb, 0.35 * lit(p, 0.35) * clear_sky());
    return paint(color, clamp(a, 0.0, 0.92));
}

fn plate_farthest_firs(p: vec2f) -> vec4f {
    let haze = paint(through_air(place.fog.rgb, 0.9), smoothstep(0.385, 0.32, p.y));
    return over(firs(p, 0.335, 0.045, 0.13, 0.6, 41.0), haze);
}

fn plate_far_firs(p: vec2f) -> vec4f {
    return firs(p, 0.31, 0.062, 0.18, 0.44, 43.0);
}

fn plate_far_mist(p: vec2f) -> vec4f {
    return mist(p, 0.32, 0.075, 0.42, 61.0);
}

// The nearest of the far firs, and the ground they stand on.
fn plate_far(p: vec2f) -> vec4f {
    let ground = through_air(by_hour(hex(0x8f9c86u), hex(0x86ad72u), hex(0x8d6a70u), hex(0x21395eu)), 0.7);
    return over(paint(snow_on(ground, 0.8), edge(p.y - 0.272 - 0.008 * swell(p.x * 6.0, 8.0))), firs(p, 0.275, 0.085, 0.25, 0.26, 47.0));
}

fn plate_mist(p: vec2f) -> vec4f {
    return mist(p, 0.285, 0.055, 0.5, 67.0);
}

// Soft beams that fall from the light.
fn plate_beams(p: vec2f) -> vec4f {
    let ray = p - place.light_position;
    let angle = atan2(ray.x, -ray.y);
    let comb = noise(vec2f(angle * 7.0, 0.5), 83.0) * noise(vec2f(angle * 17.0, 0.5), 84.0);
    let fall = smoothstep(-0.02, 0.2, -ray.y) * exp(-length(ray) * 1.6) * smoothstep(1.15, 0.4, abs(angle));
    let a = comb * fall * 0.85 * clear_sky() * (1.0 - 0.9 * place.hours.w);
    return paint(place.key.rgb, clamp(a, 0.0, 0.4));
}

// A row of tall firs that leaves the middle open.
fn plate_middle(p: vec2f) -> vec4f {
    let open = smoothstep(0.25, 0.75, abs(p.x - 0.1));
    return firs(p, 0.245, 0.16, mix(0.16, 0.42, open), 0.14, 53.0);
}

fn plate_near_mist(p: vec2f) -> vec4f {
    return mist(p, 0.255, 0.035, 0.42, 71.0);
}

fn path_middle(y: f32) -> f32 {
    let t = (HORIZON - y) / HORIZON;
    return 0.14 + 0.1 * sin(t * 4.2 + place.seed.x * 3.0) * t - 0.16 * t * t;
}

fn plate_ground(p: vec2f) -> vec4f {
    let top = HORIZON + 0.012 * swell(p.x * 3.0, 12.0);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let far = by_hour(hex(0xa8aa82u), hex(0xa3c274u), hex(0x84744fu), hex(0x2b4a68u));
    let near = by_hour(hex(0x3a564cu), hex(0x2f6241u), hex(0x222b38u), hex(0x0a152cu));
    let patches = fractal(vec2f(p.x * 3.0, (p.y - top) * 14.0), 3, 91.0);
    var color = mix(far, near, smoothstep(-0.05, 0.85, depth + (patches - 0.5) * 0.35));
    color = snow_on(color, 0.75 + 0.5 * patches);

    let d = abs(p.x - path_middle(p.y)) - 0.012 - 0.26 * depth * depth - 0.05 * depth;
    let way = trodden(p, d, depth);
    color = mix(color, way.rgb, way.a * 0.94);

    // Long shadows of the trees behind run out from below the light.
    let spread = (p.x - place.light_position.x) / (top + 0.05 - p.y);
    let stripe = smoothstep(0.5, 0.72, noise(vec2f(spread * 2.6 + 5.0, 0.5), 97.0)) * smoothstep(0.3, 1.0, abs(spread) + depth * 0.4);
    let strength = 0.5 * clear_sky() * smoothstep(0.02, 0.2, depth) * (1.0 - 0.35 * place.hours.y);
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.5), 0.35), stripe * strength);
    let pool = exp(-spread * spread * 0.35) * smoothstep(1.0, 0.0, depth) * clear_sky();
    color += place.key.rgb * pool * 0.2 * (1.0 - 0.5 * place.hours.w);
    color = mix(color, color * vec3f(0.78, 0.84, 0.9), place.weather.x);

    // Grass in tufts, none on the path, with lit tips.
    let blades = grass(p, top, 0.075, 0.52, 101.0);
    let tip = by_hour(hex(0xd8cf92u), hex(0xb9d97cu), hex(0xc79a58u), hex(0x4d77a8u));
    let root = mix(color, near, 0.25 + 0.3 * depth);
    let warm = clamp(0.25 + 0.75 * pool + 0.3 * (1.0 - depth), 0.0, 1.0);
    var blade = mix(root, mix(root * 1.25, tip, warm * 0.85), blades.y * blades.y);
    blade = snow_on(blade, 0.55 * blades.y);
    let off_path = smoothstep(-0.01, 0.03, d) ;
    color = mix(color, blade, blades.x * off_path * smoothstep(0.0, 0.04, depth));

    color = through_air(color, 0.34 * smoothstep(0.3, 0.0, depth));
    return paint(color, edge(p.y - top));
}

// How deep a place lies in the leaves: 0 the canopy, 1 the undergrowth, 2 the foreground frame.
fn leafage(c: vec2f, kind: i32) -> f32 {
    let x = abs(c.x + 0.03);
    if kind == 0 {
        let brim = 1.13 - 0.46 * smoothstep(0.16, 0.8, x) + 0.06 * wave(c.x * 1.43 + place.seed.x * 4.8);
        return (c.y - brim) * 3.4 + 0.5 * clumps(c * 13.0, 5.0) - 3.0 * smoothstep(0.3, 0.16, x);
    }
    if kind == 1 {
        let brim = -0.06 + 0.29 * smoothstep(0.42, 0.74, x) + 0.022 * wave(c.x * 1.75 + place.seed.x * 3.2);
        return (brim - c.y) * 5.0 + 0.4 * clumps(c * 17.0, 6.0);
    }
    let low = (0.17 * smoothstep(0.5, 0.95, x) * (1.0 - 0.65 * smoothstep(1.0, 1.4, x)) + 0.02 * wave(c.x * 2.07 + place.seed.x * 4.0) - c.y) * 5.0 - 1.5 * smoothstep(0.54, 0.4, x);
    let high = (c.y - 1.1 + 0.2 * smoothstep(0.5, 0.95, x) * (1.0 - 0.8 * smoothstep(1.0, 1.4, x)) - 0.03 * wave(c.x * 2.39 + place.seed.x * 5.6)) * 5.0;
    return max(low, high) + 0.25 * clumps(c * 8.0, 7.0);
}

// One layer of leaves of about `size`: coverage, the side of the leaf that is turned up, and the leaf's own chance.
fn leaf_layer(p: vec2f, size: f32, least: f32, deep: f32, slope: vec2f, kind: i32, salt: f32) -> vec3f {
    var found = vec3f(0.0);
    let count = select(0u, 4u, deep > least - 0.6);
    let g = floor(p / size - 0.5);
    for (var i = 0u; i < count; i++) {
        let cell = g + vec2f(f32(i & 1u), f32(i >> 1u));
        let h = hash4(cell, salt);
        let c = (cell + 0.5 + (h.xy - 0.5) * 0.5) * size;
        let hang = select(-0.25, 0.2, kind == 1) + (h.z - 0.5) * 0.62 + select(0.0, 0.5, h.w > 0.5);
        let q = spun(p - c, hang) / (size * (1.1 + 0.35 * h.w)) + vec2f(0.5, 0.0);
        let d = leaf(q, 0.36) * size;
        let cover = edge(d) * clamp((deep + dot(slope, c - p) - least) * 120.0, 0.0, 1.0);
        let vein = 0.5 * (1.0 - smoothstep(0.0, 0.035, abs(q.y))) + 0.35 * sign(q.y) + 0.3 * q.x;
        found = mix(found, vec3f(1.0, vein, h.z), cover);
    }
    return found;
}

fn leaves(p: vec2f, size: f32, kind: i32, dark: vec3f, middle: vec3f, light: vec3f, salt: f32) -> vec4f {
    let deep = leafage(p, kind);
    // The slope of the depth stands for its value at each leaf near by.
    let reach = 0.012;
    let slope = (vec2f(leafage(p + vec2f(reach, 0.0), kind), leafage(p + vec2f(0.0, reach), kind)) - deep) / reach;
    let toward = normalize(place.light_position - p);
    let open = clamp(0.4 - 0.036 * dot(slope, toward), 0.0, 1.0);
    let body = leaf_layer(p, size, 0.04, deep, slope, kind, salt + 1.0);
    let front = leaf_layer(p, size * 0.8, 0.36, deep, slope, kind, salt + 2.0);
    let shine = lit(p, 0.9) * (0.4 + 0.6 * clear_sky());
    let mass = deep - 0.3 + 0.22 * (body.z - 0.5);
    var color = paint(mix(dark, dark * 0.7, smoothstep(0.0, 1.2, mass)), soft_edge(-mass, 0.03));
    let under = mix(dark, middle, clamp(open * 0.75 + body.y * 0.25 + 0.3 * (body.z - 0.5), 0.0, 1.0));
    color = over(paint(snow_on(under, 0.4 * body.z), body.x), color);
    let turned = clamp(open + 0.35 * front.y * (0.3 + shine) + 0.5 * (front.z - 0.6), 0.0, 1.0);
    var upper = mix(dark, middle, clamp(0.25 + turned, 0.0, 1.0));
    upper = mix(upper, light, smoothstep(0.4, 1.0, turned) * (0.2 + 0.8 * shine));
    return over(paint(snow_on(upper, 0.8 * front.z), front.x), color);
}

// The old tree of this part of the wood: bark that turns to the light, roots, a hollow.
fn trunk(p: vec2f) -> vec4f {
    let side = sign(p.x);
    let k = max(round((abs(p.x) - 0.7) / 0.4), 0.0);
    let h = hash4(vec2f(side, k), 131.0);
    let foot = vec2f(side * (0.7 + 0.4 * k + (h.x - 0.5) * 0.12), 0.2 - 0.03 * h.y + 0.02 * step(1.0, k));
    let rise = p.y - foot.y;
    let lean = side * (0.045 * (h.z - 0.25)) * rise + 0.012 * sin(rise * 5.0 + h.w * 6.0);
    let u = p.x - foot.x - lean;
    let girth = (0.04 + 0.03 * h.y) * (1.0 - 0.18 * rise);
    let flare = 1.35 * exp(-max(rise, 0.0) * 24.0) + 0.3 * exp(-max(rise, 0.0) * 6.0);
    let knots = 0.05 * sin(rise * 13.0 + h.x * 9.0) + 0.03 * sin(rise * 31.0 + h.y * 9.0) * sign(u);
    let w = girth * (1.0 + flare + knots);
    let roots = 0.01 * noise(vec2f(p.x * 210.0, 1.0), 139.0) + 0.15 * abs(u);
    let d = max(abs(u) - w, roots - rise - 0.012);
    return bark(p, vec4f(u, w, rise, girth), foot, k, d);
}

fn bark(p: vec2f, measure: vec4f, foot: vec2f, k: f32, d: f32) -> vec4f {
    let u = measure.x;
    let w = measure.y;
    let rise = measure.z;
    let girth = measure.w;
    // The foot goes under in the grass.
    let cover = edge(d) * smoothstep(-0.012, 0.026, rise - 0.03 * noise(vec2f(p.x * 130.0, 1.0), 140.0) + 0.012);
    let toward = sign(place.light_position.x - foot.x);
    let roundness = clamp(u / w, -1.0, 1.0) * toward;
    let rough = fractal(vec2f(u / girth * 3.4 + 0.35 * sin(p.y * 14.0), p.y * 7.0), 3, 137.0 + k);
    let ridge = smoothstep(0.42, 0.62, rough);
    let dark = by_hour(hex(0x3a3b4cu), hex(0x43423fu), hex(0x241d33u), hex(0x090f24u));
    let middle = by_hour(hex(0x7a675fu), hex(0x7a6a52u), hex(0x5d3f45u), hex(0x1d2b50u));
    let light = by_hour(hex(0xf0c79au), hex(0xc9b184u), hex(0xd68a55u), hex(0x6f8cc4u));
    var color = mix(dark, middle, smoothstep(-0.9, 0.55, roundness));
    color = mix(color, light, smoothstep(0.25, 1.0, roundness) * (0.35 + 0.4 * lit(p, 0.8)) * (0.55 + 0.45 * clear_sky()));
    color *= 0.84 + 0.26 * ridge;
    let rim = smoothstep(0.012, 0.0, abs(w - u * toward)) * place.key.a;
    color = mix(color, place.key.rgb, rim * 0.6 * (0.3 + 0.7 * clear_sky()) * (0.4 + 0.6 * lit(p, 0.8)));
    let moss = smoothstep(0.5, 0.75, fractal(p * vec2f(30.0, 18.0), 2, 141.0) + 0.3 * exp(-max(rise, 0.0) * 8.0) - 0.12) ;
    color = mix(color, by_hour(hex(0x5f7058u), hex(0x58753fu), hex(0x3a4040u), hex(0x142c40u)), moss * 0.6);
    color = snow_on(color, 0.7 * smoothstep(0.4, 0.8, rough) * smoothstep(0.4, -0.6, roundness));
    color = overcast(mix(color, dark, smoothstep(0.55, 1.1, p.y) * 0.6));
    return paint(color, cover);
}

fn plate_trunks(p: vec2f) -> vec4f {
    // Shadow and mist at the foot of the trees, so that they stand on the ground.
    let reach = smoothstep(0.45, 0.8, abs(p.x));
    let color = paint(overcast(by_hour(hex(0x33473fu), hex(0x2b5238u), hex(0x1d2230u), hex(0x081026u))), 0.45 * reach * smoothstep(0.26, 0.2, p.y) * smoothstep(0.1, 0.17, p.y));
    return over(trunk(p), color);
}

fn leaf_dark() -> vec3f {
    return by_hour(hex(0x2f4a52u), hex(0x21513fu), hex(0x232743u), hex(0x0a142fu));
}

fn leaf_middle() -> vec3f {
    return by_hour(hex(0x5c7d66u), hex(0x45854au), hex(0x4b4a63u), hex(0x1b3157u));
}

fn leaf_light() -> vec3f {
    return by_hour(hex(0xf3d9a2u), hex(0xc7e07au), hex(0xe09c5au), hex(0x6d94d0u));
}

fn plate_canopy(p: vec2f) -> vec4f {
    return overcast4(leaves(p, 0.046, 0, leaf_dark(), leaf_middle(), leaf_light(), 151.0));
}

fn plate_undergrowth(p: vec2f) -> vec4f {
    let middle = leaf_middle();
    return overcast4(leaves(p, 0.034, 1, leaf_dark() * 0.9, middle * 0.92, mix(middle, leaf_light(), 0.7), 161.0));
}

fn overcast4(color: vec4f) -> vec4f {
    return vec4f(overcast(color.rgb), color.a);
}

fn front_dark() -> vec3f {
    return by_hour(hex(0x16262eu), hex(0x0f2a26u), hex(0x0d0f1cu), hex(0x040814u));
}

fn front_middle() -> vec3f {
    return by_hour(hex(0x243b3fu), hex(0x1c4534u), hex(0x1a2030u), hex(0x0a1428u));
}

fn front_light() -> vec3f {
    return by_hour(hex(0x5f6f60u), hex(0x4f7d48u), hex(0x4d3c3cu), hex(0x243c66u));
}

fn plate_front(p: vec2f) -> vec4f {
    return overcast4(leaves(p, 0.075, 2, front_dark(), front_middle(), front_light(), 171.0));
}

// Twigs that lean into the picture from its corners.
fn plate_twigs(p: vec2f) -> vec4f {
    let dark = front_dark();
    let middle = front_middle();
    let light = front_light();
    var color = vec4f(0.0);
    let side = select(-1.0, 1.0, p.x > 0.0);
    let q = vec2f(p.x * side, p.y);
    let low = p.y < 0.5;
    for (var i = 0; i < select(0, 3, q.x > 0.3 && q.x < 1.4 && abs(p.y - 0.5) > 0.08); i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, side), select(181.0, 182.0, low));
        let root = select(vec2f(0.86 + 0.13 * k, 1.14 + 0.03 * h.x), vec2f(0.76 + 0.15 * k, -0.09 + 0.05 * k * h.x), low);
        let turns = select(0.57 + 0.07 * k, 0.36 - 0.05 * k, low) + 0.05 * (h.y - 0.5);
        let twig = sprig(q, root, turns, 0.27 + 0.1 * h.z, 0.3 * (h.w - 0.5), 4, 183.0 + k + side);
        let tint = mix(dark, mix(middle, light, 0.5 * twig.y), twig.y * (0.35 + 0.65 * twig.z));
        color = over(paint(snow_on(tint, 0.5 * twig.z), twig.x), color);
    }
    return overcast4(color);
}
