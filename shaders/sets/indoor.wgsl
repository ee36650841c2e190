// A cosy room: planks and beams, a window with weather of its own, a hearth that lights the stage.

const FLOOR: f32 = 0.245;
const WINDOW: vec4f = vec4f(-0.47, 0.665, 0.205, 0.195);
const HEARTH: f32 = 0.66;
// Width of a plank of the wall.
const PLANK: f32 = 0.118;

// How much the fire gives by the time of day.
fn fire_strength() -> f32 {
    return dot(place.hours, vec4f(0.55, 0.4, 1.0, 1.0));
}

// All the light that falls on a place of the room: the cold of the corners and the warmth of the light.
fn shine(p: vec2f) -> vec3f {
    let gray_day = clamp(place.weather.x * 0.8 + place.weather.y * 0.4 + place.weather.z * 0.5, 0.0, 1.0);
    let ambient = by_hour(hex(0x857f92u), hex(0xbdb9b4u), hex(0x54486au), hex(0x2b3157u)) * (1.0 - 0.25 * gray_day * (1.0 - place.hours.w));
    let reach = dot(place.hours, vec4f(0.75, 1.05, 0.68, 0.64));
    let strength = dot(place.hours, vec4f(0.72, 0.6, 1.1, 1.28)) * (1.0 - 0.5 * gray_day * (place.hours.x + place.hours.y));
    let from_fire = vec3f(1.0, 0.62, 0.3) * lit_from(p, vec2f(HEARTH, 0.28), 0.3) * 0.55 * fire_strength() * (place.hours.x + place.hours.y);
    let from_window = by_hour(hex(0xffd9acu), hex(0xfff4dcu), hex(0x8d6a9au), hex(0x5570b4u)) * lit_from(p, WINDOW.xy, 0.3) * 0.4;
    let corners = 1.0 - 0.42 * smoothstep(0.55, 1.4, length(vec2f(min(abs(p.x), 0.95) * 0.85, (p.y - 0.5) * 1.15)));
    let sum = (ambient + place.key.rgb * lit(p, reach) * strength + from_fire + from_window) * corners;
    // Bright places saturate softly.
    return sum / (1.0 + 0.45 * max(dot(sum, vec3f(0.3, 0.59, 0.11)) - 0.85, 0.0));
}

fn lit_from(p: vec2f, source: vec2f, reach: f32) -> f32 {
    let d = length(p - source) / reach;
    return 1.0 / (1.0 + d * d);
}

// Coverage of a shape's shadow, thrown away from the light: where to look for the shape.
fn thrown(p: vec2f, reach: f32) -> vec2f {
    return p + normalize(place.light_position - p + vec2f(0.0, 0.15)) * reach;
}

// The light at the place that is drawn, and the grain of upright and of lying timber there: worked out once.
var<private> light_here: vec3f;
var<private> upright: f32;
var<private> lying: f32;

fn timber(p: vec2f) -> f32 {
    let waver = 0.006 * sin(p.y * 9.0) + 0.004 * sin(p.y * 23.0 + p.x * 40.0);
    let lines = noise(vec2f((p.x + waver) * 105.0, p.y * 2.6), 203.0);
    return 0.82 + 0.24 * lines + 0.07 * sin((p.x + waver) * 61.0 + 2.0 * sin(p.y * 2.0));
}

// One of three by the scene's seed, so that no two houses are furnished alike.
fn by_house(a: vec3f, b: vec3f, c: vec3f) -> vec3f {
    let house = fract(place.seed.x * 7.31);
    return select(select(c, b, house < 0.67), a, house < 0.34);
}

fn plate_outside(p: vec2f) -> vec4f {
    var color = sky_color(p + vec2f(0.0, 0.15), 0.55);
    let spot = WINDOW.xy + vec2f(0.07, 0.09);
    let sun_like = by_hour(hex(0xffe0b0u), hex(0xfff6dcu), hex(0xffb878u), hex(0xdfe6ffu));
    let d = length(p - spot) - 0.03;
    if place.hours.w > 0.0 {
        color += place.hours.w * stars(p * 1.6, 0.6);
    }
    color += sun_like * exp(-max(d, 0.0) * 11.0) * 0.4 * (0.2 + 0.8 * clear_sky());
    color = mix(color, mix(sun_like, vec3f(1.0), 0.3), soft_edge(d, 0.004) * smoothstep(0.12, 0.6, clear_sky()) * step(0.2, place.hours.x + place.hours.z + place.hours.w));
    let cloud = streaks(p * 2.2, 23.0);
    color = mix(color, overcast(mix(color * 0.75, sun_like, 0.25 + 0.5 * cloud.y)), cloud.x * (0.35 + 0.4 * place.weather.x));
    let hill = by_hour(hex(0x6c7c9cu), hex(0x7ba88cu), hex(0x61487au), hex(0x16264eu));
    let snowy = by_hour(hex(0xe6dce4u), hex(0xeef3f6u), hex(0xb7a0bcu), hex(0x4a5f92u));
    let far_hill = 0.585 + 0.03 * swell(p.x * 6.0, 3.0);
    let near_hill = 0.535 + 0.025 * swell(p.x * 7.0 + 3.0, 4.0);
    color = mix(color, through_air(mix(hill, snowy, place.weather.y * 0.8), 0.5), edge(p.y - far_hill));
    let row = fir_row(p, 0.525, 0.035, 0.085, 9.0);
    color = mix(color, through_air(mix(hill * 0.72, hill * 1.2, row.y), 0.18), row.x);
    color = mix(color, through_air(mix(hill * 0.85, snowy, place.weather.y * 0.9), 0.15 + 0.3 * smoothstep(0.46, 0.56, p.y)), edge(p.y - near_hill));
    return vec4f(color, 1.0);
}

