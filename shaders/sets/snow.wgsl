// Deep winter: far peaks, snowed firs, a cabin with a light, a frozen pond, tracks through the drifts.

const TOP: f32 = 0.285;

fn snow_lit() -> vec3f {
    return by_hour(hex(0xfff0e2u), hex(0xf5f7f4u), hex(0xffd6b4u), hex(0x9ab4e8u));
}

fn snow_shade() -> vec3f {
    return by_hour(hex(0xa9aed2u), hex(0x98b8dcu), hex(0x8478b4u), hex(0x2a4280u));
}

// Snow that faces the light by `tone`, 0 to 1.
fn snow_tone(tone: f32) -> vec3f {
    let gray = 1.0 - clear_sky();
    return mix(mix(snow_shade(), snow_white(), 0.45 * gray), mix(snow_lit(), snow_white(), 0.7 * gray), smoothstep(0.0, 1.0, tone));
}

fn needles_dark() -> vec3f {
    return by_hour(hex(0x34485cu), hex(0x274e54u), hex(0x2e2a54u), hex(0x0c1838u));
}

fn needles_light() -> vec3f {
    return by_hour(hex(0x7d8f88u), hex(0x5f9480u), hex(0x7d5f7cu), hex(0x2d4a84u));
}

fn winter_sky(p: vec2f) -> vec3f {
    let color = sky_color(p, 0.4);
    return mix(color, color * 0.6 + 0.4 * by_hour(hex(0xf2dce0u), hex(0xe2eef4u), hex(0xd8a0a8u), hex(0x1c3266u)), 0.5 * (1.0 - place.hours.z));
}

// The glow of the light, long clouds, and the sun or the moon over a sky.
fn lit_sky(sky: vec3f, p: vec2f) -> vec4f {
    var color = sky + glow(p, 0.85 - 0.55 * place.hours.w - 0.4 * place.hours.y);
    let cloud = streaks(p + vec2f(2.1, 0.16), 29.0);
    color = streaked(color, cloud.y, cloud.x * smoothstep(0.55, 0.72, p.y) * mix(0.6, 0.3, place.hours.w));
    color = sun_or_moon(color, p, vec2f(0.06, 0.042), 0.055);
    return vec4f(color, 1.0);
}

fn plate_sky(p: vec2f) -> vec4f {
    return lit_sky(winter_sky(p), p);
}

// By night another sky hides that of the day: stars and curtains of northern light.
fn plate_night_sky(p: vec2f) -> vec4f {
    var color = winter_sky(p) + stars(p, 0.6) * smoothstep(0.42, 0.7, p.y);
    for (var k = 0; k < 2; k++) {
        let c = f32(k);
        let hem = 0.72 + 0.1 * c + 0.07 * swell(p.x * 2.3 + c * 3.0, 601.0) + 0.025 * swell(p.x * 7.0, 602.0 + c);
        let rise = (p.y - hem) / (0.34 + 0.1 * c);
        let folds = 0.35 + 0.65 * noise(vec2f((p.x + 0.12 * rise) * 15.0 + 2.0 * swell(p.x * 3.0, 604.0), 0.6 * rise), 605.0 + c);
        let curtain = smoothstep(-0.05, 0.04, rise) * exp(-max(rise, 0.0) * 3.4) * folds * smoothstep(-0.9, 0.1, swell(p.x * 1.9 - 1.5 * c, 607.0));
        color += clear_sky() * curtain * mix(hex(0x3fae86u), hex(0x6a55b8u), clamp(rise * 1.7 + 0.2 * c, 0.0, 1.0)) * (0.62 - 0.2 * c);
    }
    return lit_sky(color, p) * place.hours.w;
}

fn peak_line(x: f32, scale: f32, salt: f32) -> f32 {
    let q = x / scale + salt * 0.37 + place.seed.x * 9.0;
    return 0.62 * tent(q * 0.5) + 0.26 * tent(q * 1.17 + 0.3) + 0.13 * tent(q * 2.9 + 0.1) + 0.06 * tent(q * 6.7);
}

// One summit in each whole number, steepest at its top.
fn tent(turns: f32) -> f32 {
    let t = 1.0 - abs(2.0 * fract(turns) - 1.0);
    return t * (0.45 + 0.55 * t);
}

