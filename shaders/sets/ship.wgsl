// The deck of a sailing ship: planks, a rail with the sea beyond it, a mast under sail, the shrouds of another.

const HORIZON: f32 = 0.5;
const MAST: f32 = -0.64;

// 1 on a ship that sails to the right, -1 on one that sails to the left and is drawn mirrored.
fn heading() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 5.37 + 0.3) < 0.62);
}

fn toward_light(x: f32) -> f32 {
    return sign(place.light_position.x * heading() - x);
}

// How much the lanterns give by the time of day.
fn lamps() -> f32 {
    return clamp(dot(place.hours, vec4f(0.25, 0.0, 0.75, 1.0)) + 0.4 * place.weather.x + 0.5 * place.weather.z, 0.0, 1.0);
}

fn lamp_at(q: vec2f) -> f32 {
    let d = length(q - vec2f(MAST + 0.1, 0.59)) / 0.22;
    return lamps() * (0.25 + 0.75 * place.hours.w) / (1.0 + d * d);
}

fn plate_sky(p: vec2f) -> vec4f {
    var color = sky_color(p, HORIZON);
    let band = exp(-pow((p.y - 0.92 + 0.35 * p.x) * 3.4, 2.0));
    color += place.hours.w * (stars(p, 0.5) * smoothstep(0.52, 0.8, p.y)
        + hex(0x3d4a86u) * band * fractal(p * 4.0, 3, 31.0) * 0.5 * clear_sky());
    color += glow(p, 0.85 - 0.5 * place.hours.w - 0.35 * place.hours.y);
    let cloud = streaks(p + vec2f(1.3, 0.06), 29.0);
    color = streaked(color, cloud.y, cloud.x * smoothstep(0.6, 0.78, p.y) * 0.55);
    color = sun_or_moon(color, p, vec2f(0.062, 0.042), 0.06);
    return vec4f(color, 1.0);
}

// A ship under all her sails.
fn far_ship(p: vec2f, at: vec2f, size: f32) -> vec4f {
    let q = (p - at) / size;
    let hull = max(max(q.y - 0.1 - 0.06 * q.x * q.x, -q.y - 0.04), abs(q.x) - 0.48 - q.y * 0.7);
    var canvas = 1.0;
    for (var i = 0; i < 3; i++) {
        let k = f32(i) - 1.0;
        let tall = 0.92 - 0.14 * abs(k);
        let v = (q.y - 0.16) / tall;
        let belly = q.x - k * 0.3 - 0.07 * (1.0 - pow(2.0 * fract(v * 2.0) - 1.0, 2.0));
        let gap = 0.03 - abs(fract(v * 2.0 + 0.02) - 0.02);
        canvas = min(canvas, max(max(abs(belly) - 0.135 + 0.035 * v, gap * 0.4), max(-v, v - 1.0) * tall));
    }
    let jib = max(max(q.x - 0.78 + (q.y - 0.14) * 0.85, 0.44 - q.x + 0.1 * q.y), 0.16 - q.y);
    let mast = max(min(min(abs(q.x), abs(q.x - 0.3)), abs(q.x + 0.3)) - 0.012, max(-q.y, q.y - 1.14 + 0.3 * abs(q.x)));
    let dark = by_hour(hex(0x6c6684u), hex(0x567080u), hex(0x553a68u), hex(0x16244cu));
    let cloth = by_hour(hex(0xf6dccau), hex(0xf4efe2u), hex(0xe6a58cu), hex(0x53699cu));
    var color = paint(through_air(dark, 0.3), edge(min(hull, mast) * size));
    color = over(paint(through_air(cloth * (0.94 + 0.2 * q.x), 0.3), edge(min(canvas, jib) * size)), color);
    return color;
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p, 0.52, 0.07, 0.21, 301.0), 0.45) * smoothstep(HORIZON, 0.56, p.y);
}

fn plate_near_clouds(p: vec2f) -> vec4f {
    let near = cloud_paint(cumulus(p + vec2f(0.3, 0.0), 0.565, 0.18, 0.74, 305.0), 0.12) * smoothstep(HORIZON, 0.56, p.y);
    return over(flock(p, vec2f(0.16 * heading(), 0.76), 0.12, 811.0), near);
}

// Strokes of waves that lie flatter and finer towards the horizon, 0 to 1.
fn waves(p: vec2f, stretch: f32, salt: f32) -> f32 {
    let d = HORIZON - p.y;
    return noise(vec2f(p.x / (d + 0.03) * stretch, log(d + 0.006) * 15.0), salt);
}

fn deep_water() -> vec3f {
    return by_hour(hex(0x3d6079u), hex(0x1f6d8au), hex(0x3a3a72u), hex(0x0a1d48u));
}

