// A classroom: tall windows with a weather of their own, a blackboard with drawings, a globe, coats on their hooks.

const FLOOR: f32 = 0.25;
const PANE: vec4f = vec4f(-0.54, 0.655, 0.125, 0.2);
const APART: f32 = 0.175;
const BOARD: vec4f = vec4f(0.2, 0.63, 0.315, 0.165);

// How much the lamps give by the time of day.
fn lamps() -> f32 {
    return clamp(dot(place.hours, vec4f(0.12, 0.0, 0.6, 1.0)) + 0.3 * place.weather.x * place.hours.y, 0.0, 1.0);
}

fn near(p: vec2f, source: vec2f, reach: f32) -> f32 {
    let d = length(p - source) / reach;
    return 1.0 / (1.0 + d * d);
}

// All the light that falls on a place of the room.
fn shine(p: vec2f) -> vec3f {
    let gray_day = clamp(place.weather.x * 0.8 + place.weather.y * 0.3 + place.weather.z * 0.5, 0.0, 1.0);
    let ambient = by_hour(hex(0x837c90u), hex(0xa9aaacu), hex(0x57496eu), hex(0x2b3157u)) * (1.0 - 0.22 * gray_day * (1.0 - place.hours.w));
    let from_windows = by_hour(hex(0xffd9acu), hex(0xfff2d4u), hex(0xffab6cu), hex(0x5570b4u)) * near(p, vec2f(PANE.x + 0.1, 0.6), 0.52) * dot(place.hours, vec4f(0.62, 0.68, 0.72, 0.3)) * (1.0 - 0.5 * gray_day);
    let from_lamps = vec3f(1.0, 0.72, 0.42) * (near(p, vec2f(-0.22, 0.8), 0.36) + near(p, vec2f(0.52, 0.8), 0.36)) * lamps() * 0.72;
    let corners = 1.0 - 0.4 * smoothstep(0.6, 1.4, length(vec2f(min(abs(p.x), 0.95) * 0.85, (p.y - 0.5) * 1.15)));
    let sum = (ambient + from_windows + from_lamps) * corners;
    return sum / (1.0 + 0.45 * max(dot(sum, vec3f(0.3, 0.59, 0.11)) - 0.85, 0.0));
}

// The light at the place that is drawn, and the grain of upright and of lying timber there: worked out once.
var<private> light_here: vec3f;
var<private> upright: f32;
var<private> lying: f32;

fn timber(p: vec2f) -> f32 {
    let waver = 0.006 * wave(p.y * 1.4) + 0.004 * wave(p.y * 3.7 + p.x * 6.0);
    return 0.82 + 0.24 * noise(vec2f((p.x + waver) * 105.0, p.y * 2.6), 203.0) + 0.07 * wave((p.x + waver) * 9.7 + 0.3 * wave(p.y * 0.3));
}

// One of three by the scene's seed, so that no two schools are painted alike.
fn by_school(a: vec3f, b: vec3f, c: vec3f) -> vec3f {
    let kind = fract(place.seed.x * 6.17 + 0.1);
    return select(select(c, b, kind < 0.67), a, kind < 0.34);
}

// A shadow under or behind a thing whose distance is `d`.
fn dimmed(d: f32, strength: f32, width: f32) -> vec4f {
    return paint(vec3f(0.03, 0.02, 0.06), strength * soft_edge(d, width));
}

// The opening of the window nearest to `p`, with a flat arch: negative in it. Its own coordinates in yz.
fn opening(p: vec2f) -> vec3f {
    let side = select(-1.0, 1.0, p.x > PANE.x);
    let q = p - vec2f(PANE.x + side * APART, PANE.y);
    let arch = 0.045 * (1.0 - (q.x / PANE.z) * (q.x / PANE.z));
    return vec3f(max(abs(q.x) - PANE.z, max(q.y - PANE.w - arch, -q.y - PANE.w)), q);
}

fn plate_outside(p: vec2f) -> vec4f {
    var color = sky_color(p + vec2f(0.0, 0.1), 0.52);
    color += place.hours.w * stars(p * 1.6, 0.6);
    let spot = PANE.xy + vec2f(0.13, by_hour(vec3f(0.1), vec3f(0.4), vec3f(0.04), vec3f(0.12)).x);
    let d = length(p - spot) - 0.032;
    let sun_like = by_hour(hex(0xffe0b0u), hex(0xfff6dcu), hex(0xffb878u), hex(0xdfe6ffu));
    color += sun_like * exp(-max(d, 0.0) * 7.0) * 0.42 * (0.2 + 0.8 * clear_sky());
    color = mix(color, mix(sun_like, vec3f(1.0), 0.3), soft_edge(d, 0.004) * smoothstep(0.12, 0.6, clear_sky()));
    let cloud = streaks(p * 2.0 + vec2f(0.6, 0.0), 23.0);
    color = mix(color, overcast(mix(color * 0.78, mix(sun_like, vec3f(1.0), 0.3), 0.25 + 0.5 * cloud.y)), cloud.x * (0.35 + 0.4 * place.weather.x));
    let hill = by_hour(hex(0x7c8aa4u), hex(0x84b494u), hex(0x6c5080u), hex(0x182a54u));
    let far_hill = 0.56 + 0.03 * swell(p.x * 5.0, 3.0);
    color = mix(color, through_air(mix(hill, snow_white(), place.weather.y * 0.8), 0.5), edge(p.y - far_hill));
    return vec4f(color, 1.0);
}

// Houses behind the school's lawn.
fn plate_village(p: vec2f) -> vec4f {
    let lawn = by_hour(hex(0x93a47cu), hex(0x8cc06cu), hex(0x75684cu), hex(0x1d3a58u));
    let houses = cottages(p, 0.515, 0.06, 0.2, vec2f(-1.0, 0.1), 9.0);
    return over(paint(through_air(mix(lawn, snow_white(), place.weather.y), 0.12), edge(p.y - 0.503 - 0.012 * swell(p.x * 9.0, 4.0))), houses);
}

fn plate_tree(p: vec2f) -> vec4f {
    let dark = by_hour(hex(0x3d5a58u), hex(0x2c6a4au), hex(0x33304eu), hex(0x0c1834u));
    let body = by_hour(hex(0x7c966cu), hex(0x68a850u), hex(0x6c5864u), hex(0x20395eu));
    let light = by_hour(hex(0xf0d8a0u), hex(0xd4ec8cu), hex(0xf0b068u), hex(0x84a8dcu));
    let trunk = tapered(p, vec2f(-0.85, 0.42), vec2f(-0.83, 0.75), 0.03, 0.018);
    return over(crown(p, vec2f(-0.86, 0.84), vec2f(0.2, 0.16), 0.034, dark, body, light, 13.0), paint(dark * 0.8, edge(trunk)));
}