// A snowed mountain chain: faces to the light and away from it, bare rock on the steep.
fn peaks(p: vec2f, base: f32, tall: f32, scale: f32, distance: f32, salt: f32) -> vec4f {
    let top = base + tall * peak_line(p.x, scale, salt);
    let down = top - p.y;
    let jag = (noise(vec2f(p.x * 26.0, p.y * 34.0), 613.0 + salt) - 0.5) + 0.5 * (noise(vec2f(p.x * 70.0, p.y * 80.0), 614.0 + salt) - 0.5);
    // A crest runs down from each summit and turns as it goes.
    let x = p.x + down * (0.16 * wave(p.y * 3.0 / scale + salt) + 0.5 * jag);
    let step_x = 0.012 * scale / 0.3;
    let slope = (peak_line(x + step_x, scale, salt) - peak_line(x - step_x, scale, salt)) * tall / (2.0 * step_x);
    let toward = clamp((place.light_position.x - p.x) * 3.0, -1.0, 1.0);
    let tone = smoothstep(-0.35, 0.35, -slope * toward + 0.25 * jag);
    let rock = smoothstep(0.5, 0.85, abs(slope) * 0.8 + jag * 0.9 - 0.15 + 0.8 * smoothstep(0.05, 0.16, down));
    let stone = by_hour(hex(0x8087a8u), hex(0x7f9cb2u), hex(0x76598cu), hex(0x203468u));
    var color = mix(snow_tone(0.1 + 0.85 * tone), stone * (0.9 + 0.2 * tone), 0.5 * rock);
    color += place.key.rgb * 0.1 * tone * lit(p, 0.5) * clear_sky();
    return paint(through_air(color, distance + 0.42 * smoothstep(0.0, 0.19, down)), edge(-down));
}

fn plate_far_peaks(p: vec2f) -> vec4f {
    return peaks(p, 0.36, 0.3, 0.62, 0.45, 1.0);
}

fn plate_peaks(p: vec2f) -> vec4f {
    return peaks(p, 0.33, 0.18, 0.4, 0.3, 2.0);
}

fn plate_far_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 617.0);
    let mist = exp(-pow((p.y - 0.4) / 0.045, 2.0)) * (0.2 + 0.9 * wisps);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.25), clamp(mist, 0.0, 0.85));
}

// Firs under snow in a row.
fn white_firs(p: vec2f, ground: f32, spacing: f32, height: f32, distance: f32, salt: f32) -> vec4f {
    let row = fir_row(p, ground, spacing, height, salt);
    let laid = noise(p * 15.0 / height, salt + 1.0);
    let snowed = smoothstep(0.24, 0.5, row.y + 0.3 * (laid - 0.5));
    var color = mix(mix(needles_dark(), needles_light(), row.y), snow_tone(0.1 + row.y), 0.85 * snowed);
    color += place.key.rgb * lit(p, 0.25) * 0.16 * clear_sky();
    let low = smoothstep(ground + height * 0.5, ground - 0.01, p.y);
    return paint(through_air(color, mix(distance, 1.0, low * 0.5)), row.x);
}

fn slope_line(x: f32) -> f32 {
    return 0.335 + 0.045 * swell(x * 1.9 + 0.5, 621.0) + 0.012 * swell(x * 5.0, 622.0);
}

const CABIN: f32 = 0.3;

