// Dunes under a great sky: table mountains far off, an oasis, a tent with its light, steps in the sand.

const TOP: f32 = 0.29;

fn sand_lit() -> vec3f {
    return mix(by_hour(hex(0xf8d6b0u), hex(0xf4dba4u), hex(0xf6b074u), hex(0x8298ccu)), snow_white(), 0.6 * place.weather.y);
}

fn sand_body() -> vec3f {
    return mix(by_hour(hex(0xd8a890u), hex(0xe2b97cu), hex(0xc27a62u), hex(0x4a5e96u)), snow_white(), 0.5 * place.weather.y);
}

fn sand_shade() -> vec3f {
    return mix(by_hour(hex(0x94749au), hex(0xb98a68u), hex(0x6e446eu), hex(0x24346au)), snow_white() * 0.7, 0.4 * place.weather.y);
}

fn sand_tone(tone: f32) -> vec3f {
    let bright = mix(sand_body(), sand_lit(), 0.35 + 0.65 * clear_sky());
    return mix(mix(sand_shade(), sand_body(), smoothstep(0.0, 0.55, tone)), bright, smoothstep(0.45, 1.0, tone));
}

fn sky_over_sand(p: vec2f) -> vec3f {
    let color = sky_color(p, 0.4);
    return mix(color, color * 0.55 + 0.45 * by_hour(hex(0xf6d4b8u), hex(0xd8d6b8u), hex(0xe08a68u), hex(0x16265cu)), 0.4 * smoothstep(1.1, 0.45, p.y));
}

// The glow of the light, long clouds, and the sun or the moon over a sky.
fn lit_sky(sky: vec3f, p: vec2f) -> vec4f {
    var color = sky + glow(p, 0.95 - 0.65 * place.hours.w - 0.4 * place.hours.y);
    let cloud = streaks(p * vec2f(0.7, 1.3) + vec2f(1.9, 0.1), 29.0);
    let lit_side = by_hour(hex(0xfff0dcu), hex(0xfffaf0u), hex(0xf6b48cu), hex(0x5c76acu));
    let low_side = by_hour(hex(0xc9a9b4u), hex(0xd0d4d0u), hex(0x8d5a7eu), hex(0x25376au));
    color = mix(color, overcast(mix(low_side, lit_side, cloud.y)), cloud.x * smoothstep(0.62, 0.8, p.y) * (0.35 + 0.4 * place.weather.x) * (1.0 - 0.5 * place.hours.w));
    color = sun_or_moon(color, p, vec2f(0.078, 0.05), 0.062);
    return vec4f(color, 1.0);
}

fn plate_sky(p: vec2f) -> vec4f {
    return lit_sky(sky_over_sand(p), p);
}

// By night another sky hides that of the day: stars and the stream of the Milky Way.
fn plate_night_sky(p: vec2f) -> vec4f {
    let across = p.x * 0.58 + (p.y - 0.82) * 0.8 + 0.04 * swell(p.y * 4.0, 501.0);
    let along = p.x * 0.8 - p.y * 0.58;
    let cloudy = fractal(vec2f(across * 6.0, along * 3.0), 4, 502.0);
    let banks = smoothstep(0.42, 0.68, fractal(vec2f(across * 9.0 + 0.6 * cloudy, along * 4.0), 3, 506.0));
    let stream = exp(-across * across * 26.0);
    let core = exp(-across * across * 95.0);
    let milk = mix(hex(0x4a5aa8u), hex(0xd4b8d0u), core) * (stream * 0.42 + core * 0.34) * (0.35 + 1.1 * cloudy) * (1.0 - 0.7 * banks * stream);
    let away = smoothstep(0.1, 0.6, length(p - place.light_position));
    let light = smoothstep(0.4, 0.72, p.y) * (milk * clear_sky() * (0.35 + 0.65 * away)
        + stars(p, 0.62 + 0.2 * stream) * (0.5 + 0.5 * away));
    return lit_sky(sky_over_sand(p) + light, p) * place.hours.w;
}

