// Inside a cave: a mouth that shows the weather, arches of rock between it and us, crystals, a pool.

const FLOOR: f32 = 0.27;

fn mouth_x() -> f32 {
    return place.light_position.x;
}

// Crystals of the scene's own colour: body and heart.
fn crystal_tint() -> vec3f {
    let kind = fract(place.seed.x * 9.13);
    return select(select(hex(0xd070c8u), hex(0xe6a04au), kind < 0.66), hex(0x4fc8d8u), kind < 0.36);
}

// How much the crystals give by the time of day.
fn crystal_strength() -> f32 {
    return dot(place.hours, vec4f(0.4, 0.28, 0.6, 1.0));
}

fn near(p: vec2f, source: vec2f, reach: f32) -> f32 {
    let d = length(p - source) / reach;
    return 1.0 / (1.0 + d * d);
}

const CLUSTER: vec2f = vec2f(-0.74, 0.27);

// All the light that falls on a place of the cave.
fn shine(p: vec2f) -> vec3f {
    let w = place.weather;
    let gray = clamp(w.x * 0.7 + w.y * 0.35 + w.z * 0.5, 0.0, 1.0) * (1.0 - 0.5 * place.hours.w);
    let ambient = by_hour(hex(0x5c5c88u), hex(0x586c8cu), hex(0x3f3c70u), hex(0x1f2a58u));
    let key = mix(place.key.rgb, vec3f(dot(place.key.rgb, vec3f(0.33))), 0.6 * gray) * (1.0 - 0.4 * gray);
    let from_mouth = near(p, vec2f(mouth_x(), 0.4), 0.33) * dot(place.hours, vec4f(1.0, 1.1, 1.0, 0.78));
    let from_crystals = near(p, CLUSTER, 0.24) * 0.95 + 0.5 * near(p, vec2f(1.0, 0.25), 0.16);
    return ambient * (0.9 - 0.3 * smoothstep(0.5, 1.3, length(p - vec2f(0.1, 0.4)))) + key * from_mouth + crystal_tint() * crystal_strength() * from_crystals;
}

// Rock in flat faces, each turned its own way: a tone from -1 (away from the light) to 1, and a dark line (y).
fn facets(p: vec2f, size: f32, salt: f32) -> vec2f {
    let q = p / size + 0.05 * vec2f(wave(p.y * 0.7 / size + 0.3 * p.x / size), wave(p.x * 0.6 / size + salt));
    let here = floor(q - 0.5);
    var first = 9.0;
    var second = 9.0;
    var turn = vec2f(0.0);
    for (var i = 0; i < 4; i++) {
        let cell = here + vec2f(f32(i & 1), f32(i >> 1));
        let h = swift_hash(cell + fract(salt * 0.137 + place.seed.x) * 61.0);
        let d = length(q - cell - 0.2 - 0.6 * h.xy);
        if d < first {
            second = first;
            first = d;
            turn = h.zw * 2.0 - 1.0;
        } else {
            second = min(second, d);
        }
    }
    let toward = normalize(vec2f(mouth_x(), 0.5) - p);
    return vec2f(dot(turn + toward * 0.35 + vec2f(0.0, 0.15), toward), smoothstep(0.06, 0.0, second - first));
}

// Colour of rock at `p`; `bend` is how far it turns to the light as a whole, `far` how hazy it is.
fn rock(p: vec2f, size: f32, bend: f32, far: f32, salt: f32) -> vec3f {
    let large = facets(p, size, salt);
    let small = facets(p + 7.0, size * 0.4, salt + 5.0);
    let wash = fractal(p * vec2f(5.0, 9.0), 2, salt + 9.0) - 0.5;
    let tone = 0.42 + 0.15 * large.x + 0.07 * small.x + 0.42 * bend + 0.22 * wash;
    let dark = by_hour(hex(0x4a4668u), hex(0x464f6au), hex(0x3a3560u), hex(0x28325eu));
    let body = by_hour(hex(0x93838eu), hex(0x9c9282u), hex(0x7e6c84u), hex(0x566498u));
    let light = by_hour(hex(0xecccb0u), hex(0xf0deb8u), hex(0xe4b48eu), hex(0x96acdeu));
    var color = mix(dark, body, smoothstep(0.05, 0.5, tone));
    color = mix(color, light, smoothstep(0.45, 1.0, tone) * 0.8);
    color *= 1.0 - 0.07 * large.y - 0.03 * small.y;
    // Planes near to us keep the dark of the cave, those by the mouth stand in bright air.
    let haze = mix(place.fog.rgb, place.key.rgb, 0.25) * (0.42 + 0.55 * near(p, vec2f(mouth_x(), 0.42), 0.4));
    color += place.key.rgb * color * 1.3 * near(p, vec2f(mouth_x(), 0.36), 0.24) * max(far, 0.0) * 3.0 * (0.3 + 0.7 * clear_sky());
    let deep = color * shine(p) * mix(vec3f(1.0), vec3f(0.44, 0.45, 0.54), clamp(-far, 0.0, 1.0));
    return mix(deep, haze, max(far, 0.0));
}