// A cabin of logs under a thick roof of snow, a light in its window.
fn plate_cabin(p: vec2f) -> vec4f {
    let foot = vec2f(CABIN, 0.296);
    let size = 0.15;
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let wood_dark = by_hour(hex(0x5d4a58u), hex(0x6e5348u), hex(0x452d4cu), hex(0x121c3eu));
    let wood = by_hour(hex(0xa8877cu), hex(0xa98766u), hex(0x8a5a5cu), hex(0x2f4270u));
    let air = 0.1;
    let on = clamp(dot(place.hours, vec4f(0.7, 0.25, 1.0, 1.0)) + 0.5 * place.weather.x + 0.4 * place.weather.y, 0.0, 1.0);
    let wall = box(q, vec2f(0.0, 0.2), vec2f(0.5, 0.26), 0.0);
    let log_row = abs(fract(q.y * 11.0) - 0.5) * 2.0;
    let logs = mix(wood_dark, wood, (1.0 - log_row * log_row) * (0.55 + 0.25 * toward * clamp(q.x * 2.0, -1.0, 1.0)) + 0.1);
    var color = paint(through_air(logs, air), edge(wall * size));
    let ends = length(vec2f(abs(q.x) - 0.5, (fract(q.y * 11.0) - 0.5) / 11.0)) - 0.042;
    color = over(paint(through_air(wood * (0.8 + 0.2 * toward * sign(q.x)), air), edge(max(ends, max(-q.y, q.y - 0.44)) * size)), color);
    let gable = max(max(abs(q.x) * 0.62 + (q.y - 0.44) - 0.34, 0.4 - q.y), abs(q.x) - 0.5);
    let boards = 0.85 + 0.15 * smoothstep(0.1, 0.25, abs(fract(q.x * 9.0) - 0.5));
    color = over(paint(through_air(mix(wood_dark, wood, 0.4) * boards, air), edge(gable * size)), color);
    let door = box(q, vec2f(-0.2, 0.13), vec2f(0.085, 0.18), 0.01);
    color = over(paint(through_air(wood_dark * 0.75, air), edge((door - 0.02) * size)), color);
    color = over(paint(through_air(mix(wood, hex(0x7a4a44u), 0.4) * (0.7 + 0.15 * step(0.3, fract(q.x * 26.0))), air), edge(door * size)), color);
    let glass = box(vec2f(q.x - 0.2, q.y - 0.2), vec2f(0.0), vec2f(0.1, 0.095), 0.004);
    let loft = box(q, vec2f(0.0, 0.56), vec2f(0.05, 0.05), 0.02);
    let bars = max(min(abs(q.x - 0.2), abs(q.y - 0.2)) - 0.01, glass);
    color = over(paint(through_air(wood_dark * 0.6, air), edge((min(glass, loft) - 0.025) * size)), color);
    color = over(paint(mix(through_air(wood_dark * 0.5, air), mix(hex(0xffb84cu), hex(0xffe29au), smoothstep(0.1, -0.05, length(q - vec2f(0.2, 0.17)) - 0.05)), on), edge(min(glass, loft) * size)), color);
    color = over(paint(through_air(wood_dark * 0.6, air), edge(bars * size)), color);
    let stack = box(q, vec2f(0.27, 0.78), vec2f(0.06, 0.17), 0.0);
    color = over(paint(through_air(mix(wood_dark, by_hour(hex(0xa89498u), hex(0xa39c98u), hex(0x8a6478u), hex(0x33467au)), 0.6 + 0.3 * toward * (q.x - 0.27) / 0.06), air), edge(stack * size)), color);
    color = over(paint(through_air(snow_tone(0.6 + 0.3 * toward * (q.x - 0.27) / 0.07), air), edge((length((q - vec2f(0.27, 0.955)) / vec2f(0.078, 0.05)) - 1.0) * 0.05 * size)), color);
    // The roof's snow hangs over the eaves in soft lobes.
    let a = abs(q.x);
    let lobes = 0.02 * wave(q.x * 2.6) + 0.012 * wave(q.x * 5.7 + 0.3);
    let ridge = 0.86 - a * 0.6;
    let roof = max(max(q.y - ridge - 0.03 * (1.0 - a), ridge - 0.16 - lobes - q.y), a - 0.68 + 0.3 * abs(q.y - ridge + 0.06));
    let tone = 0.35 + 0.5 * toward * sign(q.x) * smoothstep(0.0, 0.03, a) + 0.3 * smoothstep(-0.15, 0.0, q.y - ridge);
    color = over(paint(through_air(mix(wood_dark * 0.7, logs, 0.1), air), 0.7 * edge((max(ridge - 0.21 - q.y, max(q.y - ridge, a - 0.58))) * size) * color.a), color);
    color = over(paint(through_air(snow_tone(tone), air), edge(roof * 0.8 * size)), color);
    let drift = q.y + 0.02 - 0.06 * swell(q.x * 6.0, 625.0) - 0.06;
    color = over(paint(through_air(snow_tone(0.5), air + 0.05), edge(max(drift, a - 0.75 + 2.0 * max(q.y, 0.0)) * size)), color);
    let halo = length((q - vec2f(0.2, 0.2)) * vec2f(1.0, 1.15));
    return over(paint(hex(0xffb04au), on * 0.55 * exp(-halo * 3.4) * smoothstep(1.6, 0.6, halo) * (0.3 + 0.7 * place.hours.w + 0.3 * place.hours.z)), color);
}

fn plate_far_firs(p: vec2f) -> vec4f {
    return white_firs(p, 0.36, 0.04, 0.1, 0.5, 631.0);
}

fn plate_slope_firs(p: vec2f) -> vec4f {
    return white_firs(p, slope_line(p.x) - 0.004, 0.055, 0.13, 0.32, 633.0);
}

fn plate_slope(p: vec2f) -> vec4f {
    let down = slope_line(p.x) - p.y;
    let rolls = 0.5 + 0.5 * swell(p.x * 5.0 + p.y * 9.0, 634.0);
    let warm = lit(p, 0.4);
    return paint(through_air(snow_tone(0.35 + 0.4 * rolls * smoothstep(0.1, 0.0, down) + 0.35 * warm - 0.2 * smoothstep(0.02, 0.1, down)), 0.34 - 0.1 * smoothstep(0.0, 0.08, down)), edge(-down));
}

// Firs of the foot of the slope stand aside of the cabin and the middle.
fn plate_firs(p: vec2f) -> vec4f {
    let open = smoothstep(0.2, 0.34, abs(p.x - CABIN));
    return white_firs(p, 0.292 + 0.008 * swell(p.x * 3.0, 636.0), 0.12, mix(0.02, mix(0.15, 0.3, smoothstep(0.35, 0.8, abs(p.x + 0.05))), open), 0.14, 637.0);
}

