// A village square: timbered houses along a cobbled lane, a well or a market stall, hills with a church behind.

const VANISH: f32 = 0.37;
const TOP: f32 = 0.3;

// The village lies the other way round in half of the scenes.
fn hand() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 5.71) < 0.5);
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(whole_sky(p, 0.4, 1101.0), 1.0);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.05, 0.0), 0.5, 0.075, 0.23, 1111.0), 0.42);
}

fn plate_near_clouds(p: vec2f) -> vec4f {
    let near = cloud_paint(cumulus(p + vec2f(0.33, 0.0), 0.68, 0.18, 0.9, 1113.0), 0.1);
    return over(flock(p, vec2f(0.1 * hand(), 0.72), 0.1, 1115.0), near);
}

// A church with a spire among its trees.
fn church(p: vec2f, foot: vec2f, size: f32, distance: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let stone = hex(0xd8ccbau);
    let slate = hex(0x6a6f86u);
    let nave = max(abs(q.x - 0.42) - 0.36, max(-q.y - 0.1, q.y - 0.34));
    let s = (q.y - 0.34) / 0.24;
    let roof = max(abs(q.x - 0.42) - mix(0.4, 0.34, s), max(0.34 - q.y, q.y - 0.58));
    let tower = max(abs(q.x) - 0.15, max(-q.y - 0.1, q.y - 0.85));
    let ledge = max(abs(q.x) - 0.17, abs(q.y - 0.84) - 0.02);
    let spire = max(abs(q.x) - 0.15 * (1.62 - q.y) / 0.78, 0.84 - q.y) * 0.97;
    let cross = min(max(abs(q.x) - 0.008, abs(q.y - 1.66) - 0.08), max(abs(q.x) - 0.035, abs(q.y - 1.68) - 0.008));
    let tone = 0.5 + 0.3 * toward * clamp(q.x / 0.15, -1.0, 1.0);
    var color = paint(in_light(stone, 0.5), edge(nave * size));
    color = over(paint(mix(in_light(slate, 0.55), snow_white(), 0.85 * place.weather.y), edge(roof * size)), color);
    let lights = max(abs(abs(q.x - 0.45) - 0.13) - 0.035, max(0.08 - q.y, length(vec2f(abs(abs(q.x - 0.45) - 0.13), max(q.y - 0.2, 0.0))) - 0.035));
    let bell = max(abs(q.x) - 0.05, max(0.58 - q.y, length(vec2f(q.x, max(q.y - 0.68, 0.0))) - 0.05));
    color = over(paint(in_light(stone, tone), edge(min(tower, ledge) * size)), color);
    color = over(paint(mix(in_light(slate, tone + 0.1), snow_white(), 0.6 * place.weather.y * step(0.0, q.x * toward)), edge(min(spire, cross) * size)), color);
    color = over(paint(mix(in_light(slate * 0.7, 0.3), hex(0xffcf7au), lamps_on()), edge(min(lights, bell) * size)), color);
    return vec4f(through_air(color.rgb / max(color.a, 0.001), distance) * color.a, color.a);
}

// Where the fields end.
fn field_top(x: f32) -> f32 {
    return 0.4 + 0.035 * swell(x * 2.3 + 2.5, 1133.0);
}