// Distance to the rock around an opening: negative in the rock.
fn opening(p: vec2f, middle: vec2f, size: vec2f, rough: f32, salt: f32) -> f32 {
    let q = (p - middle) / size;
    let worn = rough * (swell(4.2 * q.x - 5.6 * q.y, salt) + 0.45 * swell(13.0 * q.x + 17.0 * q.y, salt + 1.0));
    return (1.0 + worn - length(q)) * min(size.x, size.y);
}

// Stalactites under the arch of an opening, or stalagmites on the ground where `up` is 1: distance (x), place across
// one from -1 to 1 (y), place along it from its root (z).
fn fangs(p: vec2f, middle: vec2f, size: vec2f, pitch: f32, long: f32, up: f32, salt: f32) -> vec3f {
    var found = vec3f(9.0, 0.0, 0.0);
    let here = floor(p.x / pitch);
    for (var i = -1; i <= 1; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, up), salt);
        let x = (cell + 0.2 + 0.6 * h.x) * pitch;
        let u0 = clamp((x - middle.x) / size.x, -0.985, 0.985);
        let brim = select(middle.y + size.y * sqrt(1.0 - u0 * u0) + 0.04, middle.y, up > 0.5);
        let tall = long * (0.25 + 1.1 * h.y * h.y) * step(h.w, 0.84) * step(abs(u0), 0.84 + up) * (1.0 - 0.45 * smoothstep(0.7, 0.0, abs(u0)) * up);
        let t = select(brim - p.y, p.y - brim, up > 0.5) / max(tall, 0.001);
        let root = 1.0 / (1.0 + 9.0 * max(t, 0.0) + 14.0 * t * t);
        let knots = 0.05 * wave(t * 3.0 + h.z) + 0.03 * wave(t * 7.3 + h.x);
        let girth = (0.13 + 0.07 * h.z) * tall * (1.0 + knots) * (max(1.0 - t, 0.0) * (1.0 + (0.4 * up - 0.2) * t) + 0.9 * root * root) + 0.0015;
        let u = (p.x - x + 0.004 * wave(t * 0.6 + h.w)) / girth;
        let d = max((abs(u) - 1.0) * girth * 0.9, max(t - 1.0, -0.3 - t) * tall) + 9.0 * step(tall, 0.005);
        found = select(found, vec3f(d, clamp(u, -1.0, 1.0), t), d < found.x);
    }
    return found;
}

fn fang_tone(f: vec3f, p: vec2f) -> f32 {
    return clamp(f.y * sign(mouth_x() - p.x) * 0.75 - 0.1 + 0.2 * f.z, -0.8, 0.9);
}

// A plane of rock with an opening and what hangs from it: distance (x), how it turns to the light (y), its lit edge (z).
fn arch(p: vec2f, middle: vec2f, size: vec2f, rough: f32, pitch: f32, long: f32, salt: f32) -> vec3f {
    let hole = opening(p, middle, size, rough, salt);
    let near_brim = hole > -0.05 && hole < 1.4 * long + 0.02 && p.y > middle.y + 0.3 * size.y;
    let hang = select(vec3f(9.0, 0.0, 0.0), fangs(p, middle, size, pitch, long, 0.0, salt + 20.0), vec3<bool>(near_brim));
    let toward = normalize(vec2f(mouth_x(), 0.4) - p);
    let inward = normalize(middle - p);
    let facing = dot(inward, toward);
    let brow = smoothstep(-0.12, 0.0, hole) * clamp(0.3 + 0.7 * facing, 0.0, 1.0);
    let on_fang = smoothstep(0.0, -0.004, hang.x) * smoothstep(-0.03, 0.02, hole);
    let d = min(hole, hang.x);
    let turned = max(facing * smoothstep(0.02, -0.02, hole), hang.y * sign(mouth_x() - p.x) * on_fang);
    let rim = smoothstep(0.006 + place.px, 0.0, -d) * clamp(turned, 0.0, 1.0);
    return vec3f(d, mix(-0.12 + 0.45 * brow, fang_tone(hang, p), on_fang), rim);
}