fn plate_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.4, p.y * 8.0), 3, 638.0);
    let mist = exp(-pow((p.y - 0.285) / 0.032, 2.0)) * (0.15 + 0.9 * wisps) * (0.75 + 0.4 * place.weather.z);
    return paint(mix(overcast(place.fog.rgb), snow_tone(0.8), 0.4), clamp(mist, 0.0, 0.85));
}

fn ground_top(x: f32) -> f32 {
    return TOP + 0.012 * swell(x * 2.6, 641.0);
}

// The pond's brim: negative on the ice.
fn pond(p: vec2f) -> f32 {
    let q = (p - vec2f(-0.36, 0.238)) / vec2f(0.36, 0.026);
    return (length(q) - 1.0 + 0.16 * swell(p.x * 9.0, 643.0) + 0.06 * swell(p.x * 27.0, 644.0)) * 0.026;
}

fn track_middle(depth: f32) -> f32 {
    return 0.33 - 0.06 * depth + (0.13 + 0.05 * sin(place.seed.x * 20.0)) * sin(depth * 4.6 + 0.3) * smoothstep(0.0, 0.4, depth) - 0.5 * depth * depth;
}

// Colour of the ground, so far below its upper edge.
fn in_air(color: vec3f, down: f32) -> vec3f {
    return through_air(color, 0.2 * smoothstep(0.08, 0.0, down));
}

fn plate_ground(p: vec2f) -> vec4f {
    let top = ground_top(p.x);
    let down = top - p.y;
    let depth = clamp(down / 0.34, 0.0, 1.25);
    // Drifts one before the other, each with a lit brow and its own shade behind.
    var tone = 0.62;
    for (var i = 0; i < 5; i++) {
        let k = f32(i);
        let d = 0.025 * exp2(k * 0.85);
        let crest = top - d + d * 0.3 * swell(p.x * (2.6 - 0.3 * k) + k * 2.7, 645.0 + k) * select(1.0, 0.45, i == 2 || i == 3);
        let e = (crest - p.y) / (d * 0.75);
        let inside = soft_edge(p.y - crest, 0.004 + 0.1 * d);
        let facing = 0.5 + 0.5 * clamp((place.light_position.x - p.x) * 2.0, -1.0, 1.0) * swell(p.x * (2.6 - 0.3 * k) + k * 2.7 + 1.6, 645.0 + k);
        tone = mix(tone, mix(0.66 + 0.34 * facing, 0.36 + 0.12 * facing, smoothstep(0.0, 1.0, e)), inside);
    }
    let blown = fractal(vec2f(p.x * 4.0 + 9.0 * p.y, p.y * 34.0), 3, 651.0) - 0.5;
    tone += 0.2 * blown;
    tone -= 0.25 * smoothstep(0.25, 1.1, depth);
    let spread = (p.x - place.light_position.x) / (top + 0.06 - p.y);
    let pool = exp(-spread * spread * 0.3) * smoothstep(1.0, 0.0, depth) * clear_sky();
    tone += 0.3 * pool;
    // Long shadows of the firs behind.
    let stripe = smoothstep(0.5, 0.8, noise(vec2f(spread * 3.4 + 5.0, 0.5), 653.0) + 0.08 * blown) * smoothstep(0.35, 1.1, abs(spread) + depth * 0.4);
    tone -= 0.4 * stripe * clear_sky() * smoothstep(0.03, 0.2, depth) * (1.0 - 0.45 * place.hours.y) * smoothstep(1.2, 0.5, depth);
    var color = snow_tone(clamp(tone, -0.2, 1.2));
    color = mix(color, color * mix(vec3f(1.0), place.shade.rgb * 1.25, 0.4), smoothstep(0.4, -0.2, tone) * 0.8);
    color += place.key.rgb * pool * 0.08;
    let fine = grain(floor(p / max(place.px * 1.5, 0.0011)), 655.0);
    color *= 0.985 + 0.03 * fine;
    return paint(in_air(color, down), edge(p.y - top));
}