fn plate_hills(p: vec2f) -> vec4f {
    let a = 0.46 + 0.05 * swell(p.x * 1.7 + 1.0, 1131.0) + 0.004 * swell(p.x * 23.0, 1132.0);
    let blue = by_hour(hex(0x7486a0u), hex(0x78a6a0u), hex(0x70507cu), hex(0x142650u));
    let ridge = paint(through_air(mix(blue, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.55 + 0.3 * smoothstep(0.0, 0.12, a - p.y)), edge(p.y - a));
    let fields = in_light(mix(hex(0xb4c474u), hex(0xd9c27cu), step(0.5, noise(vec2f(p.x * 7.0 + p.y * 9.0, p.y * 26.0), 1137.0))), 0.55 + 0.3 * lit(p, 0.4));
    return over(paint(through_air(mix(fields, snow_white(), 0.85 * place.weather.y), 0.36), edge(p.y - field_top(p.x))), ridge);
}

// Woods where the fields end, and before the church.
fn plate_woods(p: vec2f) -> vec4f {
    let top = field_top(p.x);
    let behind = grove(p, top - 0.008, 0.035, 0.08, 0.4, 1135.0) * (1.0 - edge(p.y - top));
    return over(grove(p + vec2f(0.02, 0.0), 0.365, 0.05, 0.11, 0.3, 1138.0), behind);
}

fn plate_church(p: vec2f) -> vec4f {
    let yard = vec2f(-0.13 * hand() + 0.08 * (place.seed.x - 0.5) + lane(0.3), 0.372);
    return church(p, yard, 0.135, 0.26);
}

fn plate_cottages(p: vec2f) -> vec4f {
    return cottages(p, 0.345 + 0.016 * swell(p.x * 2.0, 1139.0), 0.055, 0.26, vec2f(-1.6, 1.6), 1141.0);
}

// A grove before the cottages, in the mist of the valley.
fn plate_misty_grove(p: vec2f) -> vec4f {
    let trees = grove(p + vec2f(0.05, 0.0), 0.318, 0.05, 0.15, 0.2, 1143.0);
    let mist = exp(-pow((p.y - 0.31) / 0.045, 2.0)) * (0.2 + 0.6 * fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 1145.0)) * (0.55 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return over(paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85)), trees);
}

// The lane's middle: it comes round a bend.
fn lane(y: f32) -> f32 {
    let far = clamp((y - 0.02) / 0.28, 0.0, 1.2);
    return hand() * (0.16 * far * far * far - 0.08 * far);
}

// Where a house stands by its number along the lane, and its size: x, y, size, salt.
fn plot(k: i32, side: f32) -> vec4f {
    let seat = side * hand();
    let n = f32(k);
    let h = hash4(vec2f(n, seat), 1151.0);
    let size = select(vec4f(0.12, 0.19, 0.36, 0.38), vec4f(0.145, 0.22, 0.34, 0.36), vec4<bool>(seat > 0.0))[k] * (0.94 + 0.12 * h.x);
    let x = select(vec4f(0.29, 0.45, 0.98, 2.0), vec4f(0.31, 0.55, 1.12, 2.05), vec4<bool>(seat > 0.0))[k] + 0.03 * (h.y - 0.5);
    return vec4f(side * x + lane(0.3), vec4f(0.285, 0.276, 0.252, 0.235)[k], size, 20.0 + 3.0 * n + seat);
}

// House `k` of the lane on the side where `p` is.
fn house_along(p: vec2f, k: i32, distance: f32) -> vec4f {
    let side = sign(p.x - lane(0.3));
    let h = plot(k, side);
    return gabled_house(p, h.xy, h.z, -side, distance, h.w);
}

// Trees at the end of the lane.
fn plate_far_trees(p: vec2f) -> vec4f {
    return grove(p + vec2f(0.11, 0.0), 0.3, 0.14, 0.3, 0.17, 1153.0);
}

fn plate_far_houses(p: vec2f) -> vec4f {
    return house_along(p, 0, 0.19);
}

fn plate_houses(p: vec2f) -> vec4f {
    return house_along(p, 1, 0.12);
}