// Light along an edge of rock that faces the mouth.
fn rimmed(stone: vec3f, p: vec2f, rim: f32) -> vec3f {
    return mix(stone, place.key.rgb, rim * 0.7 * place.key.a * near(p, vec2f(mouth_x(), 0.5), 0.36) * (0.35 + 0.65 * clear_sky()));
}

// Bright air in the mouth, on what lies outside.
fn in_bright_air(outside: vec4f, p: vec2f) -> vec4f {
    let bright = near(p, place.light_position, 0.25) * (0.2 - 0.15 * place.hours.w - 0.1 * place.hours.y);
    return vec4f(outside.rgb + place.key.rgb * bright * (0.4 + 0.6 * clear_sky()) * outside.a, outside.a);
}

fn plate_sky(p: vec2f) -> vec4f {
    let q = p + vec2f(0.0, -0.05);
    var color = sky_color(q, 0.38);
    color += place.hours.w * stars(p * 1.3, 0.55) * smoothstep(0.45, 0.6, p.y);
    color += glow(p, 0.9 - 0.5 * place.hours.w - 0.72 * place.hours.y);
    let cloud = streaks(p * 1.8 + vec2f(0.4, 0.1), 23.0);
    color = mix(color, overcast(mix(color * 0.8, mix(place.key.rgb, vec3f(1.0), 0.4), 0.25 + 0.5 * cloud.y)), cloud.x * (0.35 + 0.3 * place.weather.x) * smoothstep(0.42, 0.55, p.y));
    return in_bright_air(vec4f(sun_or_moon(color, p, vec2f(0.04), 0.045), 1.0), p);
}

fn hill_color() -> vec3f {
    return by_hour(hex(0x7d8bb0u), hex(0x78a6a8u), hex(0x7c5581u), hex(0x1c2f5eu));
}

fn plate_hills(p: vec2f) -> vec4f {
    let a = 0.425 + 0.06 * swell(p.x * 3.3 + 1.0, 2.0) + 0.006 * swell(p.x * 25.0, 5.0);
    let b = 0.37 + 0.03 * swell(p.x * 4.3 + 2.0, 3.0);
    let far = paint(through_air(mix(hill_color(), snow_white(), 0.7 * place.weather.y) + place.key.rgb * 0.1, 0.6 + 0.25 * smoothstep(0.06, 0.0, p.y - b)), edge(p.y - a));
    return in_bright_air(over(paint(through_air(mix(hill_color() * 0.9, snow_white(), 0.8 * place.weather.y), 0.35), edge(p.y - b)), far), p);
}

fn plate_firs(p: vec2f) -> vec4f {
    let row = fir_row(p, 0.335, 0.04, 0.1, 9.0);
    let fir_dark = by_hour(hex(0x4c6474u), hex(0x3f7466u), hex(0x4a3a64u), hex(0x10204au));
    let fir_light = by_hour(hex(0xa8ac94u), hex(0x96bd80u), hex(0xa87478u), hex(0x3a5690u));
    return in_bright_air(paint(through_air(mix(fir_dark, mix(fir_light, snow_white(), 0.8 * place.weather.y), row.y * row.y), 0.25), row.x), p);
}

fn plate_meadow(p: vec2f) -> vec4f {
    let green = by_hour(hex(0xb4b78cu), hex(0xa8cc7cu), hex(0x96805cu), hex(0x2b4a6cu));
    return in_bright_air(paint(through_air(mix(green, snow_white(), place.weather.y), 0.2 + 0.3 * smoothstep(0.29, 0.34, p.y)), edge(p.y - 0.33 - 0.01 * swell(p.x * 7.0, 8.0))), p);
}

// What falls before the mouth.
fn plate_rain(p: vec2f) -> vec4f {
    return rain_outside(p) * f32(before_mouth(p));
}

fn plate_snow(p: vec2f) -> vec4f {
    return snow_outside(p) * f32(before_mouth(p));
}