// Table mountains with cliffs in bands over slopes of scree.
fn mesas(p: vec2f, base: f32, tall: f32, pitch: f32, distance: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let here = floor(p.x / pitch);
    for (var i = -1; i <= 1; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, 1.0), salt);
        let high = tall * (0.5 + 0.5 * h.x) * step(h.w, 0.74);
        let middle = (cell + 0.3 + 0.4 * h.y) * pitch;
        let half_width = pitch * (0.1 + 0.24 * h.z * h.x);
        let worn = 0.1 * (noise(vec2f(p.x * 60.0, 1.0), salt + 1.0) - 0.5) + 0.08 * (noise(vec2f(p.x * 150.0, p.y * 40.0), salt + 2.0) - 0.5);
        let v = (p.y - base) / max(high, 0.001);
        // A step half way up, a slope of scree below it.
        let wall = half_width * (1.0 + 0.5 * smoothstep(0.66, 0.58, v) + 0.1 * worn) + high * (0.7 * max(0.42 - v, 0.0) + 0.05 * (1.0 - v)) + 0.006 * worn;
        let d = max(abs(p.x - middle) - wall, p.y - base - high * (1.0 + 0.12 * worn));
        let toward = sign(place.light_position.x - middle);
        let u = clamp((p.x - middle) / wall, -1.0, 1.0);
        let gullies = noise(vec2f(p.x * 74.0 + 2.4 * noise(p * vec2f(20.0, 34.0), salt + 4.0), v * 1.2), salt + 3.0);
        let band = 0.5 + 0.5 * wave(v * 3.4 + 0.15 * worn);
        let tone = 0.46 + 0.4 * u * toward + 0.35 * (gullies - 0.5) + 0.07 * (band - 0.5);
        let rock_dark = by_hour(hex(0x7d6690u), hex(0xa87a70u), hex(0x66406eu), hex(0x1a2a5eu));
        let rock_light = by_hour(hex(0xf0bca0u), hex(0xe8b488u), hex(0xf09a68u), hex(0x5670acu));
        var rock = mix(rock_dark, rock_light, smoothstep(0.1, 0.95, tone) * (0.4 + 0.6 * clear_sky()));
        rock = mix(rock, sand_tone(tone), smoothstep(0.42, 0.3, v) * 0.7);
        rock = mix(rock, snow_white(), 0.5 * place.weather.y * smoothstep(0.85, 1.0, v));
        rock += place.key.rgb * 0.12 * lit(p, 0.3) * clear_sky();
        color = over(paint(through_air(rock, distance + 0.3 * smoothstep(0.35, -0.1, v)), edge(d) * step(0.002, high)), color);
    }
    return color;
}

// A range of dunes: each has a knife-sharp ridge that winds down from its peak, a lit and a shaded face.
fn dunes(p: vec2f, base: f32, tall: f32, pitch: f32, distance: f32, salt: f32) -> vec4f {
    let here = floor(p.x / pitch);
    let plain = base - 0.16 * tall;
    var color = paint(through_air(sand_tone(0.5), distance + 0.2), edge(p.y - plain));
    // Every second dune stands before its neighbours.
    let odd = here - 2.0 * floor(here * 0.5) > 0.5;
    for (var i = 0; i < 3; i++) {
        let aside = select(f32(i) * 2.0 - 1.0, 0.0, i == 2);
        let cell = here + select(aside, select(0.0, f32(i) * 2.0 - 3.0, i > 0), !odd);
        let h = hash4(vec2f(cell, 1.0), salt);
        let peak = vec2f((cell + 0.5 + 0.5 * (h.x - 0.5)) * pitch, base + tall * (0.35 + 0.65 * h.y));
        let dx = (p.x - peak.x) / (pitch * (0.5 + 0.25 * h.z));
        let shoulder = dx * dx / (dx * dx + 0.2 * abs(dx) + 0.12);
        let down = peak.y - (peak.y - base + 0.42 * tall) * shoulder * 1.12 - p.y;
        let fall = max(peak.y - p.y, 0.0) / tall;
        let ridge = peak.x + pitch * (0.34 * (h.w - 0.5) * fall + 0.13 * (wave(fall * 0.42 + h.z) - wave(h.z)) * min(fall * 1.6, 1.0));
        let side = (p.x - ridge) / pitch;
        let toward = select(-1.0, 1.0, place.light_position.x > peak.x);
        let soft = 0.004 + 0.12 * smoothstep(0.2, 1.3, fall);
        let facing = smoothstep(-soft, soft, side * toward);
        let ripples = wave((down + 0.25 * side * pitch) / (0.012 + 0.02 * tall) + 0.5 * wave(p.x / pitch * 2.3)) * smoothstep(0.45, 0.1, distance);
        let tone = mix(0.12, 0.84, facing) + 0.16 * smoothstep(0.03, 0.0, down) + 0.2 * (noise(vec2f(p.x / pitch * 4.0, p.y / tall * 5.0), salt + 1.0) - 0.5) + 0.05 * ripples * facing - 0.16 * smoothstep(0.5, 1.6, fall) * facing + 0.12 * smoothstep(0.3, 1.4, fall) * (1.0 - facing);
        var sand = sand_tone(mix(tone, 0.5, smoothstep(0.9, 1.5, fall)));
        sand += place.key.rgb * (0.1 * lit(p, 0.35) + 0.12 * smoothstep(0.006, 0.0, abs(side) * pitch) * smoothstep(0.9, 0.1, fall)) * clear_sky();
        color = over(paint(through_air(sand, distance + 0.22 * smoothstep(0.3, 1.3, fall)), edge(-down) * smoothstep(1.2, 0.9, abs(p.x - peak.x) / pitch)), color);
    }
    return color;
}

fn plate_far_mesas(p: vec2f) -> vec4f {
    return mesas(p, 0.4, 0.16, 0.46, 0.5, 601.0);
}

fn plate_mesas(p: vec2f) -> vec4f {
    return mesas(p, 0.385, 0.11, 0.62, 0.36, 603.0);
}

fn plate_far_dunes(p: vec2f) -> vec4f {
    return dunes(p, 0.375, 0.06, 0.4, 0.42, 605.0);
}

