// The great cabin of a sailing ship: stern windows over a locker seat, ribs that turn into deck beams, a lantern that
// swings, a hammock over a sea chest, a table with charts, shelves with a rail.

const FLOOR: f32 = 0.262;
// Where all lines of the cabin meet; the sea's horizon lies as high.
const EYE: vec2f = vec2f(0.0, 0.58);
// The cabin's section at its after end: half its width, its height over the eye, and how deep the hull goes below.
const SECTION: vec3f = vec3f(0.7, 0.318, 0.56);
// From rib to rib, the width of a rib, and how far in it reaches, as parts of the section's distance.
const RIB_PITCH: f32 = 0.155;
const RIB_WIDTH: f32 = 0.05;
const RIB_REACH: f32 = 0.938;
const WINDOW: f32 = 0.089;
const APART: f32 = 0.216;
const SILL: f32 = 0.478;
const SPRING: f32 = 0.724;
// Where the lantern hangs, and its flame at rest.
const HOOK: vec2f = vec2f(0.0, 0.97);
const FLAME: vec2f = vec2f(0.0, 0.762);
const TABLE_X: f32 = 0.72;

// Cloth of the captain's choice: 0 curtains and cushions, 1 the blanket, 2 its stripes.
fn cloth(n: i32) -> vec3f {
    let k = fract(place.seed.x * 8.37);
    let first = array(hex(0x9c4a48u), hex(0x4f7686u), hex(0xe6d3aeu));
    let second = array(hex(0x3f6470u), hex(0xa8543eu), hex(0xe2c890u));
    let third = array(hex(0x6a5a86u), hex(0x5d7f5cu), hex(0xead9b6u));
    return select(select(third[n], second[n], k < 0.67), first[n], k < 0.34);
}

// How much of the light the lantern gives by the time of day.
fn lamp() -> f32 {
    return clamp(dot(place.hours, vec4f(0.46, 0.14, 0.85, 1.0)) + 0.35 * place.weather.x * (place.hours.x + place.hours.y), 0.0, 1.0);
}

fn near(p: vec2f, source: vec2f, reach: f32) -> f32 {
    let d = length(p - source) / reach;
    return 1.0 / (1.0 + d * d);
}

// All the light that falls on a place of the cabin.
fn shine(p: vec2f) -> vec3f {
    let gray_day = clamp(place.weather.x * 0.8 + place.weather.y * 0.3 + place.weather.z * 0.5, 0.0, 1.0);
    let ambient = by_hour(hex(0x7d7690u), hex(0xaaa6a2u), hex(0x4a4674u), hex(0x263462u)) * (1.0 - 0.2 * gray_day * (1.0 - place.hours.w));
    let from_windows = by_hour(hex(0xffc0b8u), hex(0xfff0d6u), hex(0xe88a90u), hex(0x5876c0u)) * near(p, vec2f(0.0, 0.58), 0.44) * dot(place.hours, vec4f(0.62, 0.76, 0.46, 0.28)) * (1.0 - 0.5 * gray_day);
    let from_lamp = vec3f(1.0, 0.68, 0.3) * (0.95 * near(p, FLAME, 0.2) + 0.46 * near(p, FLAME, 0.5)) * lamp() * (1.0 + 0.25 * place.hours.w - 0.2 * place.hours.z);
    let corners = 1.0 - 0.4 * smoothstep(0.5, 1.35, length(vec2f(min(abs(p.x), 1.0) * 0.9, (p.y - 0.5) * 1.05)));
    let sum = (ambient + from_windows + from_lamp) * corners;
    // Bright places saturate softly.
    return sum / (1.0 + 0.6 * max(max(sum.r, max(sum.g, sum.b)) - 0.9, 0.0));
}

// The light at the place that is drawn: worked out once.
var<private> light_here: vec3f;

// Sets the light of a place, before anything is drawn there.
fn look_at(p: vec2f) {
    light_here = shine(p);
}

// A shadow under or behind a thing whose distance is `d`.
fn dimmed(d: f32, strength: f32, width: f32) -> vec4f {
    return paint(vec3f(0.05, 0.02, 0.05), strength * soft_edge(d, width));
}

// The glow of the lantern and, from the windows, light in the air.
fn in_the_air(scene: vec4f, p: vec2f) -> vec4f {
    let d = length(p - FLAME);
    let warm = vec3f(1.0, 0.7, 0.38) * (0.2 * exp(-d * 7.0) + 0.1 * exp(-d * 2.8)) * lamp();
    let x = abs(p.x + 0.28 * (0.7 - p.y));
    let fall = 0.8 - p.y;
    let shaft = smoothstep(0.42, 0.16, x) * smoothstep(0.0, 0.3, fall) * exp(-max(fall, 0.0) * 1.6) * clear_sky() * dot(place.hours, vec4f(0.2, 0.15, 0.2, 0.05));
    return vec4f(scene.rgb + (place.key.rgb * shaft + warm) * scene.a, scene.a);
}

// Grain that runs along x, about 1.
fn grained(q: vec2f, salt: f32) -> f32 {
    let waver = 0.004 * wave(q.x * 1.3) + 0.002 * wave(q.x * 3.7 + q.y * 9.0);
    return 0.86 + 0.2 * noise(vec2f(q.x * 3.0, (q.y + waver) * 95.0), salt) + 0.08 * noise(vec2f(q.x * 1.3, (q.y + waver) * 34.0), salt + 1.0);
}

fn plank_wood() -> vec3f {
    return hex(0xb08a66u);
}

fn dark_wood() -> vec3f {
    return hex(0x835d43u);
}

fn fine_wood() -> vec3f {
    return hex(0xa47048u);
}

// Brass, `tone` from its dark to its bright side.
fn brass(tone: f32) -> vec3f {
    return mix(hex(0x80562eu), mix(hex(0xd0a050u), hex(0xffe6a4u), smoothstep(0.6, 1.0, tone)), smoothstep(0.0, 0.7, tone)) * (0.12 + light_here);
}

// The stern window nearest to `p`: its distance, negative in it, and coordinates from the middle of its springing line.
fn opening(p: vec2f) -> vec3f {
    let n = clamp(round(p.x / APART), -1.0, 1.0);
    let q = vec2f(p.x - n * APART, p.y - SPRING);
    let head = length(q * vec2f(1.0, 1.45)) - WINDOW;
    let d = select(abs(q.x) - WINDOW, head * select(1.0, 0.8, q.y > 0.03), q.y > 0.0);
    return vec3f(max(d, SILL - p.y), q);
}

// Where the sun or the moon stands behind the windows.
fn sun_place() -> vec2f {
    return vec2f(by_hour(vec3f(0.2), vec3f(-0.24), vec3f(0.17), vec3f(0.19)).x, by_hour(vec3f(0.632), vec3f(0.76), vec3f(0.622), vec3f(0.705)).x);
}

fn plate_sky(p: vec2f) -> vec4f {
    var color = sky_color(EYE + (p - EYE) * vec2f(1.0, 1.8), EYE.y);
    color += place.hours.w * stars(p * 1.5, 0.62) * smoothstep(0.6, 0.68, p.y);
    let d = length(p - sun_place()) - by_hour(vec3f(0.036), vec3f(0.03), vec3f(0.04), vec3f(0.032)).x;
    let sun_like = by_hour(hex(0xffd6b4u), hex(0xfff6dcu), hex(0xffbe80u), hex(0xdfe6ffu));
    color += sun_like * (exp(-max(d, 0.0) * 9.0) * 0.4 + exp(-max(d, 0.0) * 3.0) * 0.1) * (1.0 - 0.4 * place.hours.y) * (0.15 + 0.85 * clear_sky());
    color = mix(color, mix(sun_like, vec3f(1.0), 0.35), soft_edge(d, 0.004) * smoothstep(0.12, 0.6, clear_sky()));
    let cloud = streaks(p * 2.3 + vec2f(0.4, 0.0), 1603.0);
    color = streaked(color, cloud.y, cloud.x * (0.3 + 0.35 * place.weather.x) * smoothstep(0.6, 0.68, p.y));
    let banks = cloud_paint(cumulus(p, 0.592, 0.06, 0.17, 1605.0), 0.3);
    return over(banks * smoothstep(0.582, 0.612, p.y), vec4f(color, 1.0));
}