// What falls behind the panes.
fn plate_rain(p: vec2f) -> vec4f {
    return rain_outside(p) * f32(opening(p).x < 0.02);
}

fn plate_snow(p: vec2f) -> vec4f {
    return snow_outside(p) * f32(opening(p).x < 0.02);
}

fn window_frame(p: vec2f) -> vec4f {
    let o = opening(p);
    let q = o.yz;
    let light = light_here;
    let outer = o.x - 0.028;
    var color = dimmed(outer - 0.008, 0.4, 0.03);
    let reveal = mix(by_school(hex(0xd9d2c2u), hex(0xd8cdbcu), hex(0xd2d0c8u)), vec3f(1.0), 0.1) * light * (0.92 + 0.12 * clamp(q.x * 9.0, -1.0, 1.0));
    color = over(paint(reveal, edge(outer)), color);
    color *= 1.0 - edge(o.x + 0.004);
    let bars = min(abs(q.x), min(abs(q.y - 0.1), abs(q.y + 0.05))) - 0.0055;
    let sash = -o.x - 0.0165;
    let wood = min(bars, sash);
    let bright = by_hour(hex(0xffe0b8u), hex(0xfffaf0u), hex(0xffb484u), hex(0x86a4e8u));
    let white = by_school(hex(0xe6e0d2u), hex(0xcfe0d8u), hex(0xe2d6c2u));
    color = over(paint(white * light * (0.72 + 0.2 * lying), edge(max(wood, o.x + 0.002))), color);
    color = over(paint(bright, 0.5 * smoothstep(0.004, 0.0, abs(wood + 0.001)) * edge(o.x + 0.004) * (0.3 + 0.7 * clear_sky())), color);
    let slant = q.x * 0.7 + q.y * 0.7;
    let reflection = smoothstep(0.025, 0.0, abs(slant - 0.05)) + 0.6 * smoothstep(0.01, 0.0, abs(slant - 0.1));
    let glass = edge(o.x + 0.004) * edge(-wood);
    color = over(paint(mix(bright, light, 0.5), 0.09 * reflection * glass), color);
    let frost = smoothstep(0.035, 0.0, wood);
    return over(paint(mix(bright, vec3f(0.9), 0.4), frost * glass * (0.06 + 0.55 * place.weather.y + 0.2 * place.weather.z)), color);
}

// The sill with what the children left on it: two pots and a jar of brushes.
fn sill(p: vec2f) -> vec4f {
    let light = light_here;
    let y = PANE.y - PANE.w - 0.022;
    let board = box(p, vec2f(PANE.x, y), vec2f(APART + PANE.z + 0.05, 0.0125), 0.003);
    var color = dimmed(board - 0.014, 0.4 * step(p.y, y), 0.05);
    for (var i = 0; i < 2; i++) {
        let x = PANE.x + select(-0.235, 0.115, i == 1);
        let pot = max(abs(p.x - x) - 0.022 - 0.18 * (p.y - y - 0.01), max(y + 0.01 - p.y, p.y - y - 0.052));
        let rim = box(p, vec2f(x, y + 0.052), vec2f(0.032, 0.006), 0.002);
        let clay = mix(hex(0x8f4a38u), hex(0xd98a5eu), clamp(0.5 + (p.x - x) * 16.0 * sign(PANE.x + 0.1 - x + 0.001) * 0.8, 0.0, 1.0));
        for (var j = 0; j < 9; j++) {
            let h = hash4(vec2f(f32(j), f32(i)), 231.0);
            let turns = 0.25 + 0.19 * (f32(j) / 4.0 - 1.0) + 0.02 * (h.x - 0.5);
            let q = rotated(p - vec2f(x, y + 0.05), turns) / (0.07 + 0.035 * h.y);
            let d = leaf(q + vec2f(0.0, 0.1 * q.x * q.x * sign(turns - 0.25)), 0.3) * 0.08;
            let green = mix(hex(0x3c6648u), hex(0x9cbc6au), clamp(h.z * 0.7 + 0.3 * sign(q.y) + 0.2, 0.0, 1.0));
            color = over(paint(green * (0.12 + light * 0.95), edge(d)), color);
        }
        color = over(paint(clay * light * 1.05, edge(min(pot, rim))), color);
    }
    let glass = box(p, vec2f(PANE.x - 0.02, y + 0.04), vec2f(0.017, 0.029), 0.004);
    var brushes = 1.0;
    for (var j = 0; j < 3; j++) {
        let k = f32(j) - 1.0;
        let tip = vec2f(PANE.x - 0.02 + 0.022 * k, y + 0.1 + 0.008 * k);
        brushes = min(brushes, segment(p, vec2f(PANE.x - 0.02 + 0.006 * k, y + 0.02), tip) - 0.0022);
    }
    color = over(paint(hex(0xb5703cu) * light, edge(brushes)), color);
    color = over(paint(mix(hex(0x8fb4bcu), vec3f(1.0), 0.25) * light, 0.6 * edge(glass)), color);
    let wood = by_school(hex(0xb98c5eu), hex(0xa97f5cu), hex(0xc09a70u));
    color = over(paint(wood * lying * light * (0.85 + 16.0 * (p.y - y)), edge(board)), color);
    return over(paint(place.key.rgb, 0.3 * smoothstep(0.003, 0.0, abs(p.y - y - 0.011)) * edge(board)), color);
}

// Chalk: how much of a line of distance `d` is left on the board.
fn chalk(p: vec2f, d: f32) -> f32 {
    let dust = noise(p * 420.0, 251.0) * 0.6 + 0.4 * noise(p * 170.0, 252.0);
    return soft_edge(d, 0.003) * smoothstep(0.1, 0.55, dust);
}