fn plate_haze(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 607.0);
    let haze = exp(-pow((p.y - 0.37) / 0.03, 2.0)) * (0.2 + 0.7 * wisps);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.25), clamp(haze, 0.0, 0.8));
}

// One frond of a palm from its root, arched: a rib with leaflets to both sides. Coverage and tone.
fn frond(p: vec2f, root: vec2f, turns: f32, long: f32, droop: f32, salt: f32) -> vec2f {
    let q = spun(p - root, turns) / long;
    let t = clamp(q.x, 0.0, 1.0);
    let y = q.y + droop * t * t;
    let side = select(-1.0, 1.0, y > 0.0);
    let leaflet = (t - 0.55 * abs(y)) * 23.0 + 0.35 * side + salt;
    let comb = fract(leaflet) - 0.5;
    let girth = 0.17 * sin(3.1 * pow(t, 0.6)) * (1.1 - 0.5 * t);
    let tooth = girth * (0.62 + 0.38 * hash1(floor(leaflet), 611.0)) * (1.0 - 1.4 * abs(comb)) + 0.004;
    let d = max(abs(y) - max(tooth, 0.012 * (1.1 - t)), max(-q.x, q.x - 1.0));
    return vec2f(edge(d * long * 0.7), clamp(0.55 + 0.2 * side - 0.5 * abs(comb) + 0.25 * t, 0.0, 1.0));
}

// A palm from its foot to its crown, bent by `bend`.
fn palm(p: vec2f, foot: vec2f, height: f32, bend: f32, fronds: i32, distance: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let head = foot + vec2f(bend * height, height);
    let dark = by_hour(hex(0x3c5652u), hex(0x2a5c40u), hex(0x2c2850u), hex(0x0a1636u));
    let body = by_hour(hex(0x80926au), hex(0x6a9a4cu), hex(0x6c5660u), hex(0x22406au));
    let light = by_hour(hex(0xf4dca0u), hex(0xd4e080u), hex(0xf0b064u), hex(0x86a8e0u));
    let toward = sign(place.light_position.x - foot.x);
    let v = (p.y - foot.y) / height;
    let axis = foot.x + bend * height * v * v;
    let rings = fract(v * 26.0);
    let girth = height * (0.026 * (1.0 - 0.4 * v) + 0.022 * exp(-max(v, 0.0) * 16.0)) * (0.92 + 0.14 * rings);
    let u = clamp((p.x - axis) / girth, -1.0, 1.0);
    let bark_dark = by_hour(hex(0x54465au), hex(0x5e4a3cu), hex(0x33244au), hex(0x0e1838u));
    let bark_light = by_hour(hex(0xf0c8a0u), hex(0xd8b888u), hex(0xe8945cu), hex(0x6c88c4u));
    var bark = mix(bark_dark, mix(bark_dark, bark_light, 0.45), smoothstep(-0.9, 0.4, u * toward));
    bark = mix(bark, bark_light, smoothstep(0.2, 1.0, u * toward) * 0.7 * (0.5 + 0.5 * clear_sky())) * (0.72 + 0.36 * rings);
    let trunk = max(abs(p.x - axis) - girth, max(p.y - head.y, foot.y - p.y + 0.01 * height * u * u));
    let behind = fronds / 2;
    for (var i = 0; i < fronds; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), salt);
        let fan = select(k / f32(behind), (k - f32(behind)) / f32(fronds - behind - 1), i >= behind);
        let turns = select(mix(-0.03, 0.53, fan), mix(-0.1, 0.6, fan), i >= behind) + 0.03 * (h.x - 0.5);
        let outward = wave(turns + 0.25);
        let blade_found = frond(p, head, turns, height * (0.44 + 0.1 * h.y), select(-1.0, 1.0, outward > 0.0) * (0.3 + 0.3 * h.z + 0.2 * abs(outward)), h.w);
        let facing = 0.42 + 0.3 * outward * toward + 0.25 * wave(turns) + 0.3 * (blade_found.y - 0.5) - select(0.2, 0.0, i >= behind);
        var tint = mix(dark, body, smoothstep(0.0, 0.55, facing));
        tint = mix(tint, light, smoothstep(0.5, 1.0, facing) * (0.35 + 0.65 * clear_sky()));
        tint = mix(tint, snow_white(), 0.5 * place.weather.y * smoothstep(0.4, 0.8, facing));
        color = over(paint(through_air(tint, distance), blade_found.x), color);
        color = over(paint(through_air(bark, distance), edge(trunk) * select(0.0, 1.0, i == behind - 1)), color);
    }
    let dates = min(length(p - head - height * vec2f(-0.02, -0.035)), length(p - head - height * vec2f(0.024, -0.03))) - height * 0.02;
    color = over(paint(through_air(by_hour(hex(0x9c5c4au), hex(0xa8602cu), hex(0x7c3c44u), hex(0x2a3058u)) * (0.85 + 0.3 * noise(p / height * 60.0, salt)), distance), edge(dates)), color);
    return color;
}

const TENT: vec2f = vec2f(0.42, 0.302);