// How high the horizon stands behind the windows of a ship that rolls.
fn horizon(x: f32) -> f32 {
    let t = place.time_s;
    let rough = 1.0 + 0.9 * place.weather.w;
    return EYE.y + 0.009 * rough * wave(t * 0.11) + 0.03 * rough * x * wave(t * 0.083 + 0.3);
}

fn plate_sea(p: vec2f) -> vec4f {
    let t = place.time_s;
    let level = horizon(p.x);
    let d = max(level - p.y, 0.0);
    let far = overcast(by_hour(hex(0xc79aa4u), hex(0x8fc0c8u), hex(0xb0727cu), hex(0x34507eu)));
    let deep = overcast(by_hour(hex(0x4a6682u), hex(0x23728cu), hex(0x46407au), hex(0x0e2450u)));
    let v = 1.0 / (d + 0.035);
    let bend = 0.5 * wave(p.x * v * 0.1 + 0.06 * t) + 0.3 * wave(p.x * v * 0.23 - 0.05 * t + 0.3);
    let ripple = 0.6 * wave(v * 0.42 + bend + 0.16 * t) + 0.4 * wave(v * 0.77 - bend * 1.3 + 0.21 * t);
    let body = smoothstep(0.0, 0.09, d);
    var water = mix(far, deep, 0.2 + 0.75 * body);
    water = mix(water, water * mix(0.84, 1.16, 0.5 + 0.5 * ripple), smoothstep(0.002, 0.02, d));
    let spread = (p.x - sun_place().x) / (0.03 + 0.55 * d);
    let path = exp(-spread * spread) * smoothstep(-0.25, 0.5, ripple + 0.35 * wave(p.x * v * 0.6 + 0.2 * t)) * (0.06 + 0.94 * clear_sky());
    water = mix(water, by_hour(hex(0xffe2c8u), hex(0xfffbe8u), hex(0xffcf94u), hex(0xcfdcffu)), path * (0.8 - 0.35 * place.hours.y));
    let foam = smoothstep(0.62, 0.95, ripple + 0.3 * wave(p.x * v * 0.4)) * place.weather.w * body;
    water = mix(water, overcast(by_hour(hex(0xf4e4e4u), hex(0xf6fbfau), hex(0xe0b4acu), hex(0x7f98ccu))), 0.7 * foam);
    water = mix(water, overcast(place.fog.rgb), clamp(exp(-d * 60.0) * 0.45 + 0.7 * place.weather.z * exp(-d * 9.0), 0.0, 1.0));
    let isle = level - 0.01 + 0.034 * smoothstep(0.1, 0.9, swell(p.x * 5.0 + 1.0, 1607.0)) + 0.002 * swell(p.x * 60.0, 1608.0);
    let land = through_air(by_hour(hex(0x75789cu), hex(0x6f9aa0u), hex(0x6c4a74u), hex(0x1c2f5cu)), 0.4);
    return over(paint(water, edge(p.y - level)), paint(land, edge(p.y - isle)));
}

// What falls behind the panes.
fn plate_rain(p: vec2f) -> vec4f {
    return rain_outside(p) * f32(opening(p).x < 0.02);
}

fn plate_snow(p: vec2f) -> vec4f {
    return snow_outside(p) * f32(opening(p).x < 0.02);
}

// How far out a place lies: 1 on the hull at the after end, more towards us; and how fast that grows.
fn section(p: vec2f) -> vec2f {
    let size = vec2f(SECTION.x, select(SECTION.z, SECTION.y, p.y > EYE.y));
    let q = abs(p - EYE) / size;
    let cubes = q * q * q;
    let g = pow(cubes.x + cubes.y, 1.0 / 3.0);
    let slope = q * q / (size * max(g * g, 0.0001));
    return vec2f(g, length(slope));
}

// How much the after end is arched over the middle.
fn camber(x: f32) -> f32 {
    return -0.1 * x * x;
}

// Raised panels of fine wood beside the windows.
fn panelled(p: vec2f) -> vec3f {
    let u = abs(p.x);
    let n = floor((u - 0.345) / 0.115);
    let middle = 0.345 + (n + 0.5) * 0.115;
    let d = box(vec2f(u, p.y), vec2f(middle, 0.628), vec2f(0.047, 0.152), 0.004);
    let upright = grained(p.yx + vec2f(n * 0.7, 0.0), 1611.0);
    let toward = select(sign(p.y - 0.628), -sign(u - middle), abs(u - middle) - 0.047 > abs(p.y - 0.628) - 0.152);
    let bevel = smoothstep(0.0075, 0.0, abs(d + 0.004));
    return mix(fine_wood() * 1.1, plank_wood() * 1.02, edge(d + 0.008)) * upright * (1.0 - 0.26 * bevel * toward * sign(0.2 + u - middle));
}

fn plate_wall(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    var color = panelled(p) * light;
    // Under the sill, in the shade of the seat; over the windows a frieze between mouldings.
    let arch = p.y - camber(p.x);
    let above = arch - 0.803;
    color = mix(color, fine_wood() * 0.96 * grained(p, 1613.0) * light, edge(-above));
    color *= 1.0 - 0.3 * smoothstep(0.03, 0.0, -above) * step(above, 0.0);
    let scroll = abs(arch - 0.833 - 0.006 * wave(p.x * 11.0)) - 0.0028;
    let leaf_at = vec2f(fract(p.x * 22.0) - 0.5, (arch - 0.833) * 22.0);
    let leaves = (length(leaf_at - vec2f(0.0, -0.12 * sign(wave(p.x * 11.0)))) - 0.16) / 22.0;
    color = mix(color, brass(0.62 + 9.0 * (arch - 0.833)), 0.85 * edge(min(scroll, leaves)) * edge(abs(p.x) - 0.5));
    for (var i = 0; i < 2; i++) {
        let line = arch - select(0.804, 0.862, i == 1);
        let twist = 0.55 + 0.3 * wave(p.x * 46.0 + line * 60.0);
        color = mix(color, color * 0.6, smoothstep(0.022, 0.0, -line) * step(line, 0.0) * 0.6);
        color = mix(color, mix(dark_wood() * light, brass(twist + 22.0 * line), 0.75), edge(abs(line) - 0.0058));
    }
    let dado = p.y - 0.468;
    color = mix(color, fine_wood() * grained(p, 1615.0) * light * (1.1 + 16.0 * dado), edge(abs(dado) - 0.0095));
    color *= 1.0 - 0.5 * smoothstep(0.0, 0.3, arch - 0.85) - 0.25 * smoothstep(0.5, 0.72, abs(p.x));
    color *= 1.0 - 0.4 * smoothstep(0.86, 1.0, section(p).x);
    var scene = vec4f(color, 1.0);
    let o = opening(p).x;
    scene = over(dimmed(o - 0.02, 0.3, 0.04), scene);
    scene *= 1.0 - edge(o + 0.003);
    return in_the_air(scene, p);
}

// A curtain that is drawn to the outer side of the windows and tied there.
fn curtain(p: vec2f) -> vec4f {
    let light = light_here;
    let a = abs(p.x);
    let t = (0.792 - p.y) / 0.315;
    let tied = 0.6;
    let sweep = select(pow(clamp(1.0 - t / tied, 0.0, 1.0), 0.7), 0.4 * smoothstep(tied, 1.05, t), t > tied);
    let width = 0.026 + 0.05 * sweep;
    let u = (0.392 - a) / width;
    let d = max(max(-u, u - 1.0) * width, max(-t, t - 1.0 - 0.01 * wave(u * 2.2)) * 0.315);
    let fold = 0.5 + 0.5 * wave(u * 2.6 + 0.2 * wave(t * 0.5));
    var dye = cloth(0) * (0.1 + light) * (0.62 + 0.44 * fold);
    dye += by_hour(hex(0xffb8a0u), hex(0xffe2b8u), hex(0xff9a68u), hex(0x3c5694u)) * cloth(0) * 0.34 * smoothstep(0.3, 1.0, u) * fold * (0.3 + 0.7 * clear_sky());
    var color = dimmed(d - 0.004, 0.3, 0.022);
    color = over(paint(dye, edge(d)), color);
    let tie = max(abs(t - tied - 0.02 * u) * 0.315 - 0.0055, max(-u - 0.04, u - 1.04) * width);
    return over(paint(brass(0.75 - 0.3 * u), edge(tie)), color);
}

