// A castle's great hall: pointed windows with a weather of their own, ribs that rise from pillars, a throne on its
// dais, torches, a wheel of candles, a table that is laid.

const FLOOR: f32 = 0.262;
// Distance of the pillars, which stand half of it off the middle.
const BAY: f32 = 0.52;
// Where the arches of the bays begin.
const SPRING: f32 = 0.74;
const WINDOW_X: f32 = -0.52;
const SILL: f32 = 0.43;
const LANCET: f32 = 0.055;
const APART: f32 = 0.14;
const THRONE_X: f32 = 0.52;
const HEARTH_X: f32 = 1.04;
const TORCH: vec2f = vec2f(0.26, 0.612);
const WHEEL: vec2f = vec2f(0.0, 0.862);

// Colours of the house that lives here, as in its court: 0 the hangings, 1 the cloth, 2 its emblem.
fn livery(n: i32) -> vec3f {
    let k = fract(place.seed.x * 9.77);
    let first = array(hex(0x54688cu), hex(0x93424cu), hex(0xd9b56cu));
    let second = array(hex(0x9c5048u), hex(0x3f5f88u), hex(0xdcd3c2u));
    let third = array(hex(0x4f6e6cu), hex(0x5b4f86u), hex(0xd8b878u));
    return select(select(third[n], second[n], k < 0.67), first[n], k < 0.34);
}

fn stone_color() -> vec3f {
    return mix(hex(0xcbbfaeu), hex(0xc0b8b0u), step(0.5, fract(place.seed.x * 4.57)));
}

// How much of the light the flames give by the time of day.
fn flames() -> f32 {
    return clamp(dot(place.hours, vec4f(0.45, 0.16, 0.8, 1.0)) + 0.3 * place.weather.x * place.hours.y, 0.0, 1.0);
}

fn near(p: vec2f, source: vec2f, reach: f32) -> f32 {
    let d = length(p - source) / reach;
    return 1.0 / (1.0 + d * d);
}

// All the light that falls on a place of the hall.
fn shine(p: vec2f) -> vec3f {
    let gray_day = clamp(place.weather.x * 0.8 + place.weather.y * 0.3 + place.weather.z * 0.5, 0.0, 1.0);
    let ambient = by_hour(hex(0x7c7492u), hex(0x9a999fu), hex(0x473e64u), hex(0x1c264au)) * (1.0 - 0.2 * gray_day * (1.0 - place.hours.w));
    let from_windows = by_hour(hex(0xffcfb4u), hex(0xffe9c0u), hex(0xffa768u), hex(0x5672bcu)) * near(p, vec2f(WINDOW_X + 0.12, 0.6), 0.46) * dot(place.hours, vec4f(0.62, 0.84, 0.54, 0.34)) * (1.0 - 0.5 * gray_day);
    let torches = near(p, vec2f(-TORCH.x, TORCH.y + 0.07), 0.18) + near(p, vec2f(TORCH.x, TORCH.y + 0.07), 0.18);
    let from_flames = vec3f(1.0, 0.69, 0.27) * (0.8 * torches + 0.5 * near(p, WHEEL + vec2f(0.0, 0.05), 0.3) + 0.95 * near(p, vec2f(HEARTH_X, 0.32), 0.26) + 0.5 * near(p, vec2f(-0.83, 0.5), 0.15)) * flames();
    let corners = 1.0 - 0.42 * smoothstep(0.55, 1.4, length(vec2f(min(abs(p.x), 1.0) * 0.85, (p.y - 0.48) * 1.05)));
    let sum = (ambient + from_windows + from_flames) * corners;
    // Bright places saturate softly.
    return sum / (1.0 + 0.6 * max(max(sum.r, max(sum.g, sum.b)) - 0.9, 0.0));
}

// 1 between two corners, else 0.
fn within(p: vec2f, low: vec2f, high: vec2f) -> f32 {
    let inside = step(low, p) * step(p, high);
    return inside.x * inside.y;
}

// The light at the place that is drawn: worked out once.
var<private> light_here: vec3f;

// A shadow under or behind a thing whose distance is `d`.
fn dimmed(d: f32, strength: f32, width: f32) -> vec4f {
    return paint(vec3f(0.04, 0.025, 0.07), strength * soft_edge(d, width));
}

// A pointed arch over its springing line: negative inside. `k` is the radius in half widths, 2 for an even one.
fn pointed(q: vec2f, half_width: f32, k: f32) -> f32 {
    let r = half_width * k;
    return select(abs(q.x) - half_width, length(vec2f(abs(q.x) + r - half_width, q.y)) - r, q.y > 0.0);
}

// The window nearest to `p`: its distance, negative in it, and coordinates from the middle of its springing line.
fn opening(p: vec2f) -> vec3f {
    let x = p.x - WINDOW_X;
    let middle = vec2f(x, p.y - 0.84);
    let side = vec2f(x - APART * sign(x), p.y - 0.76);
    let d = vec2f(pointed(middle, LANCET, 2.0), pointed(side, LANCET, 2.0));
    let nearer = d.x < d.y;
    return vec3f(max(min(d.x, d.y), SILL - p.y), select(side, middle, nearer));
}

// Courses of hewn stone: how light a stone is (x, -1 to 1), its joints (y) and its upper edge (z).
fn courses(q: vec2f, size: f32, salt: f32) -> vec3f {
    let row = floor(q.y / size);
    let u = q.x / (size * 2.0) + 0.5 * (row - 2.0 * floor(row * 0.5)) + 0.35 * hash1(row, salt);
    let cell = floor(u);
    let h = hash4(vec2f(cell, row), salt + 1.0);
    let f = vec2f((u - cell - 0.5) * 2.0, q.y / size - row - 0.5);
    let d = box(f, vec2f(0.0), vec2f(0.96, 0.46), 0.16) + 0.04 * (noise(q * 70.0, salt + 2.0) - 0.5);
    let bare = 0.3 + 0.7 * smoothstep(0.35, 0.6, noise(q / size * 0.2, salt + 3.0));
    return vec3f((h.x * 2.0 - 1.0) * bare, smoothstep(-0.045, 0.04, d) * bare, smoothstep(-0.2, -0.06, d) * smoothstep(0.05, -0.03, d) * sign(f.y) * bare);
}

// Stone in neutral light, with courses of height `size`.
fn ashlar(q: vec2f, size: f32, salt: f32) -> vec3f {
    let stone = courses(q, size, salt);
    let stain = fractal(vec2f(q.x * 5.0, q.y * 2.4), 3, salt + 4.0) - 0.5;
    let color = stone_color() * (1.0 + 0.06 * stone.x + 0.22 * stain + 0.04 * stone.z);
    return mix(color, color * vec3f(0.68, 0.66, 0.7), 0.56 * stone.y);
}

// Stone that a hand has dressed smooth: pillars, ribs, frames.
fn dressed(q: vec2f) -> vec3f {
    return stone_color() * (1.0 + 0.1 * (noise(q * vec2f(34.0, 22.0), 1509.0) - 0.5));
}

// Sets the light of a place, before anything is drawn there.
fn look_at(p: vec2f) {
    light_here = shine(p);
}

// Light that slants from the windows through the dust, and the glow around the torches.
fn in_the_air(scene: vec4f, p: vec2f) -> vec4f {
    let strength = clear_sky() * dot(place.hours, vec4f(0.95, 0.85, 1.0, 0.4));
    let fall = 0.86 - p.y;
    let x = p.x - WINDOW_X - fall * 0.72;
    let n = clamp(round(x / APART), -1.0, 1.0);
    let across = abs(x - n * APART);
    let shaft = smoothstep(0.07, 0.03, across) * smoothstep(-0.02 + 0.07 * abs(n), 0.2, fall) * exp(-max(fall, 0.0) * 0.9) * step(WINDOW_X - 0.1, p.x) * strength * 0.2;
    let torch = length(vec2f(abs(p.x) - TORCH.x, p.y - TORCH.y - 0.06));
    let glow = vec3f(1.0, 0.68, 0.36) * (0.34 * exp(-torch * 13.0) + 0.1 * exp(-torch * 4.0)) * flames();
    return vec4f(scene.rgb + (place.key.rgb * shaft + glow) * scene.a, scene.a);
}

// A round tower of the castle with a pointed roof, outside.
fn tower(p: vec2f) -> vec4f {
    let q = p - vec2f(WINDOW_X - 0.15, 0.0);
    let tone = 0.5 + 0.3 * q.x / 0.05;
    let body = max(abs(q.x) - 0.044, p.y - 0.655);
    let head = max(abs(q.x) - 0.052, abs(p.y - 0.66) - 0.02);
    let v = (p.y - 0.68) / 0.15;
    let roof = max(abs(q.x) - 0.062 * (1.0 - v), -v * 0.15);
    let loop_hole = box(q, vec2f(0.008, 0.605), vec2f(0.0042, 0.0115), 0.004);
    var color = paint(through_air(in_light(stone_color(), tone), 0.25), edge(min(body, head)));
    color = over(paint(through_air(in_light(stone_color() * 0.7, tone), 0.25), edge(box(q, vec2f(0.0, 0.638), vec2f(0.044, 0.004), 0.0))), color);
    color = over(paint(mix(in_light(hex(0x4e5668u), 0.3), hex(0xffcc7au), lamps_on()), edge(loop_hole)), color);
    let slate = mix(in_light(livery(0), tone + 0.1), snow_white(), 0.85 * place.weather.y);
    return over(paint(through_air(slate, 0.22), edge(roof)), color);
}