// A tent of striped cloth on two poles, a light within.
fn plate_tent(p: vec2f) -> vec4f {
    let q = (p - TENT) / 0.17;
    let toward = sign(place.light_position.x - TENT.x);
    let on = clamp(dot(place.hours, vec4f(0.35, 0.0, 0.85, 1.0)) + 0.3 * place.weather.x, 0.0, 1.0);
    var color = paint(place.shade.rgb * 0.35, 0.45 * soft_edge(length((q - vec2f(-0.2 * toward, -0.01)) / vec2f(1.1, 0.09)) - 1.0, 0.7));
    let ropes = min(segment(q, vec2f(-0.52, 0.5), vec2f(-1.12, 0.0)), segment(q, vec2f(0.52, 0.5), vec2f(1.15, 0.0))) - 0.009;
    let cord = by_hour(hex(0x6a5060u), hex(0x7a6048u), hex(0x44284au), hex(0x16224au));
    color = over(paint(through_air(cord, 0.14), edge(ropes * 0.17)), color);
    // The roof hangs between peak and eaves; the walls fall straight.
    let a = abs(q.x);
    let roof_line = 0.78 - 0.52 * a + 0.16 * a * (0.62 - a) * -1.6;
    let eaves = 0.42 - 0.04 * wave(q.x * 2.0);
    let roof = max(max(q.y - roof_line, eaves - q.y + 0.02 * wave(q.x * 7.0)), a - 0.66);
    let wall = max(max(a - 0.52 - 0.06 * (0.42 - q.y), q.y - 0.5), -q.y - 0.01 * wave(q.x * 9.0));
    let cloth = by_hour(hex(0xe8c4b0u), hex(0xe8d4b4u), hex(0xd0907cu), hex(0x4c5e98u));
    let stripe = by_hour(hex(0xa45c5cu), hex(0xb05a44u), hex(0x843c54u), hex(0x33346cu));
    let wall_fold = wave(q.x * 4.6) * 0.5 + 0.5;
    var side = mix(mix(cloth, stripe, step(0.5, fract(q.x * 4.2 + 0.25))), stripe * 0.55, 0.25 - 0.2 * wall_fold) * (0.82 + 0.2 * q.x * toward);
    side += hex(0xffa04cu) * 0.32 * on * exp(-a * 2.0) * smoothstep(0.55, 0.0, q.y);
    color = over(paint(through_air(side, 0.1), edge(wall * 0.17)), color);
    let mouth = a - 0.15 * smoothstep(0.46, 0.1, q.y) - 0.03;
    let opening = max(mouth, max(q.y - 0.43, -q.y));
    let dim = by_hour(hex(0x5c4058u), hex(0x5e443cu), hex(0x3a2244u), hex(0x121c40u));
    let inside = mix(dim, mix(hex(0xff9a3cu), hex(0xffdf8cu), exp(-length(q - vec2f(0.0, 0.14)) * 5.0)), on * 0.92);
    color = over(paint(through_air(inside, 0.06), edge(opening * 0.17)), color);
    let flap = max(abs(mouth - 0.012) - 0.026, max(q.y - 0.43, -q.y));
    color = over(paint(through_air(cloth * (0.9 + 0.3 * sign(q.x) * toward * 0.5), 0.1), edge(flap * 0.17)), color);
    let gores = fract((q.x / max(0.2 + (0.78 - q.y), 0.05)) * 3.4 + 0.25);
    var top = mix(cloth, stripe, step(0.5, gores)) * (0.94 + 0.28 * clamp(q.x * 2.5, -1.0, 1.0) * toward) * (0.9 + 0.2 * smoothstep(0.4, 0.75, q.y));
    top = mix(top, snow_white(), 0.75 * place.weather.y);
    color = over(paint(through_air(top, 0.1), edge(roof * 0.14)), color);
    let hem = abs(q.y - eaves + 0.02 * wave(q.x * 7.0) - 0.012) - 0.014;
    color = over(paint(through_air(mix(stripe, cloth, 0.15) * 0.8, 0.1), edge(max(hem, a - 0.665) * 0.17)), color);
    let pole = max(abs(q.x) - 0.012, max(q.y - 0.98, 0.72 - q.y));
    color = over(paint(through_air(cord, 0.1), edge(pole * 0.17)), color);
    let flag_y = q.y - 0.92 - 0.02 * wave(q.x * 3.0);
    let flag = max(abs(flag_y) - 0.05 + 0.18 * q.x, max(-q.x, q.x - 0.26));
    color = over(paint(through_air(stripe * 1.05, 0.1), edge(flag * 0.17)), color);
    let halo = length(q - vec2f(0.0, 0.12));
    return over(paint(hex(0xffa848u), on * 0.5 * exp(-halo * 2.6) * smoothstep(1.9, 0.8, halo) * (0.35 + 0.65 * place.hours.w)), color);
}

fn plate_dunes(p: vec2f) -> vec4f {
    return dunes(p, 0.345, 0.1, 0.62, 0.26, 621.0);
}

// The oasis lies in a hollow.
fn oasis_x() -> f32 {
    return -0.34 + 0.12 * (hash1(5.0, 623.0) - 0.5);
}