// Pilasters, frames, bars and glass of the stern windows.
fn plate_windows(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let o = opening(p);
    let q = o.yz;
    let bevel = clamp(q.x * 30.0, -1.0, 1.0);
    // Pilasters between and beside them.
    let pier = abs(p.x - (round(p.x / APART - 0.5) + 0.5) * APART);
    let v = clamp(pier / 0.0145, -1.0, 1.0);
    let shaft = max(max(pier - 0.0145, abs(p.x) - 0.36), max(SILL - p.y, p.y - 0.79));
    let flute = 0.9 + 0.14 * wave(pier * 105.0);
    var color = dimmed(shaft - 0.004, 0.3, 0.02);
    color = over(paint(fine_wood() * 1.12 * light * flute * (1.0 - 0.25 * v * v), edge(shaft)), color);
    let outer = max(o.x - 0.0125, SILL - 0.006 - p.y);
    color = over(paint(fine_wood() * light * (1.16 + 0.14 * bevel) * grained(p.yx, 1617.0), edge(outer)), color);
    color = over(paint(dark_wood() * light * (0.9 + 0.2 * bevel), edge(o.x - 0.0045)), color);
    let capital = max(pier - 0.013 - 0.35 * max(p.y - 0.765, 0.0), max(max(0.765 - p.y, p.y - 0.79), abs(p.x) - 0.36));
    let foot = max(pier - 0.019, max(max(SILL - p.y, p.y - 0.5), abs(p.x) - 0.36));
    color = over(paint(brass(0.5 + 12.0 * (p.y - 0.776)), edge(capital)), color);
    color = over(paint(fine_wood() * light * 1.14, edge(foot)), color);
    color *= 1.0 - edge(o.x);
    // Bars, glass that is old and green at its rims, a sheen across it, frost and mist in the corners.
    let bars = min(abs(q.x) - 0.0028, min(abs(q.y), abs(q.y + 0.102)) - 0.0028);
    let bright = by_hour(hex(0xffdcc8u), hex(0xfffaf0u), hex(0xffb68cu), hex(0x86a4e8u));
    let pane = max(-bars, o.x);
    let slant = q.x * 0.75 + q.y * 0.55;
    let sheen = smoothstep(0.026, 0.0, abs(slant + 0.05)) + 0.6 * smoothstep(0.01, 0.0, abs(slant + 0.098));
    let mist = smoothstep(-0.02, 0.0, max(pane, o.x));
    color = over(paint(mix(bright, light, 0.4), edge(o.x) * (0.09 * sheen + mist * (0.08 + 0.5 * place.weather.y + 0.2 * place.weather.z))), color);
    color = over(paint(mix(dark_wood() * (0.25 + 0.8 * light), bright, 0.14 * clear_sky()), edge(max(bars, o.x))), color);
    color = over(paint(bright, 0.4 * smoothstep(0.0035, 0.0, abs(o.x)) * (0.3 + 0.7 * clear_sky()) * (1.0 - 0.6 * place.hours.w)), color);
    // The sill, and a rod with its curtains.
    let sill = box(p, vec2f(0.0, SILL - 0.01), vec2f(0.4, 0.0125), 0.004);
    color = over(dimmed(sill - 0.01, 0.4 * step(p.y, SILL - 0.012), 0.04), color);
    color = over(paint(fine_wood() * grained(p, 1619.0) * light * (1.16 + 16.0 * (p.y - SILL + 0.01)), edge(sill)), color);
    color = over(curtain(p), color);
    let rod = min(box(p, vec2f(0.0, 0.797), vec2f(0.4, 0.0042), 0.004), circle(vec2f(abs(p.x), p.y), vec2f(0.404, 0.797), 0.0095));
    color = over(paint(brass(0.6 + 60.0 * (p.y - 0.797)), edge(rod)), color);
    return in_the_air(color, p);
}

// A cushion that leans against the sill.
fn cushion(p: vec2f, at: vec2f, size: vec2f, dye: vec3f, turns: f32) -> vec4f {
    let q = clamp(rotated(p - at, turns) / size, vec2f(-2.0), vec2f(2.0));
    let pinch = 1.0 - 0.1 * max(1.0 - q.x * q.x, 0.0) * min(q.y * q.y, 1.0);
    let d = (pow(pow(abs(q.x), 3.5) + pow(abs(q.y), 3.5), 1.0 / 3.5) - pinch) * min(size.x, size.y);
    let round_side = 0.86 + 0.2 * q.y - 0.12 * q.x * sign(at.x);
    var color = dimmed(length((p - at - vec2f(0.0, -0.012)) / (size * 1.15)) - 1.0, 0.3, 0.5);
    color = over(paint(dye * (0.1 + light_here) * round_side, edge(d)), color);
    let button = length(p - at) - 0.004;
    return over(paint(cloth(2) * light_here, max(edge(button), 0.7 * edge(abs(d + 0.004) - 0.0012))), color);
}

// The locker under the windows, with its cushions.
fn plate_seat(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let a = abs(p.x);
    // The wall between seat and sill.
    var color = paint(fine_wood() * 0.9 * grained(p, 1621.0) * light * (0.84 + 1.6 * (p.y - 0.4)), edge(max(p.y - SILL + 0.02, 0.38 - p.y)));
    // The front, with doors.
    let pitch = 0.19;
    let n = round(p.x / pitch);
    let q = p - vec2f(n * pitch, 0.314);
    let door = box(q, vec2f(0.0), vec2f(0.082, 0.036), 0.004);
    let panel = door + 0.014;
    var front = mix(fine_wood() * 0.86, mix(cloth(0), fine_wood(), 0.55) * 0.86, edge(panel)) * grained(p + vec2f(0.4 * n, 0.0), 1623.0);
    let turned = select(sign(q.y), sign(q.x) * sign(-p.x), abs(q.x) - 0.068 > abs(q.y) - 0.022);
    front *= 1.0 + 0.2 * turned * smoothstep(0.005, 0.0, abs(panel)) - 0.34 * smoothstep(0.0035, 0.001, abs(door));
    front *= 0.74 + 1.5 * (p.y - 0.262);
    color = over(paint(front * light, edge(p.y - 0.372)), color);
    color = over(dimmed(length(q - vec2f(0.0, -0.004)) - 0.012, 0.4, 0.012), color);
    color = over(paint(brass(0.7 + 40.0 * q.y), edge(abs(length(q) - 0.008) - 0.0024)), color);
    color = over(paint(dark_wood() * light * (0.8 + 3.0 * (p.y - 0.262)), edge(p.y - 0.274)), color);
    // The seat's board and mattress.
    color = over(dimmed(p.y - 0.372, 0.42 * smoothstep(0.318, 0.364, p.y), 0.004), color);
    color = over(paint(fine_wood() * light * 1.22, edge(abs(p.y - 0.373) - 0.0062)), color);
    let dip = 0.0018 * wave(p.x * 8.0);
    let mat = max(abs(p.y - 0.397 + dip) - 0.0175, a - 0.78);
    let soft = 0.78 + 13.0 * (p.y - 0.388);
    color = over(paint(cloth(0) * (0.12 + light) * soft, edge(mat)), color);
    color = over(paint(cloth(0) * (0.1 + light) * 0.66, edge(max(abs(p.y - 0.388 + dip) - 0.0014, a - 0.78))), color);
    color = over(dimmed(abs(p.y - 0.424) - 0.005, 0.3, 0.02), color);
    color = over(cushion(p, vec2f(0.575, 0.442), vec2f(0.05, 0.04), mix(cloth(0) * 1.25, cloth(2), 0.2), -0.03), color);
    color = over(cushion(p, vec2f(0.487, 0.438), vec2f(0.044, 0.036), mix(cloth(1), vec3f(0.8), 0.1), 0.03), color);
    let shade = (1.0 - 0.45 * smoothstep(0.03, 0.0, abs(p.y - FLOOR))) * (1.0 - 0.35 * smoothstep(0.5, 0.72, a));
    return in_the_air(vec4f(color.rgb * shade, color.a), p);
}