// What falls behind the panes.
fn plate_rain(p: vec2f) -> vec4f {
    return rain_outside(p) * f32(box(p, WINDOW.xy, WINDOW.zw, 0.0) < 0.02);
}

fn plate_snow(p: vec2f) -> vec4f {
    return snow_outside(p) * f32(box(p, WINDOW.xy, WINDOW.zw, 0.0) < 0.02);
}

fn jar(p: vec2f, foot: vec2f, half_width: f32, tall: f32, color: vec3f) -> vec4f {
    let q = p - foot;
    let body = box(q, vec2f(0.0, tall * 0.45), vec2f(half_width, tall * 0.45), half_width * 0.35);
    let lid = box(q, vec2f(0.0, tall * 0.95), vec2f(half_width * 0.72, tall * 0.09), 0.003);
    let toward = sign(place.light_position.x - foot.x);
    let u = q.x / half_width;
    let light = light_here;
    let fill = mix(color * 0.6, color, smoothstep(-1.0, 0.8, u * toward)) * light * 1.15;
    let glass = mix(vec3f(0.55, 0.6, 0.66) * light, fill, smoothstep(tall * 0.78, tall * 0.7, q.y));
    var filled = paint(glass, edge(body));
    let gleam = smoothstep(0.14, 0.0, abs(u * toward - 0.55)) * smoothstep(0.0, 0.1, q.y / tall) * smoothstep(0.85, 0.7, q.y / tall);
    filled = over(paint(vec3f(1.0, 0.95, 0.85) * (0.3 + light * 0.7), gleam * 0.6 * edge(body)), filled);
    let cork = vec3f(0.72, 0.53, 0.34) * light * (0.8 + 0.3 * u * toward);
    return over(paint(cork, edge(lid)), filled);
}

// Books in a row from `left` on, `count` of them.
fn books(p: vec2f, left: f32, board: f32, count: f32) -> vec4f {
    let pitch = 0.0235;
    let n = floor((p.x - left) / pitch);
    if n < 0.0 || n >= count {
        return vec4f(0.0);
    }
    let h = hash4(vec2f(n, board * 100.0), 211.0);
    let u = (p.x - left) / pitch - n;
    let tall = 0.075 + 0.042 * h.x;
    let d = box(vec2f(u * pitch, p.y - board), vec2f(pitch * 0.5, tall * 0.5), vec2f(pitch * (0.5 - 0.06 * h.y), tall * 0.5), 0.002);
    var cloth = hex(0x8f3b3au);
    cloth = mix(cloth, hex(0x35586bu), step(0.22, h.y));
    cloth = mix(cloth, hex(0x6b7a4au), step(0.44, h.y));
    cloth = mix(cloth, hex(0xb98a44u), step(0.64, h.y));
    cloth = mix(cloth, hex(0x5b3f5eu), step(0.82, h.y));
    let toward = sign(place.light_position.x - p.x);
    let spine = 1.0 - 0.5 * pow(abs((u - 0.5) * 2.0), 3.0) + 0.15 * (u - 0.5) * toward;
    let t = (p.y - board) / tall;
    let bands = max(smoothstep(0.025, 0.012, abs(t - 0.82)), smoothstep(0.025, 0.012, abs(t - 0.18)));
    let color = mix(cloth * spine, hex(0xe0c07au), bands * 0.65);
    return paint(color * light_here * 1.1, edge(d));
}

fn clock(p: vec2f, foot: vec2f) -> vec4f {
    let q = p - foot;
    let body = min(box(q, vec2f(0.0, 0.052), vec2f(0.036, 0.052), 0.006), circle(q, vec2f(0.0, 0.092), 0.036));
    let base = box(q, vec2f(0.0, 0.007), vec2f(0.046, 0.007), 0.002);
    let light = light_here;
    let toward = sign(place.light_position.x - foot.x);
    var color = paint((hex(0x7d4a2fu) * lying) * light * (1.0 + 0.3 * q.x / 0.036 * toward), edge(min(body, base)));
    let face = circle(q, vec2f(0.0, 0.086), 0.027);
    color = over(paint(hex(0xcfa35au) * light, edge(face - 0.0035)), color);
    color = over(paint(hex(0xf6ebcfu) * light * 1.1, edge(face)), color);
    let hands = min(segment(q, vec2f(0.0, 0.086), vec2f(0.0, 0.106)) - 0.0013, segment(q, vec2f(0.0, 0.086), vec2f(0.0115, 0.079)) - 0.0017);
    let angle = atan2(q.y - 0.086, q.x) * 12.0 / 6.2831853;
    let ticks = max(abs(fract(angle + 0.5) - 0.5) * 0.014 - 0.0012, abs(length(q - vec2f(0.0, 0.086)) - 0.0225) - 0.0022);
    color = over(paint(hex(0x3a2a24u) * (0.5 + 0.5 * light), edge(min(hands, ticks))), color);
    let bob = circle(q, vec2f(0.004, 0.03), 0.0085);
    return over(paint(hex(0xe2b25fu) * light * 1.1, max(edge(bob), 0.8 * edge(segment(q, vec2f(0.0, 0.05), vec2f(0.004, 0.03)) - 0.0012))), color);
}