fn before_mouth(p: vec2f) -> bool {
    return abs(p.x - mouth_x()) < 0.34 && p.y > 0.29 && p.y < 0.79;
}

// Old signs on the wall: hands, a spiral, the sun, waves, rows of dots.
fn signs(p: vec2f) -> f32 {
    var found = 9.0;
    let s = p - vec2f(-0.2, 0.6);
    let turn = atan2(s.y, s.x) / 6.2831853;
    let r = length(s);
    let arm = abs(fract(r / 0.013 - turn) - 0.5) * 0.013;
    found = min(found, max(0.0043 - arm, r - 0.034));
    let sun_at = p - vec2f(-0.36, 0.68);
    let rays = max(abs(fract(atan2(sun_at.y, sun_at.x) * 11.0 / 6.2831853) - 0.5) * length(sun_at) * 0.57 - 0.0028, abs(length(sun_at) - 0.038) - 0.009);
    found = min(found, min(abs(length(sun_at) - 0.02) - 0.0035, rays));
    found = min(found, max(abs(p.y - 0.515 - 0.006 * wave(p.x * 22.0)) - 0.0028, abs(p.x + 0.29) - 0.075));
    found = min(found, max(abs(p.y - 0.495 - 0.006 * wave(p.x * 22.0)) - 0.0028, abs(p.x + 0.29) - 0.055));
    let dot_at = vec2f((fract(p.x / 0.018) - 0.5) * 0.018, p.y - 0.558);
    found = min(found, max(length(dot_at) - 0.0042, abs(p.x + 0.33) - 0.063));
    for (var i = 0; i < 2; i++) {
        let k = f32(i);
        let m = rotated(p - vec2f(-0.46 + 0.07 * k, 0.585 + 0.035 * k), 0.04 - 0.09 * k);
        found = min(found, length(m * vec2f(1.0, 0.85)) - 0.0135);
        for (var j = 0; j < 4; j++) {
            let f = f32(j) - 1.5;
            found = min(found, tapered(m, vec2f(f * 0.006, 0.009), vec2f(f * 0.0115, 0.031 - 0.0022 * f * f), 0.0042, 0.0028));
        }
        found = min(found, tapered(m, vec2f(-0.008, -0.002), vec2f(-0.024, 0.012), 0.0046, 0.003));
    }
    return found;
}

fn plate_far(p: vec2f) -> vec4f {
    let wall = arch(p, vec2f(mouth_x(), 0.26), vec2f(0.33, 0.49), 0.1, 0.075, 0.13, 901.0);
    return paint(rimmed(rock(p, 0.13, wall.y, 0.17, 902.0), p, wall.z), edge(wall.x));
}

// The floor of the mouth, worn flat and lit from without.
fn plate_sill(p: vec2f) -> vec4f {
    let sill = 0.3 + 0.008 * swell(p.x * 9.0, 903.0) + 0.05 * smoothstep(0.2, 0.36, abs(p.x - mouth_x()));
    var ground = rock(vec2f(p.x, p.y * 2.6), 0.1, 0.45, 0.14, 907.0) + place.key.rgb * 0.16 * near(p, vec2f(mouth_x(), 0.3), 0.16) * (0.3 + 0.7 * clear_sky());
    ground = mix(ground, snow_white(), place.weather.y * smoothstep(0.3, 0.12, abs(p.x - mouth_x()) + 0.1 * (noise(p * 30.0, 905.0) - 0.5)));
    return paint(ground, edge(p.y - sill));
}

fn plate_signs(p: vec2f) -> vec4f {
    let worn = smoothstep(0.25, 0.6, noise(p * 60.0, 911.0) * 0.6 + 0.4 * noise(p * 150.0, 912.0));
    let ochre = mix(hex(0xb5543au), hex(0x6e2f34u), noise(p * 9.0, 913.0)) * (0.35 + 0.65 * shine(p));
    return paint(ochre, 0.62 * worn * edge(signs(p)));
}