// A boat drawn on the board: how far its white, yellow, rose and blue lines are.
fn boat(p: vec2f) -> vec4f {
    let b = p - vec2f(BOARD.x - 0.185, BOARD.y - 0.02);
    let hull = min(segment(b, vec2f(-0.07, 0.0), vec2f(0.07, 0.0)), min(segment(b, vec2f(-0.07, 0.0), vec2f(-0.04, -0.032)), min(segment(b, vec2f(0.07, 0.0), vec2f(0.042, -0.032)), segment(b, vec2f(-0.04, -0.032), vec2f(0.042, -0.032)))));
    let sail = min(segment(b, vec2f(0.0, 0.0), vec2f(0.0, 0.105)), min(segment(b, vec2f(0.006, 0.105), vec2f(0.058, 0.018)), segment(b, vec2f(0.006, 0.018), vec2f(0.058, 0.018))));
    let jib = min(segment(b, vec2f(-0.006, 0.09), vec2f(-0.045, 0.016)), segment(b, vec2f(-0.006, 0.016), vec2f(-0.045, 0.016)));
    let pennant = max(abs(b.y - 0.112) - 0.01 + 0.3 * abs(b.x - 0.012), abs(b.x - 0.014) - 0.014);
    let wave_a = max(abs(b.y + 0.046 + 0.0055 * wave(b.x * 24.0)) - 0.0022, abs(b.x) - 0.085);
    let wave_b = max(abs(b.y + 0.064 + 0.0055 * wave(b.x * 24.0 + 0.4)) - 0.0022, abs(b.x - 0.01) - 0.06);
    return vec4f(min(hull, sail) - 0.0022, 9.0, min(jib - 0.0022, pennant), min(wave_a, wave_b));
}

// The planets on their rings, in the same way.
fn planets(p: vec2f) -> vec4f {
    let o = rotated(p - vec2f(BOARD.x - 0.175, BOARD.y - 0.025), 0.03);
    var found = vec4f(9.0, length(o) - 0.0145, 9.0, 9.0);
    for (var k = 0; k < 3; k++) {
        let r = 0.036 + 0.03 * f32(k);
        let ring = abs(length(o * vec2f(1.0, 1.6)) - r) - 0.0019;
        let turns = fract(place.seed.x * 13.0 + 0.37 * f32(k)) * 6.2831853;
        let ball = length(o - vec2f(cos(turns), sin(turns) / 1.6) * r) - 0.0075 - 0.002 * f32(k % 2);
        found = min(found, vec4f(max(ring, 0.004 - ball), 9.0, select(ball, 9.0, k == 1), select(9.0, ball, k == 1)));
    }
    return found;
}

fn blackboard(p: vec2f) -> vec4f {
    let light = light_here;
    let d = box(p, BOARD.xy, BOARD.zw, 0.003);
    let frame = d - 0.018;
    var color = dimmed(box(p, BOARD.xy + vec2f(0.012, -0.014), BOARD.zw + 0.02, 0.01), 0.45, 0.03);
    let upright_side = abs(p.x - BOARD.x) - BOARD.z > abs(p.y - BOARD.y) - BOARD.w;
    let wood = by_school(hex(0xa8764au), hex(0x8d6248u), hex(0xb08654u));
    color = over(paint(wood * select(lying, upright, upright_side) * light * (0.88 + 0.24 * select(sign(p.y - BOARD.y), -sign(p.x - BOARD.x), upright_side)), edge(frame)), color);
    let smear = fractal(rotated(p, 0.06) * vec2f(5.0, 13.0), 3, 253.0);
    var slate = by_school(hex(0x2f4a42u), hex(0x2e3d44u), hex(0x35443cu));
    slate = mix(slate, slate * 1.35 + 0.045, smoothstep(0.42, 0.75, smear));
    let gloss = exp(-pow((p.x - BOARD.x + 0.12 + 0.5 * (p.y - BOARD.y)) * 5.0, 2.0));
    var face = slate * (0.24 + 0.85 * light) + place.key.rgb * 0.07 * gloss * (1.0 - place.hours.w);
    face *= 1.0 - 0.35 * smoothstep(-0.016, 0.0, d);
    // A boat or planets, the sun, a flower, hills, solid bodies: what was drawn today.
    let drawn = select(planets(p), boat(p), vec4<bool>(fract(place.seed.x * 4.31 + 0.2) < 0.55));
    var white = drawn.x;
    var yellow = drawn.y;
    var rose = drawn.z;
    var blue = drawn.w;
    let s = p - vec2f(BOARD.x - 0.255, BOARD.y + 0.105);
    let spoke = abs(fract(atan2(s.y, s.x) * 10.0 / 6.2831853) - 0.5) * length(s) * 0.63;
    yellow = min(yellow, min(abs(length(s) - 0.022) - 0.0024, max(spoke - 0.0022, abs(length(s) - 0.038) - 0.009)));
    let f = p - vec2f(BOARD.x + 0.02, BOARD.y + 0.005);
    let petals = abs(length(f - vec2f(0.0, 0.05)) - 0.024 - 0.01 * cos(atan2(f.y - 0.05, f.x) * 6.0)) - 0.0023;
    rose = min(rose, petals);
    yellow = min(yellow, length(f - vec2f(0.0, 0.05)) - 0.0085);
    let stem = min(max(abs(f.x - 0.006 * wave(f.y * 5.0)) - 0.0022, max(f.y - 0.018, -0.1 - f.y)), min(abs(leaf(rotated(f - vec2f(0.0, -0.07), 0.09) / 0.055, 0.4) * 0.055) - 0.002, abs(leaf(rotated(f - vec2f(0.0, -0.05), 0.4) / 0.05, 0.4) * 0.05) - 0.002));
    white = min(white, stem);
    let g = p - vec2f(BOARD.x + 0.17, BOARD.y + 0.06);
    white = min(white, abs(length(g - vec2f(-0.05, 0.0)) - 0.036) - 0.002);
    white = min(white, abs(length((g - vec2f(-0.05, 0.0)) * vec2f(1.0, 3.2)) - 0.036) - 0.003);
    let cone = min(min(segment(g, vec2f(0.075, 0.045), vec2f(0.04, -0.03)), segment(g, vec2f(0.075, 0.045), vec2f(0.11, -0.03))), abs(length((g - vec2f(0.075, -0.03)) * vec2f(1.0, 3.4)) - 0.035));
    yellow = min(yellow, cone - 0.0022);
    let hills = min(abs(p.y - BOARD.y + 0.085 - 0.03 * wave((p.x - 0.02) * 4.6)) - 0.0022, abs(p.y - BOARD.y + 0.1 - 0.022 * wave(p.x * 5.3 + 0.3)) - 0.0022);
    white = min(white, max(hills, abs(p.x - BOARD.x - 0.19) - 0.085));
    let fir_a = p - vec2f(BOARD.x + 0.2, BOARD.y - 0.055);
    let zigzag = abs(fir_a.x) - 0.026 * (1.0 - fir_a.y / 0.06) * (0.62 + 0.38 * fract(-fir_a.y * 55.0));
    blue = min(blue, max(abs(zigzag) - 0.002, max(-0.012 - fir_a.y, fir_a.y - 0.06)));
    face = mix(face, hex(0xf2efe4u) * (0.3 + 0.75 * light), 0.88 * chalk(p, white));
    face = mix(face, hex(0xf4d77eu) * (0.3 + 0.75 * light), 0.88 * chalk(p, yellow));
    face = mix(face, hex(0xeaa0a0u) * (0.3 + 0.75 * light), 0.85 * chalk(p, rose));
    face = mix(face, hex(0x9cc8dcu) * (0.3 + 0.75 * light), 0.85 * chalk(p, blue));
    color = over(paint(face, edge(d)), color);
    // The ledge with chalk and a sponge.
    let y = BOARD.y - BOARD.w - 0.026;
    let ledge = box(p, vec2f(BOARD.x, y), vec2f(BOARD.z + 0.026, 0.009), 0.002);
    color = over(dimmed(ledge - 0.012, 0.4 * step(p.y, y), 0.03), color);
    let sticks = min(box(p, vec2f(BOARD.x - 0.2, y + 0.0125), vec2f(0.02, 0.0042), 0.003), min(box(p, vec2f(BOARD.x - 0.145, y + 0.0125), vec2f(0.014, 0.0042), 0.003), box(p, vec2f(BOARD.x + 0.08, y + 0.0125), vec2f(0.017, 0.0042), 0.003)));
    let tint = select(select(hex(0xf4f0e6u), hex(0xf0d078u), p.x > BOARD.x - 0.165), hex(0xe89c98u), p.x > BOARD.x);
    color = over(paint(tint * light, edge(sticks)), color);
    let sponge = box(p, vec2f(BOARD.x + 0.2, y + 0.02), vec2f(0.032, 0.0125), 0.004);
    color = over(paint(mix(hex(0xb58a4cu), hex(0xe4c27eu), smoothstep(-0.01, 0.012, p.y - y - 0.02)) * light * (0.9 + 0.2 * noise(p * 300.0, 257.0)), edge(sponge)), color);
    return over(paint(wood * lying * light * (0.85 + 22.0 * (p.y - y)), edge(ledge)), color);
}