fn candle(p: vec2f, foot: vec2f, tall: f32) -> vec4f {
    let q = p - foot;
    let light = light_here;
    let stick = min(box(q, vec2f(0.0, 0.004), vec2f(0.016, 0.004), 0.003), box(q, vec2f(0.0, 0.014), vec2f(0.005, 0.012), 0.001));
    var color = paint(hex(0xb98b45u) * light * (1.0 + q.x * 20.0), edge(stick));
    let wax = box(q, vec2f(0.0, 0.022 + tall * 0.5), vec2f(0.0075, tall * 0.5), 0.002);
    return over(paint(mix(hex(0xd9cbb0u), hex(0xfff6e0u), smoothstep(0.0, tall, q.y - 0.02)) * (0.35 + 0.75 * light), edge(wax)), color);
}

fn framed(p: vec2f, middle: vec2f, half_size: vec2f, salt: f32) -> vec4f {
    let light = light_here;
    let d = box(p, middle, half_size, 0.003);
    let q = (p - middle) / half_size;
    var color = paint(vec3f(0.03, 0.02, 0.05), 0.4 * soft_edge(box(thrown(p, 0.018), middle, half_size, 0.004), 0.02));
    let bevel = 0.8 + 0.3 * step(abs(q.x) * half_size.x - half_size.x, abs(q.y) * half_size.y - half_size.y) * sign(q.y);
    color = over(paint(hex(0xb5823fu) * light * bevel, edge(d)), color);
    let picture = d + 0.016;
    var view = mix(hex(0xe9c79au), hex(0x7fa1b4u), smoothstep(-0.2, 1.0, q.y));
    view = mix(view, hex(0x6d7f8cu), edge(p.y - middle.y - half_size.y * (0.1 + 0.25 * swell(q.x * 2.0, salt))));
    view = mix(view, hex(0x55704cu), edge(p.y - middle.y - half_size.y * (-0.25 + 0.15 * swell(q.x * 2.6, salt + 1.0))));
    view = mix(view, hex(0xd9d2bcu), edge(segment(vec2f(q.x, q.y * 1.5), vec2f(-0.1 + 0.2 * sin(q.y * 4.0), -1.5), vec2f(0.05, -0.5)) - 0.06) * step(q.y, -0.3));
    return over(paint(view * light, edge(picture)), color);
}

// Curtain on one side of the window (`side` -1 or 1), tied back below its middle.
fn curtain(p: vec2f, side: f32) -> vec4f {
    let top = WINDOW.y + WINDOW.w + 0.06;
    let t = (top - p.y) / 0.5;
    let outer = WINDOW.x + side * (WINDOW.z + 0.105);
    let tied = 0.58;
    let sweep = select(pow(clamp(1.0 - t / tied, 0.0, 1.0), 0.65), 0.55 * smoothstep(tied, 1.05, t), t > tied);
    let width = 0.052 + 0.105 * sweep;
    let u = (outer - p.x) * side / width;
    let hem = top - 0.5 + 0.006 * sin(u * 14.0);
    let d = max(max(-u, u - 1.0) * width, max(p.y - top, hem - p.y));
    let fold = sin(u * 19.0 + 2.0 * sin(t * 3.0) + side) * 0.5 + 0.5;
    let deep = fold * fold;
    let light = light_here;
    let red = mix(by_house(hex(0x5a2740u), hex(0x6b4322u), hex(0x2a4a48u)), by_house(hex(0xb5505au), hex(0xd09a4au), hex(0x6f9c84u)), deep * 0.8 + 0.1);
    var color = red * (0.3 + light) * (0.85 + 0.25 * smoothstep(0.0, 1.0, u));
    let through = by_hour(hex(0xffc890u), hex(0xffe6c0u), hex(0xd08a80u), hex(0x4a5ea0u)) * 0.28 * clear_sky();
    color += through * smoothstep(0.35, 1.0, u) * deep;
    let tie = max(abs(t - tied - 0.03 * (0.5 - u)) * 0.5 - 0.008, max(-u, u - 1.02) * width);
    var cloth = paint(color, edge(d));
    cloth = over(paint(hex(0xd9a650u) * light * (0.8 + 0.4 * u), edge(tie)), cloth);
    return cloth;
}

fn window_frame(p: vec2f) -> vec4f {
    let outer = box(p, WINDOW.xy, WINDOW.zw + 0.028, 0.004);
    let q = p - WINDOW.xy;
    let pane_half = (WINDOW.zw - 0.012) * 0.5;
    let pane = box(abs(q), WINDOW.zw * 0.5 + 0.002, pane_half, 0.003);
    let d = max(outer, -pane);
    let light = light_here;
    let bevel = 0.75 + 0.35 * smoothstep(0.012, 0.0, pane) * sign(abs(q.y) - abs(q.x));
    var color = paint((hex(0xa9774au) * lying) * light * bevel, edge(d));
    let bright = by_hour(hex(0xffe0b8u), hex(0xfffaf0u), hex(0xe8a08cu), hex(0x86a4e8u));
    color = over(paint(bright, 0.45 * smoothstep(0.007, 0.0, pane) * edge(d) * (0.3 + 0.7 * clear_sky())), color);
    // Panes: a slanting reflection and mist in their corners.
    let reflection = smoothstep(0.03, 0.0, abs(q.x * 0.7 + q.y * 0.7 - 0.06)) + 0.6 * smoothstep(0.012, 0.0, abs(q.x * 0.7 + q.y * 0.7 - 0.12));
    color = over(paint(mix(bright, light, 0.5), 0.1 * reflection * edge(pane)), color);
    let frost = smoothstep(-0.045, 0.0, pane) * edge(pane);
    color = over(paint(mix(bright, vec3f(0.9), 0.4), frost * (0.1 + 0.55 * place.weather.y + 0.2 * place.weather.z)), color);
    return color;
}