// Tracks: the runners of a sledge, and steps beside them.
fn plate_tracks(p: vec2f) -> vec4f {
    let top = ground_top(p.x);
    let down = top - p.y;
    let depth = clamp(down / 0.34, 0.0, 1.25);
    var color = vec4f(0.0);
    let middle = track_middle(depth);
    let wide = 0.008 + 0.085 * depth;
    let side = p.x - middle;
    let steep = clamp(depth * 6.0, 0.0, 1.0);
    let runner = abs(abs(side) - wide * 0.42) - wide * 0.075;
    let groove = soft_edge(runner, 0.002 + 0.01 * depth);
    let lit_brim = soft_edge(abs(runner - wide * 0.04) - wide * 0.03, 0.002 + 0.008 * depth) * step(0.0, runner);
    color = over(paint(in_air(snow_tone(-0.15), down), 0.62 * groove * steep), color);
    color = over(paint(in_air(snow_tone(1.1), down), 0.5 * lit_brim * steep), color);
    let pace = log(max(depth, 0.02)) * 8.0;
    for (var j = 0; j < 2; j++) {
        let n = floor(pace) + f32(j);
        let foot = select(-1.0, 1.0, fract(n * 0.5) > 0.25);
        let at = exp((n + 0.1) / 8.0);
        let h = hash4(vec2f(n, 1.0), 657.0);
        let size = 0.0045 + 0.026 * at;
        let q = vec2f(p.x - track_middle(at) - (0.008 + 0.085 * at) * (1.35 + 0.28 * foot) - 0.2 * size * (h.x - 0.5), (p.y - (top - at * 0.34)) * 1.9) / size;
        let print = length(vec2f(q.x * 1.75 * (1.0 - 0.12 * q.y), q.y * 0.56)) - 0.62;
        let heel = print + 0.18 * smoothstep(-0.1, -0.3, q.y);
        color = over(paint(in_air(snow_tone(1.15), down), 0.55 * soft_edge(abs(heel + 0.02 - 0.12 * q.y) - 0.1, 0.18) * step(q.y, 0.3)), color);
        color = over(paint(in_air(snow_tone(-0.25 + 0.3 * smoothstep(0.5, -0.6, q.y)), down), 0.85 * soft_edge(heel, 0.16)), color);
    }
    return color;
}

// The pond: ice that mirrors the sky, scored by skates, drifts over it.
fn plate_pond(p: vec2f) -> vec4f {
    let down = ground_top(p.x) - p.y;
    let d = pond(p);
    var color = paint(in_air(snow_tone(0.1), down), 0.5 * smoothstep(0.012, 0.0, d) * step(0.0, p.y - 0.23));
    let ice_deep = by_hour(hex(0x7d93b4u), hex(0x6fa7c4u), hex(0x6a5f9cu), hex(0x1c3670u));
    let mirrored = overcast(sky_color(vec2f(p.x, 0.42 + 4.0 * (0.27 - p.y)), 0.4));
    var ice = mix(mix(overcast(ice_deep), mirrored, 0.5), snow_white(), 0.12);
    let streak = noise(vec2f(p.x * 3.0, (p.y + 0.06 * p.x) * 130.0), 659.0);
    ice = mix(ice, mirrored * 1.08, 0.5 * smoothstep(0.5, 0.8, streak));
    let gleam = (p.x - place.light_position.x) * 2.6;
    ice += place.key.rgb * exp(-gleam * gleam) * (0.3 - 0.22 * place.hours.y) * clear_sky();
    let s = (p - vec2f(-0.36, 0.238)) / vec2f(0.36, 0.03);
    let scored = min(min(abs(length(s - vec2f(-0.3, -0.35)) - 0.55), abs(length(s - vec2f(0.35, 0.5)) - 0.62)), min(abs(length(s - vec2f(0.1, -0.2)) - 0.3), abs(s.y + 0.2 - 0.5 * s.x * s.x + 0.2 * s.x)));
    ice = mix(ice, snow_tone(0.9), 0.5 * smoothstep(0.035, 0.012, scored) * step(0.25, streak));
    let dusted = smoothstep(0.56, 0.7, fractal(vec2f(p.x * 7.0, p.y * 60.0), 2, 661.0));
    ice = mix(ice, snow_tone(0.75), 0.75 * dusted);
    ice = mix(ice, ice * 0.78, smoothstep(-0.004, 0.0, d) * step(0.236, p.y));
    color = over(paint(in_air(mix(ice, snow_tone(0.75), 0.55 * place.weather.y), down), edge(d)), color);
    return over(paint(in_air(snow_tone(1.1), down), 0.8 * smoothstep(0.003 + place.px, 0.0, abs(d - 0.0015)) * step(p.y, 0.236)), color);
}

// Dry reeds at the pond.
fn plate_reeds(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    for (var i = 0; i < 12; i++) {
        let h = hash4(vec2f(f32(i), 4.0), 663.0);
        let foot = vec2f(-0.71 + 0.14 * (h.x - 0.5), 0.229 + 0.014 * h.y);
        let long = 0.06 + 0.06 * h.z;
        let lean = (h.w - 0.5) * 0.5;
        let straw = overcast(mix(by_hour(hex(0x8a7468u), hex(0x9a8058u), hex(0x6a4650u), hex(0x22305cu)), by_hour(hex(0xf0d2a4u), hex(0xe2cc94u), hex(0xe8a468u), hex(0x6484bcu)), smoothstep(0.0, 1.0, (p.y - foot.y) / long) * 0.7));
        color = over(paint(straw, edge(blade(p, foot, long, lean, 0.0022))), color);
        let head = foot + vec2f(lean * long, long);
        let plume = segment(p, head - vec2f(lean * 0.035, 0.022), head) - 0.0042;
        color = over(paint(mix(straw * 0.6, snow_tone(0.9), smoothstep(-0.001, 0.003, p.x - head.x + 0.002)), edge(plume) * step(0.4, h.y)), color);
    }
    return color;
}