fn plate_sea(p: vec2f) -> vec4f {
    let blue = by_hour(hex(0x8390b4u), hex(0x7fa8b8u), hex(0x85608cu), hex(0x24386cu));
    let isle = HORIZON - 0.012 + 0.045 * smoothstep(0.1, 0.9, swell(p.x * 2.4 + 2.0, 306.0)) + 0.004 * swell(p.x * 30.0, 307.0);
    let isles = paint(through_air(mix(blue, snow_white(), 0.4 * place.weather.y), 0.4 + 0.3 * smoothstep(0.53, 0.5, p.y)), edge(p.y - isle));
    let d = max(HORIZON - p.y, 0.0);
    let near = clamp(d / 0.2, 0.0, 1.0);
    let mirrored = sky_color(vec2f(p.x, HORIZON + d * 2.3), HORIZON) + glow(vec2f(p.x, HORIZON + d * 0.8), 0.45 - 0.3 * place.hours.w);
    let deep = overcast(deep_water());
    var water = mix(deep, mirrored, mix(0.78, 0.3, near));
    let a = waves(vec2f(p.x, min(p.y, HORIZON)), 0.9, 311.0);
    let b = waves(vec2f(p.x + 0.3, min(p.y, HORIZON)), 2.1, 312.0);
    water = mix(water, deep * 0.85, smoothstep(0.5, 0.25, a * 0.6 + b * 0.45) * (0.2 + 0.35 * near));
    water = mix(water, mirrored * 1.12, smoothstep(0.5, 0.75, a * 0.6 + b * 0.45) * (0.25 + 0.25 * near));
    let spread = abs(p.x - place.light_position.x) / (0.045 + 0.5 * d);
    let dense = exp(-spread * spread * 0.9);
    let spark = smoothstep(0.78 - 0.5 * dense, 0.86 - 0.45 * dense, b * 0.65 + waves(vec2f(p.x, min(p.y, HORIZON)), 4.0, 313.0) * 0.4);
    let path = dense * spark * (0.08 + 0.92 * clear_sky());
    water = mix(water, mix(place.key.rgb, vec3f(1.0), 0.2), clamp(path * (0.95 - 0.45 * place.hours.y), 0.0, 1.0));
    water += place.key.rgb * dense * 0.14 * clear_sky();
    water = mix(water, overcast(place.fog.rgb), clamp(exp(-d * 45.0) * 0.7 + 0.7 * place.weather.z * exp(-d * 6.0), 0.0, 1.0));
    return over(paint(water, edge(p.y - HORIZON)), isles);
}

// Another sail, far out.
fn plate_far_ship(p: vec2f) -> vec4f {
    let x = 0.9 * (hash1(4.0, 302.0) - 0.5);
    return far_ship(vec2f((p.x - x) * heading(), p.y), vec2f(0.0, HORIZON - 0.003), 0.1) * (1.0 - edge(p.y - HORIZON));
}

// Rollers that pass the ship, each with a lit brow and foam where it breaks.
fn plate_rollers(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let storm = max(place.weather.w, 0.6 * place.weather.x);
    let deep = overcast(deep_water());
    let last = select(0, 4, p.y < HORIZON - 0.02 && p.y > 0.12);
    let mirrored = overcast(sky_color(vec2f(p.x, 0.75), HORIZON));
    let white = overcast(by_hour(hex(0xffeee0u), hex(0xfbfffcu), hex(0xf4c9b4u), hex(0x7f9bd4u)));
    for (var i = 0; i < last; i++) {
        let k = f32(i);
        let d = 0.05 * exp2(k * 0.62);
        let high = d * (0.26 + 0.22 * storm);
        let t = p.x / (d * 5.2) + k * 0.37 + place.seed.x * 3.0;
        let peak = 1.0 - abs(wave(t * 0.5)) * 0.75 - abs(wave(t * 0.31 + 0.2)) * 0.55 + 0.12 * wave(t * 2.3);
        let crest = HORIZON - d + high * peak;
        let e = (crest - p.y) / (high * 2.2);
        let lace = noise(vec2f(p.x / d * 2.6, (p.y - crest) / d * 16.0), 321.0 + k);
        var water = mix(mix(deep, mirrored, 0.62), deep * 0.94, smoothstep(0.0, 0.55, e + 0.25 * (lace - 0.5)));
        water += place.key.rgb * 0.16 * smoothstep(0.12, 0.0, e) * clear_sky();
        let foam = smoothstep(0.46, 0.86, peak + 0.3 * storm) * smoothstep(0.3, 0.62, lace - e * 1.5 + 0.22);
        water = mix(water, white, foam * 0.85);
        color = over(paint(mix(water, overcast(place.fog.rgb), 0.5 * place.weather.z * exp(-d * 8.0)), edge(p.y - crest) * smoothstep(1.0, 0.3, e)), color);
    }
    return color;
}

// Where the deck meets the bulwark.
fn scupper(x: f32) -> f32 {
    return 0.262 + 0.036 * x + 0.006 * x * x;
}

fn timber(q: vec2f) -> f32 {
    let waver = 0.05 * wave(q.x * 0.7 + q.y);
    return 0.86 + 0.2 * noise(vec2f(q.x * 2.2, (q.y + waver) * 9.0), 331.0) + 0.09 * wave((q.y + waver) * 3.1 + 0.2 * wave(q.x * 0.5));
}

// Wood round as a spar: `u` from -1 to 1 across it, lit from the side `toward`.
fn spar_tone(u: f32, streak: f32, glow_here: f32) -> vec3f {
    let bark = by_hour(hex(0x7b6560u), hex(0x93704fu), hex(0x593b4cu), hex(0x1a2747u));
    let bright = by_hour(hex(0xf4d4acu), hex(0xe6cc98u), hex(0xe89a62u), hex(0x7090c8u));
    let body = mix(bark * 0.55, mix(bark, bright, smoothstep(0.15, 1.0, u) * 0.8), smoothstep(-1.0, 0.55, u)) * (0.84 + 0.28 * streak);
    return overcast(body) + hex(0xff9a48u) * 0.5 * glow_here;
}