// Two of the four palms of the oasis, from the one numbered `first`.
fn oasis_palms(p: vec2f, first: f32) -> vec4f {
    var color = vec4f(0.0);
    for (var i = 0; i < 2; i++) {
        let k = first + f32(i);
        let h = hash4(vec2f(k, 3.0), 627.0);
        let at = vec2f(oasis_x() + (k - 1.5) * 0.1 + 0.04 * (h.x - 0.5), 0.328 + 0.006 * h.y);
        color = over(palm(p, at, 0.13 + 0.05 * h.z, (h.w - 0.5) * 0.4, 9, 0.16, 629.0 + k), color);
    }
    return color;
}

fn plate_left_palms(p: vec2f) -> vec4f {
    return oasis_palms(p, 0.0);
}

fn plate_right_palms(p: vec2f) -> vec4f {
    return oasis_palms(p, 2.0);
}

fn plate_near_dunes(p: vec2f) -> vec4f {
    return dunes(p, 0.298, 0.055, 0.85, 0.16, 631.0);
}

// Its pool, and the greenery at the brim.
fn plate_oasis(p: vec2f) -> vec4f {
    let q = p - vec2f(oasis_x(), 0.322);
    let ground = length(q / vec2f(0.24, 0.02)) - 1.0 + 0.2 * swell(p.x * 14.0, 625.0);
    let green = mix(by_hour(hex(0x7c8c68u), hex(0x7aa456u), hex(0x5e5450u), hex(0x1c3a60u)), snow_white(), 0.6 * place.weather.y);
    var color = paint(through_air(green * (0.85 + 0.3 * noise(vec2f(p.x * 120.0, p.y * 240.0), 633.0)), 0.14), soft_edge(ground * 0.02, 0.006));
    let pool = length((q + vec2f(-0.01, 0.001)) / vec2f(0.17, 0.0105)) - 1.0 + 0.16 * swell(p.x * 17.0, 635.0);
    let water = overcast(sky_color(vec2f(p.x, 0.5 + 6.0 * (0.335 - p.y)), 0.4)) + glow(vec2f(p.x, 0.5), 0.3);
    color = over(paint(water * mix(0.9, 1.05, noise(vec2f(p.x * 40.0, p.y * 300.0), 639.0)), edge(pool * 0.0105)), color);
    for (var k = 0; k < 3; k++) {
        let n = floor(p.x / 0.009) + f32(k) - 1.0;
        let h = hash4(vec2f(n, 4.0), 641.0);
        let tall = (0.01 + 0.02 * h.x) * smoothstep(0.24, 0.15, abs((n + 0.5) * 0.009 - oasis_x())) * step(0.35, h.w);
        let d = blade(p, vec2f((n + h.y) * 0.009, 0.309 + 0.02 * h.z * h.z), max(tall, 0.0005), (h.z - 0.5), 0.0022);
        color = over(paint(through_air(mix(green * 0.7, green * 1.2, smoothstep(0.31, 0.335, p.y)), 0.12), edge(d) * step(0.002, tall)), color);
    }
    return color;
}

// Sand that hides the feet of all that stands among the dunes, and the haze on it.
fn plate_brim(p: vec2f) -> vec4f {
    let sand_brim = 0.302 + 0.006 * swell(p.x * 5.0, 643.0);
    let sand = paint(through_air(sand_tone(0.62 + 0.2 * lit(p, 0.4)), 0.12), soft_edge(p.y - sand_brim + 0.006, 0.01));
    let haze = exp(-pow((p.y - 0.295) / 0.02, 2.0)) * 0.3;
    return over(paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.25), clamp(haze * (1.0 + place.weather.z), 0.0, 0.7)), sand);
}

fn steps_middle(depth: f32) -> f32 {
    return 0.3 - 0.1 * depth + 0.2 * sin(depth * 4.4 + 0.5) * smoothstep(0.0, 0.5, depth) - 0.35 * depth * depth;
}

fn ground_top(x: f32) -> f32 {
    return TOP + 0.012 * swell(x * 2.2, 651.0);
}

// Colour of the ground, so far below its upper edge.
fn in_air(color: vec3f, down: f32) -> vec3f {
    return through_air(overcast(color), 0.16 * smoothstep(0.08, 0.0, down));
}