fn plate_outside(p: vec2f) -> vec4f {
    var color = sky_color(p + vec2f(0.0, 0.1), 0.5);
    color += place.hours.w * stars(p * 1.5, 0.62);
    let spot = vec2f(WINDOW_X + by_hour(vec3f(0.13), vec3f(0.03), vec3f(0.14), vec3f(0.0)).x, by_hour(vec3f(0.62), vec3f(0.83), vec3f(0.6), vec3f(0.8)).x);
    let d = length(p - spot) - 0.034;
    let sun_like = by_hour(hex(0xffdcb8u), hex(0xfff6dcu), hex(0xffb878u), hex(0xdfe6ffu));
    color += sun_like * exp(-max(d, 0.0) * 7.0) * 0.42 * (0.2 + 0.8 * clear_sky());
    color = mix(color, mix(sun_like, vec3f(1.0), 0.3), soft_edge(d, 0.004) * smoothstep(0.12, 0.6, clear_sky()));
    let cloud = streaks(p * 2.0 + vec2f(0.6, 0.0), 1503.0);
    color = mix(color, overcast(mix(color * 0.78, mix(sun_like, vec3f(1.0), 0.3), 0.25 + 0.5 * cloud.y)), cloud.x * (0.35 + 0.4 * place.weather.x));
    let hill = by_hour(hex(0x7c8aa8u), hex(0x80ac9cu), hex(0x6c5080u), hex(0x182a54u));
    let far = 0.57 + 0.035 * swell(p.x * 6.0, 1504.0);
    let close = 0.51 + 0.03 * swell(p.x * 7.0 + 2.0, 1505.0);
    color = mix(color, through_air(mix(hill, snow_white(), place.weather.y * 0.8), 0.5), edge(p.y - far));
    let row = fir_row(p, 0.505, 0.034, 0.075, 1506.0);
    color = mix(color, through_air(mix(hill * 0.72, hill * 1.15, row.y), 0.2), row.x);
    color = mix(color, through_air(mix(hill * 0.86, snow_white(), place.weather.y * 0.9), 0.2), edge(p.y - close));
    return over(tower(p), vec4f(color, 1.0));
}

// What falls behind the panes.
fn plate_rain(p: vec2f) -> vec4f {
    return rain_outside(p) * f32(opening(p).x < 0.02);
}

fn plate_snow(p: vec2f) -> vec4f {
    return snow_outside(p) * f32(opening(p).x < 0.02);
}

// The way that leads out of the hall, from its middle.
fn way(p: vec2f) -> f32 {
    return max(pointed(p - vec2f(0.0, 0.45), 0.118, 1.7), 0.2 - p.y);
}

// A passage behind the arch in the middle: arches one behind the other, steps, and a window at its end.
fn plate_passage(p: vec2f) -> vec4f {
    let on = flames();
    let stone = stone_color();
    let sky = sky_color(vec2f(p.x, 0.7), 0.4);
    let air = mix(by_hour(hex(0xd8b4b4u), hex(0xdcd8ccu), hex(0xb07c6cu), hex(0x2c3260u)), hex(0xe8a05cu), 0.45 * on);
    let near_light = by_hour(hex(0x82727eu), hex(0x968e88u), hex(0x5c4660u), hex(0x20264eu)) + hex(0xff9c50u) * 0.22 * on;
    let lamp = exp(-length(p - vec2f(0.0, 0.47)) * 11.0);
    // The wall at the end, with steps up to a window.
    var color = mix(stone * near_light, air, 0.72) * (0.86 + 0.3 * lamp);
    let rise = (p.y - 0.318) / 0.0115;
    let stairs = max(abs(p.x) - 0.05 + 0.1 * (p.y - 0.318), max(p.y - 0.3755, 0.31 - p.y));
    color = mix(color, color * (0.66 + 0.05 * floor(rise) + 0.16 * smoothstep(0.62, 0.8, fract(rise))), edge(stairs));
    color = mix(color, livery(1) * (color + 0.1) * (0.62 + 0.05 * floor(rise) + 0.2 * smoothstep(0.62, 0.8, fract(rise))), edge(max(stairs, abs(p.x) - 0.021 + 0.1 * (p.y - 0.318))));
    let pane = max(pointed(p - vec2f(0.0, 0.472), 0.0165, 2.0), 0.405 - p.y);
    color = mix(color, color * 0.62, edge(pane - 0.006));
    color = mix(color, mix(sky, vec3f(1.0, 0.98, 0.92), 0.4 * (1.0 - place.hours.w)), edge(pane));
    color *= mix(1.0, 0.6, edge(max(min(abs(p.x), abs(p.y - 0.452)) - 0.0012, pane)));
    color += mix(sky, vec3f(1.0, 0.7, 0.4), 0.7 * on) * 0.4 * exp(-max(pane, 0.0) * 26.0);
    // Three arches between here and there, each darker than the one behind it.
    for (var i = 0; i < 3; i++) {
        let k = f32(2 - i);
        let s = 0.94 - 0.17 * k;
        let q = vec2f(p.x, (p.y - 0.4) / s + 0.4) / vec2f(s, 1.0);
        let arch = pointed(q - vec2f(0.0, 0.45), 0.118, 1.7);
        let side = 0.5 + 0.5 * clamp(q.x * 12.0, -1.0, 1.0);
        let face = mix(stone * near_light, air, 0.16 + 0.17 * k) * (0.92 + 0.16 * side);
        let depth = (arch + 0.034) / 0.034;
        color = mix(color, color * 0.7, soft_edge(-(arch + 0.03) * s, 0.016) * 0.5);
        color = mix(color, face * (0.94 + 0.16 * smoothstep(0.75, 0.95, depth) - 0.2 * smoothstep(0.4, 0.0, depth)), edge(-(arch + 0.034) * s));
        color = mix(color, face * 0.74, edge(-arch * s));
    }
    // The floor with its runner, lighter the farther it lies.
    let ground = 0.318 - p.y;
    let far = smoothstep(0.07, 0.0, ground);
    let tiles = mix(stone * near_light * 0.92, air, 0.4 * far);
    let runner = abs(p.x) - 0.021 - 0.86 * ground;
    let lane = mix(tiles, livery(1) * (tiles + 0.1), edge(runner));
    return (vec4f(mix(color, mix(lane, livery(2) * (tiles + 0.05), edge(abs(runner + 0.006 + 0.1 * ground) - 0.0022)), edge(max(-ground, abs(p.x) - 0.062 - 0.9 * ground))), 1.0)) * within(p, vec2f(-0.3, 0.1), vec2f(0.3, 0.8));
}

// The height of the rib that crosses a bay, `t` from its pillar (0) to its middle (1).
fn rib_height(t: f32) -> f32 {
    return SPRING + 0.62 * pow(clamp(t, 0.0, 1.0), 0.6);
}

// A round shaft of the pillars: how it is turned to the light, `u` from -1 to 1 across it.
fn rounded(u: f32, toward: f32) -> f32 {
    return 0.86 + 0.26 * toward * u - 0.3 * u * u;
}

// A cluster of three shafts with its base and capital, from its middle.
fn pillar(q: vec2f, toward: f32) -> vec4f {
    let a = abs(q.x);
    let middle = a - 0.02;
    let sides = abs(a - 0.027) - 0.0105;
    let shaft = max(min(middle, sides), q.y - 0.73);
    let u = select((a - 0.027) / 0.0105 * sign(q.x), q.x / 0.02, middle < 0.0);
    let light = light_here;
    let stone = dressed(q);
    var color = dimmed(max(a - 0.036, q.y - 0.74), 0.42, 0.06);
    color = over(paint(stone * light * rounded(u, toward) * (1.0 - 0.3 * smoothstep(0.0025, 0.0, abs(middle))), edge(shaft)), color);
    // The base: two rolls on a block.
    let block = box(q, vec2f(0.0, 0.274), vec2f(0.056, 0.022), 0.004);
    let roll = min(box(q, vec2f(0.0, 0.303), vec2f(0.05, 0.0085), 0.008), box(q, vec2f(0.0, 0.319), vec2f(0.044, 0.0065), 0.006));
    color = over(paint(stone * light * (0.86 + 0.16 * toward * q.x / 0.05 + 6.0 * (q.y - 0.28)), edge(block)), color);
    color = over(paint(stone * light * (0.94 + 0.2 * toward * q.x / 0.05) * (1.0 - 0.25 * smoothstep(0.003, 0.0, abs(q.y - 0.3115))), edge(roll)), color);
    // The capital: leaves under a slab.
    let v = (q.y - 0.692) / 0.042;
    let bell = max(a - 0.036 - 0.018 * v * v, max(-v, v - 1.0) * 0.042);
    let frond = abs(fract(q.x / 0.0225 + 0.5) - 0.5) * 2.0;
    let curl = frond - 1.0 + v * v * 0.75;
    let slab = box(q, vec2f(0.0, 0.741), vec2f(0.06, 0.0085), 0.002);
    let ring = box(q, vec2f(0.0, 0.691), vec2f(0.04, 0.005), 0.004);
    color = over(paint(stone * light * (0.78 + 0.3 * smoothstep(0.1, -0.35, curl) + 0.14 * toward * q.x / 0.05), edge(bell)), color);
    color = over(paint(stone * light * 1.02, edge(ring)), color);
    return over(paint(stone * light * (1.05 + 0.12 * toward * q.x / 0.06), edge(slab)), color);
}