fn canvas(q: vec2f, p: vec2f, drop: vec2f, half_width: f32, salt: f32) -> vec4f {
    let flare = half_width * (1.0 + 0.07 * clamp(drop.x / drop.y, 0.0, 1.0));
    let u0 = q.x / flare;
    let sag = drop.y * (1.0 - 0.22 * (1.0 - u0 * u0)) + 0.004 * wave(u0 * 3.0);
    let v = drop.x / sag;
    let inner = clamp(v, 0.0, 1.0);
    let belly = inner * (1.0 - inner) * 4.0;
    let u = u0 / (1.0 - 0.055 * belly);
    let d = max((abs(u) - 1.0) * flare, max(-v, v - 1.0) * sag);
    let light_x = place.light_position.x * heading();
    let cloth = by_hour(hex(0xefd6c4u), hex(0xf3e9d2u), hex(0xd9977eu), hex(0x5a70a4u));
    let dim = by_hour(hex(0x9c8ba4u), hex(0xb0b3acu), hex(0x6a4b78u), hex(0x22335fu));
    let seam_u = u * 6.0 + 0.25 * u * belly;
    let creases = 0.5 * wave(u * 3.3 + 0.16 * wave(v * 0.9)) * exp(-v * 3.2) + 0.35 * wave((abs(u) - v) * 2.6) * smoothstep(0.55, 1.0, abs(u)) * smoothstep(0.4, 1.0, v);
    let facing = 0.55 + 0.32 * sign(light_x - MAST) * u * 0.8 + 0.28 * (v - 0.45) + 0.13 * creases + 0.05 * (noise(vec2f(u * 5.0, v * 4.0), salt) - 0.5);
    var tint = mix(dim, cloth, smoothstep(0.0, 1.0, facing));
    // Light that comes through, strongest before the sun.
    tint += place.key.rgb * (0.34 - 0.22 * place.hours.y) * lit(p, 0.42) * clear_sky();
    let striped = step(0.55, fract(place.seed.x * 11.7)) * step(0.5, fract(seam_u * 0.5 + 0.25)) * 0.5;
    tint = mix(tint, tint * by_hour(hex(0xd98f86u), hex(0xd8917cu), hex(0xb86a78u), hex(0x8f84b4u)), striped);
    let seam = abs(fract(seam_u) - 0.5) / 6.0 * half_width;
    tint *= 1.0 - 0.13 * smoothstep(0.004, 0.001, seam);
    let reef = (v - 0.3) * sag;
    tint = mix(tint, tint * 0.9, smoothstep(0.011, 0.009, abs(reef)));
    let point = max(abs(abs(fract(seam_u) - 0.5) / 6.0 * half_width + 0.003 * wave(reef * 9.0)) - 0.0016, max(reef - 0.045, -0.006 - reef));
    tint = mix(tint, dim * 0.8, 0.75 * edge(point));
    let patch_at = hash4(vec2f(salt, 2.0), 333.0);
    let patch_d = box(vec2f(u * half_width, v * sag), vec2f((patch_at.x - 0.3) * half_width, (0.5 + 0.2 * patch_at.y) * sag), vec2f(0.045, 0.034), 0.003);
    tint = mix(tint, tint * vec3f(0.93, 0.88, 0.84), edge(patch_d));
    tint = mix(tint, dim, 0.6 * smoothstep(0.0025, 0.0008, abs(patch_d + 0.006)) * step(0.4, fract((p.x + p.y) * 90.0)));
    tint = mix(tint, mix(dim, cloth, 0.3) * 0.85, smoothstep(-0.009, -0.006, d));
    tint = mix(tint, snow_white(), 0.5 * place.weather.y * smoothstep(0.16, 0.0, v));
    return paint(overcast(tint) * (1.0 - 0.1 * place.weather.x) + hex(0xff9a48u) * 0.3 * lamp_at(q + vec2f(MAST, 0.0)), edge(d));
}

fn rope_line(q: vec2f, a: vec2f, b: vec2f, radius: f32) -> f32 {
    return segment(q, a, b) - radius;
}

fn barrel(q: vec2f, foot: vec2f, half_width: f32, tall: f32) -> vec4f {
    let v = (q.y - foot.y) / tall;
    let bulge = half_width * (0.8 + 0.8 * v * (1.0 - v));
    let u = (q.x - foot.x) / bulge;
    let floor_arc = 0.12 * half_width * (1.0 - u * u);
    let body = max((abs(u) - 1.0) * bulge, max(foot.y - floor_arc - q.y, q.y - foot.y - tall - 0.1 * half_width));
    let bent = v + 0.12 * half_width / tall * (1.0 - u * u);
    let stave = asin(clamp(u, -1.0, 1.0)) * 3.3;
    let tone = u * toward_light(foot.x);
    var wood = spar_tone(tone * 0.9, timber(vec2f(v * 1.4 + floor(stave) * 1.7, stave * 0.4)), lamp_at(q));
    wood *= 1.0 - 0.3 * smoothstep(0.1, 0.02, abs(fract(stave) - 0.5) * 1.2);
    let hoop = min(min(abs(bent - 0.12), abs(bent - 0.3)), min(abs(bent - 0.74), abs(bent - 0.92)));
    let iron = overcast(mix(by_hour(hex(0x3c3c50u), hex(0x46484fu), hex(0x2a2040u), hex(0x0d1734u)), by_hour(hex(0xc7b6b4u), hex(0xb4b6b0u), hex(0xb07a78u), hex(0x5a75b0u)), 0.6 * smoothstep(0.1, 0.9, tone)));
    wood = mix(wood, iron, edge((hoop - 0.028) * tall));
    let shadow = length((q - foot - vec2f(-0.5 * toward_light(foot.x) * half_width, -0.1 * half_width)) / (half_width * vec2f(1.4, 0.34))) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(shadow, 0.7));
    color = over(paint(wood, edge(body)), color);
    let lid = length((q - foot - vec2f(0.0, tall)) / (half_width * vec2f(0.8, 0.17))) - 1.0;
    let rim = mix(wood, overcast(by_hour(hex(0xe2c19cu), hex(0xd3b684u), hex(0xb9785au), hex(0x43598cu))), 0.7);
    color = over(paint(rim, edge(lid * half_width * 0.17)), color);
    return over(paint(mix(rim * 0.72, snow_white(), 0.8 * place.weather.y), edge((lid + 0.14) * half_width * 0.17)), color);
}