// A map on its rods: seas, lands, a dotted journey; no names.
fn wall_map(p: vec2f, middle: vec2f, half_size: vec2f) -> vec4f {
    let light = light_here;
    let q = p - middle;
    let sheet = box(q, vec2f(0.0, 0.0), half_size, 0.001);
    var color = dimmed(box(q, vec2f(0.01, -0.012), half_size, 0.01), 0.4, 0.025);
    let curl = 1.0 - 0.22 * smoothstep(0.7, 1.0, abs(q.y) / half_size.y) + 0.04 * wave(q.x * 9.0);
    let m = q / half_size;
    let land = clumps(m * 6.0 + vec2f(3.0, 1.0), 261.0) + 0.5 * (fractal(m * 3.0, 3, 262.0) - 0.5) - 0.5 * smoothstep(0.6, 1.0, length(m));
    var ink = mix(hex(0x9cc0c0u), hex(0xb8d2c8u), fractal(m * 4.0, 2, 263.0));
    let lands = mix(mix(hex(0xd8c48cu), hex(0xb8c284u), smoothstep(-0.3, 0.4, clumps(m * 9.0, 264.0))), hex(0xd6a480u), smoothstep(0.25, 0.5, land));
    ink = mix(ink, lands, smoothstep(0.0, 0.02, land));
    ink = mix(ink, hex(0x7a6a5au), 0.7 * smoothstep(0.03, 0.0, abs(land - 0.01)));
    let grid = min(abs(fract(m.x * 2.5) - 0.5) * half_size.x / 2.5, abs(fract(m.y * 2.5 + 0.06 * m.x * m.x) - 0.5) * half_size.y / 2.5);
    ink = mix(ink, hex(0x7a8a84u), 0.35 * smoothstep(0.0016, 0.0006, grid));
    let journey = abs(m.y + 0.2 - 0.45 * sin(m.x * 2.6 + 0.6)) * half_size.y;
    ink = mix(ink, hex(0xb0443cu), smoothstep(0.003, 0.0015, journey) * step(0.45, fract(m.x * 9.0)) * step(abs(m.x), 0.75));
    let rose_at = vec2f(abs(q.x - half_size.x * 0.68), abs(q.y + half_size.y * 0.66));
    let star = min(rose_at.x + rose_at.y * 4.0, rose_at.y + rose_at.x * 4.0) - 0.022;
    ink = mix(ink, hex(0x8a4a3cu), edge(star));
    let border = smoothstep(0.0025, 0.001, abs(sheet + 0.011));
    ink = mix(mix(ink, hex(0xe8d8b0u), smoothstep(-0.011, -0.0095, sheet)), hex(0x7a5a48u), 0.8 * border);
    color = over(paint(ink * light * curl, edge(sheet)), color);
    let rods = min(box(q, vec2f(0.0, half_size.y + 0.004), vec2f(half_size.x + 0.012, 0.0075), 0.007), box(q, vec2f(0.0, -half_size.y - 0.004), vec2f(half_size.x + 0.012, 0.0085), 0.008));
    let ends = min(circle(vec2f(abs(q.x), q.y), vec2f(half_size.x + 0.016, half_size.y + 0.004), 0.011), circle(vec2f(abs(q.x), q.y), vec2f(half_size.x + 0.016, -half_size.y - 0.004), 0.012));
    let cord = min(segment(q, vec2f(-half_size.x * 0.6, half_size.y + 0.005), vec2f(0.0, half_size.y + 0.05)), segment(q, vec2f(half_size.x * 0.6, half_size.y + 0.005), vec2f(0.0, half_size.y + 0.05))) - 0.0016;
    color = over(paint(hex(0x6a5244u) * light, edge(cord)), color);
    return over(paint(hex(0x74482eu) * lying * light * 1.15, edge(min(rods, ends))), color);
}