// A fir near to us, laden: boughs that hang in tiers, snow heaped on each.
fn laden_fir(p: vec2f, foot: vec2f, height: f32, salt: f32) -> vec4f {
    let v = (p.y - foot.y) / height;
    let h = hash4(vec2f(salt, 5.0), 671.0);
    let u = (p.x - foot.x) / height - (h.x - 0.5) * 0.04 * v * v;
    let side = select(-1.0, 1.0, u > 0.0);
    let a = abs(u);
    let tiers = 9.0;
    let rough = noise(p * 42.0, salt + 1.0) - 0.5;
    let fine = noise(vec2f(u * 70.0 * height, (v + 0.55 * a) * 190.0 * height), salt + 2.0) - 0.5;
    let aside = clamp(u * 16.0, -1.0, 1.0);
    let hung = (1.0 - v - a * 0.72 + a * a * 0.5) * tiers + aside * 0.23 + 0.12 * rough;
    let tier = floor(hung);
    let along = hung - tier;
    let bough = hash4(vec2f(tier, side), salt + 3.0);
    let reach = (0.045 + 0.2 * pow(clamp((tier + 1.0) / tiers, 0.0, 1.0), 0.9)) * (0.8 + 0.4 * bough.x);
    let taper = smoothstep(-0.02, 0.14, 1.0 - v);
    let width = reach * (0.32 + 0.68 * pow(along, 0.75)) * smoothstep(-0.6, 0.2, hung) * taper + 0.012 * fine;
    let needle = 0.07 * wave(a * 9.0 + bough.y) + 0.24 * fine + 0.14 * rough;
    let bough_edge = min(max(a - width, (along - 0.97 + needle) * 0.74 / tiers), a - 0.5 * reach * taper);
    let body = max(max(bough_edge, v - 0.995), 0.05 + 0.03 * rough - v) * height;
    let trunk = box(vec2f(u, v), vec2f(0.0, 0.03), vec2f(0.02, 0.07), 0.0) * height;
    let toward = sign(place.light_position.x - foot.x);
    let facing = 0.5 + 0.5 * clamp(toward * u / max(reach * 0.7, 0.02), -1.0, 1.0);
    let bark = mix(needles_dark() * 0.7, by_hour(hex(0xa07868u), hex(0x8a6a50u), hex(0x8a5058u), hex(0x2c406cu)), facing * 0.6);
    let stem = paint(overcast(bark), edge(trunk) * smoothstep(0.0, 0.045, v));
    // Snow lies on the upper side of a bough down to a scalloped hem; needles show below it.
    let hem = 0.5 + (0.16 * wave(a / reach * 1.6 + bough.z) + 0.2 * (0.5 - bough.w)) * aside * aside + 0.2 * rough + 0.08 * fine;
    let snowed = smoothstep(0.05, -0.05, along - hem);
    let shadow = smoothstep(0.0, 0.3, along) * (0.35 + 0.65 * smoothstep(0.0, 0.06, reach * 0.5 * taper + 0.03 - a + 0.05));
    let round_hem = smoothstep(0.0, 0.24, hem - along);
    let snow_here = snow_tone(clamp(0.12 + 0.62 * facing + 0.3 * shadow - 0.34 * (1.0 - round_hem) + 0.25 * rough, 0.0, 1.15));
    let depth_tone = smoothstep(0.15, 1.0, along) * facing;
    var green = mix(needles_dark() * 0.85, needles_light(), clamp(depth_tone * 0.8 + 0.5 * fine, 0.0, 1.0));
    green += place.key.rgb * 0.22 * smoothstep(0.75, 1.0, facing) * depth_tone * clear_sky() * place.key.a;
    return over(paint(overcast(mix(green, snow_here, snowed)), edge(body * 0.7)), stem);
}