// A coil of rope that lies on the deck.
fn coil(q: vec2f, middle: vec2f, size: f32) -> vec4f {
    let light = by_hour(hex(0xf0d6aeu), hex(0xe8cf9cu), hex(0xd6935eu), hex(0x5d7ab0u));
    let dark = by_hour(hex(0x7c6a64u), hex(0x8a7050u), hex(0x523846u), hex(0x18264au));
    let shadow = length((q - middle - vec2f(-0.12 * toward_light(middle.x), -0.12) * size) / (size * vec2f(1.2, 0.4))) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(shadow, 0.6));
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let r = (q - middle - vec2f(0.03 * (fract(k * 0.61) - 0.5), 0.085 * k) * size) / (size * vec2f(1.0 - 0.07 * k, 0.3 - 0.02 * k));
        let turn = length(r);
        let ring = abs(turn - 0.72) - 0.28;
        let lay = 0.88 + 0.12 * wave(atan2(r.y, r.x) * 9.0 + turn * 12.0);
        let grooves = smoothstep(0.0, 0.5, 1.0 - abs(fract(turn * 5.0) - 0.5) * 2.0);
        var rope = mix(dark, light, clamp(0.3 + 0.12 * k + 0.3 * r.x * toward_light(middle.x) + 0.18 * r.y, 0.0, 1.0)) * lay * mix(0.5, 1.0, grooves);
        rope = mix(rope, snow_white(), 0.5 * place.weather.y * step(2.5, k));
        color = over(paint(overcast(rope) + hex(0xff9a48u) * 0.2 * lamp_at(q), edge(ring * size * 0.3)), color);
    }
    return color;
}

// The rail over the bulwark: cover planks, turned balusters, posts and a cap that catches the light.
fn bulwark(q: vec2f) -> vec4f {
    let foot = scupper(q.x);
    let scale = (HORIZON - foot) / 0.238;
    let high = 0.158 * scale;
    let t = (q.y - foot) / high;
    // Equal steps along a ship that goes away to the right.
    let along = -log(1.0 - q.x / 7.0) * 7.0;
    let toward = toward_light(q.x);
    let lamp = lamp_at(q);
    let pitch = 0.047;
    let n = floor(along / pitch);
    let x = (along - (n + 0.5) * pitch) * scale;
    let body = by_hour(hex(0x9a7f74u), hex(0xb08a62u), hex(0x6d4652u), hex(0x22325cu));
    let bright = by_hour(hex(0xffe2b8u), hex(0xf6dfaeu), hex(0xffb878u), hex(0x86a5dcu));
    let strake = t * 4.6;
    var wood = body * timber(vec2f(along * 1.6, floor(strake) * 3.7 + fract(strake) * 0.3)) * (0.62 + 0.22 * t);
    wood *= 1.0 - 0.5 * smoothstep(0.0032 + place.px, 0.001, (0.5 - abs(fract(strake) - 0.5)) * high / 4.6);
    let boards = max(t - 0.56, -t) * high;
    var color = paint(overcast(wood) + hex(0xff9a48u) * 0.4 * lamp, edge(boards));
    let w = clamp((t - 0.56) / 0.34, 0.0, 1.0);
    let girth = 0.0062 + 0.0058 * max(wave(w * 0.9 - 0.12), 0.0) + 0.004 * smoothstep(0.06, 0.0, abs(w - 0.72)) + 0.005 * smoothstep(0.9, 1.0, abs(w * 2.0 - 1.0));
    let turned = max(abs(x) - girth * scale, max(0.55 - t, t - 0.92) * high);
    color = over(paint(spar_tone(clamp(x / (girth * scale), -1.0, 1.0) * toward * 1.1 + 0.05, 0.7, 0.8 * lamp), edge(turned)), color);
    let post_pitch = pitch * 7.0;
    let m = floor(along / post_pitch + 0.5);
    let px = (along - m * post_pitch) * scale;
    let post = max(abs(px) - 0.0165 * scale, max(-t - 0.02, t - 0.94) * high);
    color = over(paint(place.shade.rgb * 0.2, 0.35 * soft_edge(abs(px + toward * 0.012) - 0.017 * scale, 0.02) * edge(boards)), color);
    let face = spar_tone(0.1 + 0.45 * clamp(px / 0.0165 / scale, -1.0, 1.0) * toward, timber(vec2f(t * 1.3 + m, px * 20.0)), lamp);
    let inset = box(vec2f(px, q.y - foot - 0.3 * high), vec2f(0.0), vec2f(0.0085 * scale, 0.16 * high), 0.002);
    color = over(paint(face * (1.0 - 0.2 * smoothstep(0.0025, 0.0, abs(inset))), edge(post)), color);
    let waist = abs(t - 0.575) - 0.03;
    color = over(paint(overcast(mix(body, bright, 0.25 + 0.4 * smoothstep(0.57, 0.6, t)) * (0.95 + 0.1 * timber(vec2f(along * 2.0, 1.0)))), edge(waist * high)), color);
    // The cap: its edge towards us and, above it, its sunlit top.
    let front = max(0.9 - t, t - 0.96) * high;
    let top = max(0.955 - t, t - 1.0 + 0.004 * abs(px)) * high;
    color = over(paint(place.shade.rgb * 0.2, 0.45 * smoothstep(0.84, 0.9, t) * edge(min(turned, post)) * step(t, 0.91)), color);
    color = over(paint(overcast(body * 0.85 * timber(vec2f(along * 1.1, 7.0))) + hex(0xff9a48u) * 0.5 * lamp, edge(front)), color);
    let sheen = exp(-pow((q.x - place.light_position.x * heading()) * 1.6, 2.0));
    let cap = mix(mix(body, bright, 0.45 + 0.5 * sheen * clear_sky()), snow_white(), 0.9 * place.weather.y);
    return over(paint(overcast(cap), edge(top - 0.03 * high * place.weather.y)), color);
}