fn plate_wall(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let u = p.x - BAY * round(p.x / BAY);
    let arch = pointed(vec2f(u, p.y - SPRING), 0.225, 1.51);
    var color = ashlar(p, 0.056, 1511.0) * light;
    color *= 1.0 - 0.34 * smoothstep(-0.07, 0.0, arch);
    // A moulded string under the windows, and a plinth.
    let string_course = abs(p.y - 0.408) - 0.009;
    color *= 1.0 - 0.3 * smoothstep(0.03, 0.0, 0.4 - p.y) * step(p.y, 0.4);
    color = mix(color, dressed(p) * light * (0.98 + 14.0 * (p.y - 0.408)), edge(string_course));
    let plinth = p.y - 0.302;
    color = mix(color, ashlar(p * vec2f(0.8, 1.0), 0.036, 1513.0) * light * (0.78 + 2.2 * (p.y - 0.262)), edge(plinth));
    color = mix(color, dressed(p) * light * 1.05, edge(abs(p.y - 0.302) - 0.004));
    color *= 1.0 - 0.45 * smoothstep(0.03, 0.0, abs(p.y - FLOOR));
    var scene = vec4f(color, 1.0);
    // The window's wall is deep: a splay around the three of them.
    let o = opening(p);
    scene = over(dimmed(o.x - 0.03, 0.3, 0.04), scene);
    scene *= 1.0 - edge(o.x + 0.003);
    scene *= 1.0 - edge(way(p));
    return in_the_air(scene, p);
}

// The arch of the way out: its stones, and the shade under it.
fn plate_portal(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let d = way(p);
    let q = p - vec2f(0.0, 0.45);
    let turn = select(q.y / 0.05, atan2(q.y, abs(q.x) + 0.083) * 4.6, q.y > 0.0);
    let wedge = abs(fract(turn) - 0.5) * 2.0;
    let h = hash1(floor(turn) + 40.0 * step(0.0, q.x), 1517.0);
    let outer = max(d - 0.038, 0.262 - p.y);
    let roll = (d - 0.03) / 0.008;
    let inner = (d - 0.0085) / 0.007;
    var color = dimmed(outer - 0.004, 0.34, 0.03);
    var stone = dressed(p) * (0.94 + 0.14 * h) * (1.0 - 0.3 * smoothstep(0.9, 0.99, wedge));
    stone *= mix(1.0, rounded(roll, -1.0) + 0.06, edge((abs(roll) - 1.0) * 0.008)) * mix(1.0, rounded(inner, 1.0) - 0.02, edge((abs(inner) - 1.0) * 0.007));
    stone *= 1.0 + 0.1 * sign(q.x) * sign(d - 0.018);
    color = over(paint(stone * light * 1.04, edge(outer)), color);
    // Arms over it.
    let a = p - vec2f(0.0, 0.752);
    let shield = max(abs(a.x) - 0.04 * sqrt(max(1.0 - pow(max(-a.y, 0.0) / 0.058, 2.0), 0.0)), max(a.y - 0.038, -0.055 - a.y));
    let quarter = a.x * a.y < 0.0;
    let cross = min(abs(a.x), abs(a.y)) - 0.005;
    let arms = mix(select(livery(1), livery(0), vec3<bool>(quarter)), livery(2), edge(cross));
    color = over(dimmed(min(shield - 0.011, length(a - vec2f(0.006, -0.012)) - 0.05), 0.4, 0.02), color);
    color = over(paint(mix(hex(0x94652fu), hex(0xf0cc84u), clamp(0.5 + 9.0 * (a.y - a.x * 0.5), 0.0, 1.0)) * light, edge(shield - 0.0065)), color);
    color = over(paint(arms * (0.1 + light) * (0.96 - 4.0 * a.x), edge(shield)), color);
    // Inside lies the passage, dim near its arch.
    color *= 1.0 - edge(d);
    color = over(dimmed(d + 0.004, 0.34 * smoothstep(-0.05, 0.0, d), 0.01), color);
    return in_the_air(color, p);
}

// Torches in iron brackets on the two pillars in the middle.
fn torches(p: vec2f) -> vec4f {
    let q = vec2f(abs(p.x) - TORCH.x, p.y - TORCH.y);
    let light = light_here;
    let iron = hex(0x3c3840u) * (0.35 + 0.8 * light);
    let back_plate = box(q, vec2f(0.0, -0.075), vec2f(0.011, 0.028), 0.004);
    let cup = max(abs(q.x) - 0.0145 - 0.14 * (q.y + 0.01), abs(q.y + 0.004) - 0.012);
    let cage = max(abs(abs(q.x) - 0.0145 - 0.1 * q.y) - 0.0028, abs(q.y) - 0.026);
    let stick = tapered(q, vec2f(0.0, -0.1), vec2f(0.0, 0.0), 0.006, 0.011);
    var color = dimmed(stick - 0.008, 0.35, 0.02);
    color = over(paint(hex(0x6a4630u) * light * (1.0 + 20.0 * q.x), edge(stick)), color);
    color = over(paint(iron, edge(min(back_plate, cage))), color);
    return over(paint(iron * (1.1 + 20.0 * q.x) + vec3f(0.5, 0.22, 0.06) * smoothstep(-0.012, 0.01, q.y) * 0.6, edge(cup)), color);
}

fn plate_pillars(p: vec2f) -> vec4f {
    look_at(p);
    let x = (floor(p.x / BAY) + 0.5) * BAY;
    let toward = clamp((select(0.0, WINDOW_X, abs(x) > 0.5) - x) * 4.0 + 0.3 * sign(WINDOW_X - x), -1.0, 1.0);
    return in_the_air(over(torches(p), pillar(vec2f(p.x - x, p.y), toward)), p);
}

// The ribs and webs of the vault.
fn plate_vault(p: vec2f) -> vec4f {
    look_at(p);
    let u = p.x - BAY * round(p.x / BAY);
    let a = abs(u);
    let toward = clamp((-0.2 - p.x) * 3.0, -1.0, 1.0);
    let arch = pointed(vec2f(u, p.y - SPRING), 0.225, 1.51);
    let t = 1.0 - a / (BAY * 0.5);
    let crossing = rib_height(1.0);
    let slope = 1.43 * pow(max(t, 0.02), -0.4);
    let low_rib = (p.y - rib_height(t)) * inverseSqrt(1.0 + slope * slope);
    let high = crossing + 0.75 * pow(1.0 - t, 1.5);
    let high_rib = (high - p.y) * 0.35;
    let rib = select(-high_rib, low_rib, abs(high_rib) > abs(low_rib));
    let between = select(low_rib > 0.0, high > p.y, p.y > crossing);
    let light = light_here * (1.0 - 0.45 * smoothstep(0.95, 2.2, p.y));
    let course = fract((p.y + 0.9 * a) / 0.052);
    let facing = stone_color() * (0.8 + 0.06 * noise(p * vec2f(9.0, 30.0), 1521.0)) * (1.0 - 0.1 * smoothstep(0.1, 0.0, min(course, 1.0 - course)));
    let side_course = fract((p.y - 1.7 * a) / 0.056);
    let aside = stone_color() * vec3f(0.56, 0.55, 0.6) * (1.0 + 0.16 * toward * sign(u)) * (1.0 - 0.1 * smoothstep(0.1, 0.0, min(side_course, 1.0 - side_course)));
    var web = mix(facing * (1.0 - 0.3 * smoothstep(0.0, 0.25, arch)), aside, f32(between));
    web *= 1.0 - 0.35 * smoothstep(0.05, 0.0, abs(rib)) - 0.2 * smoothstep(0.03, 0.0, arch - 0.022);
    var scene = paint(web * light, edge(-arch) * step(SPRING, p.y));
    // The rib over the wall, the crossing ribs, those from pillar to pillar, and a boss.
    let over_wall = (arch - 0.012) / 0.012;
    scene = over(paint(dressed(p) * light * (rounded(over_wall, -0.6) + 0.08), edge((abs(over_wall) - 1.0) * 0.012) * step(SPRING, p.y)), scene);
    let stone = dressed(p.yx) * light;
    scene = over(dimmed(abs(rib) - 0.014, 0.3, 0.02) * step(SPRING + 0.01, p.y), scene);
    scene = over(paint(stone * (rounded(rib / 0.0105, 0.5) + 0.1), edge(abs(rib) - 0.0105) * step(SPRING, p.y)), scene);
    let across = (0.5 * BAY - a) / 0.017;
    scene = over(dimmed((across - 1.4) * 0.017, 0.35, 0.02) * step(SPRING + 0.01, p.y), scene);
    scene = over(paint(stone * (rounded(across * sign(-u), toward) + 0.12), edge((across - 1.0) * 0.017) * step(SPRING, p.y)), scene);
    let boss = length(vec2f(u, p.y - crossing)) - 0.034;
    let petals = 0.5 + 0.5 * cos(atan2(p.y - crossing, u) * 6.0);
    scene = over(paint(mix(stone, livery(2) * light, 0.5) * (0.8 + 0.3 * petals), edge(boss)), scene);
    return in_the_air(scene, p);
}