fn stone(p: vec2f) -> vec3f {
    let row = floor(p.y / 0.047);
    let q = vec2f(p.x / 0.083 + 0.5 * (row - 2.0 * floor(row * 0.5)) + 0.3 * hash1(row, 221.0), p.y / 0.047 - row);
    let n = floor(q.x);
    let h = hash4(vec2f(n, row), 223.0);
    let f = vec2f((q.x - n - 0.5) * 0.083, (q.y - 0.5) * 0.047);
    let d = box(f, vec2f(0.0), vec2f(0.0385, 0.0205) - 0.002 * h.xy, 0.009) + 0.0025 * (noise(p * 110.0, 7.0) - 0.5);
    var face = mix(hex(0x6f6a70u), hex(0x9a8a7cu), h.z);
    face = mix(face, hex(0x5c6672u), step(0.75, h.w) * 0.7);
    let toward = normalize(vec2f(HEARTH, 0.25) - p + vec2f(0.0, 0.001));
    let relief = clamp(dot(f / vec2f(0.04, 0.022), toward), -1.0, 1.0) * smoothstep(-0.016, 0.0, d);
    face *= 0.82 + 0.28 * noise(p * 60.0, 8.0) + 0.3 * relief;
    return mix(hex(0x3d363au), face, edge(d));
}

fn arch(p: vec2f) -> f32 {
    let q = p - vec2f(HEARTH, 0.345);
    return select(max(abs(q.x) - 0.128, -q.y - 0.1), length(q * vec2f(1.0, 1.25)) - 0.128, q.y > 0.0);
}

fn fireplace(p: vec2f) -> vec4f {
    let q = p - vec2f(HEARTH, 0.0);
    let light = light_here;
    let breast = max(abs(q.x) - select(0.205, 0.225, p.y < 0.56), 0.2 - p.y);
    var color = paint(vec3f(0.02, 0.02, 0.05), 0.45 * soft_edge(breast - 0.012, 0.05));
    let round_side = 1.0 - 0.4 * smoothstep(0.13, 0.225, abs(q.x));
    color = over(paint(stone(p) * light * round_side * (1.0 - 0.3 * smoothstep(0.6, 1.0, p.y)), edge(breast)), color);
    // The opening, with voussoirs, soot and the glow of the embers.
    let opening = arch(p);
    let turn = atan2(p.y - 0.345, q.x) * 4.2;
    let wedge = smoothstep(0.09, 0.05, abs(fract(turn) - 0.5) - 0.42);
    let ring = edge(max(opening - 0.034, -opening)) * step(0.345, p.y);
    color = over(paint(mix(hex(0x3d363au), hex(0xa08c78u) * (0.8 + 0.3 * hash1(floor(turn), 31.0)), wedge) * light * 1.05, ring), color);
    let inside = 1.0 - smoothstep(0.0, 0.22, p.y - 0.245);
    let glow_in = exp(-length((p - vec2f(HEARTH, 0.275)) * vec2f(1.0, 1.3)) * 9.0) * fire_strength();
    let soot = hex(0x14101au) + vec3f(0.95, 0.36, 0.1) * glow_in * 0.9 + hex(0x30190fu) * inside;
    color = over(paint(soot, edge(opening)), color);
    // Logs.
    let log_a = tapered(p, vec2f(HEARTH - 0.085, 0.281), vec2f(HEARTH + 0.06, 0.295), 0.017, 0.015);
    let log_b = tapered(p, vec2f(HEARTH - 0.05, 0.304), vec2f(HEARTH + 0.085, 0.28), 0.014, 0.016);
    let bark_light = vec3f(1.0, 0.5, 0.2) * smoothstep(0.265, 0.33, p.y) * fire_strength();
    color = over(paint(hex(0x3a241cu) + bark_light * 0.25, edge(log_a)), color);
    color = over(paint(hex(0x4a2c1fu) + bark_light * 0.45, edge(log_b)), color);
    color = over(paint(hex(0xff7a2au), 0.75 * fire_strength() * smoothstep(0.5, 0.75, noise(p * vec2f(60.0, 90.0), 33.0)) * edge(min(log_a, log_b)) * step(p.y, 0.297)), color);
    // The hearth stone and the mantel.
    let slab = box(p, vec2f(HEARTH, 0.2535), vec2f(0.25, 0.0125), 0.004);
    color = over(paint(hex(0x8d817au) * light * (0.8 + 0.35 * noise(p * vec2f(40.0, 90.0), 34.0)), edge(slab)), color);
    let mantel = box(p, vec2f(HEARTH, 0.572), vec2f(0.262, 0.017), 0.004);
    color = over(paint(vec3f(0.02, 0.01, 0.03), 0.5 * soft_edge(box(p, vec2f(HEARTH, 0.54), vec2f(0.235, 0.02), 0.01), 0.03)), color);
    color = over(paint((hex(0x85563au) * lying) * light * (0.8 + 12.0 * (p.y - 0.572)), edge(mantel)), color);
    color = over(paint(hex(0xf0c890u) * light, 0.55 * smoothstep(0.0035, 0.0, abs(p.y - 0.588)) * edge(mantel)), color);
    return color;
}