// Fence rails and posts, each under a cap of snow.
fn plate_fence(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let pitch = 0.2;
    let n = floor((p.x - 0.52) / pitch + 0.5);
    let x = 0.52 + max(n, 0.0) * pitch;
    let h = hash4(vec2f(n, 1.0), 681.0);
    let ground = 0.222 - 0.02 * (p.x - 0.52);
    let lean = (h.x - 0.5) * 0.12;
    let top = 0.155 + 0.02 * h.y;
    let q = vec2f(p.x - x - lean * (p.y - ground), p.y - ground);
    let toward = sign(place.light_position.x - p.x);
    let dark = by_hour(hex(0x5a4a58u), hex(0x6a564cu), hex(0x43304cu), hex(0x131e42u));
    let light = by_hour(hex(0xe2bfa0u), hex(0xcbb08cu), hex(0xd48f6cu), hex(0x5a76b0u));
    let start = p.x - 0.512;
    for (var i = 0; i < 2; i++) {
        let slope = 0.018 * (hash1(n, 683.0 + f32(i)) - 0.5);
        let y = ground + 0.052 + 0.056 * f32(i) + slope * wave((p.x - x) / pitch * 0.5 + 0.25);
        let rail = max(abs(p.y - y) - 0.0085, -start);
        let grained = 0.85 + 0.3 * noise(vec2f(p.x * 9.0, (p.y - y) * 260.0), 684.0);
        color = over(paint(overcast(mix(dark, light, 0.2 + 0.45 * smoothstep(-0.008, 0.008, p.y - y)) * grained), edge(rail)), color);
        let heap = 0.012 + 0.004 * swell(p.x * 17.0 + 3.0 * f32(i), 685.0);
        let cap = max(max(p.y - y - 0.008 - heap * smoothstep(0.0, 0.03, start), y + 0.0045 - 0.002 * wave(p.x * 14.0) - p.y), -start);
        color = over(paint(overcast(snow_tone(0.3 + 0.7 * smoothstep(0.004, 0.018, p.y - y))), edge(cap)), color);
    }
    let post = max(abs(q.x) - 0.0155, max(q.y - top, -q.y));
    let round_side = clamp(q.x / 0.0155, -1.0, 1.0) * toward;
    let streak = noise(vec2f(q.x * 160.0, q.y * 8.0), 686.0);
    color = over(paint(overcast(mix(dark, mix(dark, light, smoothstep(-0.2, 1.0, round_side)), smoothstep(-1.0, 0.4, round_side)) * (0.82 + 0.3 * streak)), edge(post) * step(0.45, p.x)), color);
    let cap = length((q - vec2f(0.0, top + 0.004)) / vec2f(0.0225, 0.021)) - 1.0;
    let cut = max(cap * 0.02, top - 0.007 + 0.004 * wave(q.x * 20.0) - q.y);
    color = over(paint(overcast(snow_tone(0.5 + 0.35 * round_side + 12.0 * (q.y - top))), edge(cut) * step(0.45, p.x)), color);
    let drift = q.y - 0.022 * exp(-q.x * q.x * 900.0) - 0.006 * swell(p.x * 9.0, 687.0) + 0.004;
    return over(paint(overcast(snow_tone(0.55 + 6.0 * drift)), soft_edge(drift, 0.01) * smoothstep(-0.03, 0.0, q.y) * smoothstep(0.45, 0.53, p.x)), color);
}

// A sledge that leans on the fence.
fn plate_sledge(p: vec2f) -> vec4f {
    let q = rotated(p - vec2f(0.655, 0.205), 0.2);
    let wood = by_hour(hex(0xb9886cu), hex(0xc08a54u), hex(0x9a5a50u), hex(0x34487cu));
    let light = by_hour(hex(0xffe0b8u), hex(0xf2d6a0u), hex(0xffb47cu), hex(0x84a2dcu));
    let dark = by_hour(hex(0x5e4654u), hex(0x70503cu), hex(0x4a2e46u), hex(0x131d40u));
    let slats = max(abs(fract(q.y / 0.0175) - 0.5) * 0.0175 - 0.0066, max(abs(q.y) - 0.034, abs(q.x - 0.085) - 0.085));
    let bars = max(abs(abs(q.x - 0.085) - 0.05) - 0.005, abs(q.y) - 0.036);
    let curl = abs(length(q - vec2f(0.172, -0.018)) - 0.026) - 0.0042;
    let runner = min(max(abs(q.y + 0.044) - 0.0045, abs(q.x - 0.075) - 0.095), max(curl, 0.165 - q.x));
    var color = paint(place.shade.rgb * 0.4, 0.4 * soft_edge(length((p - vec2f(0.665, 0.203)) / vec2f(0.085, 0.014)) - 1.0, 0.8));
    color = over(paint(overcast(mix(dark, by_hour(hex(0xa8584cu), hex(0xb4503cu), hex(0x8a3c4cu), hex(0x3a3464u)), 0.75)), edge(runner)), color);
    color = over(paint(overcast(dark), edge(bars)), color);
    let tone = 0.4 + 3.0 * q.x + 0.25 * noise(vec2f(q.x * 30.0, q.y * 300.0), 691.0);
    color = over(paint(overcast(mix(wood, light, clamp(tone - 0.3, 0.0, 0.8))), edge(slats)), color);
    let rope = abs(length((q - vec2f(0.16, -0.02)) / vec2f(0.04, 0.075)) - 1.0) * 0.04 - 0.002;
    color = over(paint(overcast(light * 0.8), edge(max(rope, q.y + 0.03))), color);
    color *= smoothstep(0.186, 0.2, p.y);
    let heap = p.y - 0.206 - 0.012 * wave((p.x - 0.6) * 4.0) + 9.0 * (p.x - 0.645) * (p.x - 0.645);
    return over(paint(overcast(snow_tone(0.55 + 22.0 * (p.y - 0.2))), soft_edge(heap, 0.008) * smoothstep(0.18, 0.2, p.y)), color);
}