// The chart on the wall: an island with a cross, or the two halves of the world.
fn plate_map(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let q = p - vec2f(-0.505, 0.66);
    let half_size = vec2f(0.088, 0.092);
    let d = box(q, vec2f(0.0), half_size, 0.002);
    let ink = hex(0x7a4e34u);
    let blot = noise(q * 34.0, 1631.0);
    var sheet = mix(hex(0xe8d3a4u), hex(0xcfae74u), smoothstep(-0.05, 0.0, d) * 0.6 + 0.3 * (blot - 0.3));
    let pointed_rose = q - vec2f(0.056, -0.06);
    let turn = atan2(pointed_rose.y, pointed_rose.x);
    let rose = length(pointed_rose) - 0.008 - 0.01 * pow(abs(cos(turn * 2.0)), 6.0);
    if fract(place.seed.x * 3.71) < 0.55 {
        let shape = length((q - vec2f(-0.01, 0.012)) * vec2f(1.0, 1.2)) - 0.046 - 0.024 * clumps(q * 60.0, 1633.0);
        sheet = mix(sheet, hex(0xa9b894u), 0.4 * smoothstep(0.012, 0.0, shape));
        sheet = mix(sheet, hex(0xd8b878u), edge(shape));
        sheet = mix(sheet, hex(0x8e9a62u), 0.8 * edge(shape + 0.014));
        sheet = mix(sheet, ink, 0.8 * edge(abs(shape) - 0.0012));
        let route = abs(q.y + 0.028 - 0.014 * wave(q.x * 7.0)) - 0.0014;
        sheet = mix(sheet, hex(0xa03828u), 0.85 * edge(max(route, max(abs(fract(q.x * 70.0) - 0.5) - 0.3, max(q.x, -0.074 - q.x)))));
        let c = abs(q - vec2f(0.006, -0.014));
        sheet = mix(sheet, hex(0xa83226u), edge(max(abs(c.x - c.y) - 0.0026, max(c.x, c.y) - 0.0095)));
    } else {
        let globe = vec2f(abs(q.x) - 0.041, q.y - 0.014) / 0.04;
        let r = (length(globe) - 1.0) * 0.04;
        let lands = smoothstep(0.05, 0.12, clumps(q * 64.0, 1635.0) + 0.1);
        let meridian = min(abs(fract(globe.y * 2.0 + 0.5) - 0.5) / 50.0, abs(fract(globe.x / sqrt(max(1.0 - globe.y * globe.y, 0.05)) * 2.0 + 0.5) - 0.5) / 50.0);
        let ball = mix(mix(hex(0x9fb4a4u), hex(0xb98f58u), lands), ink, 0.3 * smoothstep(0.0016, 0.0004, meridian));
        sheet = mix(sheet, ball, edge(r));
        sheet = mix(sheet, ink, 0.85 * edge(abs(r) - 0.0014));
    }
    sheet = mix(sheet, ink, 0.75 * edge(rose));
    sheet = mix(sheet, ink, 0.5 * edge(abs(d + 0.009) - 0.0009));
    sheet *= 0.94 + 0.1 * wave(q.x * 4.6 + 0.2);
    var color = dimmed(box(q, vec2f(0.004, -0.01), half_size, 0.008), 0.42, 0.022);
    color = over(paint(sheet * (0.06 + light) * 0.98, edge(d)), color);
    let rods = min(box(vec2f(q.x, abs(q.y)), vec2f(0.0, 0.094), vec2f(0.096, 0.0055), 0.005), circle(abs(q), vec2f(0.1, 0.094), 0.0085));
    let strings = segment(vec2f(abs(q.x), q.y), vec2f(0.07, 0.098), vec2f(0.0, 0.124)) - 0.0012;
    color = over(paint(hex(0x4a3428u) * light, edge(strings)), color);
    color = over(paint(dark_wood() * light * (1.1 + 40.0 * (abs(q.y) - 0.094) * sign(q.y)), edge(rods)), color);
    return in_the_air(over(paint(brass(0.8), edge(circle(q, vec2f(0.0, 0.126), 0.006))), color), p);
}

// Books between the shelf's ends, some of which lean.
fn books(p: vec2f, left: f32, board: f32, count: f32, salt: f32) -> vec4f {
    let pitch = 0.0205;
    let n = floor((p.x - left) / pitch);
    let h = hash4(vec2f(n, 1.0), salt);
    let u = (p.x - left) / pitch - n;
    let tall = 0.056 + 0.03 * h.x;
    let d = box(vec2f(u * pitch, p.y - board), vec2f(pitch * 0.5, tall * 0.5), vec2f(pitch * (0.5 - 0.05 * h.y), tall * 0.5), 0.002);
    var dye = hex(0x8a3f3au);
    dye = mix(dye, hex(0x3e6070u), step(0.25, h.z));
    dye = mix(dye, hex(0x6f7448u), step(0.5, h.z));
    dye = mix(dye, hex(0xb48a4cu), step(0.68, h.z));
    dye = mix(dye, hex(0x5c4560u), step(0.84, h.z));
    let spine = 1.02 - 0.5 * pow(abs(u - 0.5) * 2.0, 3.0) + 0.2 * (0.5 - u);
    let t = (p.y - board) / tall;
    let bands = max(smoothstep(0.03, 0.015, abs(t - 0.82)), smoothstep(0.03, 0.015, abs(t - 0.2)));
    return paint(mix(dye * spine, hex(0xd9b873u), bands * 0.6) * (0.06 + light_here), edge(d) * step(0.0, n) * step(n, count - 0.5));
}

// Shelves with a rail that holds the books in a swell.
fn plate_shelves(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let q = p - vec2f(0.515, 0.655);
    let case_d = box(q, vec2f(0.0), vec2f(0.108, 0.112), 0.003);
    var color = dimmed(box(q, vec2f(0.004, -0.01), vec2f(0.114, 0.116), 0.01), 0.45, 0.03);
    color = over(paint(fine_wood() * grained(p.yx, 1641.0) * light * 1.06, edge(case_d)), color);
    let inside = max(case_d + 0.0085, 0.0055 - abs(q.y - 0.002));
    color = over(paint(dark_wood() * 0.62 * light * (0.8 + 1.2 * fract((q.y - 0.004) / 0.105)), edge(inside)), color);
    color = over(books(q, -0.096, 0.008, 6.0, 1643.0), color);
    color = over(books(q, -0.096, -0.1035, 5.0, 1644.0), color);
    // A globe above, a bottle with a ship and a shell below.
    let g = q - vec2f(0.064, 0.055);
    let ball = length(g) - 0.026;
    let lands = smoothstep(0.0, 0.12, clumps(g * 110.0, 1645.0));
    let round_ball = clamp(0.75 - 14.0 * (g.x - g.y * 0.6), 0.35, 1.15);
    color = over(paint(brass(0.6), edge(min(abs(length(g) - 0.031) - 0.0022, min(box(g, vec2f(0.0, -0.039), vec2f(0.004, 0.01), 0.0), box(g, vec2f(0.0, -0.0445), vec2f(0.019, 0.003), 0.002))))), color);
    color = over(paint(mix(hex(0x6f9aa4u), hex(0xd0b070u), lands) * round_ball * (0.1 + light), edge(ball)), color);
    let b = q - vec2f(0.054, -0.078);
    let bottle = min(length(b * vec2f(0.82, 1.0)) - 0.0235, box(b, vec2f(-0.036, 0.0), vec2f(0.013, 0.0085), 0.002));
    let cork = box(b, vec2f(-0.0515, 0.0), vec2f(0.0045, 0.0065), 0.001);
    let hull = max(abs(b.x) - 0.013 - 0.5 * (b.y + 0.008), abs(b.y + 0.0095) - 0.0035);
    let sail = max(abs(b.x - 0.001) - 0.011 + 0.25 * (b.y + 0.003), abs(b.y - 0.004) - 0.0095);
    color = over(paint(hex(0x9fc0bcu) * (0.2 + light), 0.55 * edge(bottle)), color);
    color = over(paint(hex(0x7a4a34u) * (0.1 + light), edge(hull)), color);
    color = over(paint(hex(0xf0e4ccu) * (0.1 + light), edge(max(sail, 0.0006 - abs(b.x + 0.002)))), color);
    color = over(paint(vec3f(1.0, 0.97, 0.9), 0.55 * smoothstep(0.003, 0.0, abs(length(b - vec2f(0.0, -0.002)) - 0.0185)) * step(0.006, b.y) * edge(bottle)), color);
    color = over(paint(hex(0xb8865au) * light, edge(cork)), color);
    // Rails, crown and lower edge.
    let rail = max(min(abs(q.y - 0.03), abs(q.y + 0.081)) - 0.0026, abs(q.x) - 0.1);
    color = over(paint(brass(0.75), edge(rail)), color);
    let crown_d = min(box(q, vec2f(0.0, 0.114), vec2f(0.12, 0.0075), 0.003), box(q, vec2f(0.0, -0.114), vec2f(0.116, 0.0075), 0.003));
    color = over(paint(fine_wood() * light * (1.18 + 8.0 * (abs(q.y) - 0.114) * sign(q.y)), edge(crown_d)), color);
    return in_the_air(color, p);
}