// Frames, leads and glass of the three windows.
fn plate_windows(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let o = opening(p);
    let q = o.yz;
    let outer = max(o.x - 0.0145, SILL - 0.006 - p.y);
    let bevel = clamp(q.x * 26.0, -1.0, 1.0);
    var color = paint(dressed(p) * light * (1.1 + 0.16 * bevel), edge(outer));
    color = over(paint(dressed(p) * light * (0.82 + 0.2 * bevel), edge(o.x - 0.006)), color);
    color *= 1.0 - edge(o.x);
    let through = by_hour(vec3f(1.05, 0.84, 0.8), vec3f(1.08, 1.06, 1.0), vec3f(1.05, 0.66, 0.46), vec3f(0.26, 0.34, 0.62)) * (0.7 + 0.3 * clear_sky());
    // A border of coloured glass, and a flower of it in the head.
    let brim = o.x + 0.0135;
    let piece = floor((p.y + 0.4 * abs(q.x)) / 0.052);
    let tint = mix(mix(livery(1), vec3f(0.9, 0.42, 0.38), 0.3), mix(livery(2), vec3f(1.0, 0.85, 0.5), 0.4), 0.25 + 0.6 * step(0.5, fract(piece * 0.5)));
    let head = q - vec2f(0.0, 0.018);
    let flower = length(head) - 0.021 - 0.009 * cos(atan2(head.y, head.x) * 4.0);
    var glass = paint(tint * through * 1.08, 0.56 * edge(-brim));
    glass = over(paint(mix(livery(0), hex(0x5f9ad0u), 0.45) * through * 1.25, 0.66 * edge(flower)), glass);
    glass = over(paint(mix(livery(2), hex(0xffe09au), 0.5) * through * 1.2, 0.8 * edge(length(head) - 0.0095)), glass);
    color = over(glass * edge(o.x), color);
    // Leads.
    let lattice = abs(fract(vec2f(q.x * 19.0 + q.y * 13.0, q.x * 19.0 - q.y * 13.0) + 0.5) - 0.5) / 23.0;
    let leads = max(min(lattice.x, lattice.y) - 0.0009, max(brim, -flower));
    let outline = min(abs(brim), min(abs(flower), abs(length(head) - 0.0095))) - 0.0013;
    let bars = min(abs(q.y + 0.012), min(abs(q.y + 0.13), abs(q.y + 0.25))) - 0.0026;
    let lead_color = mix(hex(0x2c2a34u), light * 0.3, 0.5);
    color = over(paint(lead_color, 0.62 * edge(leads) * edge(o.x)), color);
    color = over(paint(lead_color, 0.9 * edge(max(min(outline, bars), o.x))), color);
    // Sheen, mist in the corners, frost.
    let bright = by_hour(hex(0xffe0c8u), hex(0xfffaf0u), hex(0xffb484u), hex(0x86a4e8u));
    let slant = q.x * 0.8 + q.y * 0.5;
    let sheen = smoothstep(0.03, 0.0, abs(slant + 0.06)) + 0.6 * smoothstep(0.012, 0.0, abs(slant + 0.11));
    color = over(paint(mix(bright, light, 0.4), edge(o.x) * (0.08 * sheen + smoothstep(-0.03, 0.0, o.x) * (0.05 + 0.5 * place.weather.y + 0.2 * place.weather.z))), color);
    // The sill.
    let sill = box(p, vec2f(WINDOW_X, SILL - 0.008), vec2f(0.222, 0.0125), 0.003);
    color = over(dimmed(sill - 0.012, 0.35 * step(p.y, SILL - 0.01), 0.04), color);
    color = over(paint(dressed(p) * light * (1.12 + 14.0 * (p.y - SILL + 0.008)), edge(sill)), color);
    return in_the_air(color, p);
}

// A long banner with a forked hem from the middle of its upper edge, on a pole.
fn banner(p: vec2f, at: vec2f, half: f32, long: f32) -> vec4f {
    let q = p - at;
    let u = q.x / half;
    let t = -q.y / long;
    let toward = sign(place.light_position.x - at.x);
    let sway = 0.004 * wave(t * 0.9) * t;
    let hem = long * (1.0 - 0.15 * (1.0 - abs(u)));
    let cloth = max(abs(q.x + sway) - half, max(q.y, -q.y - hem));
    let fold = 0.5 + 0.5 * sin(u * 5.2 + 1.6 * t + 3.0 * at.x);
    let light = light_here;
    let v = vec2f(q.x, q.y + long * 0.44) / half;
    let r = length(v);
    let turn = atan2(v.y, v.x);
    let kind = fract(place.seed.x * 5.93 + 0.15);
    let flower = max(r - 0.34 - 0.17 * cos(turn * 4.0), 0.15 - r);
    let sun_rays = max(r - 0.38 - 0.3 * abs(fract(turn * 1.9099) - 0.5) * 2.0, 0.045 - abs(r - 0.32));
    let points = 0.5 * abs(fract(v.x / 0.4 + 0.5) - 0.5) * 2.0;
    let crown = min(max(max(abs(v.x) - 0.5 - 0.2 * v.y, -0.12 - v.y), (v.y - 0.42 + points) * 0.5), box(v, vec2f(0.0, -0.25), vec2f(0.46, 0.07), 0.03));
    let emblem = select(select(crown, sun_rays, kind < 0.67), flower, kind < 0.34);
    var dye = livery(1);
    dye = mix(dye, livery(1) * 0.72, edge(-q.x) * step(0.5, fract(place.seed.x * 3.31)));
    dye = mix(dye, livery(2), edge(emblem * half));
    dye = mix(dye, livery(2), edge(abs(max(abs(u) - 0.83, (-q.y - hem) / half + 0.17) * half) - 0.0032));
    var color = dimmed(max(abs(q.x + 0.012 * toward) - half, max(q.y, -q.y - hem) + 0.008), 0.4, 0.022);
    color = over(paint(dye * (0.1 + light) * (0.8 + 0.3 * fold + 0.1 * toward * u), edge(cloth)), color);
    let fringe = max(max(abs(q.x + sway) - half, -q.y - hem - 0.012), q.y + hem - 0.001);
    color = over(paint(livery(2) * light * (0.7 + 0.4 * step(0.5, fract(q.x * 190.0))), edge(fringe)), color);
    let pole = min(box(q, vec2f(0.0, 0.005), vec2f(half * 1.22, 0.005), 0.004), circle(vec2f(abs(q.x), q.y), vec2f(half * 1.26, 0.005), 0.009));
    return over(paint(hex(0xb98a4cu) * light * (1.1 + 30.0 * q.y), edge(pole)), color);
}

// A banner on each pillar at the sides.
fn side_banner(p: vec2f) -> vec4f {
    look_at(p);
    let x = (floor(p.x / BAY) + 0.5) * BAY;
    return in_the_air(banner(p, vec2f(x, 0.685), 0.054, 0.235), p);
}

fn plate_left_banners(p: vec2f) -> vec4f {
    return side_banner(p) * within(p, vec2f(-9.0, 0.43), vec2f(-0.69, 0.71));
}

fn plate_right_banners(p: vec2f) -> vec4f {
    return side_banner(p) * within(p, vec2f(0.69, 0.43), vec2f(9.0, 0.71));
}

// The stage of the throne: two steps with a cloth over them.
fn dais(p: vec2f) -> vec4f {
    let light = light_here;
    var color = dimmed(box(p, vec2f(THRONE_X, 0.225), vec2f(0.21, 0.014), 0.012), 0.5, 0.04);
    for (var i = 0; i < 2; i++) {
        let k = f32(i);
        let half = 0.2 - 0.04 * k;
        let q = vec2f(p.x - THRONE_X, p.y - 0.222 - 0.038 * k);
        let riser = box(q, vec2f(0.0, 0.012), vec2f(half, 0.012), 0.001);
        let tread = max(abs(q.x) - half + (q.y - 0.024) * 0.7, max(0.024 - q.y, q.y - 0.04));
        let runner = abs(q.x) - 0.085 + 0.3 * (q.y - 0.024) * step(0.024, q.y);
        let cloth = mix(livery(1), livery(2), edge(abs(runner + 0.009) - 0.003));
        let stone = dressed(p) * (0.95 + 0.08 * step(0.5, fract(q.x * 7.0 + 0.5 * k)));
        color = over(paint(mix(stone, cloth * 1.05, edge(runner)) * light * 1.14, edge(tread)), color);
        color = over(paint(mix(stone, cloth, edge(runner)) * light * (0.66 + 5.0 * q.y), edge(riser)), color);
        color = over(paint(mix(stone, cloth, edge(runner)) * light * 1.2, edge(box(q, vec2f(0.0, 0.0235), vec2f(half + 0.003, 0.0028), 0.002))), color);
    }
    return color;
}