// The tall fir of this strip of the picture: its foot (xy), its height (z) and its salt (w).
fn tall_fir(p: vec2f) -> vec4f {
    let left = p.x < 0.1;
    let k = select(0.0, 1.0, abs(p.x) > 1.32);
    let side = select(1.0, -1.0, left);
    let h = hash4(vec2f(side, k), 695.0);
    let foot = vec2f(side * (select(1.02, 0.82, left) + 0.62 * k + 0.05 * h.x), 0.195 + 0.015 * h.y);
    return vec4f(foot, select(0.86, 0.74, left) + 0.14 * h.z, 701.0 + side + 5.0 * k);
}

fn plate_tall_firs(p: vec2f) -> vec4f {
    let tree = tall_fir(p);
    return laden_fir(p, tree.xy, tree.z, tree.w);
}

fn plate_young_fir(p: vec2f) -> vec4f {
    let h = hash4(vec2f(-1.0, 0.0), 695.0);
    return laden_fir(p, vec2f(-0.66 - 0.05 * h.y, 0.185), 0.24 + 0.06 * h.w, 707.0);
}

// Snow heaped round the feet of the tall firs.
fn plate_heaps(p: vec2f) -> vec4f {
    let foot = tall_fir(p).xy;
    let heap = (length((p - foot + vec2f(0.0, 0.012)) / vec2f(0.19, 0.035)) - 1.0) * 0.035;
    return paint(overcast(snow_tone(0.45 + 6.0 * (p.y - foot.y) + 0.2 * clamp((p.x - foot.x) * 6.0 * sign(place.light_position.x - foot.x), -1.0, 1.0))), soft_edge(heap + 0.006 * (noise(p * 30.0, 698.0) - 0.5), 0.02) * smoothstep(0.15, 0.2, p.y));
}

// What lies before the stage: dark, and snow in the shade.
fn front_dark() -> vec3f {
    return by_hour(hex(0x1e2b3au), hex(0x17323cu), hex(0x16142cu), hex(0x060c20u));
}

fn front_shade() -> vec3f {
    return mix(snow_shade(), front_dark(), 0.35);
}

// Snowed twigs that lean in from the corners.
fn plate_front_twigs(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = select(-1.0, 1.0, p.x > 0.0);
    let q = vec2f(p.x * side, p.y);
    let dark = front_dark();
    let shade = front_shade();
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, side), 711.0);
        let root = vec2f(1.12 - 0.06 * k, 0.98 + 0.075 * k);
        let turns = 0.545 + 0.025 * k + 0.02 * (h.x - 0.5);
        let r = rotated(q - root, turns);
        let long = 0.42 + 0.12 * h.y;
        let t = r.x / long;
        let bend = r.y - 0.22 * long * t * t;
        // Needles of a twig stand off in combs.
        let comb = 0.062 * (1.15 - t) * (0.6 + 0.4 * wave(r.x * 36.0 + 14.0 * abs(bend)) * sign(bend + 0.0001)) * smoothstep(1.0, 0.85, t);
        let d = max(abs(bend) - max(comb, 0.004), max(-r.x, r.x - long));
        color = over(paint(overcast(mix(dark, mix(dark, needles_light(), 0.35), smoothstep(-0.02, 0.05, bend))), edge(d)), color);
        let load = max(abs(bend + 0.014 * (1.1 - t) + 0.006 * wave(t * 4.0 + h.z)) - 0.03 * (1.08 - t) * (0.7 + 0.3 * wave(t * 3.0 + h.w)), max(0.06 - t, t - 0.98) * long);
        color = over(paint(overcast(mix(shade * 0.8, mix(shade, snow_lit(), 0.4), smoothstep(0.02, -0.03, bend + 0.012))), edge(load)), color);
    }
    return color;
}

// A dark drift below them.
fn plate_front_drift(p: vec2f) -> vec4f {
    let x = abs(p.x);
    let drift = p.y + 0.085 - 0.17 * smoothstep(0.42, 1.0, x) * (1.0 - 0.5 * smoothstep(1.05, 1.5, x)) - 0.008 * swell(p.x * 8.0, 713.0);
    return paint(overcast(mix(mix(front_dark(), front_shade(), 0.35), mix(front_shade(), snow_lit(), 0.3), smoothstep(-0.1, 0.0, drift))), edge(drift));
}