fn shelf(p: vec2f) -> vec4f {
    let board = box(p, vec2f(0.14, 0.716), vec2f(0.245, 0.0095), 0.002);
    let light = light_here;
    var color = paint(vec3f(0.02, 0.01, 0.05), 0.42 * soft_edge(box(thrown(p, 0.03), vec2f(0.14, 0.735), vec2f(0.24, 0.03), 0.01), 0.05));
    let brackets = min(segment(p, vec2f(-0.05, 0.65), vec2f(-0.05, 0.708)), min(segment(p, vec2f(0.33, 0.65), vec2f(0.33, 0.708)), 1.0)) - 0.006;
    color = over(paint(hex(0x4a3530u) * light, edge(brackets)), color);
    color = over(books(p, -0.085, 0.7255, 7.0), color);
    let leaning = rotated(p - vec2f(0.082, 0.7255), 0.036);
    color = over(paint(hex(0x9a4a3cu) * light * (0.7 + 12.0 * leaning.x), edge(box(leaning, vec2f(0.011, 0.05), vec2f(0.0095, 0.05), 0.002))), color);
    color = over(jar(p, vec2f(0.15, 0.7255), 0.021, 0.085, hex(0xc0703fu)), color);
    color = over(jar(p, vec2f(0.203, 0.7255), 0.017, 0.066, hex(0x8fa35cu)), color);
    color = over(jar(p, vec2f(0.257, 0.7255), 0.023, 0.1, hex(0x4f7a8cu)), color);
    let pot = max(box(p, vec2f(0.328, 0.745), vec2f(0.024, 0.02), 0.004), abs(p.x - 0.328) - 0.016 - (p.y - 0.7255) * 0.2);
    color = over(paint(hex(0xb5603fu) * light * (0.9 - 9.0 * (p.x - 0.328) * sign(0.328 - place.light_position.x)), edge(pot)), color);
    color = over(ivy(p, vec2f(0.328, 0.765)), color);
    color = over(paint((hex(0x8f6040u) * lying) * light * (0.85 + 20.0 * (p.y - 0.716)), edge(board)), color);
    return over(paint(hex(0xf0c890u) * light, 0.5 * smoothstep(0.0025, 0.0, abs(p.y - 0.7245)) * edge(board)), color);
}

// A pot plant that hangs over its board: leaves along three trailing stems.
fn ivy(p: vec2f, root: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let light = light_here;
    let count = select(0, 21, abs(p.x - root.x) < 0.075 && p.y > root.y - 0.13 && p.y < root.y + 0.06);
    for (var i = 0; i < count; i++) {
        let k = f32(i % 3) - 1.0;
        let t = f32(i / 3 + 1) / 7.0;
        let h = hash4(vec2f(f32(i), 2.0), 231.0);
        let stem = root + vec2f(k * 0.04 * sqrt(t) + 0.01 * (h.x - 0.5) + 0.012 * t, 0.035 * sin(t * 3.1) * (1.0 - abs(k) * 0.3) - 0.1 * t * t * abs(k) * (0.7 + 0.5 * step(0.0, k)));
        let q = rotated(p - stem, h.y * 0.5 + 0.5 + 0.25 * k) / 0.026;
        let d = leaf(q, 0.5) * 0.026;
        let green = mix(hex(0x35583fu), hex(0x86a860u), h.z * 0.8 + 0.2 * sign(q.y));
        color = over(paint(green * (0.15 + light), edge(d)), color);
    }
    return color;
}

// Sets the light and the timber of a place, before anything is drawn there.
fn look_at(p: vec2f) {
    light_here = shine(p);
    upright = timber(p + hash4(vec2f(floor(p.x / PLANK), 1.0), 202.0).xy * 7.0);
    lying = timber(p.yx + vec2f(0.3, 0.0));
}

// The glow of the hearth and, by day, the window's light that falls through the room in a slanting shaft.
fn in_the_air(scene: vec4f, p: vec2f) -> vec4f {
    let glow = vec3f(1.0, 0.8, 0.6) * exp(-length(p - vec2f(HEARTH, 0.3)) * 5.0) * 0.22 * (place.hours.z + place.hours.w);
    let fall = (WINDOW.y + 0.1 - p.y);
    let shaft_x = p.x - WINDOW.x - fall * 0.62;
    let bars = smoothstep(0.004, 0.02, abs(shaft_x)) * smoothstep(0.21, 0.15, abs(shaft_x)) * smoothstep(-0.08, 0.12, fall);
    let shaft = bars * (place.hours.x + 0.85 * place.hours.y) * clear_sky() * 0.2;
    return vec4f(scene.rgb + place.key.rgb * (glow + shaft) * scene.a, scene.a);
}