// A rail of hooks: a coat, a scarf, a satchel, a cap.
fn hooks(p: vec2f) -> vec4f {
    let light = light_here;
    let toward = sign(place.light_position.x - p.x);
    let y = 0.532;
    let rail = box(p, vec2f(0.77, y), vec2f(0.2, 0.016), 0.003);
    var color = dimmed(box(p, vec2f(0.778, y - 0.012), vec2f(0.2, 0.016), 0.004), 0.4, 0.02);
    let wood = by_school(hex(0xb07d50u), hex(0x946a50u), hex(0xb98e5eu));
    color = over(paint(wood * lying * light * (0.9 + 12.0 * (p.y - y)), edge(rail)), color);
    var iron = 9.0;
    for (var i = 0; i < 5; i++) {
        let x = 0.61 + 0.08 * f32(i);
        iron = min(iron, min(circle(p, vec2f(x, y + 0.004), 0.0062), min(segment(p, vec2f(x, y), vec2f(x, y - 0.022)) - 0.0032, circle(p, vec2f(x, y - 0.024), 0.0052))));
    }
    color = over(paint(hex(0x4a4648u) * light * 1.2, edge(iron)), color);
    // The coat: shoulders from one hook, folds down to a hem.
    let c = p - vec2f(0.69, y - 0.02);
    let v = -c.y / 0.185;
    let half_width = 0.012 + 0.038 * smoothstep(0.0, 0.14, v) + 0.02 * v;
    let coat = max(abs(c.x) - half_width, max(c.y, -0.185 - 0.004 * wave(c.x * 26.0) - c.y));
    let sleeve = min(tapered(c, vec2f(-0.042, -0.035), vec2f(-0.066, -0.13), 0.014, 0.017), tapered(c, vec2f(0.042, -0.035), vec2f(0.064, -0.135), 0.014, 0.017));
    let fold = wave(c.x * 15.0 / (0.6 + v) + 0.3 * v) * smoothstep(0.15, 0.7, v);
    let cloth = by_school(hex(0x4a6a86u), hex(0x7c5a4cu), hex(0x56704eu));
    color = over(dimmed(min(coat, sleeve) - 0.004, 0.4, 0.025), color);
    color = over(paint(cloth * light * (0.8 + 0.18 * fold + 0.2 * toward * clamp(c.x * 18.0, -1.0, 1.0)), edge(sleeve)), color);
    color = over(paint(cloth * light * (0.94 + 0.2 * fold + 0.16 * toward * clamp(c.x * 18.0, -1.0, 1.0)), edge(coat)), color);
    let opening_line = max(abs(c.x - 0.004 * wave(v * 1.2)) - 0.0012, max(c.y + 0.02, -0.18 - c.y));
    let buttons = max(length(vec2f(c.x - 0.01, (fract(c.y / 0.036) - 0.5) * 0.036)) - 0.0042, max(c.y + 0.03, -0.15 - c.y));
    color = over(paint(cloth * 0.45 * light, 0.7 * edge(opening_line)), color);
    color = over(paint(hex(0xe6c98cu) * light, edge(buttons)), color);
    // The satchel on its strap.
    let s = p - vec2f(0.85, y - 0.13);
    let strap = min(segment(s, vec2f(-0.034, 0.02), vec2f(0.0, 0.108)), segment(s, vec2f(0.034, 0.02), vec2f(0.0, 0.108))) - 0.0035;
    let bag = box(s, vec2f(0.0, -0.014), vec2f(0.05, 0.042), 0.01);
    let flap = box(s, vec2f(0.0, 0.004), vec2f(0.052, 0.026), 0.012);
    let hide = hex(0xa4683eu);
    color = over(dimmed(bag - 0.005, 0.4, 0.025), color);
    color = over(paint(hide * 0.7 * light, edge(strap)), color);
    color = over(paint(hide * 0.82 * light * (1.0 + 4.0 * s.x * toward), edge(bag)), color);
    color = over(paint(hide * 1.12 * light * (1.0 + 4.0 * s.x * toward) * (1.0 - 0.25 * smoothstep(0.003, 0.001, abs(flap + 0.006))), edge(flap)), color);
    color = over(paint(hex(0xe8c878u) * light, edge(box(vec2f(abs(s.x), s.y), vec2f(0.024, -0.02), vec2f(0.0055, 0.008), 0.002))), color);
    // A scarf thrown over a hook.
    let w = p - vec2f(0.93, y - 0.02);
    let lean = 0.012 * wave(w.y * 4.0);
    let band = max(min(abs(w.x + 0.01 - lean) - 0.0115, max(abs(w.x - 0.014 + lean) - 0.0105, -0.105 - w.y)), max(w.y - 0.006, -0.15 - w.y));
    let stripes = step(0.5, fract(w.y * 26.0));
    let wool = mix(by_school(hex(0xb85a4au), hex(0x5a7a86u), hex(0xc08a44u)), hex(0xe8dcc0u), stripes * 0.8);
    color = over(dimmed(band - 0.003, 0.35, 0.02), color);
    color = over(paint(wool * light * (0.85 + 0.2 * wave(w.x * 30.0)), edge(band)), color);
    // A cap.
    let k = p - vec2f(0.61, y - 0.012);
    let crown_shape = max(length((k - vec2f(0.0, -0.016)) * vec2f(1.0, 1.25)) - 0.036, -0.036 - k.y);
    let peak = length((k - vec2f(-0.026, -0.037)) / vec2f(0.032, 0.0085)) - 1.0;
    let tweed = by_school(hex(0x7a6a5cu), hex(0x5c6a5cu), hex(0x6a5c70u)) * (0.92 + 0.16 * noise(p * 260.0, 271.0));
    color = over(dimmed(crown_shape - 0.004, 0.4, 0.02), color);
    color = over(paint(tweed * light * (0.95 + 6.0 * k.x * toward + 3.0 * (k.y + 0.01)), edge(crown_shape)), color);
    return over(paint(tweed * 0.75 * light, edge(peak * 0.0085)), color);
}

fn clock(p: vec2f, middle: vec2f) -> vec4f {
    let q = p - middle;
    let light = light_here;
    let r = length(q);
    var color = dimmed(length(q - vec2f(0.008, -0.008)) - 0.046, 0.4, 0.02);
    color = over(paint(hex(0x7a4e32u) * light * (1.0 + 3.0 * (q.y - 0.4 * q.x)), edge(r - 0.046)), color);
    color = over(paint(hex(0xf4ecd6u) * light * (1.05 - 0.2 * smoothstep(0.02, 0.038, r)), edge(r - 0.037)), color);
    let ticks = max(abs(fract(atan2(q.y, q.x) * 12.0 / 6.2831853 + 0.5) - 0.5) * 0.018 - 0.0014, abs(r - 0.0315) - 0.003);
    let hands = min(segment(q, vec2f(0.0), vec2f(-0.006, 0.0275)) - 0.0013, segment(q, vec2f(0.0), vec2f(-0.0165, -0.009)) - 0.0018);
    return over(paint(hex(0x3a2a24u) * (0.5 + 0.5 * light), edge(min(ticks, min(hands, r - 0.003)))), color);
}