// The cloth behind the throne and the canopy over it.
fn canopy(p: vec2f) -> vec4f {
    let light = light_here;
    let q = vec2f(p.x - THRONE_X, p.y);
    let a = abs(q.x);
    let fold = 0.5 + 0.5 * sin(q.x * 92.0 + 0.6 * sin(p.y * 9.0));
    let sheet = max(a - 0.105, max(q.y - 0.9, 0.29 - q.y));
    var color = dimmed(max(a - 0.118, max(q.y - 0.89, 0.3 - q.y)), 0.42, 0.04);
    let star_cell = round(vec2f(q.x / 0.052, p.y / 0.06 - 0.5 * round(q.x / 0.052)));
    let star = vec2f(q.x - star_cell.x * 0.052, p.y - (star_cell.y + 0.5 * star_cell.x) * 0.06);
    let powder = length(star) - 0.0055 - 0.0032 * cos(atan2(star.y, star.x) * 4.0);
    var dye = mix(livery(1) * 0.86, livery(2), 0.5 * edge(powder) * step(a, 0.085));
    dye = mix(dye, livery(2) * 0.95, edge(abs(a - 0.094) - 0.003));
    color = over(paint(dye * (0.06 + light) * (0.74 + 0.28 * fold) * (1.0 - 0.35 * smoothstep(0.78, 0.9, q.y)), edge(sheet)), color);
    // Curtains at its sides, drawn in below their middle.
    let v = (0.9 - q.y) / 0.58;
    let gather = 0.022 + 0.022 * pow(abs(v - 0.62) / 0.62, 1.3);
    let w = (0.142 - a) / gather;
    let curtain = max(max(-w, w - 1.0) * gather, max(q.y - 0.9, 0.304 + 0.004 * sin(w * 14.0) - q.y));
    let pleat = 0.5 + 0.5 * sin(w * 15.0 + 2.0 * v);
    color = over(paint(livery(0) * (0.08 + light) * (0.66 + 0.46 * pleat), edge(curtain)), color);
    color = over(paint(livery(2) * light, edge(max(abs(v - 0.62) * 0.58 - 0.006, max(-w, w - 1.0) * gather))), color);
    // The canopy's valance of tongues, and its gilded cornice.
    let tongue = fract(q.x / 0.0425 + 0.5) - 0.5;
    let n = round(q.x / 0.0425);
    let drop = 0.872 + 0.022 * (4.0 * tongue * tongue);
    let valance = max(a - 0.149, max(q.y - 0.915, drop - q.y));
    let valance_dye = mix(livery(1), livery(0), step(0.5, fract(n * 0.5)));
    color = over(dimmed(max(a - 0.145, max(q.y - 0.9, drop - 0.016 - q.y)), 0.4, 0.02), color);
    color = over(paint(valance_dye * (0.1 + light) * (1.0 - 0.8 * tongue * tongue), edge(valance)), color);
    color = over(paint(livery(2) * light * 1.05, edge(max(abs(q.y - drop) - 0.0035, a - 0.149))), color);
    let cornice = min(box(q, vec2f(0.0, 0.922), vec2f(0.162, 0.0105), 0.004), box(q, vec2f(0.0, 0.938), vec2f(0.154, 0.0055), 0.003));
    let knops = min(circle(vec2f(a, q.y), vec2f(0.15, 0.957), 0.013), tapered(vec2f(a, q.y), vec2f(0.15, 0.945), vec2f(0.15, 0.985), 0.007, 0.001));
    let gold = mix(hex(0xa8743cu), hex(0xf0cf86u), clamp(0.5 + 26.0 * (q.y - 0.924), 0.0, 1.0));
    return over(paint(gold * light * 1.05, edge(min(cornice, knops))), color);
}

// The high seat.
fn seat(p: vec2f) -> vec4f {
    let light = light_here;
    let q = vec2f(p.x - THRONE_X, p.y - 0.298);
    let a = abs(q.x);
    let m = vec2f(a, q.y);
    let toward = sign(WINDOW_X - THRONE_X);
    let gold = mix(hex(0x9a6a38u), hex(0xf2d28cu), clamp(0.55 + 3.5 * toward * q.x + 0.7 * (q.y - 0.15), 0.0, 1.0)) * light * 1.08;
    let dark = hex(0x6a4430u) * light;
    let back = max(pointed(q - vec2f(0.0, 0.275), 0.068, 1.6), 0.03 - q.y);
    var color = dimmed(back - 0.008, 0.5, 0.03);
    let posts = box(m, vec2f(0.07, 0.18), vec2f(0.0095, 0.18), 0.004);
    let balls = min(circle(m, vec2f(0.07, 0.373), 0.0145), circle(q, vec2f(0.0, 0.392), 0.0155));
    color = over(paint(gold, edge(min(back - 0.004, min(posts, balls)))), color);
    color = over(paint(gold * 0.62, edge(back + 0.008)), color);
    let padding = back + 0.0125;
    let button = vec2f(abs(fract(q.x / 0.036 + 0.5) - 0.5) * 0.036, abs(fract((q.y + 0.018 * round(q.x / 0.036)) / 0.04) - 0.5) * 0.04);
    let tuft = smoothstep(0.0, 0.016, length(button));
    color = over(paint(livery(1) * (0.08 + light) * (0.72 + 0.32 * tuft) * (1.0 - 0.3 * smoothstep(-0.02, 0.0, padding)), edge(padding)), color);
    // The seat, its cushion, arms and legs.
    let front = max(a - 0.075, max(q.y - 0.1, 0.028 - q.y));
    color = over(paint(dark * (0.85 + 2.0 * q.y), edge(front)), color);
    let panel = box(q, vec2f(0.0, 0.062), vec2f(0.05, 0.024), 0.003);
    color = over(paint(gold * 0.8, edge(abs(panel) - 0.0028)), color);
    color = over(paint(gold, edge(box(q, vec2f(0.0, 0.102), vec2f(0.08, 0.006), 0.003))), color);
    let cushion = box(q, vec2f(0.0, 0.117), vec2f(0.066, 0.0125), 0.0115);
    color = over(paint(livery(1) * (0.1 + light) * (0.95 + 9.0 * (q.y - 0.117)), edge(cushion)), color);
    color = over(paint(livery(2) * light, edge(circle(m, vec2f(0.068, 0.115), 0.006))), color);
    let legs = min(box(m, vec2f(0.076, 0.062), vec2f(0.0105, 0.062), 0.003), circle(m, vec2f(0.076, 0.008), 0.0145));
    let arms = min(box(m, vec2f(0.077, 0.178), vec2f(0.0125, 0.0085), 0.007), box(m, vec2f(0.077, 0.145), vec2f(0.0065, 0.035), 0.002));
    let lion = circle(m, vec2f(0.077, 0.181), 0.016);
    color = over(paint(gold * 0.94, edge(min(legs, arms))), color);
    return over(paint(gold * 1.1 * (1.0 - 0.3 * smoothstep(0.006, 0.002, length(m - vec2f(0.077, 0.179)))), edge(lion)), color);
}

fn plate_throne(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(over(seat(p), over(dais(p), canopy(p))), p);
}

// The great hearth at the right.
fn plate_hearth(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let q = vec2f(p.x - HEARTH_X, p.y);
    let fire = flames();
    let hood_half = mix(0.185, 0.115, smoothstep(0.5, 0.92, p.y));
    let hood = max(abs(q.x) - hood_half, max(p.y - 0.96, 0.49 - p.y));
    let jambs = max(abs(q.x) - 0.18, max(p.y - 0.5, 0.25 - p.y));
    var color = dimmed(min(hood, jambs) - 0.012, 0.4, 0.05);
    color = over(paint(ashlar(p * 1.1, 0.05, 1531.0) * light * (0.96 - 0.25 * smoothstep(0.6, 1.0, abs(q.x) / hood_half)), edge(hood)), color);
    color = over(paint(dressed(p) * light * 0.98, edge(jambs)), color);
    let mouth = max(pointed(q - vec2f(0.0, 0.33), 0.13, 1.15), 0.25 - p.y);
    let glow = exp(-length((q - vec2f(0.0, 0.3)) * vec2f(1.0, 1.3)) * 9.0) * (0.5 + 0.5 * fire);
    color = over(paint(dressed(p) * light * 1.1, edge(mouth - 0.02)), color);
    color = over(paint(hex(0x15111au) + vec3f(0.95, 0.38, 0.12) * glow, edge(mouth)), color);
    let logs = min(tapered(q, vec2f(-0.085, 0.283), vec2f(0.06, 0.298), 0.017, 0.015), tapered(q, vec2f(-0.05, 0.308), vec2f(0.085, 0.284), 0.014, 0.016));
    color = over(paint(hex(0x43281fu) + vec3f(1.0, 0.5, 0.2) * 0.35 * smoothstep(0.265, 0.33, p.y), edge(logs)), color);
    let mantel = min(box(q, vec2f(0.0, 0.505), vec2f(0.205, 0.0125), 0.004), box(q, vec2f(0.0, 0.487), vec2f(0.192, 0.008), 0.003));
    color = over(paint(dressed(p) * light * (1.1 + 8.0 * (p.y - 0.505)), edge(mantel)), color);
    // Arms on the hood.
    let s = q - vec2f(0.0, 0.72);
    let shield = max(abs(s.x) - 0.062 * sqrt(max(1.0 - pow(max(-s.y, 0.0) / 0.085, 2.0), 0.0)), max(s.y - 0.06, -0.08 - s.y));
    let chevron = abs(abs(s.x) * 1.1 + s.y - 0.002) - 0.014;
    color = over(dimmed(shield - 0.012, 0.4, 0.02), color);
    color = over(paint(hex(0xc89a54u) * light, edge(shield - 0.007)), color);
    color = over(paint(mix(livery(1), livery(2), edge(chevron)) * (0.1 + light), edge(shield)), color);
    let slab = box(q, vec2f(0.0, 0.258), vec2f(0.22, 0.0125), 0.003);
    color = over(paint(dressed(p) * light * 0.9, edge(slab)), color);
    return in_the_air(color, p);
}