fn plate_wall(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    // Planks above, a painted wainscot below, a rail between.
    let n = floor(p.x / PLANK);
    let h = hash4(vec2f(n, 1.0), 201.0);
    let u = p.x - (n + 0.5) * PLANK;
    var plank = (mix(hex(0x8f6d57u), hex(0x7a6258u), h.x) * upright) * (0.9 + 0.16 * h.y);
    let seam = abs(abs(u) - PLANK * 0.5);
    plank *= 1.0 - 0.6 * smoothstep(0.004, 0.0005, seam);
    plank += vec3f(0.07, 0.055, 0.04) * smoothstep(0.003, 0.0, abs(seam - 0.0055)) * step(0.0, u * sign(place.light_position.x - p.x) * -1.0);
    let panel_n = floor(p.x / 0.177);
    let panel = box(p - vec2f((panel_n + 0.5) * 0.177, 0.345), vec2f(0.0), vec2f(0.068, 0.052), 0.003);
    var panelling = (by_house(hex(0x56706eu), hex(0x56647eu), hex(0x74585eu)) * upright) * 1.03;
    let from_middle = p - vec2f((panel_n + 0.5) * 0.177, 0.345);
    let upright_edge = abs(from_middle.x) - 0.068 > abs(from_middle.y) - 0.052;
    let turned = select(-sign(from_middle.y), sign(from_middle.x) * sign(p.x - place.light_position.x), upright_edge);
    panelling *= 1.0 + 0.2 * turned * smoothstep(0.006, 0.001, abs(panel));
    panelling *= 1.0 - 0.08 * edge(panel);
    var color = mix(plank, panelling, step(p.y, 0.432)) * light;
    let rail = box(p, vec2f(p.x, 0.438), vec2f(1.0, 0.011), 0.002);
    color = mix(color, color * 0.6, smoothstep(0.025, 0.0, abs(p.y - 0.418)) * step(p.y, 0.43));
    color = mix(color, (by_house(hex(0x6f8682u), hex(0x707d94u), hex(0x8c6c70u)) * lying) * light * (0.95 + 14.0 * (p.y - 0.438)), edge(rail));
    let skirting = p.y - 0.272;
    color = mix(color, (by_house(hex(0x48605fu), hex(0x48556eu), hex(0x644a50u)) * lying) * light * (0.9 + 6.0 * (p.y - 0.26)), edge(skirting));
    color = mix(color, color * 0.55, smoothstep(0.02, 0.0, abs(p.y - FLOOR)) * 0.8);
    var scene = vec4f(color, 1.0);

    // Posts, round and heavy.
    let post_at = round((p.x - 0.41) / 1.29) * 1.29 + 0.41;
    let post = abs(p.x - post_at + 0.003 * sin(p.y * 9.0)) - 0.036;
    let toward = sign(place.light_position.x - p.x);
    let post_round = clamp((p.x - post_at) / 0.036, -1.0, 1.0) * toward;
    scene = over(paint(vec3f(0.02, 0.01, 0.04), 0.4 * soft_edge(abs(p.x + toward * 0.018 - post_at) - 0.036, 0.03)), scene);
    scene = over(paint((hex(0x6b4835u) * upright) * light * (0.78 + 0.34 * post_round), edge(post)), scene);

    // The hole of the window, in its shadow.
    scene = over(paint(vec3f(0.03, 0.02, 0.05), 0.4 * soft_edge(box(p, WINDOW.xy - vec2f(0.0, 0.01), WINDOW.zw + 0.035, 0.01), 0.03)), scene);
    scene *= 1.0 - edge(box(p, WINDOW.xy, WINDOW.zw, 0.002));
    return in_the_air(scene, p);
}

fn plate_left_picture(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(framed(p, vec2f(-1.2, 0.68), vec2f(0.13, 0.1), 51.0), p);
}

fn plate_right_picture(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(framed(p, vec2f(1.22, 0.72), vec2f(0.11, 0.14), 53.0), p);
}

fn plate_hearth(p: vec2f) -> vec4f {
    look_at(p);
    var scene = fireplace(p);
    scene = over(framed(p, vec2f(HEARTH, 0.765), vec2f(0.105, 0.08), 55.0), scene);
    scene = over(clock(p, vec2f(HEARTH - 0.135, 0.589)), scene);
    scene = over(candle(p, vec2f(HEARTH + 0.115, 0.589), 0.05), scene);
    scene = over(candle(p, vec2f(HEARTH + 0.165, 0.589), 0.032), scene);
    scene = over(jar(p, vec2f(HEARTH + 0.04, 0.589), 0.019, 0.05, hex(0x9a4a4au)), scene);
    return in_the_air(scene, p);
}

fn plate_shelf(p: vec2f) -> vec4f {
    look_at(p);
    return in_the_air(shelf(p), p);
}

fn plate_window(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    var scene = window_frame(p);
    let sill = box(p, vec2f(WINDOW.x, WINDOW.y - WINDOW.w - 0.036), vec2f(WINDOW.z + 0.05, 0.0125), 0.003);
    scene = over(paint(vec3f(0.02, 0.01, 0.04), 0.4 * soft_edge(sill, 0.05) * step(p.y, 0.44)), scene);
    scene = over(paint((hex(0xb07f52u) * lying) * light * (0.85 + 16.0 * (p.y - WINDOW.y + WINDOW.w + 0.036)), edge(sill)), scene);
    let bowl = max(circle(p, vec2f(WINDOW.x - 0.11, WINDOW.y - WINDOW.w + 0.012), 0.034), p.y - (WINDOW.y - WINDOW.w + 0.012));
    scene = over(paint(mix(hex(0x3d6a7cu), hex(0xa9d0d0u), smoothstep(-0.03, 0.03, (p.x - WINDOW.x + 0.11) * sign(place.light_position.x - p.x + 0.01))) * (0.2 + light), edge(max(bowl, WINDOW.y - WINDOW.w - 0.024 - p.y))), scene);
    scene = over(ivy(p, vec2f(WINDOW.x - 0.11, WINDOW.y - WINDOW.w + 0.02)), scene);
    scene = over(curtain(p, -1.0), scene);
    scene = over(curtain(p, 1.0), scene);
    let rod = box(p, vec2f(WINDOW.x, WINDOW.y + WINDOW.w + 0.062), vec2f(WINDOW.z + 0.125, 0.0065), 0.006);
    let knob = circle(vec2f(abs(p.x - WINDOW.x), p.y), vec2f(WINDOW.z + 0.13, WINDOW.y + WINDOW.w + 0.062), 0.013);
    scene = over(paint(hex(0xc08f4cu) * light * (0.9 + 40.0 * (p.y - WINDOW.y - WINDOW.w - 0.062)), edge(min(rod, knob))), scene);
    return in_the_air(scene, p);
}