// Soft beams that fall in through the mouth.
fn plate_beams(p: vec2f) -> vec4f {
    let from_top = p - vec2f(mouth_x() + 0.16, 0.86);
    let angle = atan2(from_top.x, -from_top.y);
    let comb = 0.35 + 0.65 * noise(vec2f(angle * 8.0, 0.5), 83.0) * noise(vec2f(angle * 19.0, 0.5), 84.0) * 2.2;
    let fan = smoothstep(-1.15, -0.75, angle) * smoothstep(0.25, -0.25, angle);
    let fall = smoothstep(0.0, 0.22, -from_top.y) * exp(-length(from_top) * 1.7) * smoothstep(0.1, 0.3, p.y);
    let a = comb * fan * fall * 0.9 * (0.12 + 0.88 * clear_sky()) * dot(place.hours, vec4f(1.0, 0.9, 1.0, 0.38));
    return paint(place.key.rgb, clamp(a, 0.0, 0.5));
}

// The clusters stand at both sides: the foot of the one on the side of a place, and its size.
fn cluster_at(p: vec2f) -> vec3f {
    return select(vec3f(0.95, 0.25, 0.12), vec3f(-0.75, 0.235, 0.2), vec3<bool>(p.x < 0.0));
}

fn plate_crystal_glow(p: vec2f) -> vec4f {
    let cluster = cluster_at(p);
    let halo = length((p - cluster.xy - vec2f(0.0, 0.35 * cluster.z)) / cluster.z);
    return paint(crystal_tint(), crystal_strength() * 0.5 * exp(-halo * 1.9) * smoothstep(2.6, 1.2, halo));
}

// A cluster of crystals on a foot of rock.
fn crystals(p: vec2f, foot: vec2f, size: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let tint = crystal_tint();
    let on = crystal_strength();
    let light = shine(p);
    for (var i = 0; i < 9; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), salt);
        let fan = (fract(k * 0.618 + h.x * 0.2) - 0.5) * 2.0;
        let back = 1.0 - k / 8.0;
        let tall = size * (0.34 + 0.66 * (1.0 - fan * fan) * (0.5 + 0.5 * h.y)) * (0.62 + 0.42 * back);
        let q = rotated(p - foot - vec2f(fan * size * 0.36, -0.04 * size), 0.25 - fan * 0.1 + 0.02 * (h.z - 0.5));
        let girth = size * (0.055 + 0.045 * h.w) * (0.9 + 0.12 * q.x / tall);
        let point = (q.x - tall + girth * 1.5 + 0.25 * q.y) / 1.5;
        let d = max(abs(q.y) - girth, max(point + abs(q.y) - girth, -q.x));
        let ridge = girth * (0.32 * (h.x - 0.5) + 0.14);
        let left = step(ridge, q.y);
        let tip = smoothstep(-0.001, 0.001, point + abs(q.y - ridge) * 0.8 - girth * 0.78);
        let t = q.x / tall;
        let facing = mix(0.35, 0.8, select(left, 1.0 - left, mouth_x() > foot.x));
        var tone = mix(tint * 0.24, tint * 0.8, facing * (0.35 + 0.65 * t)) * (0.55 + 0.5 * on + 0.3 * light);
        tone = mix(tone, mix(tint, vec3f(1.0), 0.5), (0.35 * tip + 0.5 * smoothstep(0.55, 0.0, t) * on * 0.55) * (0.6 + 0.4 * on));
        let vein = smoothstep(0.0035 + place.px, 0.0, abs(q.y - ridge)) * 0.55 + smoothstep(0.004 + place.px, 0.0, abs(d)) * 0.35;
        tone = mix(tone, mix(tint, vec3f(1.0, 0.98, 0.94), 0.65), vein * (0.35 + 0.4 * on));
        color = over(paint(tone, edge(d) * 0.96), color);
    }
    return color;
}

fn plate_stalagmites(p: vec2f) -> vec4f {
    let up = fangs(p, vec2f(0.0, 0.262), vec2f(0.9, 0.3), 0.13, 0.2 * smoothstep(0.25, 0.6, abs(p.x)), 1.0, 923.0);
    return paint(rock(p, 0.15, fang_tone(up, p) + 0.1, -0.42, 931.0), edge(up.x) * smoothstep(0.24, 0.272, p.y));
}

const MIDDLE: vec2f = vec2f(0.08, 0.18);
const MIDDLE_SIZE: vec2f = vec2f(0.92, 0.73);

fn plate_middle(p: vec2f) -> vec4f {
    let wall = arch(p, MIDDLE, MIDDLE_SIZE, 0.07, 0.12, 0.2, 941.0);
    return paint(rimmed(rock(p, 0.15, wall.y, -0.42, 931.0), p, wall.z), edge(wall.x));
}