fn plate_ground(p: vec2f) -> vec4f {
    let top = ground_top(p.x);
    let down = top - p.y;
    let depth = clamp(down / 0.34, 0.0, 1.25);
    var tone = 0.6;
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let d = 0.03 * exp2(k * 0.95);
        let bump = swell(p.x * (2.2 - 0.3 * k) + k * 2.7, 653.0 + k);
        let crest = top - d + d * 0.28 * bump * select(1.0, 0.5, i == 2);
        let e = (crest - p.y) / (d * 0.8);
        let facing = 0.5 + 0.5 * clamp((place.light_position.x - p.x) * 2.0, -1.0, 1.0) * swell(p.x * (2.2 - 0.3 * k) + k * 2.7 + 1.6, 653.0 + k);
        tone = mix(tone, mix(0.68 + 0.26 * facing, 0.4 + 0.16 * facing, smoothstep(0.0, 1.0, e)), soft_edge(p.y - crest, 0.004 + 0.1 * d));
    }
    // Ripples of the wind, finer far away, that part and join.
    let warp = noise(vec2f(p.x * 5.0 / (0.3 + depth), log(0.04 + depth) * 6.0), 657.0);
    let phase = log(0.05 + depth) * 13.0 + 1.6 * warp + p.x * 1.3;
    let ripple = wave(phase) * smoothstep(0.03, 0.14, depth);
    let resolved = smoothstep(0.6, 0.2, 13.0 * place.px / (0.34 * (0.05 + depth)));
    tone += 0.13 * ripple * resolved * (0.6 + 0.6 * noise(vec2f(p.x * 3.0, p.y * 9.0), 659.0));
    tone += 0.22 * (fractal(vec2f(p.x * 3.0, p.y * 12.0), 3, 661.0) - 0.5);
    tone -= 0.3 * smoothstep(0.3, 1.15, depth);
    let spread = (p.x - place.light_position.x) / (top + 0.06 - p.y);
    let pool = exp(-spread * spread * 0.3) * smoothstep(1.0, 0.0, depth) * clear_sky();
    tone += 0.28 * pool;
    var color = sand_tone(clamp(tone, -0.1, 1.15));
    color = mix(color, color * mix(vec3f(1.0), place.shade.rgb * 1.3, 0.4), smoothstep(0.35, -0.1, tone) * 0.7);
    color += place.key.rgb * pool * 0.07;
    color *= 0.975 + 0.05 * grain(floor(p / max(place.px * 1.5, 0.0011)), 663.0);
    color = mix(color, color * vec3f(0.74, 0.76, 0.82), 0.7 * place.weather.x);
    // Stones, larger towards us.
    let row = floor(log(max(down, 0.004) / 0.03) / 0.42);
    let y = top - 0.03 * exp((row + 0.5) * 0.42);
    let size = (top - y) * 0.05 + 0.002;
    let across = p.x / (size * 16.0) + row * 0.37;
    let cell = floor(across);
    let h = hash4(vec2f(cell, row), 667.0);
    let q = vec2f((across - cell - 0.3 - 0.4 * h.x) * size * 16.0, (p.y - y - (h.z - 0.5) * size) * 1.7);
    let radius = size * (0.4 + 0.6 * h.y) * step(h.w, 0.3);
    let n = q / max(radius, 0.0001);
    let away = clamp((p.x - place.light_position.x) * 20.0, -1.0, 1.0);
    color = mix(color, sand_tone(0.0), 0.6 * step(0.0001, radius) * soft_edge(length(q - vec2f(away * radius * 0.9, -radius * 0.4)) - radius, radius * 0.9 + 0.0001));
    let stone = mix(by_hour(hex(0x6e5c72u), hex(0x87705fu), hex(0x503658u), hex(0x18264eu)), sand_lit(), clamp(0.42 + 0.35 * n.y - 0.35 * n.x * away, 0.0, 1.0));
    color = mix(color, overcast(stone), edge(length(q) - radius) * step(0.0001, radius));
    color = in_air(color, down);
    return paint(color, edge(p.y - top));
}

// Steps that come from the tent.
fn plate_steps(p: vec2f) -> vec4f {
    let top = ground_top(p.x);
    let down = top - p.y;
    let depth = clamp(down / 0.34, 0.0, 1.25);
    var color = vec4f(0.0);
    let pace = log(max(depth, 0.02)) * 9.0;
    for (var j = 0; j < 2; j++) {
        let n = floor(pace) + f32(j);
        let at = exp((n + 0.1) / 9.0);
        let foot = select(-1.0, 1.0, fract(n * 0.5) > 0.25);
        let size = 0.004 + 0.026 * at;
        let q = vec2f(p.x - steps_middle(at) - foot * (0.003 + 0.026 * at), (p.y - (top - at * 0.34)) * 1.9) / size;
        let print = length(vec2f(q.x * 1.75 * (1.0 - 0.12 * q.y), q.y * 0.62)) - 0.62;
        color = over(paint(in_air(sand_tone(1.0), down), 0.45 * soft_edge(abs(print - 0.1) - 0.1, 0.22) * step(q.y, 0.35)), color);
        color = over(paint(in_air(sand_tone(0.12 + 0.3 * smoothstep(0.5, -0.6, q.y)), down), 0.75 * soft_edge(print, 0.22)), color);
    }
    return color;
}