// The long beam, and the ceiling's boards above.
fn plate_beam(p: vec2f) -> vec4f {
    look_at(p);
    let light = light_here;
    let beam = max(p.y - 1.005 + 0.003 * swell(p.x * 4.0, 2.0), 0.945 - p.y + 0.003 * swell(p.x * 5.0, 3.0));
    var scene = paint(vec3f(0.02, 0.01, 0.04), 0.5 * smoothstep(0.88, 0.95, p.y));
    let ceiling = (hex(0x5c4436u) * upright) * light * 0.75;
    scene = over(paint(ceiling, step(1.0, p.y)), scene);
    return over(paint((hex(0x75503au) * lying) * light * (0.62 + 0.5 * smoothstep(1.0, 0.95, p.y)), edge(beam)), scene);
}

// Flames: three tongues that lick and fade.
fn plate_fire(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let count = select(0, 4, abs(p.x - HEARTH) < 0.13 && arch(p) < 0.0);
    for (var i = 0; i < count; i++) {
        let k = f32(i);
        let t = place.time_s;
        let x = HEARTH + (k - 1.5) * 0.036 + 0.006 * sin(t * 2.1 + k * 2.0);
        let beat = sin(t * (7.0 + k) + k * 1.7) * 0.5 + sin(t * (11.3 - k) + k * 4.1) * 0.5;
        let tall = (0.105 - 0.018 * abs(k - 1.5)) * (1.0 + 0.16 * beat) * (0.45 + 0.55 * fire_strength());
        let v = (p.y - 0.283) / tall;
        let sway = (0.012 * sin(v * 5.0 - t * 6.0 + k * 2.3) + 0.008 * sin(v * 9.0 - t * 9.0 + k)) * v;
        let w = 0.027 * pow(clamp(v + 0.08, 0.0, 1.0), 0.35) * (1.0 - v);
        let u = abs(p.x - x - sway);
        let body = smoothstep(0.004, -0.003, u - w) * step(0.0, v + 0.06) * step(v, 1.0);
        let heart = smoothstep(0.005, -0.006, u - w * 0.6 + 0.018 * v) * step(v, 0.8);
        let flame = mix(mix(hex(0xf2642au), hex(0xffb040u), smoothstep(0.9, 0.1, v)), hex(0xfff2b8u), heart);
        color = over(paint(flame, body * 0.88), color);
    }
    return color;
}

fn plate_floor(p: vec2f) -> vec4f {
    let light = floor_light(p);
    let vanish = vec2f(0.0, 0.62);
    let depth = (vanish.y - FLOOR) / (vanish.y - p.y);
    let across = (p.x - vanish.x) * depth;
    let pitch = 0.062;
    let n = floor(across / pitch);
    let h = hash4(vec2f(n, 2.0), 241.0);
    let along = 1.0 / (vanish.y - p.y) * 2.0 + h.x * 3.0;
    let board = floor(along * 0.9);
    let g = hash4(vec2f(n, board), 243.0);
    var floor_color = mix(hex(0x8a5f43u), hex(0x6f4a38u), g.y) * timber(vec2f(across * 1.2 + g.x, along * 1.1)) * (0.88 + 0.2 * g.z);
    let seam = abs(abs(across / pitch - n - 0.5) - 0.5) * pitch / depth;
    let end = abs(fract(along * 0.9) - 0.02) * 0.11;
    floor_color *= 1.0 - 0.55 * max(smoothstep(0.0035, 0.0008, seam), smoothstep(0.004, 0.001, end));
    var color = floor_color * light * (1.0 - 0.45 * smoothstep(0.12, -0.2, p.y));
    // The light's reflection on the polish, the window's patch by day.
    color += place.key.rgb * floor_sheen(p) * 0.2 * (place.hours.z + place.hours.w + 0.3);
    let fall = (p.y - 0.05) / 0.17;
    let patch_x = p.x + 0.13 - 0.2 * (1.0 - fall);
    let cross_bar = min(abs(patch_x), abs(fall - 0.5) * 0.4);
    let window_patch = smoothstep(0.16, 0.14, abs(patch_x)) * smoothstep(0.0, 0.08, fall) * smoothstep(1.05, 0.95, fall) * smoothstep(0.006, 0.018, cross_bar);
    color += by_hour(hex(0xffb070u), hex(0xfff0c4u), hex(0x000000u), hex(0x26386eu)) * window_patch * 0.3 * clear_sky();
    color = mix(color, color * 0.5, smoothstep(0.03, 0.0, FLOOR - p.y));
    return paint(color, edge(p.y - FLOOR));
}

// The light on the floor, and its reflection on the polish.
fn floor_light(p: vec2f) -> vec3f {
    return shine(vec2f(p.x, p.y * 0.8 + 0.05));
}

fn floor_sheen(p: vec2f) -> f32 {
    return exp(-pow((p.x - place.light_position.x) * 3.6, 2.0)) * smoothstep(0.02, 0.24, p.y);
}