// A washing line behind the last house.
fn plate_washing(p: vec2f) -> vec4f {
    let side = sign(p.x - lane(0.3));
    let left = vec2f(0.74, 0.395) * vec2f(side, 1.0) + vec2f(lane(0.3), 0.0);
    let q = vec2f((p.x - left.x) * side / 0.2, p.y - left.y);
    let sag = -0.016 * (1.0 - pow(2.0 * q.x - 1.0, 2.0));
    let line = max(abs(q.y - sag) - 0.0012, max(-q.x, q.x - 1.0) * 0.2);
    let poles = max(abs(abs(q.x - 0.5) - 0.5) * 0.2 - 0.003, q.y - 0.006);
    let n = floor(q.x * 5.0);
    let h = hash4(vec2f(n, side), 1157.0);
    let f = vec2f((q.x * 5.0 - n - 0.5) * 0.04, q.y - sag);
    let long = 0.035 + 0.03 * h.x;
    let cloth = max(abs(f.x) - 0.0155 - 0.06 * f.y * (h.y - 0.7), max(f.y - 0.001, -long - f.y + 0.004 * cos(f.x * 300.0 + h.z * 6.0)));
    let hue = mix(mix(hex(0xf2e8dau), hex(0xc98a7cu), step(0.45, h.z)), hex(0x86a3b4u), step(0.72, h.z));
    let color = paint(through_air(in_light(hex(0x6e5240u), 0.4), 0.08), edge(min(line, poles)));
    return over(paint(through_air(in_light(hue, 0.6 + 0.25 * sin(f.x * 260.0 + h.w * 6.0)), 0.08), edge(cloth) * step(0.0, q.x) * step(q.x, 1.0) * step(0.12, h.w)), color);
}

fn plate_near_trees(p: vec2f) -> vec4f {
    return grove(p - vec2f(0.09, 0.0), 0.275, 0.075, 0.42, 0.1, 1155.0);
}

fn plate_smoke(p: vec2f) -> vec4f {
    let h = plot(1, -1.0);
    let mouth = house_chimney(h.xy, h.z, 1.0, h.w);
    let gray = mix(overcast(place.fog.rgb), by_hour(hex(0xf6e6dcu), hex(0xffffffu), hex(0xe9b49cu), hex(0x6a82bcu)), 0.4);
    return paint(gray, 0.55 * smoke_plume(p, mouth, 0.011, 0.26) * (1.0 - 0.6 * place.weather.x));
}

// The edge between the grass and the air over it.
fn grass_top(x: f32) -> f32 {
    return TOP - 0.008 * smoothstep(0.1, 0.5, abs(x)) + 0.004 * swell(x * 5.0, 1161.0);
}

// How far a place is beyond the brim of the lane, at the depth that it lies in.
fn brim(p: vec2f, depth: f32) -> f32 {
    return abs(p.x - lane(p.y)) - 0.05 - 0.9 * depth * depth - 0.75 * depth * smoothstep(0.05, 0.4, depth) + 0.016 * (noise(p * vec2f(24.0, 70.0), 1163.0) - 0.5) - 0.03 * swell(p.y * 20.0, 1164.0) * depth;
}

// Shadows and lights on the ground of the square.
fn ground_light(ground: vec3f, p: vec2f, depth: f32, brim: f32) -> vec3f {
    var color = ground * (1.0 - 0.2 * soft_edge(abs(brim) - 0.004, 0.03 * (0.3 + depth)));
    // The houses throw their shadows away from the light.
    let away = p.x - place.light_position.x;
    let thrown = smoothstep(0.3, 0.9, abs(away) + 0.25 * swell(p.x * 3.0, 1171.0)) * smoothstep(0.16, 0.03, abs(p.y - 0.25));
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.5), 0.4), 0.32 * thrown * clear_sky());
    // Windows throw warm light on the ground by night.
    let warm = exp(-pow((abs(p.x) - 0.62) * 3.0, 2.0)) * smoothstep(0.12, 0.28, p.y) * lamps_on() * place.hours.w;
    let pool = exp(-length(vec2f(p.x - 0.47 * hand(), (p.y - 0.215) * 3.6)) * 4.6) * lamps_on() * (0.1 + 0.9 * place.hours.w);
    color += hex(0xffa850u) * (0.16 * warm + 0.36 * pool);
    return through_air(color, 0.22 * smoothstep(0.05, 0.0, grass_top(p.x) - p.y));
}