// A tapestry at the left: a tree with golden apples on a field of flowers.
fn plate_tapestry(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let q = p - vec2f(-1.04, 0.62);
    let half_size = vec2f(0.165, 0.2);
    let d = box(q, vec2f(0.003 * wave(q.y * 3.0), 0.0), half_size, 0.002);
    let cell = round(q / 0.04);
    let h = hash4(cell, 1541.0);
    let bloom = length(q - cell * 0.04 - 0.016 * (h.xy - 0.5)) - 0.006;
    var dye = livery(0) * 0.8;
    dye = mix(dye, mix(hex(0xc88a74u), hex(0xd8c48cu), step(0.5, h.z)), 0.75 * edge(bloom));
    let crown_at = q - vec2f(0.0, 0.05);
    let leaves = length(crown_at * vec2f(1.0, 1.15)) - 0.098 - 0.014 * clumps(q * 48.0, 1542.0);
    let trunk = max(abs(q.x) - 0.009 - 0.02 * smoothstep(-0.08, -0.15, q.y), max(q.y, -0.15 - q.y));
    dye = mix(dye, hex(0x8f6848u), edge(trunk));
    dye = mix(dye, mix(hex(0x5d7a50u), hex(0xa2b06cu), smoothstep(-0.4, 0.5, clumps(q * 75.0, 1543.0))), edge(leaves));
    let fruit_cell = round(crown_at / 0.045);
    let fruit = max(length(crown_at - fruit_cell * 0.045 - 0.012 * (hash4(fruit_cell, 1544.0).xy - 0.5)) - 0.0085, leaves + 0.012);
    dye = mix(dye, livery(2), edge(fruit));
    let border = -d - 0.024;
    let twist = step(0.5, fract((q.x + q.y) * 26.0));
    dye = mix(dye, mix(livery(1), livery(1) * 0.7, twist), edge(border));
    dye = mix(dye, livery(2), edge(abs(border) - 0.0028));
    dye *= 0.9 + 0.16 * noise(q * vec2f(420.0, 260.0), 1545.0);
    let fold = 0.92 + 0.1 * wave(q.x * 7.0 + 0.2 * wave(q.y * 1.4));
    var color = dimmed(box(q, vec2f(0.008, -0.01), half_size, 0.01), 0.42, 0.025);
    color = over(paint(dye * (0.08 + light) * fold, edge(d)), color);
    let rod = min(box(q, vec2f(0.0, 0.206), vec2f(0.172, 0.006), 0.005), circle(vec2f(abs(q.x), q.y), vec2f(0.176, 0.206), 0.011));
    return in_the_air(over(paint(hex(0xb98a4cu) * light, edge(rod)), color), p);
}

// A flame from the middle of its foot, `tall` at rest.
fn flame(q: vec2f, tall: f32, salt: f32) -> vec4f {
    let t = place.time_s;
    let beat = 1.0 + 0.09 * wave(t * 1.3 + salt) + 0.07 * wave(t * 2.1 + 2.3 * salt);
    let v = q.y / (tall * beat);
    let sway = tall * (0.1 * wave(0.7 * v - t * 1.1 + salt) + 0.05 * wave(1.6 * v - t * 1.7 + salt)) * clamp(v, 0.0, 1.0);
    let w = tall * 0.3 * sqrt(clamp(v + 0.14, 0.0, 1.0)) * clamp(1.0 - v, 0.0, 1.0);
    let u = abs(q.x - sway);
    let body = soft_edge(u - w, 0.06 * tall) * step(-0.14, v) * step(v, 1.0);
    let heart = soft_edge(u - w * 0.55 + 0.05 * tall * v, 0.1 * tall) * smoothstep(0.75, 0.35, v);
    let color = mix(mix(hex(0xffb648u), hex(0xf2682cu), smoothstep(0.1, 0.95, v)), hex(0xfff4c4u), heart);
    return paint(color, 0.94 * body);
}

fn torch_fire(p: vec2f, side: f32) -> vec4f {
    let q = vec2f(p.x - side * TORCH.x, p.y - TORCH.y);
    let halo = length(q - vec2f(0.0, 0.05));
    let around = paint(hex(0xffb860u), (0.3 + 0.3 * flames()) * smoothstep(0.075, 0.0, halo) * (0.9 + 0.1 * wave(place.time_s * 1.7 + side)));
    let small = flame(q - vec2f(0.009, 0.008), 0.062, 0.4 + side);
    return over(flame(q - vec2f(-0.002, 0.01), 0.1, 0.1 * side), over(small, around));
}

fn plate_left_fire(p: vec2f) -> vec4f {
    return torch_fire(p, -1.0);
}

fn plate_right_fire(p: vec2f) -> vec4f {
    return torch_fire(p, 1.0);
}

fn plate_hearth_fire(p: vec2f) -> vec4f {
    let q = p - vec2f(HEARTH_X, 0.29);
    let back = over(flame(q - vec2f(-0.045, 0.0), 0.1, 0.7), flame(q - vec2f(0.05, 0.0), 0.085, 0.3));
    return over(flame(q, 0.14, 0.1), back);
}

// What the windows throw on the ground by day, and by night under the moon.
fn thrown(p: vec2f) -> vec3f {
    let fall = (p.y + 0.035) / 0.262;
    let x = p.x - 0.02 + 0.32 * (fall - 0.5);
    let n = clamp(round(x / 0.165), -1.0, 1.0);
    let tip = 0.1 + 0.16 * abs(n);
    let half = 0.062 * sqrt(clamp((fall - tip) / 0.3, 0.0, 1.0));
    let bars = min(abs(fall - 0.5), abs(fall - 0.75)) * 0.262;
    let cover = smoothstep(0.006, -0.008, abs(x - n * 0.165) - half) * smoothstep(1.0, 0.93, fall) * smoothstep(0.002, 0.007, bars) * step(tip, fall);
    let stain = mix(mix(livery(1), vec3f(1.0), 0.45) * 1.15, vec3f(1.0), smoothstep(tip + 0.1, tip + 0.32, fall));
    return by_hour(hex(0xffb090u), hex(0xffecc0u), hex(0xff9450u), hex(0x2a3f7cu)) * stain * cover * clear_sky();
}

// The windows' mirror image in the polish of the flags.
fn shine_of_windows(p: vec2f) -> vec3f {
    let x = p.x - WINDOW_X;
    let across = smoothstep(0.26, 0.16, abs(x)) * (0.8 + 0.2 * cos(x * 45.0));
    return place.key.rgb * across * smoothstep(-0.12, 0.24, p.y) * dot(place.hours, vec4f(0.9, 1.0, 0.9, 0.0)) * (0.4 + 0.6 * clear_sky());
}

fn plate_floor(p: vec2f) -> vec4f {
    let light = shine(vec2f(p.x, p.y * 0.8 + 0.1));
    let vanish = vec2f(0.0, 0.6);
    let depth = (vanish.y - FLOOR) / (vanish.y - p.y);
    let across = (p.x - vanish.x) * depth;
    let distance = 0.338 / (vanish.y - p.y);
    // Flags: squares in two tones, set straight to the walls.
    let size = 0.105;
    let row = distance / 0.088 + 0.4;
    let g = vec2f(floor(across / size + 0.5), floor(row));
    let f = vec2f(abs(fract(across / size + 0.5) - 0.5), abs(fract(row) - 0.5));
    let h = hash4(g, 1551.0);
    let checker = abs(fract((g.x + g.y) * 0.5)) * 2.0;
    let joint = max(smoothstep(0.482, 0.494, f.x), smoothstep(0.455, 0.485, f.y));
    let worn = fractal(vec2f(across * 9.0, row * 2.2), 3, 1553.0) - 0.5;
    var stone = mix(stone_color() * vec3f(0.9, 0.87, 0.84), stone_color() * vec3f(0.68, 0.66, 0.7), checker * 0.75) * (0.95 + 0.1 * h.x + 0.22 * worn);
    stone *= 1.0 - 0.38 * joint;
    var color = stone * light * (1.0 - 0.42 * smoothstep(0.12, -0.2, p.y));
    color += thrown(p) * 0.3 + shine_of_windows(p) * 0.1;
    // Flames mirrored in the polish.
    let mirrored = exp(-pow((abs(p.x) - TORCH.x) * 6.0, 2.0)) + 0.6 * exp(-pow(p.x * 3.4, 2.0));
    color += vec3f(1.0, 0.66, 0.36) * mirrored * flames() * 0.12 * smoothstep(-0.05, 0.24, p.y);
    color = mix(color, color * 0.5, smoothstep(0.03, 0.0, FLOOR - p.y));
    return paint(color, edge(p.y - FLOOR));
}

// The long carpet that leads to the arch.
fn plate_carpet(p: vec2f) -> vec4f {
    let light = shine(vec2f(p.x, p.y * 0.8 + 0.1));
    let depth = 0.338 / (0.6 - p.y);
    let across = p.x * depth;
    let row = depth / 0.11;
    let half = 0.112;
    let d = (abs(across) - half) / depth;
    let top = p.y - 0.256;
    var color = dimmed(max(d - 0.004, top), 0.35, 0.012);
    var dye = livery(1);
    let medallion = vec2f(across / 0.06, (fract(row * 0.5) - 0.5) * 2.2);
    let lozenge = abs(medallion.x) + abs(medallion.y) - 0.85;
    let lines = place.px * depth / 0.06;
    dye = mix(dye, dye * 0.74, smoothstep(lines, -lines, lozenge));
    dye = mix(dye, livery(2) * 0.86, smoothstep(0.1, 0.04, abs(lozenge)) * 0.75);
    dye = mix(dye, livery(2) * 0.9, smoothstep(0.05, 0.0, length(medallion) - 0.2) * 0.8);
    let from_edge = half - abs(across);
    dye = mix(dye, mix(livery(0) * 0.8, livery(1) * 0.6, 0.4), smoothstep(0.0295, 0.0285, from_edge));
    dye = mix(dye, livery(2), smoothstep(0.004, 0.0025, abs(from_edge - 0.026)));
    dye = mix(dye, livery(2), smoothstep(0.004, 0.0025, abs(from_edge - 0.006)));
    dye = mix(dye, livery(2) * 0.85, smoothstep(0.008, 0.004, length(vec2f(from_edge - 0.016, (fract(row * 2.0) - 0.5) * 0.05))));
    dye *= 0.9 + 0.16 * noise(vec2f(across * 300.0, row * 60.0), 1557.0);
    let glow = exp(-pow(p.x * 3.4, 2.0)) * flames() * 0.1 * vec3f(1.0, 0.66, 0.36);
    let lay = light * (1.0 - 0.42 * smoothstep(0.12, -0.2, p.y));
    return over(paint(dye * (0.04 + lay) * 0.98 + glow * dye, edge(max(d, top))), color) + vec4f(thrown(p) * 0.2 * edge(max(d, top)), 0.0);
}