// Paper pennants on a string.
fn pennants(p: vec2f) -> vec4f {
    let span = 0.44;
    let n = floor((p.x + 0.25) / span);
    let t = (p.x + 0.25) / span - n;
    let line = 0.93 - 0.05 * 4.0 * t * (1.0 - t);
    let pitch = 0.0488;
    let f = floor(p.x / pitch);
    let q = vec2f(p.x - (f + 0.5) * pitch, line - p.y);
    let h = hash4(vec2f(f, 2.0), 275.0);
    let flag = max(abs(q.x) - 0.017 * (1.0 - q.y / 0.046), -q.y);
    var tint = mix(hex(0xc9877au), hex(0xd9bc84u), step(0.3, h.x));
    tint = mix(tint, hex(0x8fa9a8u), step(0.55, h.x));
    tint = mix(tint, hex(0xa9b088u), step(0.8, h.x));
    let string = abs(p.y - line) - 0.0013;
    var color = dimmed(max(abs(q.x - 0.006) - 0.017 * (1.0 - (q.y - 0.008) / 0.046), 0.008 - q.y), 0.22, 0.01);
    color = over(paint(tint * light_here * (0.95 + 4.0 * q.x), 0.95 * edge(flag)), color);
    return over(paint(hex(0x6a5a50u) * light_here, edge(string)), color);
}

// Sets the light and the timber of a place, before anything is drawn there.
fn look_at(p: vec2f) {
    light_here = shine(p);
    upright = timber(p + hash4(vec2f(floor(p.x / 0.1), 1.0), 202.0).xy * 7.0);
    lying = timber(p.yx + vec2f(0.3, 0.0));
}

// Window light that slants through the dust.
fn in_the_air(scene: vec4f, p: vec2f) -> vec4f {
    let gray = clear_sky() * dot(place.hours, vec4f(0.9, 0.75, 1.0, 0.3));
    let fall = PANE.y + 0.14 - p.y;
    let x = p.x - PANE.x + vec2f(APART, -APART);
    let across = abs(x - fall * 0.78);
    let bars = (0.75 + 0.25 * smoothstep(vec2f(0.0), vec2f(0.03), across)) * smoothstep(vec2f(PANE.z + 0.02), vec2f(PANE.z - 0.06), across);
    let shafts = bars * smoothstep(vec2f(0.02), vec2f(0.1), x);
    let shine_through = (shafts.x + shafts.y) * smoothstep(-0.1, 0.15, fall) * exp(-max(fall, 0.0) * 0.8) * gray * 0.17;
    return vec4f(scene.rgb + place.key.rgb * shine_through * scene.a, scene.a);
}

fn plate_wall(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    // Plaster above, boards below, a rail between.
    let worn = fractal(p * vec2f(3.0, 4.0), 3, 281.0) - 0.5;
    var color = by_school(hex(0xcfc3a4u), hex(0xb8c4bcu), hex(0xd0b8a4u)) * (1.0 + 0.1 * worn);
    color = mix(color, color * vec3f(0.9, 0.88, 0.86), smoothstep(0.6, 0.72, fractal(p * 2.2 + 5.0, 3, 283.0)));
    let seam = abs(fract(p.x / 0.1) - 0.5) * 0.1;
    var boards = by_school(hex(0x5f7f78u), hex(0x7a6a58u), hex(0x6d7c92u)) * upright;
    boards *= 1.0 - 0.35 * smoothstep(0.0465, 0.0495, seam);
    boards *= 1.0 + 0.12 * smoothstep(0.003, 0.0, abs(seam - 0.0455));
    color = mix(color, boards, step(p.y, 0.415)) * light;
    color = mix(color, color * 0.62, smoothstep(0.03, 0.0, abs(p.y - 0.398)) * step(p.y, 0.41));
    let rail = by_school(hex(0x7c9c92u), hex(0x947f68u), hex(0x8694acu)) * lying * light;
    color = mix(color, rail * (0.95 + 14.0 * (p.y - 0.42)), edge(abs(p.y - 0.42) - 0.0105));
    color = mix(color, by_school(hex(0x4c6862u), hex(0x5f5144u), hex(0x566478u)) * lying * light * (0.9 + 6.0 * (p.y - 0.26)), edge(p.y - 0.278));
    color = mix(color, color * 0.55, smoothstep(0.02, 0.0, abs(p.y - FLOOR)) * 0.8);
    var scene = vec4f(color, 1.0);
    // The openings of the windows.
    let o = opening(p);
    scene = over(dimmed(o.x - 0.03, 0.25, 0.04), scene);
    scene *= 1.0 - edge(o.x + 0.004);
    return in_the_air(scene, p);
}

fn plate_pennants(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(pennants(p) * step(-0.25, p.x), p);
}

fn plate_blackboard(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(blackboard(p), p);
}

fn plate_clock(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(clock(p, vec2f(BOARD.x, 0.872)), p);
}

fn plate_map(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(wall_map(p, vec2f(0.76, 0.7), vec2f(0.155, 0.115)), p);
}

fn plate_hooks(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(hooks(p), p);
}

fn plate_windows(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(window_frame(p), p);
}

fn plate_sill(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(sill(p), p);
}

// The ceiling's boards and a cornice.
fn plate_ceiling(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    var scene = dimmed(0.94 - p.y, 0.4, 0.12);
    let ceiling = by_school(hex(0xa09880u), hex(0x949a94u), hex(0xa0907eu)) * light * 0.75 * (0.9 + 0.12 * step(0.08, abs(fract(p.x / 0.16) - 0.5)));
    scene = over(paint(ceiling, step(1.0, p.y)), scene);
    return over(paint(by_school(hex(0xa87c52u), hex(0x8a6a54u), hex(0xb08a60u)) * lying * light * (0.7 + 8.0 * (p.y - 0.985)), edge(abs(p.y - 0.99) - 0.018)), scene);
}