fn plate_green(p: vec2f) -> vec4f {
    let top = grass_top(p.x);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let color = meadow_grass(meadow(p, top, 1165.0), p, top, 0.055, 0.5, 1167.0);
    return paint(ground_light(color, p, depth, brim(p, depth)), edge(p.y - top));
}

fn plate_lane(p: vec2f) -> vec4f {
    let top = grass_top(p.x);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let brim = brim(p, depth);
    let color = cobbles(vec2f(p.x - lane(p.y), p.y), VANISH, 0.72, hex(0xcfc0acu), 1169.0);
    return paint(ground_light(color, p, depth, brim), soft_edge(brim, 0.012 + 0.02 * depth) * edge(p.y - top));
}

// A well with a shingled roof, a bucket on its rope.
fn well(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let u = q.x / 0.42;
    let tone = dot(place.hours, vec4f(0.5, 0.62, 0.4, 0.42)) + 0.3 * toward * u;
    let timber = hex(0x7a5a42u);
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.25 * toward, -0.02)) / vec2f(0.75, 0.13)) - 1.0, 0.6));
    let rope = abs(q.x + 0.02) - 0.012;
    let posts = max(abs(abs(q.x) - 0.36) - 0.045, max(0.3 - q.y, q.y - 1.12));
    let back = max(length(vec2f(q.x, (q.y - 0.46) * 3.2)) - 0.42, 0.44 - q.y);
    color = over(paint(in_light(hex(0x4a4248u), tone - 0.2), edge(back * size)), color);
    color = over(paint(in_light(hex(0xcfb890u), tone + 0.1), edge(max(rope, max(0.62 - q.y, q.y - 0.92)) * size)), color);
    let drum = max(abs(q.y - 0.92) - 0.06, abs(q.x) - 0.34);
    color = over(paint(in_light(timber, 0.75 - 6.0 * abs(q.y - 0.95)) * (0.85 + 0.15 * step(0.3, fract(q.x * 22.0)) * step(abs(q.x), 0.2)), edge(drum * size)), color);
    let crank = min(segment(q, vec2f(0.34, 0.92), vec2f(0.5, 0.92)), min(segment(q, vec2f(0.5, 0.92), vec2f(0.54, 0.78)), segment(q, vec2f(0.54, 0.78), vec2f(0.62, 0.78)))) - 0.018;
    color = over(paint(in_light(hex(0x54484cu), tone + 0.2), edge(crank * size)), color);
    let pail = max(abs(q.x + 0.02) - 0.085 - 0.12 * (q.y - 0.6), max(0.5 - q.y, q.y - 0.66));
    color = over(paint(in_light(hex(0xa5805cu) * (0.82 + 0.18 * step(0.25, abs(fract(q.y * 11.0) - 0.5))), tone + 2.0 * toward * (q.x + 0.02)), edge(pail * size)), color);
    color = over(paint(mix(in_light(timber, tone + 0.3 * toward * sign(fract(abs(q.x) * 10.0) - 0.5)), in_light(timber, tone - 0.3), smoothstep(0.85, 1.1, q.y)), edge(posts * size)), color);
    // The ring of stones, round to the light.
    let rim = 0.46 - 0.09 * sqrt(max(1.0 - u * u, 0.0));
    let low = -0.075 * sqrt(max(1.0 - u * u, 0.0));
    let ring = max(abs(q.x) - 0.42, max(low - q.y, q.y - rim));
    let turn = asin(clamp(u, -1.0, 1.0));
    let v = (q.y - low) / (rim - low) * 4.0;
    let course = floor(v);
    let stone = vec2f(turn * 2.6 + 0.5 * (course - 2.0 * floor(course * 0.5)) + 9.0, v);
    let chance = hash4(floor(stone), 1181.0);
    let f = fract(stone) - 0.5;
    let joint = max(abs(f.x), abs(f.y));
    let relief = (f.y * 0.5 + f.x * toward * 0.6) * smoothstep(0.2, 0.5, joint);
    var wall = in_light(mix(hex(0xaaa096u), hex(0xc9bca8u), chance.x), tone + 0.22 * toward * u + relief + 0.15 * (chance.y - 0.5));
    wall = mix(wall, in_light(hex(0x6a625eu), tone * 0.5), smoothstep(0.42, 0.47, joint));
    wall = mix(wall, in_light(hex(0x6f8a52u), tone), smoothstep(0.55, 0.8, noise(q * 9.0, 1183.0) + 0.35 * (1.0 - v * 0.4)) * 0.6);
    wall = mix(wall, snow_white(), place.weather.y * smoothstep(3.75, 3.95, v));
    color = over(paint(wall, edge(ring * size)), color);
    let coping = abs(q.y - rim) - 0.03;
    color = over(paint(mix(in_light(hex(0xd8ccb8u), tone + 0.25), snow_white(), 0.8 * place.weather.y), edge(max(coping, abs(q.x) - 0.445) * size)), color);
    // The roof.
    let s = (q.y - 1.08) / 0.34;
    let roof = max(max(-s, s - 1.0) * 0.34, abs(q.x) - mix(0.56, 0.3, s) - 0.015 * sin(floor(s * 5.0) * 2.4));
    let row = floor(s * 5.0);
    let shingle = hash4(vec2f(floor(q.x * 11.0 + 0.5 * row), row), 1185.0);
    var cover = in_light(mix(hex(0x8a6650u), hex(0xa8825cu), shingle.x), tone + 0.25 * toward * q.x + 0.25 * s) * (1.0 - 0.3 * smoothstep(0.75, 1.0, 1.0 - fract(s * 5.0)));
    cover = mix(cover, snow_white(), place.weather.y * smoothstep(0.0, 0.4, s + 0.4 * (shingle.y - 0.3)));
    cover += place.key.rgb * 0.25 * place.key.a * smoothstep(0.1, 0.0, 1.0 - s) * clear_sky();
    return over(paint(cover, edge(roof * size)), color);
}