// Planks of the hull's side and of the deck overhead, and the ribs and beams that carry them.
fn plate_hull(p: vec2f) -> vec4f {
    let g = section(p);
    let d_hull = 1.0 / max(g.x, 0.05);
    let d_inner = RIB_REACH * d_hull;
    let pixel = place.px * g.y * d_hull * d_hull;
    let q = (p - EYE) * d_hull;
    // Along the section from the middle overhead, about as long as on the hull.
    let around = atan2(q.x * 0.72, q.y + 0.25) * 0.62;
    let at = EYE + q * (0.98 + 0.1 * (g.x - 1.0));
    let dark = 1.0 - 0.5 * smoothstep(1.15, 2.6, g.x);
    let overhead = smoothstep(0.12, 0.24, q.y);
    look_at(mix(p, at, 0.35));
    let light = light_here * dark;
    // Planks.
    let pitch = 0.098;
    let n = floor(around / pitch);
    let f = around / pitch - n;
    let h = hash4(vec2f(n, 1.0), 1651.0);
    let seam = min(f, 1.0 - f) * pitch * g.x;
    var planks = mix(plank_wood() * 0.92, plank_wood() * vec3f(0.8, 0.78, 0.78), overhead) * (0.88 + 0.2 * h.x) * grained(vec2f(d_hull * 2.2 + h.y * 5.0, around), 1652.0);
    planks *= 1.0 - 0.5 * smoothstep(0.003, 0.0006, seam);
    // The shade that a rib throws on the planks behind it.
    let phase = fract(d_hull / RIB_PITCH);
    planks *= 1.0 - 0.42 * smoothstep(0.75, 0.33, phase);
    // Ribs: their inner side, then the side that looks at us.
    let rib_grain = grained(vec2f(around * 2.6, d_inner * 1.2 + floor(d_inner / RIB_PITCH) * 0.37), 1653.0);
    let k = fract(d_inner / RIB_PITCH);
    let next = ceil(d_inner / RIB_PITCH) * RIB_PITCH;
    let rib = mix(dark_wood() * 1.06, dark_wood() * 0.9, overhead);
    let up = (d_hull - next) / max(d_hull - d_inner, 0.001);
    var front = rib * rib_grain * (0.8 - 0.18 * up);
    let inner_side = rib * rib_grain * (1.34 - 0.45 * overhead) * (1.0 - 0.3 * smoothstep(0.1, 0.32, k));
    // Bolts in the face of the ribs.
    let bolt = length(vec2f((fract(around / 0.16) - 0.5) * 0.16 * g.x, (up - 0.5) * 0.055)) - 0.0062;
    front = mix(front, hex(0x4a4248u) * (1.0 + 40.0 * clamp(-bolt, 0.0, 0.006)), 0.8 * edge(bolt));
    var color = planks;
    color = mix(color, front, clamp(0.5 + (d_hull - next) / pixel, 0.0, 1.0));
    let under = min(k, RIB_WIDTH / RIB_PITCH - k) * RIB_PITCH;
    color = mix(color, inner_side, clamp(0.5 + under / pixel, 0.0, 1.0));
    // An edge that catches the light.
    let arris = k * RIB_PITCH / max(pixel, 0.0022);
    color = mix(color, color * 1.28, 0.6 * smoothstep(1.4, 0.3, arris));
    let frame = g.x - 1.0;
    return in_the_air(paint(color * light, clamp(0.5 + frame / max(place.px * g.y, 0.0001), 0.0, 1.0)), mix(p, at, 0.3));
}

// What the sun or the moon throws through the windows on the planks.
fn thrown(across: f32, distance: f32) -> vec3f {
    let x = across - by_hour(vec3f(-0.12), vec3f(0.12), vec3f(-0.1), vec3f(-0.1)).x * (1.0 - distance) * 2.4;
    let n = clamp(round(x / APART), -1.0, 1.0);
    let u = x - n * APART;
    let t = (distance - 0.57) / 0.29;
    let half = WINDOW * sqrt(clamp(t / 0.3, 0.0, 1.0));
    let soft = 0.014;
    let bars = min(abs(u), min(abs(t - 0.3), abs(t - 0.64)) * 0.3);
    let cover = smoothstep(soft, -soft, abs(u) - half) * smoothstep(1.0, 0.8, t) * step(0.0, t) * smoothstep(0.001, 0.009, bars);
    return by_hour(hex(0xff9c8cu), hex(0xffe6b4u), hex(0xd86a58u), hex(0x2c4484u)) * cover * clear_sky();
}

fn plate_floor(p: vec2f) -> vec4f {
    let distance = (EYE.y - FLOOR) / max(EYE.y - p.y, 0.01);
    let across = p.x * distance;
    light_here = shine(vec2f(p.x, p.y * 0.8 + 0.1));
    let light = light_here;
    let pitch = 0.074;
    let n = floor(across / pitch);
    let f = across / pitch - n;
    let h = hash4(vec2f(n, 3.0), 1661.0);
    let along = 1.6 / distance + h.x * 3.0;
    let cell = floor(along * 0.8);
    let g = hash4(vec2f(n, cell), 1662.0);
    let wood = mix(hex(0xb08a62u), hex(0x957051u), g.y);
    var plank = wood * (0.92 + 0.16 * g.x) * grained(vec2f(along * 1.2 + g.z * 7.0, across * 0.8), 1663.0);
    let seam = min(f, 1.0 - f) * pitch / distance;
    let butt = (0.5 - abs(fract(along * 0.8) - 0.5)) / 0.8;
    plank *= 1.0 - 0.5 * smoothstep(0.0042, 0.0012, seam);
    plank *= 1.0 - 0.5 * smoothstep(0.0036, 0.0012, butt * 0.2);
    let pegs = length(vec2f((abs(f - 0.5) - 0.28) * pitch / distance, (butt - 0.05) * 0.2)) - 0.003;
    plank *= 1.0 - 0.4 * edge(pegs);
    var color = plank * light * (1.0 - 0.42 * smoothstep(0.12, -0.2, p.y));
    // Light on the planks: windows, their mirror image, the lantern's pool.
    color += thrown(across, distance) * (0.34 - 0.07 * place.hours.z - 0.12 * place.hours.w);
    let polish = smoothstep(0.4, 0.2, abs(p.x)) * smoothstep(-0.08, 0.25, p.y) * (0.75 + 0.25 * wave(p.x / APART + 0.25));
    color += place.key.rgb * polish * 0.1 * dot(place.hours, vec4f(0.9, 1.0, 0.8, 0.3)) * (0.4 + 0.6 * clear_sky());
    let pool = (p - vec2f(0.0, 0.13)) * vec2f(2.2, 6.0);
    color += vec3f(1.0, 0.62, 0.28) * 0.24 * exp(-dot(pool, pool)) * lamp();
    color = mix(color, color * 0.5, smoothstep(0.03, 0.0, FLOOR - p.y));
    // The waterway: a stout plank where floor and hull meet.
    let side = SECTION.x * 0.937 - abs(across);
    color = mix(color, color * 0.55, smoothstep(0.06, 0.0, side - 0.03));
    color = mix(color, dark_wood() * 1.1 * grained(vec2f(along, side), 1664.0) * light * (1.0 - 0.42 * smoothstep(0.12, -0.2, p.y)), edge((side - 0.032) / distance));
    color = mix(color, color * 1.3, smoothstep(0.004, 0.001, abs(side - 0.031)));
    return paint(color, edge(p.y - FLOOR) * edge(-side / distance));
}