// The rug: rings of pattern on an oval that lies flat.
fn plate_rug(p: vec2f) -> vec4f {
    let light = floor_light(p);
    let sheen = floor_sheen(p);
    let q = (p - vec2f(0.0, 0.115)) / vec2f(0.62, 0.1);
    let r = length(q);
    let turn = atan2(q.y, q.x);
    let dist = (r - 1.0) * mix(0.1, 0.62, abs(cos(turn)) * abs(cos(turn)));
    var scene = paint(vec3f(0.02, 0.01, 0.03), 0.45 * soft_edge((length((p - vec2f(0.0, 0.106)) / vec2f(0.63, 0.104)) - 1.0) * 0.1, 0.02) * edge(p.y - FLOOR));
    let fringe = edge((r - 1.035) * 0.3) * step(0.45, fract(turn * 38.0)) * step(0.5, abs(cos(turn)));
    scene = over(paint(hex(0xd9b98au) * light, fringe * 0.9), scene);
    var rug = by_house(hex(0x8e3340u), hex(0x34507au), hex(0x9a5238u));
    rug = mix(rug, by_house(hex(0x5a2440u), hex(0x26305au), hex(0x5c2c36u)), smoothstep(0.008, 0.0, abs(r - 0.93) - 0.045));
    rug = mix(rug, hex(0xd59a58u), smoothstep(0.006, 0.0, abs(r - 0.84) - 0.008));
    let petals = abs(r - 0.71 - 0.045 * cos(turn * 26.0)) - 0.012;
    rug = mix(rug, hex(0xc9784fu), smoothstep(0.01, 0.0, petals));
    rug = mix(rug, hex(0x3f5c6au), smoothstep(0.012, 0.0, abs(r - 0.71) - 0.016 * (0.6 + 0.4 * cos(turn * 52.0))));
    rug = mix(rug, by_house(hex(0x742a3cu), hex(0x2c406au), hex(0x84402fu)), smoothstep(0.02, 0.0, r - 0.56));
    rug = mix(rug, hex(0xd59a58u), smoothstep(0.007, 0.0, abs(r - 0.56) - 0.006));
    let star = r - 0.3 - 0.1 * cos(turn * 8.0);
    rug = mix(rug, hex(0xb0603fu), smoothstep(0.012, 0.0, star));
    rug = mix(rug, hex(0x50324fu), smoothstep(0.012, 0.0, star + 0.12));
    rug = mix(rug, vec3f(dot(rug, vec3f(0.3, 0.59, 0.11))), 0.18) * 0.92;
    rug *= 0.86 + 0.2 * noise(p * vec2f(260.0, 900.0), 247.0);
    let rug_light = light * (1.0 - 0.4 * smoothstep(0.12, -0.2, p.y)) + place.key.rgb * sheen * 0.1;
    scene = over(paint(rug * rug_light * 1.05, edge(dist)), scene);
    return scene;
}

// A basket of logs beside the hearth.
fn plate_basket(p: vec2f) -> vec4f {
    let light = floor_light(p);
    let basket = max(box(p, vec2f(1.04, 0.23), vec2f(0.075, 0.05), 0.012), abs(p.x - 1.04) - 0.06 - (p.y - 0.18) * 0.18);
    let ends = min(circle(p, vec2f(1.0, 0.285), 0.026), min(circle(p, vec2f(1.045, 0.3), 0.024), circle(p, vec2f(1.085, 0.282), 0.022)));
    let scene = paint(hex(0xb98d5cu) * light * (0.75 + 0.25 * sin(ends * 900.0)), edge(ends));
    let weave = 0.8 + 0.2 * sign(sin(p.x * 320.0) * sin(p.y * 420.0));
    return over(paint(hex(0x9a6f42u) * light * weave, edge(basket)), scene);
}

// The dark of what stands before the stage, and the warmth that reaches it.
fn before_stage() -> vec3f {
    return by_hour(hex(0x2c2430u), hex(0x3a2f30u), hex(0x150f1cu), hex(0x0a0914u));
}

fn warmth_before_stage() -> vec3f {
    return place.key.rgb * 0.3 * (0.5 + 0.5 * place.hours.z + 0.5 * place.hours.w);
}

// A chair's back and wing on the left.
fn plate_chair(p: vec2f) -> vec4f {
    let cold = before_stage();
    let warm = warmth_before_stage();
    let q = p - vec2f(-0.86, 0.0);
    let back = min(box(q, vec2f(-0.12, 0.08), vec2f(0.2, 0.2), 0.09), box(q, vec2f(0.045, -0.02), vec2f(0.06, 0.15), 0.055));
    let rim_side = smoothstep(-0.03, 0.0, back);
    let cloth = mix(cold, cold * 1.6 + warm * 0.12, rim_side * smoothstep(-0.1, 0.1, q.x));
    return paint(cloth, edge(back));
}

// A fern on the right.
fn plate_fern(p: vec2f) -> vec4f {
    let cold = before_stage();
    let warm = warmth_before_stage();
    var color = vec4f(0.0);
    for (var i = 0; i < 4; i++) {
        let h = hash4(vec2f(f32(i), 4.0), 251.0);
        let root = vec2f(0.86 + 0.035 * f32(i), -0.1);
        let twig = sprig(p, root, 0.43 - 0.075 * f32(i) + 0.02 * h.x, 0.36 + 0.1 * h.y, 0.35 * (0.3 - 0.25 * f32(i)), 4, 253.0 + f32(i));
        let tone = mix(cold * 0.8, (cold * 1.7 + warm * 0.14) * vec3f(0.8, 1.15, 0.95), twig.y * (0.3 + 0.7 * twig.z));
        color = over(paint(tone, twig.x), color);
    }
    return color;
}