fn plate_bulwark(p: vec2f) -> vec4f {
    return bulwark(aboard(p));
}

// Planks go away to a point far on the right: the way along them, and how many lie between us and a place.
fn on_planks(q: vec2f) -> vec2f {
    let y0 = HORIZON - (HORIZON - q.y) / (1.0 - q.x / 7.0);
    let deep = 1.0 / (HORIZON - y0);
    return vec2f((q.x - 0.1) * deep * 0.24, deep);
}

// The lantern's light on the deck, and the dark under the rail and before us.
fn deck_light(planks: vec3f, q: vec2f) -> vec3f {
    var color = planks + hex(0xff9a48u) * 0.55 * lamp_at(vec2f(q.x, q.y + 0.33)) * vec3f(1.0, 0.9, 0.8);
    color *= 1.0 - 0.4 * smoothstep(0.016, 0.0, scupper(q.x) - q.y);
    return color * (1.0 - 0.35 * smoothstep(0.12, -0.25, q.y));
}

fn plate_deck(p: vec2f) -> vec4f {
    let q = aboard(p);
    let foot = scupper(q.x);
    let at = on_planks(q);
    let along = at.x;
    let deep = at.y;
    let width = 0.17;
    let n = floor(deep / width);
    let f = deep / width - n;
    let h = hash4(vec2f(n, 3.0), 341.0);
    let joint = along * 0.8 + h.x * 3.0;
    let g = hash4(vec2f(n, floor(joint)), 342.0);
    let near = clamp((foot - q.y) / 0.42, 0.0, 1.2);
    let far_tint = by_hour(hex(0xe6c6a6u), hex(0xe2c793u), hex(0xc08a70u), hex(0x3f5586u));
    let near_tint = by_hour(hex(0x8d7570u), hex(0xb08c60u), hex(0x57404fu), hex(0x16223fu));
    var plank = mix(far_tint, near_tint, smoothstep(0.0, 0.95, near)) * (0.86 + 0.22 * g.y);
    plank = mix(plank, plank * vec3f(1.06, 0.98, 0.88), g.z);
    plank *= timber(vec2f(along * 5.0 + g.w * 9.0, f * 0.35 + n * 1.3)) * 1.02;
    let pixel = place.px * deep * deep / width;
    let seam = min(f, 1.0 - f);
    plank *= 1.0 - 0.55 * smoothstep(0.055 + pixel, 0.02, seam);
    let butt = abs(fract(joint) - 0.5) / 0.8;
    let lengthwise = place.px * deep * 0.24;
    plank *= 1.0 - 0.5 * smoothstep(0.0024 + lengthwise, 0.0008, butt);
    let nail = length(vec2f((butt - 0.014) / 0.004, (abs(f - 0.5) - 0.26) / 0.09)) - 1.0;
    plank *= 1.0 - 0.4 * clamp(0.5 - nail, 0.0, 1.0) * smoothstep(0.004, 0.0015, lengthwise);
    plank = overcast(plank);
    let under = foot - q.y;
    // Light falls through the rail: bright bars between the shadows of balusters and posts.
    let light = vec2f(place.light_position.x * heading(), HORIZON + 0.06);
    let reach = under / (light.y - q.y);
    let at_rail = q.x + (light.x - q.x) * reach;
    let along_rail = -log(1.0 - clamp(at_rail, -3.0, 3.0) / 7.0) * 7.0;
    let pitch = 0.047;
    let soft = 0.1 + 1.6 * under;
    let bars = 0.5 + 0.5 * clamp(1.6 * (abs(fract(along_rail / pitch) - 0.5) * 4.0 - 1.0) / (0.5 + soft), -1.0, 1.0);
    let posts = smoothstep(0.018, 0.03 + 0.03 * soft, abs(fract(along_rail / (pitch * 7.0) + 0.5) - 0.5) * pitch * 7.0);
    let low = 1.0 - place.hours.y;
    let solid = smoothstep(0.03, 0.038 + 0.01 * low, under + 0.02 * low);
    let rail_shadow = smoothstep(0.008, 0.0, abs(under - mix(0.075, 0.12, low)) - mix(0.004, 0.012, low));
    let open = solid * mix(1.0, bars * 0.45 + 0.55, smoothstep(0.16, 0.05, under) * low) * mix(1.0, posts, 0.6 * low * smoothstep(0.3, 0.0, under)) * (1.0 - 0.6 * rail_shadow);
    let sunny = clear_sky() * (1.0 - 0.35 * place.hours.w);
    let spread = (q.x - light.x) / (light.y - q.y);
    let pool = exp(-spread * spread * mix(0.55, 0.18, place.hours.y));
    plank = mix(plank, plank * mix(place.shade.rgb * 1.15, vec3f(0.66, 0.64, 0.68), 0.35 + 0.4 * place.hours.y), (1.0 - open) * (0.25 + 0.55 * sunny));
    plank += place.key.rgb * open * pool * (0.2 - 0.1 * place.hours.y) * sunny * smoothstep(1.1, 0.2, near);
    return paint(deck_light(plank, q), edge(q.y - foot));
}

// The sky in what rain leaves on the planks.
fn plate_wet(p: vec2f) -> vec4f {
    let q = aboard(p);
    let at = on_planks(q);
    let wet = place.weather.x * (0.55 + 0.45 * noise(vec2f(at.x * 2.2, at.y * 1.3), 343.0));
    let mirrored = overcast(sky_color(vec2f(p.x, 0.72), HORIZON));
    return paint(deck_light(mirrored, q), 0.34 * 0.75 * wet * edge(q.y - scupper(q.x)));
}