// The hammock: where its line hangs between two hooks, `t` from the after one (0) to ours (1).
fn hung(t: f32, sag: f32) -> f32 {
    return mix(0.535, 0.77, t) - sag * 4.0 * t * (1.0 - t) * (0.86 + 0.28 * t);
}

fn plate_hammock(p: vec2f) -> vec4f {
    look_at(vec2f(p.x * 0.9, p.y));
    let light = light_here;
    let ends = vec2f(-0.455, -0.96);
    let t = clamp((p.x - ends.x) / (ends.y - ends.x), 0.0, 1.0);
    let top = hung(t, 0.185);
    let low = hung(t, 0.285);
    let span = max(0.13 - t, t - 0.87) * 0.525;
    // Cords that fan out to the canvas from a ring.
    var cords = 1.0;
    for (var i = 0; i < 5; i++) {
        let s = f32(i) / 4.0;
        let far_end = vec2f(mix(ends.x, ends.y, 0.14), mix(hung(0.14, 0.185), hung(0.14, 0.285), s));
        let near_end = vec2f(mix(ends.x, ends.y, 0.86), mix(hung(0.86, 0.185), hung(0.86, 0.285), s));
        cords = min(cords, min(segment(p, vec2f(ends.x, 0.535), far_end), segment(p, vec2f(ends.y, 0.77), near_end)));
    }
    var color = paint(hex(0xcdb083u) * light, edge(cords - 0.0017));
    color = over(dimmed(length((p - vec2f(-0.73, 0.275)) / vec2f(0.2, 0.045)) - 1.0, 0.3, 0.8), color);
    // The far edge, a pillow, and the near side with its folds.
    let body = max(max(low - p.y, p.y - top), span);
    let v = (p.y - low) / max(top - low, 0.01);
    let pillow = length(rotated(p - vec2f(-0.572, 0.478), 0.05) / vec2f(0.05, 0.032)) - 1.0;
    color = over(paint(hex(0xeee2ccu) * (0.06 + light) * (0.92 + 4.0 * (p.y - 0.48)), edge(pillow * 0.032)), color);
    let fold = 0.5 + 0.5 * wave(t * 3.2 + 0.5 * v + 0.2 * wave(v * 0.8));
    let sheet = mix(hex(0xb39c7cu), hex(0xe4d4b4u), clamp(0.12 + 0.75 * v + 0.3 * fold, 0.0, 1.0));
    color = over(paint(sheet * (0.04 + light), edge(body)), color);
    let spreader = max(abs(t - 0.13) * 0.505 - 0.0042, max(low - 0.008 - p.y, p.y - top - 0.008));
    color = over(paint(fine_wood() * light * 1.1, edge(spreader)), color);
    // The blanket, thrown over the edge.
    let hang = low - 0.02 + 0.012 * wave(t * 2.3) + 0.05 * abs(t - 0.51);
    let over_edge = top + 0.02 * smoothstep(0.33, 0.43, t) * smoothstep(0.71, 0.58, t);
    let wool = max(max(hang - p.y, p.y - over_edge), max(0.37 - t, t - 0.65) * 0.525 + 0.01 * wave(p.y * 5.0));
    let stripe = fract((t - 0.37) * 11.0);
    let crease = 0.5 + 0.5 * wave(t * 6.0 + 0.25 * wave(p.y * 3.0));
    var dye = mix(cloth(1), cloth(2), smoothstep(0.66, 0.68, stripe) * smoothstep(0.98, 0.96, stripe));
    dye = mix(dye, cloth(0) * 0.8, smoothstep(0.2, 0.22, stripe) * smoothstep(0.34, 0.32, stripe));
    color = over(dimmed(wool - 0.004, 0.3, 0.02) * edge(span), color);
    color = over(paint(dye * (0.08 + light) * (0.7 + 0.26 * crease + 1.2 * (p.y - low - 0.05)), edge(wool)), color);
    let fringe = max(max(hang - 0.014 - p.y, p.y - hang - 0.001), max(0.375 - t, t - 0.645) * 0.525);
    color = over(paint(cloth(2) * light * 0.9, edge(fringe) * step(0.4, fract(p.x * 150.0))), color);
    let hem = max(abs(p.y - top + 0.004) - 0.004, span);
    color = over(paint(hex(0xf2e6ccu) * (0.05 + light), edge(max(hem, -wool))), color);
    let rings = min(abs(circle(p, vec2f(ends.x, 0.54), 0.009)) - 0.003, abs(circle(p, vec2f(ends.y, 0.776), 0.012)) - 0.004);
    color = over(paint(brass(0.6), edge(rings)), color);
    return in_the_air(color, p);
}

// A sea chest with a domed lid, iron straps and a brass lock.
fn chest(p: vec2f) -> vec4f {
    let light = light_here;
    let q = p - vec2f(-0.73, 0.205);
    let half = 0.118;
    let front = box(q, vec2f(0.0, 0.042), vec2f(half, 0.045), 0.004);
    let dome = 0.092 + 0.045 * sqrt(max(1.0 - pow(abs(q.x) / (half + 0.004), 6.0), 0.0));
    let lid = max(abs(q.x) - half - 0.004, max(0.09 - q.y, q.y - dome));
    var color = dimmed(length((q - vec2f(-0.02, -0.004)) / vec2f(0.16, 0.024)) - 1.0, 0.55, 0.7);
    let boards = fract(q.y * 31.0);
    let wood = hex(0x8a5636u) * grained(q + vec2f(floor(q.y * 31.0) * 0.3, 0.0), 1671.0);
    color = over(paint(wood * light * (0.82 + 1.1 * q.x + 2.0 * q.y) * (1.0 - 0.3 * smoothstep(0.08, 0.0, min(boards, 1.0 - boards))), edge(front)), color);
    color = over(paint(wood * light * (0.95 + 1.0 * q.x + 9.0 * (q.y - 0.1)), edge(lid)), color);
    let iron = hex(0x4c4650u) * (0.3 + 0.8 * light);
    let straps = max(abs(abs(q.x) - 0.074) - 0.0085, min(front, lid) - 0.0015);
    color = over(paint(iron * (1.0 + 5.0 * (q.y - 0.05)), edge(straps)), color);
    let stud = length(vec2f(abs(q.x) - 0.074, (fract(q.y * 27.0) - 0.5) / 27.0)) - 0.003;
    color = over(paint(iron * 1.7, edge(max(stud, straps))), color);
    color = over(paint(iron * 0.6, edge(max(abs(q.y - 0.0895) - 0.0022, abs(q.x) - half))), color);
    let lock = box(q, vec2f(0.0, 0.08), vec2f(0.015, 0.019), 0.005);
    color = over(paint(brass(0.72 + 14.0 * (q.y - 0.08)), edge(lock)), color);
    return over(paint(iron * 0.4, edge(min(circle(q, vec2f(0.0, 0.081), 0.0036), box(q, vec2f(0.0, 0.075), vec2f(0.0015, 0.006), 0.0)))), color);
}