// A pillar where two have met, which grows together with the arch above.
fn plate_pillar(p: vec2f) -> vec4f {
    let axis = -0.56 + 0.12 * (hash1(2.0, 929.0) - 0.5);
    let v = clamp((p.y - 0.27) / 0.62, 0.0, 1.0);
    let lean = 0.012 * wave(v * 0.8 + 0.1);
    let girth = 0.032 + 0.075 * pow(1.0 - v, 4.0) + 0.11 * pow(v, 3.5) + 0.004 * wave(v * 6.3) + 0.002 * wave(v * 14.7);
    let u = clamp((p.x - axis - lean) / girth, -1.0, 1.0);
    let flutes = 0.16 * wave(u * 1.3 + 0.12 * wave(v * 1.7)) + 0.08 * wave(u * 3.1 + 0.2 * v);
    let pillar = (abs(p.x - axis - lean) - girth) * 0.9;
    let away = sign(mouth_x() - p.x);
    let in_arch = edge(opening(p, MIDDLE, MIDDLE_SIZE, 0.07, 941.0)) * smoothstep(0.6, 0.9, v);
    let stone = rimmed(rock(p, 0.15, u * away * 0.7 - 0.05 + flutes, -0.42, 931.0), p, smoothstep(0.82, 1.0, u * away));
    return paint(stone, edge(pillar) * smoothstep(0.24, 0.272, p.y) * (1.0 - in_arch));
}

// The pool's brim: negative in the water.
fn pool(p: vec2f) -> f32 {
    let q = (p - vec2f(mouth_x() - 0.02, 0.222)) / vec2f(0.34, 0.026);
    let right = length(q) - 1.0 + 0.22 * swell(p.x * 12.0, 951.0) + 0.12 * swell(p.x * 31.0, 952.0);
    let r = (p - vec2f(-0.5, 0.035)) / vec2f(0.2, 0.022);
    let left = length(r) - 1.0 + 0.2 * swell(p.x * 14.0, 953.0);
    return min(right * 0.026, left * 0.022);
}

fn floor_top(x: f32) -> f32 {
    return FLOOR + 0.006 * swell(x * 4.0, 961.0) + 0.002 * swell(x * 23.0, 962.0) + 0.02 * smoothstep(0.5, 1.1, abs(x));
}

fn floor_dark() -> vec3f {
    return by_hour(hex(0x4a4560u), hex(0x474e60u), hex(0x3f3358u), hex(0x232d5au));
}

// The light on the ground, which lies flat.
fn floor_shine(p: vec2f) -> vec3f {
    return shine(vec2f(p.x, 0.28 + (p.y - 0.28) * 0.55)) * (1.0 - 0.35 * smoothstep(0.12, -0.3, p.y));
}

fn plate_floor(p: vec2f) -> vec4f {
    let top = floor_top(p.x);
    let down = top - p.y;
    let depth = clamp(down / 0.4, 0.0, 1.2);
    // The ground lies flat: its stones are drawn out sideways, larger towards us.
    let ground = vec2f(p.x / (0.25 + depth), log(0.05 + depth) * 0.9);
    let slabs = facets(ground, 0.26, 963.0);
    let grit = facets(ground + 3.0, 0.075, 965.0);
    let drift = fractal(ground * vec2f(4.0, 7.0), 3, 967.0);
    let dark = floor_dark();
    let light = by_hour(hex(0xc0a298u), hex(0xc6b294u), hex(0xb08078u), hex(0x7284bcu));
    var stone = mix(dark, light, clamp(0.52 + 0.16 * slabs.x + 0.1 * grit.x + 0.35 * (drift - 0.5), 0.0, 1.0));
    stone *= (1.0 - 0.16 * slabs.y) * (1.0 - 0.06 * grit.y);
    let spread = (p.x - mouth_x() + 0.32 * depth) / (0.2 + 0.75 * depth);
    let fan = exp(-spread * spread * 1.1) * smoothstep(1.15, 0.05, depth);
    let lit_here = floor_shine(p);
    stone = stone * lit_here + place.key.rgb * fan * (0.1 + 0.2 * drift) * (0.25 + 0.75 * clear_sky()) * dot(place.hours, vec4f(1.0, 0.9, 1.0, 0.5));
    let d = pool(p);
    // A damp brim.
    stone = mix(stone, stone * 0.62, smoothstep(0.01, 0.0, d));
    stone = mix(stone, stone * 0.6, smoothstep(0.02, 0.0, down));
    var color = paint(stone, edge(p.y - top));

    // Pebbles, larger towards us.
    let row = floor(log(max(down, 0.004) / 0.03) / 0.32);
    let y = top - 0.03 * exp((row + 0.5) * 0.32);
    let size = (top - y) * 0.06 + 0.002;
    let across_cell = p.x / (size * 8.0) + row * 0.37;
    let cell = floor(across_cell);
    let h = hash4(vec2f(cell, row), 969.0);
    let q = vec2f((across_cell - cell - 0.3 - 0.4 * h.x) * size * 8.0, (p.y - y - (h.z - 0.5) * size) * 1.8);
    let radius = size * (0.4 + 0.6 * h.y) * step(h.w, 0.4);
    let pebble = length(q) - radius;
    let n = q / max(radius, 0.0001);
    let away = clamp((p.x - mouth_x()) * 20.0, -1.0, 1.0);
    let dry = smoothstep(0.0, 0.006, d) * step(0.0001, radius);
    color = over(paint(stone * 0.5, 0.7 * dry * soft_edge(length(q - vec2f(away * radius * 0.5, -radius * 0.5)) - radius, radius + 0.0001) * edge(p.y - top)), color);
    return over(paint(mix(dark, light, clamp(0.5 + 0.3 * n.y - 0.35 * n.x * away, 0.0, 1.0)) * lit_here * (0.8 + 0.5 * h.z), dry * edge(pebble) * edge(p.y - top)), color);
}