fn plate_snow(p: vec2f) -> vec4f {
    let q = aboard(p);
    let at = on_planks(q);
    let foot = scupper(q.x);
    let drift = fractal(vec2f(at.x * 2.4, at.y * 1.2), 3, 344.0);
    let cover = smoothstep(0.22, 0.5, drift * place.weather.y + 0.12 * place.weather.y * smoothstep(0.03, 0.0, foot - q.y));
    return paint(deck_light(snow_white() * (0.93 + 0.12 * drift), q), cover * edge(q.y - foot));
}

fn plate_barrels(p: vec2f) -> vec4f {
    let q = aboard(p);
    return over(barrel(q, vec2f(-0.9, 0.175), 0.088, 0.21), barrel(q, vec2f(-1.09, 0.2), 0.085, 0.2));
}

fn plate_chest(p: vec2f) -> vec4f {
    let q = aboard(p);
    return over(coil(q, vec2f(0.62, 0.225), 0.075), chest(q, vec2f(0.86, 0.235)));
}

fn aboard(p: vec2f) -> vec2f {
    return vec2f(p.x * heading(), p.y);
}

// A sea chest with a lid, iron straps and a lock.
fn chest(q: vec2f, foot: vec2f) -> vec4f {
    let r = q - foot;
    let toward = toward_light(foot.x);
    let front = box(r, vec2f(0.0, 0.045), vec2f(0.105, 0.05), 0.004);
    let lid = max(length((r - vec2f(0.0, 0.085)) / vec2f(0.112, 0.06)) - 1.0, (0.085 - r.y) * 16.0) * 0.06;
    let shadow = length((r - vec2f(-0.05 * toward, -0.01)) / vec2f(0.14, 0.022)) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.55 * soft_edge(shadow, 0.7));
    let body = by_hour(hex(0x7c5b5au), hex(0x86583cu), hex(0x523248u), hex(0x1a284eu));
    let bright = by_hour(hex(0xf0c49cu), hex(0xdcae78u), hex(0xe09060u), hex(0x6484bcu));
    let grain_here = timber(vec2f(r.x * 6.0, floor(r.y * 32.0) * 2.3 + r.y * 6.0));
    let wood = mix(body * 0.75, mix(body, bright, 0.35), clamp(0.5 + 3.5 * r.x * toward, 0.0, 1.0)) * grain_here;
    color = over(paint(overcast(wood) * (1.0 - 0.25 * smoothstep(0.002, 0.0, abs(fract(r.y * 32.0) - 0.5) / 32.0)) + hex(0xff9a48u) * 0.3 * lamp_at(q), edge(front)), color);
    let top = mix(body, bright, clamp(0.2 + 9.0 * (r.y - 0.09), 0.0, 0.85)) * grain_here;
    color = over(paint(overcast(mix(top, snow_white(), 0.85 * place.weather.y * smoothstep(0.1, 0.125, r.y))), edge(lid)), color);
    let iron = overcast(by_hour(hex(0x4a4858u), hex(0x4f4c4cu), hex(0x2e2342u), hex(0x0e1836u)));
    let brass = overcast(by_hour(hex(0xe8c182u), hex(0xe6bc62u), hex(0xd28a4cu), hex(0x6a86b8u)));
    let straps = max(abs(abs(r.x) - 0.068) - 0.008, min(front, lid));
    color = over(paint(mix(iron, brass, 0.25 * smoothstep(0.0, 0.14, r.y)), edge(straps)), color);
    color = over(paint(iron * 0.8, edge(max(abs(r.y - 0.087) - 0.002, abs(r.x) - 0.11))), color);
    color = over(paint(brass, edge(box(r, vec2f(0.0, 0.078), vec2f(0.012, 0.016), 0.003))), color);
    return over(paint(iron * 0.5, edge(min(circle(r, vec2f(0.0, 0.078), 0.0032), box(r, vec2f(0.0, 0.073), vec2f(0.0013, 0.005), 0.0)))), color);
}

// A ship's lantern that hangs at `hook`.
fn lantern(q: vec2f, hook: vec2f, size: f32) -> vec4f {
    let r = (q - hook) / size;
    let ring = abs(length(r - vec2f(0.0, -0.12)) - 0.1) - 0.03;
    let roof = max(abs(r.x) - 0.1 - 0.62 * (-0.2 - r.y), max(r.y + 0.2, -0.5 - r.y));
    let glass = max(abs(r.x) - 0.26 + 0.1 * abs(r.y + 0.8), max(r.y + 0.48, -1.12 - r.y));
    let base = box(r, vec2f(0.0, -1.16), vec2f(0.29, 0.06), 0.02);
    let bars = max(min(abs(r.x) - 0.02, abs(abs(r.x) - 0.235 + 0.1 * abs(r.y + 0.8)) - 0.02), max(r.y + 0.48, -1.12 - r.y));
    let on = lamps();
    let metal = overcast(mix(by_hour(hex(0x5a4a4cu), hex(0x6a563cu), hex(0x35243au), hex(0x101a36u)), by_hour(hex(0xf0c890u), hex(0xe4c07cu), hex(0xe09a5cu), hex(0x6a84b4u)), smoothstep(-0.1, 0.35, r.x * toward_light(hook.x))));
    let flame = length((r - vec2f(0.0, -0.82)) * vec2f(1.7, 1.0)) - 0.17;
    var color = paint(mix(mix(metal, overcast(hex(0xb9c4c4u)), 0.45), mix(hex(0xffa640u), hex(0xffdf94u), exp(-max(flame, 0.0) * 4.0)), on), edge(glass * size) * mix(0.75, 1.0, on));
    color = over(paint(hex(0xfff6d0u), on * soft_edge(flame, 0.12)), color);
    color = over(paint(metal, edge(min(min(ring, roof), min(base, bars)) * size)), color);
    return color;
}