// A lamp post at the lane: an iron lantern on a wooden arm.
fn lamp_post(p: vec2f, foot: vec2f, size: f32, arm: f32) -> vec4f {
    let q = vec2f((p.x - foot.x) * arm, p.y - foot.y) / size;
    let on = lamps_on();
    let toward = sign(place.light_position.x - foot.x) * arm;
    var color = paint(place.shade.rgb * 0.25, 0.45 * soft_edge(length((q - vec2f(-0.06 * toward, -0.005)) / vec2f(0.12, 0.025)) - 1.0, 0.7));
    let lamp = vec2f(0.15, 0.83);
    color = over(paint(hex(0xffb35au), 0.8 * exp(-length(q - lamp) * 6.5) * on * (0.2 + 0.8 * place.hours.w)), color);
    let post = max(abs(q.x) - 0.022 - 0.006 * smoothstep(0.3, 0.0, q.y), max(-q.y, q.y - 1.0));
    let beam = min(segment(q, vec2f(0.0, 0.95), vec2f(0.2, 0.95)) - 0.014, segment(q, vec2f(0.0, 0.8), vec2f(0.11, 0.94)) - 0.011);
    let hook = segment(q, vec2f(0.15, 0.95), vec2f(0.15, 0.88)) - 0.005;
    let wood = in_light(hex(0x6e5240u), 0.45 + 0.35 * toward * q.x / 0.022) * (0.86 + 0.2 * noise(q * vec2f(120.0, 8.0), 1187.0));
    color = over(paint(mix(wood, snow_white(), place.weather.y * step(0.962, q.y)), edge(min(min(post, beam), hook) * size)), color);
    let cage = max(abs(q.x - lamp.x) - 0.03 - 0.14 * (q.y - lamp.y), abs(q.y - lamp.y) - 0.042);
    let hat = max(abs(q.x - lamp.x) - 0.052 + (q.y - lamp.y - 0.042) * 1.3, max(lamp.y + 0.04 - q.y, q.y - lamp.y - 0.078));
    let glass = mix(in_light(hex(0xb9c4c4u), 0.6), mix(hex(0xffc060u), hex(0xfff2c0u), exp(-length(q - lamp) * 30.0)), on);
    let ribs = min(abs(q.x - lamp.x) - 0.004, abs(cage + 0.004) - 0.004);
    color = over(paint(glass, edge(cage * size)), color);
    return over(paint(in_light(hex(0x3c3638u), 0.5), edge(min(max(ribs, cage), hat) * size)), color);
}