// A coil of rope that lies on the planks.
fn coil(p: vec2f, middle: vec2f, size: f32) -> vec4f {
    let light = light_here;
    var color = dimmed(length((p - middle - vec2f(0.0, -0.1 * size)) / (size * vec2f(1.15, 0.4))) - 1.0, 0.5, 0.6);
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let r = (p - middle - vec2f(0.04 * (fract(k * 0.61) - 0.5), 0.1 * k) * size) / (size * vec2f(1.0 - 0.06 * k, 0.31 - 0.02 * k));
        let turn = length(r);
        let lay = 0.9 + 0.12 * wave(atan2(r.y, r.x) * 7.0 + turn);
        let u = clamp((turn - 0.72) / 0.28, -1.0, 1.0);
        let tone = mix(hex(0x7f6344u), hex(0xdcc090u), clamp(0.3 + 0.13 * k + 0.2 * r.y - 0.14 * r.x, 0.0, 1.0)) * lay * (1.0 - 0.45 * u * u);
        color = over(paint(tone * (0.05 + light), edge((abs(turn - 0.72) - 0.26) * size * 0.31)), color);
    }
    return color;
}

fn plate_chest(p: vec2f) -> vec4f {
    look_at(vec2f(p.x, p.y + 0.1));
    return over(coil(p, vec2f(-0.535, 0.222), 0.06), chest(p));
}

// A place on the table's top as seen from above: across its middle, and from its near edge (0) to its far one (1).
fn on_table(p: vec2f) -> vec2f {
    let shrink = (EYE.y - p.y) / (EYE.y - 0.345);
    return vec2f((p.x - TABLE_X * shrink) / shrink, (p.y - 0.345) / 0.042);
}

// The captain's table: a chart under a compass, a spyglass, what the seed lays there.
fn plate_table(p: vec2f) -> vec4f {
    look_at(vec2f(p.x, p.y + 0.06));
    let light = light_here;
    let half = 0.225;
    let q = vec2f(p.x - TABLE_X, p.y);
    var color = dimmed(length((q - vec2f(0.0, 0.19)) / vec2f(half * 1.1, 0.028)) - 1.0, 0.5, 0.7);
    // Legs, turned; the far ones darker.
    for (var i = 0; i < 2; i++) {
        let near_leg = f32(i);
        let shrink = mix(0.92, 1.0, near_leg);
        let leg = abs(p.x - TABLE_X * shrink) - 0.19 * shrink;
        let low = mix(0.205, 0.172, near_leg);
        let v = (p.y - low) / (0.335 - low);
        let girth = 0.0105 + 0.006 * wave(v * 1.5 + 0.1) * smoothstep(0.0, 0.2, v) * smoothstep(1.0, 0.8, v) + 0.004 * smoothstep(0.12, 0.0, v);
        let d = max(abs(leg) - girth, max(low - p.y, p.y - 0.335));
        color = over(paint(fine_wood() * light * mix(0.5, 0.86, near_leg) * (1.0 - 0.45 * clamp(leg * sign(p.x - TABLE_X * shrink) / girth, -1.0, 1.0)), edge(d)), color);
    }
    let apron = max(abs(q.x) - half + 0.012, max(p.y - 0.34, 0.306 - p.y));
    let drawer = box(q, vec2f(0.0, 0.322), vec2f(0.085, 0.0115), 0.002);
    color = over(paint(fine_wood() * 0.9 * grained(p, 1681.0) * light * (0.72 + 6.0 * (p.y - 0.31)) * (1.0 - 0.4 * smoothstep(0.003, 0.0, abs(drawer))), edge(apron)), color);
    color = over(paint(brass(0.8), edge(circle(q, vec2f(0.0, 0.322), 0.0055))), color);
    // The top.
    let s = on_table(p);
    let sheet = max(abs(s.x) - half, max(-s.y, s.y - 1.0) * 0.042);
    color = over(paint(fine_wood() * 1.16 * grained(vec2f(s.x, s.y * 0.12), 1682.0) * light * (0.92 + 0.12 * s.y), edge(sheet)), color);
    // The chart on it, with a coast and a course, one end rolled up.
    let paper = max(abs(s.x + 0.03 + 0.02 * s.y) - 0.145, (abs(s.y - 0.5) - 0.4) * 0.042);
    let coast = s.x + 0.06 + 0.03 * swell(s.y * 5.0, 1683.0);
    var parchment = mix(hex(0xf0dfb6u), hex(0xc9c79cu), smoothstep(0.004, -0.004, coast));
    parchment = mix(parchment, hex(0x8a6040u), smoothstep(0.005, 0.002, abs(coast)) * 0.7);
    let course = abs(s.y - 0.35 - 1.6 * (s.x + 0.05) - 0.1 * wave(s.x * 6.0)) - 0.028;
    parchment = mix(parchment, hex(0xa03c2cu), step(course, 0.0) * step(0.0, coast) * step(0.45, fract(s.x * 60.0)) * 0.75);
    color = over(dimmed(paper - 0.003, 0.3, 0.008), color);
    color = over(paint(parchment * (0.08 + light), edge(paper)), color);
    let roll = segment(p, vec2f(TABLE_X - 0.2, 0.351), vec2f(TABLE_X - 0.262, 0.384)) - 0.0085;
    color = over(paint(hex(0xe6cf9cu) * light * (0.86 + 24.0 * (roll + 0.0085)), edge(roll)), color);
    let lip = box(q, vec2f(0.0, 0.3405), vec2f(half + 0.004, 0.0068), 0.004);
    color = over(paint(fine_wood() * light * (1.14 + 14.0 * (p.y - 0.3405)), edge(lip)), color);
    // A compass in its box.
    let c = p - vec2f(TABLE_X - 0.055, 0.374);
    let bowl = box(c, vec2f(0.0, -0.004), vec2f(0.031, 0.0085), 0.006);
    let face = (length((c - vec2f(0.0, 0.005)) / vec2f(0.031, 0.0105)) - 1.0) * 0.0105;
    let needle = segment(c, vec2f(-0.016, 0.0025), vec2f(0.015, 0.0078)) - 0.0016;
    color = over(dimmed(bowl - 0.005, 0.35, 0.014), color);
    color = over(paint(brass(0.6 + 9.0 * -c.x), edge(min(bowl, face))), color);
    color = over(paint(hex(0xf6ead0u) * (0.1 + light), edge(face + 0.0028)), color);
    color = over(paint(mix(hex(0xb03a2au), hex(0x35404eu), step(0.0, c.x)), edge(max(needle, face + 0.003))), color);
    // A spyglass, drawn out.
    let g = rotated(p - vec2f(TABLE_X + 0.075, 0.363), 0.022);
    let parts = floor((g.x + 0.08) / 0.055);
    let girth = 0.0075 + 0.0018 * clamp(parts, 0.0, 2.0);
    let tube = max(abs(g.y) - girth, max(-0.08 - g.x, g.x - 0.085));
    let cuffs = max(abs(g.y) - girth - 0.0018, abs(fract((g.x + 0.08) / 0.055 + 0.04) - 0.04) * 0.055 - 0.0035);
    color = over(dimmed(box(g, vec2f(0.0, -0.006), vec2f(0.085, 0.007), 0.006), 0.35, 0.012), color);
    color = over(paint(mix(brass(0.5 + 55.0 * g.y), hex(0x6a3a2cu) * light * (1.0 + 40.0 * g.y), step(1.5, parts)), edge(tube)), color);
    color = over(paint(brass(0.7 + 50.0 * g.y), edge(max(cuffs, max(-0.08 - g.x, g.x - 0.088)))), color);
    return in_the_air(over(laid(p, light), color), p);
}