// The pool, in which the mouth and the crystals are mirrored.
fn plate_pool(p: vec2f) -> vec4f {
    let down = floor_top(p.x) - p.y;
    let depth = clamp(down / 0.4, 0.0, 1.2);
    let d = pool(p);
    let ripple = 0.006 * wave(p.y * 160.0 + p.x * 3.0) * (0.3 + depth);
    let across = (p.x - mouth_x() + ripple) / (0.27 + 0.12 * depth);
    let bright = smoothstep(1.05, 0.7, abs(across)) * smoothstep(0.1, 0.2, p.y);
    let sky = sky_color(vec2f(p.x, 0.5 - 1.2 * (p.y - 0.22)), 0.38) * 0.9 + place.key.rgb * 0.12;
    var water = mix(mix(floor_dark() * 0.62 * floor_shine(p), crystal_tint() * 0.35, 0.4 * near(p, CLUSTER, 0.4) * crystal_strength()), overcast(sky), bright * 0.9);
    water += crystal_tint() * 0.35 * crystal_strength() * exp(-pow((p.x - CLUSTER.x - 0.15) * 5.0, 2.0)) * smoothstep(0.16, 0.06, p.y);
    let brim = smoothstep(0.002 + place.px, 0.0, abs(d + 0.0012)) * 0.75 * near(p, vec2f(mouth_x(), 0.25), 0.2);
    let wet = over(paint(place.key.rgb, 0.6 * brim), paint(water, edge(d)));
    return vec4f(wet.rgb * (1.0 - 0.4 * smoothstep(0.02, 0.0, down)), wet.a);
}

// Rings where drops fall into the pool.
fn plate_drops(p: vec2f) -> vec4f {
    var sum = 0.0;
    for (var i = 0; i < 2; i++) {
        let k = f32(i);
        let beat = place.time_s * (0.23 + 0.07 * k) + k * 0.4;
        let age = fract(beat);
        let h = swift_hash(vec2f(floor(beat), k));
        let q = (p - vec2f(mouth_x() - 0.02 + 0.3 * (h.x - 0.5), 0.222 + 0.014 * (h.y - 0.5))) / vec2f(0.11, 0.011);
        let r = length(q) - age * 0.9;
        sum += clamp(1.0 - abs(r) / (0.06 + 0.08 * age), 0.0, 1.0) * (1.0 - age) * (1.0 - age);
    }
    let inside = clamp(1.0 - length((p - vec2f(mouth_x() - 0.02, 0.222)) / vec2f(0.3, 0.02)), 0.0, 1.0);
    return paint(mix(place.key.rgb, vec3f(1.0), 0.4), clamp(sum * 0.75, 0.0, 0.8) * clamp(inside * 5.0, 0.0, 1.0));
}