// The house nearest on this side of the lane: -1 left, 1 right.
fn near_house(p: vec2f, side: f32) -> vec4f {
    let h = plot(select(2, 3, abs(p.x - lane(0.3)) > 1.4), side);
    let away = sign(h.x - place.light_position.x);
    let dark = length((p - h.xy - vec2f(0.05 * away - 0.25 * side, -0.004) * h.z) / (h.z * vec2f(0.9, 0.085))) - 1.0;
    let shadow = paint(place.shade.rgb * 0.3, 0.5 * soft_edge(dark, 0.7));
    return over(gabled_house(p, h.xy, h.z, -side, 0.0, h.w), shadow);
}

fn plate_left_house(p: vec2f) -> vec4f {
    return near_house(p, -1.0);
}

fn plate_right_house(p: vec2f) -> vec4f {
    return near_house(p, 1.0);
}

// An old tree on the one or the other side of the lane.
fn old_tree(p: vec2f) -> vec4f {
    return oak(p, vec2f(0.97 * hand(), 0.222), 0.62, 0.027, 1191.0);
}

fn plate_left_tree(p: vec2f) -> vec4f {
    return old_tree(p) * step(p.x, 0.0);
}

fn plate_right_tree(p: vec2f) -> vec4f {
    return old_tree(p) * step(0.0, p.x);
}