// Jars, a carpet roll and a lamp of the people of the tent.
fn baggage(p: vec2f) -> vec4f {
    let toward = sign(place.light_position.x - 0.75);
    var color = paint(place.shade.rgb * 0.3, 0.5 * soft_edge(length((p - vec2f(0.76 - 0.04 * toward, 0.192)) / vec2f(0.19, 0.02)) - 1.0, 0.7));
    let clay_dark = by_hour(hex(0x7c4e54u), hex(0x8a5038u), hex(0x54304cu), hex(0x182650u));
    let clay_light = by_hour(hex(0xf4be98u), hex(0xe8a878u), hex(0xf09460u), hex(0x7088c4u));
    // A roll of carpet.
    let r = p - vec2f(0.86, 0.218);
    let roll = box(r, vec2f(0.0, 0.0), vec2f(0.11, 0.03), 0.012);
    let t = r.y / 0.03;
    let motif = step(0.5, fract(r.x * 22.0 + 0.5 * step(0.0, wave(r.y * 18.0))));
    var rug = mix(by_hour(hex(0x9c4c50u), hex(0xa8483cu), hex(0x7c344cu), hex(0x2c2c60u)), by_hour(hex(0xe4b888u), hex(0xe0b870u), hex(0xc87c5cu), hex(0x4c5a94u)), motif * smoothstep(0.06, 0.04, abs(r.x)) * 0.8);
    rug = mix(rug, by_hour(hex(0x44506cu), hex(0x3c5a70u), hex(0x35305cu), hex(0x14204cu)), smoothstep(0.012, 0.008, abs(abs(r.x) - 0.078)));
    color = over(paint(overcast(rug * (0.75 + 0.35 * t) * (0.95 + 0.1 * noise(p * 260.0, 671.0))), edge(roll)), color);
    let coil = length((r + vec2f(0.108, 0.0)) / vec2f(0.0125, 0.03)) - 1.0;
    let spiral = fract(length((r + vec2f(0.108, 0.0)) / vec2f(0.0125, 0.03)) * 2.6);
    color = over(paint(overcast(rug * mix(0.5, 0.95, smoothstep(0.1, 0.5, spiral))), edge(coil * 0.0125)), color);
    let cords = max(min(abs(r.x - 0.05), abs(r.x + 0.05)) - 0.0028, roll - 0.001);
    color = over(paint(overcast(clay_dark * 0.8), edge(cords)), color);
    // Two jars.
    for (var i = 0; i < 2; i++) {
        let size = select(0.15, 0.105, i == 1);
        let q = (p - select(vec2f(0.68, 0.19), vec2f(0.755, 0.178), i == 1)) / size;
        let belly = 0.1 + 0.24 * sin(clamp(q.y, 0.0, 0.8) * 3.3 + 0.12) * smoothstep(-0.05, 0.2, q.y);
        let neck = 0.1 + 0.05 * smoothstep(0.86, 1.0, q.y);
        let girth = mix(belly, neck, smoothstep(0.66, 0.84, q.y));
        let body = max(abs(q.x) - girth, max(-q.y, q.y - 1.0));
        let u = clamp(q.x / girth, -1.0, 1.0) * toward;
        let grips = abs(length((vec2f(abs(q.x) - 0.13, q.y - 0.77)) / vec2f(0.1, 0.13)) - 1.0) * 0.1 - 0.018;
        color = over(paint(overcast(clay_dark), edge(max(grips, -abs(q.x) + 0.1) * size)), color);
        var clay = mix(clay_dark, mix(clay_dark, clay_light, 0.55), smoothstep(-0.9, 0.3, u));
        clay = mix(clay, clay_light, smoothstep(0.25, 0.95, u) * (0.4 + 0.6 * clear_sky()));
        let band = max(abs(q.y - 0.56) - 0.07, 0.0);
        let zigzag = smoothstep(0.02, 0.008, abs(q.y - 0.56 - 0.035 * wave(asin(clamp(q.x / girth, -1.0, 1.0)) * 2.2)));
        clay = mix(clay, clay_dark * 0.75, step(band, 0.0) * zigzag * 0.75 + 0.6 * smoothstep(0.012, 0.004, abs(abs(q.y - 0.56) - 0.08)));
        color = over(paint(overcast(clay), edge(body * size)), color);
        color = over(paint(overcast(clay_dark * 0.6), edge((length((q - vec2f(0.0, 0.995)) / vec2f(0.13, 0.028)) - 1.0) * 0.028 * size)), color);
    }
    let heap = p.y - 0.186 - 0.009 * swell(p.x * 13.0, 673.0) - 0.006 * smoothstep(0.1, 0.0, abs(p.x - 0.72));
    return over(paint(overcast(sand_tone(0.62 + 14.0 * (p.y - 0.186))), soft_edge(heap, 0.008) * smoothstep(0.168, 0.186, p.y) * smoothstep(0.22, 0.16, abs(p.x - 0.78))), color);
}