// A goblet.
fn goblet(q: vec2f, size: f32) -> f32 {
    let s = q / size;
    let bowl = max(length(vec2f(s.x, (s.y - 1.0) * 0.72)) - 0.34, s.y - 1.08);
    let stem = max(abs(s.x) - 0.06 - 0.28 * smoothstep(0.16, 0.0, s.y), max(-s.y, s.y - 0.7));
    return min(bowl, stem) * size;
}

// A candle on its stick; the flame is lit at every hour.
fn candlestick(p: vec2f, foot: vec2f, light: vec3f) -> vec4f {
    let q = p - foot;
    let brass = min(min(box(q, vec2f(0.0, 0.004), vec2f(0.02, 0.004), 0.003), box(q, vec2f(0.0, 0.034), vec2f(0.0038, 0.034), 0.001)), min(circle(q, vec2f(0.0, 0.03), 0.0085), box(q, vec2f(0.0, 0.068), vec2f(0.0135, 0.004), 0.003)));
    let wax = box(q, vec2f(0.0, 0.096), vec2f(0.0072, 0.026), 0.002);
    let f = q - vec2f(0.0, 0.126);
    let fire = max(abs(f.x) - 0.0062 * sqrt(clamp(f.y / 0.026 + 0.16, 0.0, 1.0)) * (1.0 - f.y / 0.026), max(-0.004 - f.y, f.y - 0.026));
    let halo = length(f - vec2f(0.0, 0.008));
    var color = paint(hex(0xffc070u), (0.16 + 0.34 * flames()) * exp(-halo * 22.0) * smoothstep(0.12, 0.04, halo));
    color = over(paint(hex(0xc79a50u) * light * (1.1 + 26.0 * q.x), edge(brass)), color);
    color = over(paint(mix(hex(0xe4d8bcu) * light, hex(0xffe6b0u), smoothstep(0.07, 0.122, q.y) * (0.3 + 0.6 * flames())), edge(wax)), color);
    return over(paint(mix(hex(0xffb648u), hex(0xfff4ccu), smoothstep(0.022, 0.002, f.y)), edge(fire)), color);
}

// The table at the left, laid for a feast.
fn plate_table(p: vec2f) -> vec4f {
    let light = shine(p);
    let top = 0.368;
    let middle = -0.81;
    let half = 0.25;
    let q = vec2f(p.x - middle, p.y - top);
    var color = dimmed(length(vec2f(q.x, p.y - 0.2) / vec2f(half * 1.05, 0.026)) - 1.0, 0.5, 0.7);
    // Trestles, then the cloth with its folds and the runner's border.
    let legs = max(min(segment(vec2f(abs(q.x) - 0.2, p.y), vec2f(0.0, 0.35), vec2f(0.035, 0.2)), segment(vec2f(abs(q.x) - 0.2, p.y), vec2f(0.0, 0.35), vec2f(-0.035, 0.2))) - 0.0105, 0.195 - p.y);
    color = over(paint(hex(0x6f4a34u) * light, edge(legs)), color);
    let hem = -0.118 - 0.006 * wave(q.x * 7.0) - 0.018 * smoothstep(half - 0.03, half, abs(q.x));
    let drape = max(abs(q.x) - half - 0.05 * clamp(-q.y, 0.0, 0.2), max(q.y, hem - q.y));
    let fold = 0.5 + 0.5 * wave(q.x * 9.0 + 0.3 * wave(q.x * 4.0) - 0.8 * q.y);
    let linen = mix(hex(0xb9a98eu), hex(0xf2e8d2u), 0.35 + 0.65 * fold * smoothstep(0.0, -0.1, q.y) + 0.4 * smoothstep(-0.04, 0.0, q.y));
    var cloth = linen * light * (0.98 + 1.2 * q.y);
    let band = q.y - hem - 0.022;
    cloth = mix(cloth, livery(1) * (0.08 + light) * (0.7 + 0.4 * fold), edge(abs(band) - 0.0085));
    cloth = mix(cloth, livery(2) * light * (0.8 + 0.3 * fold), edge(abs(abs(band) - 0.0125) - 0.0018));
    color = over(dimmed(drape - 0.006, 0.35, 0.03), color);
    color = over(paint(cloth, edge(drape)), color);
    let board = box(q, vec2f(0.0, 0.005), vec2f(half + 0.006, 0.0085), 0.004);
    color = over(paint(hex(0xf4ead6u) * light * 1.06, edge(board)), color);
    let y = 0.012;
    color = over(candlestick(p, vec2f(middle - 0.02, top + y), light), color);
    // A bowl of fruit, a pie or a loaf, by the scene's seed.
    let dish = vec2f(q.x - 0.17, q.y - y);
    let meal = fract(place.seed.x * 7.7 + 0.2);
    let bowl = max(length(vec2f(dish.x, (dish.y - 0.036) * 1.3)) - 0.058, max(dish.y - 0.036, -0.001 - dish.y));
    let foot = box(dish, vec2f(0.0, 0.004), vec2f(0.03, 0.005), 0.002);
    let silver = mix(hex(0x7f7c86u), hex(0xe9e2d4u), clamp(0.5 + 9.0 * dish.x + 4.0 * dish.y, 0.0, 1.0)) * light;
    if meal < 0.4 {
        for (var i = 0; i < 6; i++) {
            let k = f32(i);
            let at = vec2f((k - select(1.5, 5.0, i > 3) + select(0.0, 0.5, i > 3)) * 0.027, 0.048 + select(0.0, 0.021, i > 3));
            let d = length(dish - at) - 0.0155;
            let lit_side = clamp(0.5 + dot(dish - at, vec2f(18.0, 24.0)), 0.0, 1.0);
            let skin = mix(mix(hex(0x8c2f34u), hex(0xe06a50u), lit_side), mix(hex(0x8a7a34u), hex(0xe6c860u), lit_side), step(0.5, fract(k * 0.37 + 0.1)));
            color = over(paint(skin * (0.15 + light), edge(d)), color);
        }
    } else {
        let crust = max(length(vec2f(dish.x, (dish.y - 0.03) * select(1.35, 1.0, meal < 0.7))) - select(0.055, 0.046, meal < 0.7), 0.03 - dish.y);
        let cuts = smoothstep(0.006, 0.002, abs(fract(dish.x / 0.03 + dish.y * 9.0) - 0.5) * 0.03);
        let baked = mix(hex(0x8f5a30u), hex(0xe8b66cu), clamp(0.35 + 8.0 * dish.x + 9.0 * (dish.y - 0.03), 0.0, 1.0));
        color = over(paint(mix(baked, hex(0xf2d59au), 0.6 * cuts) * (0.1 + light), edge(crust)), color);
    }
    color = over(paint(silver, edge(min(bowl, foot))), color);
    for (var i = 0; i < 2; i++) {
        let cup = goblet(q - vec2f(select(0.075, -0.11, i == 1), y), 0.05);
        let shade = clamp(0.5 + 24.0 * (q.x - select(0.075, -0.11, i == 1)), 0.0, 1.0);
        color = over(paint(mix(hex(0x94642fu), hex(0xf4d488u), shade) * light, edge(cup)), color);
    }
    let jug = q - vec2f(-0.19, y);
    let body = max(length(vec2f(jug.x, (jug.y - 0.04) * 0.9)) - 0.036, -jug.y);
    let neck = max(abs(jug.x) - 0.016 - 0.16 * max(jug.y - 0.09, 0.0), max(0.05 - jug.y, jug.y - 0.115));
    let handle = abs(length((jug - vec2f(0.03, 0.072)) * vec2f(1.0, 0.75)) - 0.022) - 0.004;
    let glaze = mix(livery(0) * 0.7, livery(0) * 1.35, clamp(0.45 + 14.0 * jug.x + 3.0 * jug.y, 0.0, 1.0)) * (0.1 + light);
    color = over(paint(glaze, edge(min(min(body, neck), max(handle, 0.02 - jug.x)))), color);
    return color;
}

// Polished steel, `u` from -1 to 1 across a limb.
fn steel(u: f32, light: vec3f) -> vec3f {
    let turned = clamp(0.5 - 0.5 * u, 0.0, 1.0);
    let gleam = smoothstep(0.28, 0.0, abs(u + 0.4)) * 0.24 + smoothstep(0.14, 0.0, abs(u - 0.8)) * 0.1;
    return (mix(hex(0x4c5266u), hex(0xb4bbc8u), turned) + gleam) * light * 1.05;
}