// A market stall: striped cloth over crates of fruit and loaves.
fn stall(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let tone = dot(place.hours, vec4f(0.5, 0.62, 0.4, 0.42)) + 0.14 * toward * q.x;
    let timber = hex(0x8a6a4eu);
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.15 * toward, -0.02)) / vec2f(1.0, 0.12)) - 1.0, 0.7));
    let back = max(abs(q.x) - 0.74, max(0.3 - q.y, q.y - 1.05));
    color = over(paint(in_light(hex(0x6a5248u), tone - 0.35), edge(back * size) * 0.85), color);
    let posts = max(abs(abs(q.x) - 0.76) - 0.026, max(-0.01 - q.y, q.y - 1.2));
    color = over(paint(in_light(timber, tone + 0.1), edge(posts * size)), color);
    // A lantern hangs under the cloth.
    let lamp = q - vec2f(0.3, 0.88);
    let on = lamps_on();
    color = over(paint(hex(0xffb35au), 0.8 * exp(-length(lamp) * 4.5) * smoothstep(1.1, 0.3, length(lamp)) * on * (0.25 + 0.75 * place.hours.w)), color);
    color = over(paint(in_light(hex(0x3c3638u), 0.4), edge(min(max(abs(lamp.x) - 0.006, max(-lamp.y, lamp.y - 0.2)), box(lamp, vec2f(0.0), vec2f(0.04, 0.055), 0.01)) * size)), color);
    color = over(paint(mix(in_light(hex(0xc9d0ccu), 0.5), hex(0xffe6a0u), on), edge(box(lamp, vec2f(0.0), vec2f(0.028, 0.042), 0.006) * size)), color);
    // Crates that lean towards the buyers, heaped.
    let n = clamp(floor((q.x + 0.7) / 0.35), 0.0, 3.0);
    let h = hash4(vec2f(n, 3.0), 1221.0);
    let c = vec2f(q.x + 0.7 - (n + 0.5) * 0.35, q.y - 0.5);
    let heap = max(c.y - 0.13 - 0.06 * sqrt(max(1.0 - c.x * c.x / 0.022, 0.0)), max(abs(c.x) - 0.15, -c.y));
    let cell = vec2f(c.x / 0.052 + 0.5 * floor(c.y / 0.045), c.y / 0.045);
    let fruit = fract(cell) - 0.5;
    let pick = hash4(floor(cell), 1223.0 + n);
    let ripe = mix(mix(mix(hex(0xc8584au), hex(0xd99a48u), step(0.3, h.x)), hex(0x8fa858u), step(0.55, h.x)), hex(0xc79a68u), step(0.78, h.x));
    let round = 0.55 - 1.1 * length(fruit - vec2f(0.16 * toward, 0.16));
    color = over(paint(in_light(ripe * (0.88 + 0.2 * pick.x), tone + 0.1 + 0.5 * round), edge(heap * size)), color);
    let tray = max(abs(c.x) - 0.16, abs(c.y - 0.02) - 0.065);
    let laths = 0.82 + 0.18 * step(0.16, abs(fract(c.y / 0.065 + 0.2) - 0.5));
    color = over(paint(in_light(hex(0xb08c62u) * laths, tone + 0.1), edge(tray * size)), color);
    // The counter with its cloth.
    let table = max(abs(q.x) - 0.8, abs(q.y - 0.45) - 0.03);
    let cloth = max(abs(q.x) - 0.77, max(0.1 + 0.02 * sin(q.x * 19.0) - q.y, q.y - 0.44));
    let fold = 0.5 + 0.5 * sin(q.x * 19.0 + 1.0);
    let legs = max(abs(abs(q.x) - 0.7) - 0.035, max(-0.02 - q.y, q.y - 0.2));
    color = over(paint(in_light(timber, tone - 0.1), edge(legs * size)), color);
    color = over(paint(in_light(hex(0xd8ccb4u), tone - 0.12 + 0.2 * fold * smoothstep(0.5, 0.1, q.y)), edge(cloth * size)), color);
    color = over(paint(in_light(timber * 1.15, tone + 0.2), edge(table * size)), color);
    // The roof of cloth.
    let t = (1.34 - q.y) / 0.3;
    let w = 0.68 + 0.24 * t;
    let u = (q.x / w * 0.5 + 0.5) * 9.0;
    let f = fract(u) - 0.5;
    let hem = 1.0 + 0.26 * sqrt(max(1.0 - 4.0 * f * f, 0.0));
    let roof = max(abs(q.x) - w, max(-t, t - hem) * 0.3);
    let odd = abs(floor(u) - 2.0 * floor(floor(u) * 0.5));
    let stripe = mix(hex(0xf0e6d4u), select(hex(0xb8645au), hex(0x6a8f88u), fract(place.seed.x * 21.7) < 0.5), odd);
    let cover = in_light(stripe, tone + 0.22 - 0.12 * t - 0.22 * smoothstep(0.97, 1.03, t) + 0.06 * f);
    color = over(paint(place.shade.rgb * 0.3, 0.35 * soft_edge(max(abs(q.x) - 0.8, abs(q.y - 0.96) - 0.06) * size, 0.02)), color);
    return over(paint(mix(cover, snow_white(), place.weather.y * smoothstep(1.0, 0.8, t)), edge(roof * size)), color);
}

fn plate_well_or_stall(p: vec2f) -> vec4f {
    let seat = vec2f(-0.42 * hand(), 0.238);
    let market = fract(place.seed.x * 3.31) < 0.5;
    return select(well(p, seat, 0.17), stall(p, seat - vec2f(0.02 * hand(), 0.006), 0.2), vec4<bool>(market));
}