// A dry bush of bare twigs.
fn bush(p: vec2f, foot: vec2f, size: f32, salt: f32) -> vec4f {
    var d = 9.0;
    for (var i = 0; i < 13; i++) {
        let h = hash4(vec2f(f32(i), 1.0), salt);
        let turns = 0.25 + 0.3 * (h.x - 0.5);
        let q = rotated(p - foot, turns) / size;
        let long = 0.5 + 0.5 * h.y;
        let bent = q.y - 0.25 * (h.z - 0.5) * q.x * q.x;
        d = min(d, max(abs(bent) - 0.016 * (1.1 - q.x / long), max(-q.x, q.x - long)));
        let fork = rotated(q - vec2f(0.45 * long, 0.06 * (h.z - 0.5)), select(-0.07, 0.07, h.w > 0.5));
        d = min(d, max(abs(fork.y) - 0.009, max(-fork.x, fork.x - 0.36 * long)));
    }
    let t = clamp((p.y - foot.y) / size, 0.0, 1.0);
    let wood = mix(by_hour(hex(0x5e4a5cu), hex(0x6c5444u), hex(0x3c2648u), hex(0x111c40u)), by_hour(hex(0xf0c898u), hex(0xd8bc84u), hex(0xe89460u), hex(0x6c88c4u)), t * 0.7);
    let shadow = length((p - foot - vec2f(-0.3 * size * sign(place.light_position.x - foot.x), -0.02 * size)) / (size * vec2f(0.75, 0.1))) - 1.0;
    return over(paint(overcast(mix(wood, snow_white(), 0.4 * place.weather.y)), edge(d * size)), paint(place.shade.rgb * 0.3, 0.4 * soft_edge(shadow, 0.8)));
}

fn dulled(color: vec4f) -> vec4f {
    return vec4f(overcast(color.rgb), color.a);
}

fn plate_low_palm(p: vec2f) -> vec4f {
    let h = hash4(vec2f(7.0, 1.0), 681.0);
    return dulled(palm(p, vec2f(-1.12, 0.2), 0.6 + 0.06 * h.x, 0.2, 11, 0.0, 683.0));
}

fn plate_palm(p: vec2f) -> vec4f {
    let h = hash4(vec2f(7.0, 1.0), 681.0);
    return dulled(palm(p, vec2f(-0.98, 0.185), 0.8 + 0.08 * h.y, 0.26 + 0.06 * h.z, 14, 0.0, 685.0));
}

fn plate_bushes(p: vec2f) -> vec4f {
    let left = p.x < 0.0;
    return dulled(bush(p, select(vec2f(1.06, 0.22), vec2f(-0.72, 0.2), left), select(0.1, 0.085, left), select(691.0, 687.0, left)));
}

// Sand round the feet of the palms.
fn plate_heap(p: vec2f) -> vec4f {
    let heap = (length((p - vec2f(-1.02, 0.18)) / vec2f(0.3, 0.034)) - 1.0) * 0.034;
    return dulled(paint(sand_tone(0.6 + 7.0 * (p.y - 0.19)), soft_edge(heap + 0.006 * (noise(p * 30.0, 689.0) - 0.5), 0.016) * smoothstep(0.145, 0.185, p.y)));
}

fn plate_baggage(p: vec2f) -> vec4f {
    return dulled(baggage(p));
}

// What lies before the stage in the shade and in the light.
fn front_dark() -> vec3f {
    return by_hour(hex(0x43333eu), hex(0x54402eu), hex(0x20142au), hex(0x080c20u));
}

fn front_light() -> vec3f {
    return by_hour(hex(0xa8866cu), hex(0xb4905cu), hex(0x9a5a40u), hex(0x344e84u));
}

// Dry grass in the lower corners.
fn plate_front_grass(p: vec2f) -> vec4f {
    // How light it is, premultiplied, and its coverage.
    var found = vec2f(0.0);
    let side = sign(p.x);
    for (var i = 0; i < 16; i++) {
        let h = hash4(vec2f(f32(i), side), 695.0);
        let foot = vec2f(side * (0.74 + 0.34 * h.x), -0.05);
        let long = (0.14 + 0.2 * h.z) * smoothstep(0.6, 0.95, abs(foot.x)) + 0.03;
        let lean = (h.w - 0.6) * 1.2 * side + 0.25 * place.weather.w;
        let t = (p.y - foot.y) / long;
        found = mix(found, vec2f(t * t * 0.6 * (0.3 + h.y), 1.0), edge(blade(p, foot, long, lean, 0.009)));
    }
    return vec4f(overcast(front_dark() * (found.y - found.x) + front_light() * found.x), found.y);
}

// Dark rocks before it.
fn plate_front_rocks(p: vec2f) -> vec4f {
    let x = abs(p.x);
    let worn = 0.014 * swell(p.x * 11.0, 697.0) + 0.006 * swell(p.x * 37.0, 698.0);
    let rock = p.y + 0.06 - 0.17 * smoothstep(0.5, 0.8, x) * (1.0 - 0.4 * smoothstep(1.1, 1.5, x)) + worn;
    return paint(overcast(mix(front_dark(), front_light(), 0.3 * smoothstep(-0.06, 0.0, rock))), edge(rock));
}

// Fronds that hang in from above.
fn plate_front_fronds(p: vec2f) -> vec4f {
    let a = frond(p, vec2f(1.14, 1.1), 0.56, 0.5, -0.3, 0.3);
    let b = frond(p, vec2f(1.16, 1.14), 0.62, 0.44, -0.2, 0.7);
    let color = paint(overcast(mix(front_dark(), front_light(), 0.35 * a.y)), a.x);
    return over(paint(overcast(mix(front_dark(), front_light(), 0.3 * b.y)), b.x), color);
}