fn hemp() -> vec3f {
    return overcast(mix(by_hour(hex(0x5e4f58u), hex(0x6b5a48u), hex(0x38263fu), hex(0x101a38u)), by_hour(hex(0xd8b898u), hex(0xc9ae80u), hex(0xb87450u), hex(0x4f6ba4u)), 0.3));
}

// Shrouds of the other mast, with ratlines, on dead-eyes at the rail.
fn plate_shrouds(p: vec2f) -> vec4f {
    let q = aboard(p);
    let hemp = hemp();
    let top = vec2f(1.32, 1.95);
    var lines = 1.0;
    var eyes = 1.0;
    for (var i = 0; i < 4; i++) {
        let x = 0.66 + 0.105 * f32(i);
        let rail = scupper(x) + 0.158 * (HORIZON - scupper(x)) / 0.238;
        let from_rail = vec2f(x, rail);
        lines = min(lines, segment(q, from_rail + vec2f(0.0, 0.02), top) - 0.0036);
        let up = normalize(top - from_rail);
        let r = q - from_rail;
        let s = vec2f(dot(r, up), up.x * r.y - up.y * r.x);
        let block = min(length(s - vec2f(0.022, 0.0)), length(s - vec2f(0.066, 0.0))) - 0.0135;
        let lanyard = max(abs(abs(s.y) - 0.0055) - 0.0017, abs(s.x - 0.044) - 0.024);
        eyes = min(eyes, min(block, lanyard));
    }
    let left = 0.66 + (q.y - 0.44) * (1.32 - 0.66) / (1.95 - 0.44);
    let right = 0.975 + (q.y - 0.46) * (1.32 - 0.975) / (1.95 - 0.46);
    let rung_pitch = 0.058;
    let n = floor(q.y / rung_pitch);
    let across = clamp((q.x - left) / max(right - left, 0.001), 0.0, 1.0);
    let dip = 0.0016 * (abs(wave(across * 1.5)) - 1.0) * 2.0;
    let rung = max(abs(q.y - (n + 0.5) * rung_pitch - dip - 0.004 * (hash1(n, 351.0) - 0.5)) - 0.0024, max(left - q.x, q.x - right) - 0.004);
    var color = paint(hemp * 0.9, edge(max(rung, 0.53 - q.y)));
    color = over(paint(hemp, edge(lines)), color);
    return over(paint(mix(hemp * 0.55, hemp * 1.3, smoothstep(-0.004, -0.012, eyes)), edge(eyes)), color);
}

// Stays that go forward and aft from the mast, and the lighter lines that trim the sail's corners.
fn plate_stays(p: vec2f) -> vec4f {
    let q = aboard(p);
    let stays = min(rope_line(q, vec2f(MAST, 1.72), vec2f(2.6, 0.56), 0.0042), min(rope_line(q, vec2f(MAST, 1.9), vec2f(-1.62, 0.36), 0.0036), rope_line(q, vec2f(MAST, 1.9), vec2f(-1.78, 0.355), 0.0036)));
    let sheets = min(rope_line(q, vec2f(MAST + 0.9, 0.605), vec2f(0.67, 0.425), 0.0028), rope_line(q, vec2f(MAST - 0.9, 0.69), vec2f(-1.9, 0.4), 0.0028));
    return paint(hemp(), edge(min(stays, sheets)));
}

// How far the yards hang down from the level.
fn tilt(x: f32) -> f32 {
    return 0.045 * (x - MAST);
}

fn plate_course(p: vec2f) -> vec4f {
    let q = aboard(p);
    return canvas(vec2f(q.x - MAST, q.y), p, vec2f(1.0 - tilt(q.x) - q.y, 0.36), 0.86, 361.0);
}

fn plate_topsail(p: vec2f) -> vec4f {
    let q = aboard(p);
    return canvas(vec2f(q.x - MAST, q.y), p, vec2f(1.95 - tilt(q.x) * 0.5 - q.y, 0.945), 0.62, 363.0);
}