fn plate_lamp(p: vec2f) -> vec4f {
    return lamp_post(p, vec2f(0.52 * hand(), 0.232), 0.33, -hand());
}

// The dark and the lit green before the stage.
fn dark_green() -> vec3f {
    return by_hour(hex(0x22343au), hex(0x1c3c30u), hex(0x171328u), hex(0x060d20u));
}

fn light_green() -> vec3f {
    return by_hour(hex(0x86886cu), hex(0x74a052u), hex(0x7a5448u), hex(0x2a4876u));
}

// A picket fence in one corner, hollyhocks in both.
fn plate_fence(p: vec2f) -> vec4f {
    let x = p.x * hand();
    let dark = dark_green();
    let light = light_green();
    let wood = mix(by_hour(hex(0x4a4450u), hex(0x4c4c48u), hex(0x2a2032u), hex(0x0c142cu)), light, 0.12);
    // Pickets on the side of the well.
    let top = 0.2 - 0.25 * smoothstep(-0.9, -0.42, x);
    let n = round(x / 0.062);
    let u = abs(x - n * 0.062 + 0.004 * (hash1(n, 1201.0) - 0.5));
    let tall = top + 0.012 * (hash1(n, 1203.0) - 0.5);
    let picket = max(u - 0.019, p.y - tall + u * 0.9);
    let rail = max(abs(p.y - top + 0.055) - 0.01, x + 0.5);
    var color = paint(overcast(mix(wood * 0.8, snow_white() * 0.55, place.weather.y * 0.7)), edge(max(rail, x + 0.42)));
    color = over(paint(overcast(mix(wood * (0.9 + 0.2 * (u / 0.019)), snow_white() * 0.6, place.weather.y * smoothstep(0.03, 0.0, tall - p.y))), edge(max(picket, x + 0.42))), color);
    for (var i = 0; i < select(0, 18, abs(x) > 0.38 && p.y < 0.42); i++) {
        let h = hash4(vec2f(f32(i), sign(x)), 1205.0);
        let foot = vec2f(sign(x) * (0.56 + 0.55 * h.x), -0.08);
        let long = (0.14 + 0.24 * h.z) * smoothstep(0.4, 0.95, abs(foot.x)) + 0.04;
        let lean = (h.w - 0.5) * 0.8;
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(blade(vec2f(x, p.y), foot, long, lean, 0.012))), color);
        let v = vec2f(x, p.y) - foot - vec2f(lean * long, long);
        let petals = length(v) - 0.021 * (0.8 + 0.2 * fivefold(v));
        let bloom = mix(by_hour(hex(0xb8647au), hex(0xc85a78u), hex(0x86385cu), hex(0x30285cu)), by_hour(hex(0xd8b4a8u), hex(0xe4c4b8u), hex(0xa47a78u), hex(0x4a5488u)), step(0.5, h.y));
        color = over(paint(overcast(bloom), edge(petals) * step(h.w, 0.4) * (1.0 - place.weather.y)), color);
    }
    return color;
}

// A bough that hangs into the other corner.
fn plate_bough(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let x = p.x * hand();
    let dark = dark_green();
    let light = light_green();
    for (var i = 0; i < select(0, 4, x > 0.3 && p.y > 0.6 && x < 1.5); i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), 1207.0);
        let twig = sprig(vec2f(x, p.y), vec2f(0.78 + 0.16 * k, 1.12 + 0.03 * h.x), 0.56 + 0.06 * k + 0.05 * (h.y - 0.5), 0.24 + 0.1 * h.z, 0.3 * (h.w - 0.5), 4, 1209.0 + k);
        let tint = mix(dark, mix(dark, light, 0.6 * twig.y), twig.y * (0.35 + 0.65 * twig.z));
        color = over(paint(overcast(mix(tint, snow_white() * 0.7, 0.4 * place.weather.y * twig.z)), twig.x), color);
    }
    return color;
}