fn plate_near(p: vec2f) -> vec4f {
    let wall = arch(p, vec2f(0.0, 0.12), vec2f(1.02, 0.86), 0.06, 0.15, 0.25, 971.0);
    let cover = edge(wall.x) * smoothstep(0.14, 0.2, p.y + 0.05 * smoothstep(0.8, 1.2, abs(p.x)));
    return paint(rimmed(rock(p, 0.17, wall.y, -0.85, 975.0), p, wall.z), cover);
}

fn plate_near_stalagmites(p: vec2f) -> vec4f {
    let up = fangs(p, vec2f(0.0, 0.19), vec2f(1.3, 0.3), 0.16, 0.2 * smoothstep(0.7, 0.86, abs(p.x)), 1.0, 973.0);
    return paint(rock(p, 0.17, fang_tone(up, p), -0.85, 975.0), edge(up.x) * smoothstep(0.165, 0.2, p.y));
}

fn plate_crystals(p: vec2f) -> vec4f {
    let cluster = cluster_at(p);
    return crystals(p, cluster.xy, cluster.z, select(985.0, 981.0, p.x < 0.0));
}

// Two stones at each side, with their shadows.
fn plate_stones(p: vec2f) -> vec4f {
    let right = p.x > 0.0;
    var shadow = 0.0;
    var cover = 0.0;
    var bend = 0.0;
    for (var i = 0; i < 2; i++) {
        let first = i == 0;
        let middle = select(select(vec2f(-0.86, 0.185), vec2f(-0.7, 0.2), first), select(vec2f(0.97, 0.19), vec2f(0.78, 0.18), first), right);
        let size = select(select(vec2f(0.1, 0.075), vec2f(0.15, 0.05), first), select(vec2f(0.15, 0.085), vec2f(0.055, 0.036), first), right);
        let q = (p - middle) / size;
        let turn = atan2(q.y, q.x);
        let salt = 977.0 + f32(i) + select(0.0, 2.0, right);
        let outline = (length(q * vec2f(1.0, select(1.0, 1.7, q.y < 0.0))) - 1.0 + 0.12 * swell(turn * 4.0, salt) + 0.05 * swell(turn * 13.0, 978.0)) * min(size.x, size.y);
        let toward = normalize(vec2f(mouth_x(), 0.5) - middle);
        let stone = edge(outline);
        cover = max(cover, stone);
        bend = mix(bend, clamp(dot(q, toward) * 0.55 + 0.5 * q.y + 0.1, -0.7, 0.95), stone);
        shadow = max(shadow, soft_edge(length((q - vec2f(-0.3 * toward.x, -0.5)) / vec2f(1.25, 0.35)) - 1.0, 0.8));
    }
    return over(paint(rock(p, 0.17, bend, -0.25, 975.0), cover), paint(place.shade.rgb * 0.15, 0.6 * shadow));
}

fn plate_front(p: vec2f) -> vec4f {
    let dark = by_hour(hex(0x1c1a2au), hex(0x191d26u), hex(0x120d20u), hex(0x080c20u));
    let brow = by_hour(hex(0x574c5cu), hex(0x4c5054u), hex(0x4a3048u), hex(0x24305cu));
    // It frames the corners and leaves the sides open, since close views look past it there.
    let x = abs(p.x);
    let corner = smoothstep(0.3, 0.92, x) * (1.0 - 0.75 * smoothstep(1.0, 1.35, x));
    let worn = 0.02 * swell(p.x * 9.0, 991.0) + 0.006 * swell(p.x * 41.0, 992.0);
    let hole = min(1.05 - 0.26 * corner + worn - p.y, p.y + 0.07 - 0.19 * corner * corner + worn);
    let hang = fangs(p, vec2f(0.0, 0.4), vec2f(1.9, 0.58 - 0.16 * corner), 0.21, 0.2, 0.0, 993.0);
    let d = min(hole, hang.x + 9.0 * step(p.y, 0.5));
    let on_fang = smoothstep(-0.01, 0.01, hole);
    let face = mix(smoothstep(-0.1, 0.0, hole) * 0.5, 0.5 + 0.5 * hang.y * sign(mouth_x() - p.x), on_fang);
    let color = mix(dark, brow, face * (0.25 + 0.5 * near(p, vec2f(mouth_x(), 0.4), 0.8))) + crystal_tint() * 0.1 * crystal_strength() * near(p, CLUSTER, 0.2);
    return paint(color, edge(d));
}