// A mug, a bottle with a candle, or an inkwell with its quill.
fn laid(p: vec2f, light: vec3f) -> vec4f {
    let kind = fract(place.seed.x * 6.13 + 0.1);
    let q = p - vec2f(TABLE_X - 0.14, 0.374);
    if kind < 0.34 {
        let mug = box(q, vec2f(0.0, 0.024), vec2f(0.021, 0.026), 0.004);
        let handle = abs(length((q - vec2f(-0.026, 0.024)) * vec2f(1.0, 0.8)) - 0.0125) - 0.0032;
        let hoops = min(abs(q.y - 0.01), abs(q.y - 0.04)) - 0.003;
        let pewter = mix(hex(0x6c6a74u), hex(0xd6d2ccu), clamp(0.5 - 20.0 * q.x, 0.0, 1.0)) * (0.1 + light);
        let color = over(paint(pewter * 0.85, edge(max(handle, q.x + 0.018))), dimmed(mug - 0.003, 0.35, 0.014));
        return over(paint(mix(pewter, pewter * 0.75, edge(hoops)), edge(mug)), color);
    }
    if kind < 0.67 {
        let body = min(box(q, vec2f(0.0, 0.024), vec2f(0.0185, 0.028), 0.008), box(q, vec2f(0.0, 0.06), vec2f(0.0065, 0.018), 0.002));
        let candle = box(q, vec2f(0.0, 0.096), vec2f(0.006, 0.02), 0.002);
        let f = q - vec2f(0.0, 0.12);
        let fire = max(abs(f.x) - 0.0055 * sqrt(clamp(f.y / 0.024 + 0.16, 0.0, 1.0)) * (1.0 - f.y / 0.024), max(-0.004 - f.y, f.y - 0.024));
        let halo = length(f - vec2f(0.0, 0.008));
        let glass = mix(hex(0x23402eu), hex(0x6a9668u), smoothstep(0.4, 0.0, abs(q.x + 0.007) * 60.0)) * (0.2 + light);
        var color = paint(hex(0xffc070u), (0.12 + 0.34 * lamp()) * exp(-halo * 24.0) * smoothstep(0.1, 0.03, halo));
        color = over(paint(glass, edge(body)), color);
        color = over(paint(mix(hex(0xe4d8bcu) * light, hex(0xffe6b0u), smoothstep(0.07, 0.116, q.y) * (0.3 + 0.6 * lamp())), edge(candle)), color);
        return over(paint(mix(hex(0xffb648u), hex(0xfff4ccu), smoothstep(0.02, 0.002, f.y)), edge(fire)), color);
    }
    let well = max(box(q, vec2f(0.0, 0.012), vec2f(0.019, 0.015), 0.005), abs(q.x) - 0.02 + 0.3 * (q.y - 0.01));
    let feather = rotated(q - vec2f(0.002, 0.024), 0.19);
    let vane = leaf(feather / 0.1 - vec2f(0.1, 0.0), 0.17) * 0.1;
    let shaft = segment(q, vec2f(0.002, 0.022), vec2f(0.04, 0.113)) - 0.0013;
    var color = dimmed(well - 0.003, 0.35, 0.014);
    color = over(paint(hex(0xf4ecdcu) * (0.08 + light) * (0.9 + 0.2 * step(0.0, feather.y)), edge(vane)), color);
    color = over(paint(hex(0xcbb994u) * light, edge(shaft)), color);
    return over(paint(mix(hex(0x2c3a4cu), hex(0x7d93a4u), clamp(0.5 - 30.0 * q.x, 0.0, 1.0)) * (0.1 + light), edge(well)), color);
}

// A parrot's perch that hangs from a beam, a ring with a bar and two cups; nobody sits on it.
fn plate_perch(p: vec2f) -> vec4f {
    look_at(vec2f(p.x * 0.8, p.y));
    let q = p - vec2f(0.755, 0.69);
    let ring = abs(length(q * vec2f(1.0, 0.92)) - 0.07) - 0.0036;
    let chain = max(abs(q.x) - 0.0022, max(0.08 - q.y, q.y - 0.5));
    let link = 0.55 + 0.45 * step(0.3, abs(fract(q.y / 0.016) - 0.5) * 2.0);
    let bar = box(q, vec2f(0.0, -0.05), vec2f(0.082, 0.0068), 0.006);
    let cup_at = vec2f(abs(q.x) - 0.071, q.y + 0.036);
    let cup = max(length(cup_at * vec2f(1.0, 0.9)) - 0.0165, cup_at.y - 0.002);
    var color = dimmed(abs(length((q - vec2f(0.012, -0.014)) * vec2f(1.0, 0.92)) - 0.07) - 0.004, 0.3, 0.012);
    color = over(paint(brass(0.4) * link, edge(chain)), color);
    color = over(paint(brass(0.55 + 6.0 * q.y - 3.0 * q.x), edge(min(ring, abs(length(q - vec2f(0.0, 0.088)) - 0.01) - 0.003))), color);
    color = over(paint(plank_wood() * light_here * (1.0 + 40.0 * (q.y + 0.05)), edge(bar)), color);
    return in_the_air(over(paint(brass(0.55 - 24.0 * cup_at.x * sign(q.x)), edge(cup)), color), p);
}

// The lantern's light in the air around it, and its hook.
fn plate_lantern_glow(p: vec2f) -> vec4f {
    let d = length(p - FLAME);
    light_here = vec3f(0.7, 0.6, 0.5);
    let hook = min(box(p, HOOK + vec2f(0.0, 0.012), vec2f(0.012, 0.004), 0.003), abs(circle(p, HOOK, 0.0075)) - 0.0024);
    return over(paint(brass(0.5), edge(hook)), paint(hex(0xffb860u), (0.1 + 0.42 * lamp()) * exp(-d * 10.0) * smoothstep(0.3, 0.06, d)));
}

// The lantern swings with the ship.
fn plate_lantern(p: vec2f) -> vec4f {
    let turns = 0.011 * (1.0 + place.weather.w) * wave(place.time_s * 0.19 + 0.1);
    let q = spun(p - HOOK, -turns);
    let r = (q - vec2f(0.0, FLAME.y - HOOK.y)) / 0.1;
    let on = 0.3 + 0.7 * lamp();
    let flicker = 1.0 + 0.05 * wave(place.time_s * 1.3) + 0.04 * wave(place.time_s * 2.1 + 0.3);
    light_here = hex(0x988a80u) * (0.5 + 0.5 * (1.0 - place.hours.w)) + vec3f(0.5, 0.34, 0.16) * on;
    let tone = 0.66 - 0.9 * abs(r.x + 0.08) + 0.16 * r.y;
    let chain = max(abs(q.x) - 0.0026, max(q.y, FLAME.y - HOOK.y + 0.105 - q.y));
    let link = 0.5 + 0.5 * step(0.3, abs(fract(q.y / 0.016) - 0.5) * 2.0);
    let ring = abs(length(r - vec2f(0.0, 0.98)) - 0.1) - 0.028;
    let roof = max(abs(r.x) - 0.06 - 0.62 * (0.9 - r.y), max(0.5 - r.y, r.y - 0.9));
    let brim = box(r, vec2f(0.0, 0.48), vec2f(0.35, 0.045), 0.04);
    let glass = max(abs(r.x) - 0.29 + 0.1 * abs(r.y), abs(r.y) - 0.46);
    let base = min(box(r, vec2f(0.0, -0.5), vec2f(0.34, 0.06), 0.03), box(r, vec2f(0.0, -0.6), vec2f(0.2, 0.05), 0.03));
    let bars = max(min(abs(r.x) - 0.018, abs(abs(r.x) - 0.262 + 0.1 * abs(r.y)) - 0.022), abs(r.y) - 0.46);
    let w = 0.13 * sqrt(clamp((r.y + 0.36) * 1.8, 0.0, 1.0)) * clamp((0.34 * flicker - r.y) * 1.6, 0.0, 1.0);
    let fire = max(abs(r.x + 0.03 * wave(place.time_s * 0.9) * (r.y + 0.3)) - w, max(-0.36 - r.y, r.y - 0.34 * flicker));
    var color = paint(brass(0.4) * link, edge(chain));
    let pane = mix(hex(0xf2dcb0u) * 0.75, hex(0xffb04cu), 0.3 + 0.6 * on) + vec3f(0.3, 0.25, 0.14) * exp(-length(r) * 3.0) * on;
    color = over(paint(pane, edge(glass * 0.1) * (0.55 + 0.4 * on)), color);
    color = over(paint(mix(hex(0xffd070u), hex(0xfffae0u), clamp(0.7 - 1.4 * r.y, 0.0, 1.0)), soft_edge(fire * 0.1, 0.007)), color);
    color = over(paint(brass(0.45 + tone * 0.3), edge(bars * 0.1)), color);
    return over(paint(brass(tone), edge(min(min(ring, roof), min(brim, base)) * 0.1)), color);
}