// A suit of armour that keeps watch beside the throne, with its halberd.
fn plate_armour(p: vec2f) -> vec4f {
    let light = shine(p);
    let size = 0.4;
    let q = (p - vec2f(0.792, 0.203)) / size;
    let a = abs(q.x);
    let m = vec2f(a, q.y);
    var color = dimmed(length(q / vec2f(0.27, 0.05)) - 1.0, 0.5, 0.7);
    let plinth = box(q, vec2f(0.0, 0.02), vec2f(0.17, 0.035), 0.006);
    color = over(paint(hex(0x6a4836u) * light * (0.9 + 3.0 * q.y), edge(plinth * size)), color);
    color = over(paint(livery(2) * light * 0.9, edge(box(q, vec2f(0.0, 0.052), vec2f(0.175, 0.006), 0.003) * size)), color);
    // The halberd behind the hand.
    let b = vec2f(-q.x, q.y);
    let pole = box(b, vec2f(0.185, 0.55), vec2f(0.0095, 0.52), 0.004);
    let tip = max(abs(b.x - 0.185) - 0.02 * (1.18 - q.y) / 0.14, max(1.04 - q.y, q.y - 1.18));
    let h = b - vec2f(0.185, 0.98);
    let axe = max(max(length(h - vec2f(0.02, 0.0)) - 0.085, 0.055 - length(h - vec2f(0.055, 0.085))), max(0.055 - length(h - vec2f(0.055, -0.085)), -h.x));
    let beak = max(abs(h.y + 0.25 * h.x) - 0.03 - 0.3 * h.x, max(h.x, -0.1 - h.x));
    color = over(paint(hex(0x70482eu) * light * (1.0 - 20.0 * (b.x - 0.185)), edge(pole * size)), color);
    color = over(paint(steel(-h.x * 9.0 + 0.3, light), edge(min(tip, min(axe, beak)) * size)), color);
    // Legs, skirt and arms.
    let thigh = tapered(m, vec2f(0.07, 0.47), vec2f(0.068, 0.29), 0.058, 0.044);
    let greave = tapered(m, vec2f(0.068, 0.27), vec2f(0.066, 0.1), 0.046, 0.033);
    let foot = max(length((m - vec2f(0.082, 0.055)) / vec2f(0.06, 0.045)) - 1.0, (0.055 - q.y) * 20.0) * 0.045;
    let knee = circle(m, vec2f(0.068, 0.28), 0.05);
    let leg = sign(q.x) * (a - 0.068) / 0.05;
    color = over(paint(steel(leg, light) * 0.88, edge(min(min(thigh, greave), foot) * size)), color);
    color = over(paint(steel(leg, light) * 1.05, edge(knee * size)), color);
    let upper_arm = tapered(m, vec2f(0.148, 0.73), vec2f(0.178, 0.585), 0.042, 0.034);
    let lower_arm = tapered(m, vec2f(0.178, 0.565), vec2f(0.176, 0.455), 0.036, 0.027);
    let hand = circle(m, vec2f(0.178, 0.425), 0.038);
    let arm = sign(q.x) * (a - 0.172) / 0.04;
    color = over(paint(steel(arm, light) * 0.9, edge(min(upper_arm, lower_arm) * size)), color);
    color = over(paint(steel(arm, light), edge(min(hand, circle(m, vec2f(0.18, 0.575), 0.04)) * size)), color);
    let skirt = max(a - 0.112 - 0.22 * (0.56 - q.y), max(q.y - 0.56, 0.425 + 0.02 * a / 0.1 - q.y));
    let lames = 1.0 - 0.22 * smoothstep(0.3, 0.0, fract(q.y / 0.036));
    color = over(paint(steel(q.x / 0.14, light) * lames, edge(skirt * size)), color);
    // The breastplate over a tabard's band of the house's colour, shoulders, and the helmet with a plume.
    let chest = max(length(vec2f(q.x / 0.142, (q.y - 0.7) / 0.17)) - 1.0, (0.55 - q.y) * 8.0) * 0.14;
    color = over(paint(steel(q.x / 0.15, light) * 1.04 * (1.0 - 0.12 * smoothstep(0.012, 0.0, a)), edge(chest * size)), color);
    color = over(paint(livery(1) * (0.1 + light) * (0.95 - 2.4 * q.x), edge(max(abs(q.x * 0.8 + q.y - 0.69) - 0.024, chest + 0.004) * size)), color);
    color = over(paint(hex(0x7a5238u) * light, edge(max(abs(q.y - 0.56) - 0.013, a - 0.115) * size)), color);
    let shoulder = length((m - vec2f(0.142, 0.785)) / vec2f(0.064, 0.058)) - 1.0;
    let ridge = 1.0 - 0.25 * smoothstep(0.12, 0.0, abs(shoulder + 0.3));
    color = over(paint(steel(sign(q.x) * (a - 0.142) / 0.064, light) * ridge, edge(shoulder * 0.058 * size)), color);
    let plume = tapered(q, vec2f(-0.005, 1.05), vec2f(0.1, 1.0), 0.04, 0.012);
    let barbs = 0.8 + 0.25 * wave(q.x * 16.0 + q.y * 8.0);
    color = over(paint(livery(1) * (0.12 + light) * barbs * 1.1, edge(min(plume, segment(q, vec2f(0.0, 1.0), vec2f(-0.01, 1.05)) - 0.016) * size)), color);
    let helmet = max(length((q - vec2f(0.0, 0.93)) / vec2f(0.076, 0.098)) - 1.0, (0.855 - q.y) * 9.0) * 0.08;
    let gorget = box(q, vec2f(0.0, 0.852), vec2f(0.07, 0.022), 0.014);
    color = over(paint(steel(q.x / 0.08, light) * 0.82, edge(gorget * size)), color);
    color = over(paint(steel(q.x / 0.08, light) * 1.06, edge(helmet * size)), color);
    let slit = max(abs(q.y - 0.945 + 0.12 * a) - 0.009, a - 0.06);
    let breaths = max(length(vec2f(abs(fract(q.x / 0.024 + 0.5) - 0.5) * 0.024, q.y - 0.895)) - 0.0065, a - 0.042);
    let comb = max(a - 0.006, max(0.95 - q.y, helmet));
    color = over(paint(hex(0x1c1a26u), 0.9 * edge(min(slit, breaths) * size)), color);
    return over(paint(livery(2) * light, 0.8 * edge(comb * size)), color);
}

// Where a candle stands on the wheel, the `n`th from the middle: every other one on the far side.
fn candle_place(n: f32) -> vec2f {
    let side = 4.0 * abs(fract(n * 0.5)) - 1.0;
    return vec2f(n * 0.06, side * 0.028 * sqrt(max(1.0 - n * n * 0.1442, 0.0)));
}

// The iron wheel of candles on its chains.
fn plate_wheel(p: vec2f) -> vec4f {
    let light = shine(p);
    let q = p - WHEEL;
    let radii = vec2f(0.158, 0.028);
    let r = length(q / radii);
    let rim = abs(r * (r - 1.0) / max(length(q / (radii * radii)), 0.001));
    let iron = hex(0x4a444au) * (0.3 + 0.75 * light);
    let hook = vec2f(0.0, 0.3);
    let chain = min(segment(vec2f(abs(q.x), q.y), vec2f(0.152, 0.0), hook), max(abs(q.x), 0.3 - q.y)) - 0.0026;
    let link = 0.6 + 0.4 * smoothstep(0.2, 0.4, abs(fract(q.y / 0.018) - 0.5));
    let halo = length(q * vec2f(0.62, 1.0) - vec2f(0.0, 0.055));
    var color = paint(hex(0xffc47au), (0.1 + 0.34 * flames()) * exp(-halo * 9.0) * smoothstep(0.2, 0.08, halo));
    color = over(paint(iron * link, edge(chain)), color);
    color = over(paint(iron, edge(circle(q, hook, 0.0105))), color);
    // The far side of the rim, the candles, the near side.
    color = over(paint(iron * 0.72, edge(max(rim - 0.0042, -q.y))), color);
    let c = q - candle_place(clamp(round(q.x / 0.06), -2.0, 2.0));
    let cup = max(abs(c.x) - 0.012 - 0.2 * (c.y - 0.006), abs(c.y - 0.008) - 0.007);
    let wax = box(c, vec2f(0.0, 0.032), vec2f(0.0076, 0.022), 0.002);
    let wax_color = mix(hex(0xe4d8bcu) * light, hex(0xffe2a6u), smoothstep(0.01, 0.054, c.y) * (0.35 + 0.6 * flames()));
    color = over(paint(wax_color, edge(wax)), color);
    let hoop = abs(vec2f(q.x, q.y + 0.028 * sqrt(max(1.0 - pow(q.x / 0.158, 2.0), 0.0)))) - vec2f(0.16, 0.007);
    let near_side = min(max(hoop.x, hoop.y), max(rim - 0.004, q.y));
    let studs = 0.95 + 0.3 * step(0.4, abs(fract(q.x / 0.03) - 0.5));
    color = over(paint(iron * (studs + 0.5 * flames() * smoothstep(-0.03, 0.0, q.y + 0.02)), edge(near_side)), color);
    return over(paint(iron * 1.15, edge(cup)), color);
}

// The flames of its candles.
fn plate_candles(p: vec2f) -> vec4f {
    let q = p - WHEEL;
    let n = clamp(round(q.x / 0.06), -2.0, 2.0);
    let c = q - candle_place(n) - vec2f(0.0, 0.057);
    let halo = length(c - vec2f(0.0, 0.01));
    let around = paint(hex(0xffc878u), (0.3 + 0.3 * flames()) * smoothstep(0.03, 0.0, halo));
    return over(flame(c, 0.034, 0.37 * n), around);
}