fn plate_floor(p: vec2f) -> vec4f {
    let light = shine(vec2f(p.x, p.y * 0.8 + 0.08)) * 1.02;
    let vanish = vec2f(0.1, 0.62);
    let depth = (vanish.y - FLOOR) / (vanish.y - p.y);
    let across = (p.x - vanish.x) * depth;
    let pitch = 0.07;
    let n = floor(across / pitch);
    let h = hash4(vec2f(n, 2.0), 241.0);
    let along = 2.0 / (vanish.y - p.y) + h.x * 3.0;
    let g = hash4(vec2f(n, floor(along * 0.8)), 243.0);
    var color = by_school(hex(0xa0764eu), hex(0x8c6650u), hex(0xa88058u)) * (0.86 + 0.22 * g.z) * timber(vec2f(across * 1.2 + g.x, along * 1.1));
    let seam = abs(abs(across / pitch - n - 0.5) - 0.5) * pitch / depth;
    let end = abs(fract(along * 0.8) - 0.02) * 0.11;
    color *= 1.0 - 0.5 * max(smoothstep(0.0035, 0.0008, seam), smoothstep(0.004, 0.001, end));
    color *= light * (1.0 - 0.45 * smoothstep(0.12, -0.2, p.y));
    // The windows' patches, with the shadows of their bars.
    let gray = clear_sky();
    for (var i = 0; i < 2; i++) {
        let fall = (p.y - 0.03) / 0.19;
        let x = p.x - 0.02 - select(-0.27, 0.16, i == 1) - 0.16 * (1.0 - fall) * select(0.5, 1.3, i == 1);
        let bar = min(abs(x), min(abs(fall - 0.4), abs(fall - 0.72)) * 0.35);
        let patch_light = smoothstep(0.155, 0.14, abs(x)) * smoothstep(0.0, 0.07, fall) * smoothstep(1.04, 0.96, fall) * smoothstep(0.005, 0.014, bar);
        color += by_hour(hex(0xffb878u), hex(0xffeec4u), hex(0xff9a58u), hex(0x24366cu)) * patch_light * 0.27 * gray;
    }
    let sheen = exp(-pow((p.x + 0.22) * 3.2, 2.0)) + exp(-pow((p.x - 0.52) * 3.2, 2.0));
    color += vec3f(1.0, 0.72, 0.42) * sheen * lamps() * 0.07 * smoothstep(0.0, 0.24, p.y);
    color = mix(color, color * 0.5, smoothstep(0.03, 0.0, FLOOR - p.y));
    // A little chalk trodden about.
    let dusty = smoothstep(0.55, 0.8, fractal(vec2f(across * 5.0, along * 2.0), 3, 245.0)) * exp(-pow((p.x - BOARD.x) * 3.0, 2.0)) * smoothstep(0.1, 0.22, p.y);
    color = mix(color, color * 1.12 + 0.03, dusty);
    return paint(color, edge(p.y - FLOOR));
}

// A globe on a turned stand.
fn globe(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let light = shine(p);
    let stand = min(box(q, vec2f(0.0, 0.06), vec2f(0.42, 0.06), 0.05), max(abs(q.x) - 0.07 - 0.05 * wave(q.y * 1.6 + 0.2), abs(q.y - 0.24) - 0.2));
    var color = paint(hex(0x6f4630u) * light * (1.0 + 0.35 * clamp(q.x * 3.0, -1.0, 1.0) * sign(PANE.x + 0.1 - foot.x)), edge(stand * size));
    let c = q - vec2f(0.0, 1.35);
    let r = length(c);
    let tilted = rotated(c, -0.065);
    let ring = max(abs(r - 1.06) - 0.05, tilted.x - 0.12);
    let z = sqrt(max(1.0 - r * r * 1.06, 0.0));
    let toward = normalize(vec3f(sign(PANE.x + 0.1 - foot.x) * 0.6 + 0.35, 0.45, 0.55));
    let tone = clamp(dot(vec3f(c, z), toward), 0.0, 1.0);
    let lon = atan2(tilted.x, z);
    let land = clumps(vec2f(lon * 4.2 + 2.0, tilted.y * 5.0), 291.0) + 0.5 * (noise(vec2f(lon * 5.0, tilted.y * 7.0), 292.0) - 0.5);
    var ink = mix(hex(0x4f8ca0u), hex(0x7cb4b8u), tone);
    ink = mix(ink, mix(hex(0xb4a062u), hex(0xd8c888u), tone), smoothstep(0.06, 0.1, land));
    ink = mix(ink, hex(0xeae4d4u), smoothstep(0.86, 0.93, abs(tilted.y)));
    let lines = min(abs(fract(lon * 1.9) - 0.5), abs(fract(tilted.y * 3.0) - 0.5));
    ink *= 1.0 - 0.14 * smoothstep(0.05, 0.015, lines);
    let ball = (r - 0.98) * size;
    color = over(paint(ink * light * (0.42 + 0.8 * tone), edge(ball)), color);
    color = over(paint(place.key.rgb, 0.75 * smoothstep(0.2, 0.0, length(c - vec2f(toward.x, toward.y) * 0.55)) * edge(ball) * (0.3 + 0.5 * clear_sky())), color);
    color = over(paint(hex(0xc89a4cu) * light * (1.0 + 0.3 * c.y), edge(ring * size)), color);
    let pins = min(circle(tilted, vec2f(0.0, 1.1), 0.07), circle(tilted, vec2f(0.0, -1.1), 0.07));
    return over(paint(hex(0xdcb060u) * light, edge(pins * size)), color);
}

// A desk seen from the front: a top, a modesty board, legs.
fn desk(p: vec2f, middle: f32, foot: f32, half_width: f32, high: f32) -> vec4f {
    let light = shine(p);
    let q = vec2f(p.x - middle, p.y - foot);
    let grain_up = timber(p + vec2f(0.37, 0.0));
    let grain_along = timber(p.yx + vec2f(0.11, 0.4));
    let toward = sign(PANE.x + 0.1 - p.x);
    let wood = by_school(hex(0xa2714au), hex(0x86593eu), hex(0xa87c50u));
    let shadow = length((q - vec2f(0.04, -0.004)) / vec2f(half_width * 1.15, 0.026)) - 1.0;
    var color = dimmed(shadow, 0.5, 0.7);
    let inner = max(abs(q.x) - half_width * 0.88, max(q.y - high, high * 0.3 - q.y));
    color = over(paint(wood * 0.62 * grain_along * light, edge(inner)), color);
    let panel = box(q, vec2f(0.0, high * 0.62), vec2f(half_width * 0.62, high * 0.2), 0.004);
    color = over(paint(vec3f(0.03, 0.02, 0.06), 0.25 * smoothstep(0.004, 0.0, abs(panel))), color);
    let legs = max(abs(abs(q.x) - half_width * 0.9) - 0.0155, max(q.y - high, -q.y));
    color = over(paint(wood * 0.92 * grain_up * light * (1.0 + 0.2 * toward * clamp((abs(q.x) - half_width * 0.9) / 0.0155 * sign(q.x), -1.0, 1.0)), edge(legs)), color);
    let top = box(q, vec2f(0.0, high + 0.008), vec2f(half_width, 0.0125), 0.004);
    color = over(dimmed(max(abs(q.x) - half_width, abs(q.y - high + 0.012) - 0.012), 0.35, 0.02) * color.a, color);
    color = over(paint(wood * 1.12 * grain_along * light * (0.9 + 12.0 * (q.y - high)), edge(top)), color);
    return over(paint(mix(place.key.rgb, wood, 0.4) * light, 0.5 * smoothstep(0.003, 0.0, abs(q.y - high - 0.0185)) * edge(top)), color);
}