// The mast with the ropes that are belayed on it, and its lantern.
fn plate_mast(p: vec2f) -> vec4f {
    let q = aboard(p);
    let across = q.x - MAST;
    let toward = toward_light(q.x);
    let rope = hemp();
    let lamp = lamp_at(q);
    let foot = 0.222;
    let girth = 0.037 - 0.007 * (q.y - foot);
    let u = clamp(across / girth, -1.0, 1.0);
    let fall = length((q - vec2f(MAST - 0.06 * toward, foot - 0.002)) / vec2f(0.13, 0.018)) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(fall, 0.8));
    let mast = max(abs(across) - girth, foot - 0.008 * (1.0 - u * u) - q.y);
    let streak = noise(vec2f(across * 150.0, q.y * 4.0), 365.0);
    var wood = spar_tone(u * toward, streak, lamp);
    let bands = min(min(abs(q.y - 0.3), abs(q.y - 0.7)), min(abs(q.y - 0.335), abs(q.y - 1.2))) - 0.008;
    wood = mix(wood, overcast(by_hour(hex(0x46465au), hex(0x4c4f58u), hex(0x2a2142u), hex(0x0e1836u))) * (0.8 + 0.8 * smoothstep(0.1, 0.9, u * toward)), edge(bands));
    wood = mix(wood, place.key.rgb, 0.5 * smoothstep(0.78, 1.0, u * toward) * place.key.a * clear_sky());
    color = over(paint(wood, edge(mast)), color);
    // Halyards belayed on a rack round the mast, their coils hung on the pins.
    var ropes = 1.0;
    var coils = 1.0;
    var pins = 1.0;
    for (var i = 0; i < 5; i++) {
        let k = f32(i) - 2.0;
        let x = MAST + 0.031 * k;
        let h = hash4(vec2f(k, 1.0), 367.0);
        ropes = min(ropes, rope_line(q, vec2f(x, 0.405), vec2f(MAST + 0.012 * k, 1.9), 0.0022));
        pins = min(pins, min(tapered(q, vec2f(x, 0.368), vec2f(x, 0.335), 0.005, 0.0026), segment(q, vec2f(x, 0.4), vec2f(x, 0.418)) - 0.0046));
        let r = (q - vec2f(x, 0.352 - 0.014 * h.x)) / vec2f(0.0125, 0.044 + 0.016 * h.x);
        coils = min(coils, select((abs(length(r) - 0.8) - 0.22) * 0.0125, 1.0, i == 1));
    }
    color = over(paint(rope * 1.25, edge(ropes)), color);
    let rack = box(q, vec2f(MAST, 0.392), vec2f(0.088, 0.0085), 0.004);
    let twist = 0.82 + 0.18 * wave((q.x * 0.7 + q.y) * 90.0);
    color = over(paint(spar_tone(0.5, 0.7, lamp), edge(pins)), color);
    color = over(paint(overcast(by_hour(hex(0xd9b894u), hex(0xd6ba86u), hex(0xb9774eu), hex(0x4d689eu))) * twist + hex(0xff9a48u) * 0.35 * lamp, edge(coils)), color);
    color = over(paint(spar_tone(0.25 + 30.0 * (q.y - 0.392), 0.6, lamp), edge(rack)), color);
    let bracket = min(rope_line(q, vec2f(MAST, 0.655), vec2f(MAST + 0.1, 0.655), 0.0045), rope_line(q, vec2f(MAST + 0.03, 0.625), vec2f(MAST + 0.075, 0.655), 0.0035));
    color = over(paint(rope * 0.6, edge(bracket)), color);
    return over(lantern(q, vec2f(MAST + 0.1, 0.652), 0.085), color);
}

fn plate_lantern_glow(p: vec2f) -> vec4f {
    let halo = length(aboard(p) - vec2f(MAST + 0.1, 0.585));
    return paint(hex(0xffb055u), lamps() * 0.5 * exp(-halo * 9.0) * smoothstep(0.45, 0.1, halo));
}

fn plate_yard(p: vec2f) -> vec4f {
    let q = aboard(p);
    let across = q.x - MAST;
    let r = q.y - 1.006 + tilt(q.x);
    let girth = 0.02 - 0.01 * abs(across);
    let yard = max(abs(r) - girth, abs(across) - 0.96);
    let ties = max(abs(fract(across * 14.0) - 0.5) / 14.0 - 0.003, max(abs(r + 0.002) - girth - 0.004, abs(across) - 0.94));
    let spar = paint(spar_tone(clamp(r / girth, -1.0, 1.0) * 0.8 + 0.1, noise(vec2f(across * 5.0, r * 160.0), 369.0), 0.4 * lamp_at(q)), edge(yard));
    return over(paint(hemp() * 1.2, edge(ties)), spar);
}

// The dark and the lit sides of what stands before the stage.
fn dark_hemp() -> vec3f {
    return by_hour(hex(0x2c2834u), hex(0x32302eu), hex(0x171022u), hex(0x070c1cu));
}

fn light_hemp() -> vec3f {
    return by_hour(hex(0x8c7868u), hex(0x8e7a58u), hex(0x84503fu), hex(0x2d4674u));
}

// A block with its falls.
fn plate_block(p: vec2f) -> vec4f {
    let q = aboard(p);
    let dark = dark_hemp();
    let light = light_hemp();
    let toward = toward_light(q.x);
    let falls = min(rope_line(q, vec2f(0.92, 0.83), vec2f(0.98, 3.0), 0.007), rope_line(q, vec2f(0.868, 0.82), vec2f(0.86, 3.0), 0.006));
    var color = paint(overcast(mix(dark, light, 0.2 + 0.2 * wave((q.x + q.y) * 22.0))), edge(falls));
    let r = rotated(q - vec2f(0.905, 0.77), 0.02);
    let shell = length(vec2f(r.x / 0.05, r.y / 0.075)) - 1.0;
    let strap = max(abs(r.x) - 0.01, abs(r.y) - 0.1);
    color = over(paint(overcast(mix(dark, light, 0.55 * smoothstep(-0.2, 1.0, dot(r / 0.06, vec2f(toward, 0.5))))), edge(shell * 0.05)), color);
    return over(paint(overcast(dark * 0.7), edge(max(strap, shell * 0.05 - 0.02))), color);
}

// A heap of rope.
fn plate_heap(p: vec2f) -> vec4f {
    let q = aboard(p);
    let dark = dark_hemp();
    let light = light_hemp();
    var color = paint(overcast(dark * 0.8), edge(max(abs(q.x + 1.0) - 0.335, q.y + 0.13)));
    for (var i = 0; i < select(0, 7, q.x < -0.45 && q.y < 0.3); i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), 371.0);
        let r = (q - vec2f(-1.0 + 0.05 * (h.x - 0.5), -0.13 + 0.042 * k)) / vec2f(0.34 - 0.018 * k + 0.02 * h.y, 0.105);
        let ring = abs(length(r) - 0.8) - 0.2;
        let lay = 0.5 + 0.5 * wave(atan2(r.y, r.x) * 3.4 + 2.5 * length(r));
        let brow = smoothstep(0.0, 0.9, dot(r, vec2f(0.5 * toward_light(q.x), 0.8)));
        color = over(paint(overcast(mix(dark * 0.8, light, (0.12 + 0.5 * lay) * brow)), edge(ring * 0.1)), color);
    }
    return color;
}