// The teacher's desk before the windows, with the globe, books and an apple on it.
fn plate_teacher_desk(p: vec2f) -> vec4f {
    var color = desk(p, -0.76, 0.205, 0.24, 0.175);
    let y = 0.205 + 0.175 + 0.02;
    color = over(globe(p, vec2f(-0.68, y), 0.062), color);
    let light = shine(p);
    for (var k = 0; k < 3; k++) {
        let h = hash4(vec2f(f32(k), 3.0), 295.0);
        let half_width = 0.052 - 0.006 * f32(k);
        let book = box(p, vec2f(-0.865 + 0.012 * (h.x - 0.5), y + 0.0095 + 0.019 * f32(k)), vec2f(half_width, 0.0088), 0.002);
        let cover = mix(mix(hex(0x8f4038u), hex(0x3c6072u), step(0.33, h.y)), hex(0x77804cu), step(0.66, h.y));
        let leaves = smoothstep(0.0062, 0.0052, abs(p.y - y - 0.0095 - 0.019 * f32(k))) * step(-0.855, p.x);
        color = over(paint(mix(cover, hex(0xe6d8b8u), 0.85 * leaves) * light * 1.05, edge(book)), color);
    }
    let a = p - vec2f(-0.865, y + 0.0755);
    let apple = length(vec2f(abs(a.x) - 0.004, a.y * 1.06)) - 0.0175;
    color = over(paint(mix(hex(0x8a2f2eu), hex(0xd8604au), smoothstep(-0.02, 0.016, a.x * 0.8 + a.y * 0.6)) * light * 1.1, edge(apple)), color);
    color = over(paint(vec3f(1.0, 0.9, 0.8), 0.6 * smoothstep(0.007, 0.002, length(a - vec2f(0.007, 0.008)))), color);
    color = over(paint(hex(0x4a3a28u) * light, edge(segment(a, vec2f(0.0, 0.016), vec2f(0.004, 0.03)) - 0.0016)), color);
    color = over(paint(hex(0x86a456u) * light, edge(leaf(rotated(a - vec2f(0.003, 0.024), 0.06) / 0.022, 0.45) * 0.022)), color);
    return color;
}

// A pupil's desk at the right, with a book, ink and a quill.
fn plate_pupil_desk(p: vec2f) -> vec4f {
    var color = desk(p, 1.14, 0.175, 0.21, 0.15);
    let light = shine(p);
    let y = 0.175 + 0.15 + 0.02;
    let slate = rotated(p - vec2f(1.06, y + 0.012), 0.0);
    let pad = box(slate, vec2f(0.0, 0.0), vec2f(0.062, 0.011), 0.003);
    color = over(paint(hex(0xe8dcc0u) * light, edge(pad)), color);
    color = over(paint(hex(0x8a4a3cu) * light, edge(box(slate, vec2f(0.0, -0.008), vec2f(0.064, 0.0035), 0.001))), color);
    let well = box(p, vec2f(1.2, y + 0.014), vec2f(0.016, 0.015), 0.005);
    color = over(paint(hex(0x38445cu) * (0.3 + light), edge(well)), color);
    let quill = leaf(rotated(p - vec2f(1.202, y + 0.02), 0.2) / 0.12, 0.13) * 0.12;
    color = over(paint(hex(0xece6dau) * light, edge(quill)), color);
    return color;
}

// Lamps on their cords.
fn plate_lamps(p: vec2f) -> vec4f {
    let side = select(-0.22, 0.52, p.x > 0.15);
    let q = p - vec2f(side, 0.885);
    let on = lamps();
    let halo = length(q - vec2f(0.0, -0.012));
    var color = paint(hex(0xffc878u), on * 0.55 * exp(-halo * 9.0) * smoothstep(0.28, 0.1, halo));
    let shade = max(abs(q.x) - 0.03 - 0.95 * max(0.02 - q.y, 0.0) * 1.1, max(q.y - 0.045, -0.008 - q.y));
    let neck = max(abs(q.x) - 0.011, max(q.y - 0.075, 0.03 - q.y));
    let cord = max(abs(q.x) - 0.0022, 0.06 - q.y);
    let enamel = by_school(hex(0x3f6a5cu), hex(0x40566eu), hex(0x8a4a40u)) * (0.45 + 0.7 * shine(p)) * (0.9 + 5.0 * q.x * sign(PANE.x - p.x));
    color = over(paint(vec3f(0.1, 0.08, 0.1), edge(cord)), color);
    color = over(paint(enamel, edge(min(shade, neck))), color);
    let bulb = length((q - vec2f(0.0, -0.008)) / vec2f(0.017, 0.015)) - 1.0;
    color = over(paint(mix(hex(0xd8d4c4u) * shine(p), hex(0xfff4ccu), on), edge(max(bulb * 0.015, q.y + 0.007))), color);
    color = over(paint(mix(enamel * 0.6, hex(0xffe0a0u), 0.8 * on), 0.9 * smoothstep(0.0035, 0.0, abs(q.y + 0.006)) * edge(shade)), color);
    return color;
}

// Backs of chairs and a bench in the corners, out of focus.
fn plate_front(p: vec2f) -> vec4f {
    let cold = by_hour(hex(0x2c2630u), hex(0x33302fu), hex(0x191221u), hex(0x0b0a16u));
    let warm = mix(cold, place.key.rgb, 0.22 + 0.1 * place.hours.z);
    let side = select(-1.0, 1.0, p.x > 0.0);
    let q = vec2f(p.x * side - 0.88, p.y);
    let lean = 0.12 * q.y;
    let top = box(q, vec2f(-lean * 0.2, 0.17), vec2f(0.15, 0.028), 0.02);
    let middle = box(q, vec2f(0.0, 0.085), vec2f(0.145, 0.02), 0.012);
    let posts = max(abs(abs(q.x + lean) - 0.135) - 0.0155, q.y - 0.21);
    let bars = min(top, middle);
    let lit_edge = smoothstep(0.02, 0.0, abs(q.y - 0.19)) * step(q.y, 0.21);
    var color = paint(mix(cold, warm, 0.25 * lit_edge), edge(posts));
    color = over(paint(mix(cold, warm, 0.55 * smoothstep(-0.02, 0.025, q.y - select(0.085, 0.17, q.y > 0.125))), edge(bars)), color);
    let desk_edge = p.y + 0.045 - 0.05 * smoothstep(0.45, 0.9, abs(p.x));
    return over(paint(mix(cold * 0.9, warm, 0.3 * smoothstep(-0.02, 0.0, desk_edge)), edge(desk_edge)), color);
}
