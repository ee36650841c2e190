// A castle's courtyard: towers and walls round a gate, the keep behind, banners, fires in iron baskets.

const VANISH: f32 = 0.38;
const TOP: f32 = 0.262;
const WALL_TOP: f32 = 0.545;

// The castle lies the other way round in half of the scenes.
fn hand() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 6.13) < 0.5);
}

fn gate_x() -> f32 {
    return hand() * (0.1 + 0.1 * fract(place.seed.x * 17.3));
}

// Colours of the house that lives here: 0 the roofs, 1 the cloth, 2 its emblem.
fn livery(n: i32) -> vec3f {
    let k = fract(place.seed.x * 9.77);
    let first = array(hex(0x5f7392u), hex(0x93424cu), hex(0xd9b56cu));
    let second = array(hex(0xa8584cu), hex(0x3f5f88u), hex(0xdcd3c2u));
    let third = array(hex(0x5c7a78u), hex(0x5b4f86u), hex(0xd8b878u));
    return select(select(third[n], second[n], k < 0.67), first[n], k < 0.34);
}

fn stone_color() -> vec3f {
    return mix(hex(0xcbbfaeu), hex(0xb4b4b8u), step(0.5, fract(place.seed.x * 4.57)));
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(whole_sky(p, 0.4, 1301.0), 1.0);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.05, 0.0), 0.56, 0.09, 0.27, 1311.0), 0.42);
}

fn plate_near_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.4, 0.0), 0.74, 0.2, 0.95, 1313.0), 0.1);
}

// Courses of hewn stone: how light a stone is (x, -1 to 1) and the joints (y).
fn masonry(q: vec2f, size: f32, salt: f32) -> vec2f {
    let row = floor(q.y / size);
    let u = q.x / (size * 2.1) + 0.5 * (row - 2.0 * floor(row * 0.5)) + 0.3 * hash1(row, salt);
    let cell = floor(u);
    let h = hash4(vec2f(cell, row), salt + 1.0);
    let f = vec2f((u - cell - 0.5) * 2.1, q.y / size - row - 0.5);
    let d = box(f, vec2f(0.0), vec2f(1.0, 0.46), 0.2);
    let seen = smoothstep(1.5, 5.0, size / place.px);
    // Plaster covers most of the wall: stones show here and there.
    let bare = smoothstep(0.35, 0.6, noise(q / size * 0.16, salt + 2.0));
    return vec2f((h.x * 2.0 - 1.0) * seen * (0.35 + 0.65 * bare), smoothstep(-0.1, 0.06, d) * seen * bare);
}

fn ashlar(q: vec2f, size: f32, tone: f32, salt: f32) -> vec3f {
    let stone = masonry(q, size, salt);
    let stain = noise(vec2f(q.x * 14.0, q.y * 3.0), salt + 3.0) - 0.5;
    let color = in_light(stone_color() * (1.0 + 0.06 * stone.x + 0.07 * stain), tone + 0.06 * stone.x);
    return color * (1.0 - 0.2 * stone.y);
}

fn away(color: vec4f, distance: f32) -> vec4f {
    return vec4f(through_air(color.rgb / max(color.a, 0.001), distance) * color.a, color.a);
}

fn front_tone() -> f32 {
    return dot(place.hours, vec4f(0.42, 0.6, 0.34, 0.38));
}

// An arched opening from its middle: `half_size.x` wide, straight up to `half_size.y` over it.
fn arched(q: vec2f, half_size: vec2f) -> f32 {
    let round = length(vec2f(q.x, max(q.y - half_size.y * 0.4, 0.0))) - half_size.x;
    return max(max(abs(q.x) - half_size.x, -half_size.y - q.y), round);
}

// A round tower from `low` up to its battlements at `top`, with a pointed roof when `roof` is above 0.
fn tower(p: vec2f, x: f32, half: f32, low: f32, top: f32, roof: f32, distance: f32, salt: f32) -> vec4f {
    let u = (p.x - x) / half;
    let toward = clamp((place.light_position.x - x) * 3.0, -1.0, 1.0);
    let tone = front_tone() + 0.36 * toward * u - 0.2 * u * u;
    let bulge = sqrt(max(1.0 - u * u * 0.72, 0.0));
    // Rings over the eye bend upwards.
    let curved = p.y - half * 0.5 * (p.y - 0.3) * bulge;
    let turn = asin(clamp(u, -1.0, 1.0)) * half;
    let body = max(abs(p.x - x) - half * (1.0 + 0.09 * smoothstep(low + half, low, p.y)), max(low - p.y, p.y - top));
    var wall = ashlar(vec2f(turn + salt, curved), half * 0.17, tone, salt);
    wall *= 1.0 - 0.3 * smoothstep(half * 0.55, 0.0, top - p.y);
    wall = mix(wall, in_light(hex(0x6f7f5au), tone), 0.6 * smoothstep(0.5, 0.8, noise(p * 17.0, salt + 5.0) + 0.5 - (p.y - low) / half));
    var color = paint(wall, edge(body));

    // Windows: one in each storey, some lit.
    let storey = half * 1.5;
    let n = floor((top - half * 0.35 - p.y) / storey);
    let h = hash4(vec2f(n, 1.0), salt + 6.0);
    let at = vec2f(0.75 * (h.x - 0.5), top - half * 0.35 - (n + 0.5) * storey);
    let q = vec2f((u - at.x) * half, p.y - at.y) / half;
    let hole = arched(q, vec2f(0.13, 0.2));
    let there = step(0.25, h.y) * step(low + half * 1.1, at.y) * step(0.0, n);
    let lamp = lamps_on() * step(0.35, h.z);
    let jamb = in_light(stone_color() * 1.08, tone + 0.2 * sign(q.y) * step(hole, 0.1));
    let glow_on = exp(-max(hole, 0.0) * 6.0) * 0.4 * lamp * (place.hours.w + 0.6 * place.hours.z) * edge(body);
    let bars = min(abs(q.x), abs(q.y + 0.02)) - 0.016;
    let pane = mix(in_light(hex(0x4e5668u), 0.3 + 0.2 * q.y), mix(hex(0xf0a050u), hex(0xffe4a0u), clamp(0.5 - q.y * 2.0, 0.0, 1.0)), lamp);
    color = over(paint(hex(0xffb35au), glow_on * there), color);
    color = over(paint(jamb, edge((hole - 0.055) * half) * there), color);
    color = over(paint(mix(pane, pane * 0.45, edge(bars * half)), edge(hole * half) * there), color);

    // Corbels and battlements.
    let w = u / 1.17;
    let crown_tone = front_tone() + 0.1 + 0.36 * toward * w - 0.2 * w * w;
    let angle = asin(clamp(w, -1.0, 1.0)) * 4.2 + 0.5;
    let f = abs(fract(angle) - 0.5);
    let rise = p.y - top + half * 0.1 * (1.0 - bulge);
    let parapet = max(abs(w) - 1.0, max(half * 0.04 - rise, rise - half * select(0.3, 0.52, f > 0.22 && roof < 0.001)) / half) * half;
    let corbel = max(max(abs(w) - 1.0, (f - 0.3) * 0.5) * half, max(-half * 0.1 - rise, rise - half * 0.06));
    let inner = max(abs(w) - 0.96, max(-rise, rise - half * 0.42) / half) * half;
    color = over(paint(in_light(stone_color() * 0.8, 0.2), edge(inner) * step(roof, 0.001)), color);
    color = over(paint(in_light(stone_color() * 0.92, crown_tone - 0.1), edge(corbel)), color);
    var battlement = ashlar(vec2f(angle * half * 0.3, rise), half * 0.15, crown_tone, salt + 7.0);
    battlement = mix(battlement, snow_white(), place.weather.y * smoothstep(half * 0.24, half * 0.3, rise));
    color = over(paint(battlement, edge(parapet)), color);
    // The roof: a cone that flares at its eaves.
    let v = (p.y - top - half * 0.2) / max(roof, 0.001);
    let flare = half * (1.34 * (1.0 - v) - 0.22 * v * (1.0 - v) * 2.0);
    let s = (p.x - x) / max(flare, 0.0001);
    let hem = half * 0.14 * (1.0 - sqrt(max(1.0 - s * s, 0.0)));
    let cone = max(abs(p.x - x) - flare, max(top + half * 0.12 + hem - p.y, v - 1.0)) * 0.94;
    let rows = (v - 0.08 * sqrt(max(1.0 - s * s, 0.0))) * 15.0;
    let row = floor(rows);
    let along = asin(clamp(s, -1.0, 1.0)) * 5.0 + 0.5 * row;
    let tile = hash4(vec2f(floor(along), row), salt + 8.0);
    let fine = smoothstep(1.5, 4.0, roof / 15.0 / place.px);
    var slate = in_light(livery(0) * (1.0 + 0.16 * fine * (tile.x - 0.5)), front_tone() + 0.1 + 0.42 * toward * s - 0.18 * s * s);
    slate *= 1.0 - 0.2 * fine * smoothstep(0.3, 0.0, fract(rows));
    slate = mix(slate, snow_white() * (0.85 + 0.15 * toward * s), place.weather.y * clamp(0.9 - 0.5 * smoothstep(0.2, 1.0, s * toward) * step(0.5, tile.y), 0.0, 1.0));
    slate += place.key.rgb * place.key.a * 0.3 * smoothstep(0.75, 1.0, s * toward) * clear_sky();
    color = over(paint(slate, edge(cone) * step(0.001, roof)), color);
    let knob = circle(p, vec2f(x, top + half * 0.2 + roof), half * 0.06) * step(0.001, roof) + step(roof, 0.001);
    color = over(paint(in_light(hex(0xd8b060u), 0.8), edge(knob)), color);
    return away(color, distance);
}

// The keep's hall: a block with a steep roof and a row of windows.
fn hall(p: vec2f, x: f32, half: f32, top: f32, distance: f32) -> vec4f {
    let q = vec2f(p.x - x, p.y - top) / half;
    let toward = sign(place.light_position.x - x);
    let tone = front_tone() + 0.16 * toward * q.x;
    let block = max(abs(q.x) - 1.0, q.y);
    var color = paint(ashlar(p, half * 0.09, tone, 1321.0) * (1.0 - 0.25 * smoothstep(-0.3, 0.0, q.y)), edge(block * half));
    let n = round(q.x / 0.42);
    let hole = arched(vec2f(q.x - n * 0.42, q.y + 0.55), vec2f(0.085, 0.2));
    let there = step(abs(n), 1.5);
    let lamp = lamps_on() * step(0.3, hash1(n, 1323.0));
    color = over(paint(in_light(stone_color() * 1.1, tone + 0.2), edge((hole - 0.04) * half) * there), color);
    color = over(paint(mix(in_light(hex(0x4e5668u), 0.3), hex(0xffcc7au), lamp), edge(hole * half) * there), color);
    let v = q.y / 0.85;
    let roof = max(abs(q.x) - 1.12 + 0.42 * v, max(-0.02 - v, v - 1.0)) * 0.9;
    let fine = smoothstep(1.5, 4.0, half * 0.06 / place.px);
    var slate = in_light(livery(0), front_tone() + 0.15 + 0.2 * toward * q.x + 0.15 * v) * (1.0 - 0.16 * fine * smoothstep(0.3, 0.0, fract(v * 14.0)));
    slate = mix(slate, snow_white(), place.weather.y * 0.9);
    color = over(paint(slate, edge(roof * half)), color);
    let dormer = max(abs(abs(q.x) - 0.4) - 0.1, max(0.1 - q.y, q.y - 0.36 + max(abs(abs(q.x) - 0.4) * 1.6 - 0.02, 0.0)));
    color = over(paint(in_light(stone_color(), tone + 0.1), edge(dormer * half)), color);
    color = over(paint(mix(in_light(hex(0x4e5668u), 0.3), hex(0xffcc7au), lamps_on()), edge((dormer + 0.05) * half)), color);
    return away(color, distance);
}

// The middle of the keep.
fn keep_x() -> f32 {
    return -0.42 * hand();
}

fn plate_hills(p: vec2f) -> vec4f {
    let hill = 0.43 + 0.05 * swell(p.x * 1.9 + 1.0, 1331.0) + 0.004 * swell(p.x * 23.0, 1332.0);
    let blue = by_hour(hex(0x7486a0u), hex(0x78a6a0u), hex(0x70507cu), hex(0x142650u));
    return paint(through_air(mix(blue, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.5), edge(p.y - hill));
}

// One of two slender towers behind the hall.
fn plate_slender_towers(p: vec2f) -> vec4f {
    let x = keep_x();
    let h = hash4(vec2f(1.0, 1.0), 1333.0);
    let first = p.x < x;
    return tower(p, select(x + 0.2, x - 0.17, first), select(0.05, 0.062, first), 0.3, select(0.84, 0.92, first) + 0.05 * (h.x - 0.5), select(0.17, 0.2, first), 0.34, 1341.0 + f32(first));
}

fn plate_hall(p: vec2f) -> vec4f {
    return hall(p, keep_x() + 0.02, 0.17, 0.72, 0.3);
}

// One of two stout towers before the hall, or the one that stands apart.
fn plate_stout_towers(p: vec2f) -> vec4f {
    let x = keep_x();
    let side = -hand();
    let h = hash4(vec2f(1.0, 1.0), 1333.0);
    let inner = p.x < x + 0.04;
    let lone = p.x * side < -0.2;
    let stout = select(vec4f(x + 0.25, 0.085, 0.68 + 0.06 * (h.y - 0.5), 0.2), vec4f(x - 0.2, 0.07, 0.74 + 0.06 * (h.y - 0.5), 0.0), vec4<bool>(inner));
    let t = select(stout, vec4f(-side * 0.74, 0.07, 0.7 + 0.06 * h.z, 0.17), vec4<bool>(lone));
    return tower(p, t.x, t.y, 0.3, t.z, t.w, select(0.24, 0.3, lone), 1345.0 + f32(inner) + 2.0 * f32(lone));
}

fn plate_mist(p: vec2f) -> vec4f {
    let mist = exp(-pow((p.y - 0.5) / 0.12, 2.0)) * (0.25 + 0.5 * fractal(vec2f(p.x * 2.0, p.y * 6.0), 3, 1349.0)) * (0.4 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.8));
}

// Ivy that climbs a wall: leaves over a field that says how dense they are.
fn ivy(p: vec2f, deep: f32, tone: f32) -> vec4f {
    let size = 0.011;
    let g = floor(p / size);
    let h = hash4(g, 1351.0);
    let q = rotated(p / size - g - 0.3 - 0.4 * h.xy, 0.6 + 0.3 * h.z) + vec2f(0.5, 0.0);
    let d = leaf(q / 1.25, 0.5) * size * 1.25;
    let mass = smoothstep(0.1, 0.2, deep);
    let green = mix(hex(0x3c5f42u), hex(0x8aa860u), h.w);
    var color = paint(in_light(hex(0x3a5840u), tone - 0.2), mass * 0.9);
    color = over(paint(in_light(mix(green, snow_white(), 0.5 * place.weather.y), tone + 0.3 * (h.z - 0.3)), edge(d) * smoothstep(-0.05, 0.06, deep + 0.1 * (h.x - 0.5))), color);
    return color;
}

// A long banner with a forked hem from the middle of its upper edge.
fn banner(p: vec2f, at: vec2f, half: f32, long: f32) -> vec4f {
    let q = p - at;
    let u = q.x / half;
    let t = -q.y / long;
    let cloth = max(abs(q.x + 0.003 * sin(t * 7.0) * t) - half, max(-t, t - 1.0 + 0.14 * (1.0 - abs(u))) * long);
    let fold = 0.5 + 0.5 * sin(u * 5.0 + 1.4 * t + 3.0 * at.x);
    let tone = front_tone() + 0.05 + 0.24 * (fold - 0.4) + 0.2 * sign(place.light_position.x - at.x) * u;
    let v = vec2f(q.x, q.y + long * 0.42) / half;
    let flower = length(v) - 0.34 - 0.15 * cos(atan2(v.y, v.x) * 4.0);
    var dye = mix(livery(1), livery(2), edge(flower * half) * step(0.16, length(v)));
    dye = mix(dye, livery(2), step(abs(abs(u) - 0.82), 0.07));
    var color = paint(place.shade.rgb * 0.3, 0.35 * soft_edge(max(abs(q.x + 0.012 * sign(place.light_position.x - at.x)) - half, max(q.y, -q.y - long) + 0.01), 0.015));
    color = over(paint(in_light(dye, tone), edge(cloth)), color);
    return over(paint(in_light(hex(0x5a4a3cu), 0.5), edge(box(q, vec2f(0.0, 0.004), vec2f(half * 1.2, 0.004), 0.003))), color);
}

fn wall_tone(p: vec2f) -> f32 {
    return front_tone() + 0.22 * (lit(p, 0.7) - 0.35) * clear_sky();
}

// Where the merlons and crenels of the wall end.
fn merlon(x: f32) -> f32 {
    let pitch = 0.074;
    let f = abs(fract(x / pitch) - 0.5) * pitch;
    return WALL_TOP + select(0.0, 0.036, f < 0.0225);
}

// The curtain wall.
fn plate_wall(p: vec2f) -> vec4f {
    let q = p - vec2f(gate_x(), 0.0);
    let tone = wall_tone(p);
    let merlon = merlon(p.x);
    var stone = ashlar(p, 0.026, tone - 0.06 + 0.1 * smoothstep(0.25, WALL_TOP, p.y), 1361.0);
    stone = mix(stone, snow_white(), place.weather.y * smoothstep(0.008, 0.0, merlon - p.y));
    stone += place.key.rgb * place.key.a * 0.16 * smoothstep(0.006, 0.0, merlon - p.y) * clear_sky();
    let corbels = abs(fract(p.x / 0.037) - 0.5) * 0.037 - 0.011;
    stone *= 1.0 - 0.34 * smoothstep(-0.002, 0.002, corbels) * step(abs(p.y - 0.508), 0.011) - 0.22 * smoothstep(0.49, 0.5, p.y) * step(p.y, 0.498) - 0.12 * smoothstep(0.42, 0.496, p.y) * step(p.y, 0.498);
    stone = mix(stone, stone * 1.08, step(abs(p.y - 0.524), 0.006));
    let n = round(q.x / 0.3);
    let loop_hole = box(vec2f(q.x - n * 0.3 - 0.04 * (hash1(n, 1363.0) - 0.5), p.y - 0.4), vec2f(0.0), vec2f(0.0045, 0.032), 0.004);
    stone = mix(stone, in_light(stone_color() * 0.4, 0.2), edge(loop_hole));
    stone *= 1.0 - 0.3 * smoothstep(0.3, 0.24, p.y);
    return paint(stone, edge(p.y - merlon));
}

fn plate_wall_ivy(p: vec2f) -> vec4f {
    let deep = 0.75 * noise(vec2f(p.x * 4.2, p.y * 3.0), 1365.0) + 0.2 * noise(p * 22.0, 1366.0) - 0.34 - 1.1 * (p.y - 0.25) - 0.6 * smoothstep(0.4, 0.24, abs(p.x - gate_x()));
    return ivy(p, deep, wall_tone(p)) * edge(p.y - merlon(p.x));
}

// Banners on both sides of the gate.
fn plate_banners(p: vec2f) -> vec4f {
    let q = p - vec2f(gate_x(), 0.0);
    let bx = abs(abs(q.x) - 0.44);
    return banner(q, vec2f(sign(q.x) * 0.44, 0.478), 0.036, 0.17) * step(bx, 0.1);
}

// The gatehouse, and what is seen through the gate.
fn plate_gate(p: vec2f) -> vec4f {
    let gate = gate_x();
    let q = p - vec2f(gate, 0.0);
    let tone = wall_tone(p);
    let front = max(abs(q.x) - 0.15, p.y - 0.62 - select(0.0, 0.036, abs(fract(q.x / 0.06) - 0.5) < 0.3));
    var face = ashlar(q + 3.0, 0.026, tone + 0.06, 1371.0);
    face = mix(face, snow_white(), place.weather.y * smoothstep(0.652, 0.656, p.y));
    face *= 1.0 - 0.25 * smoothstep(0.1, 0.15, abs(q.x)) - 0.2 * smoothstep(0.55, 0.57, p.y) * step(p.y, 0.572);
    var color = paint(face, edge(front));
    let arch = arched(q - vec2f(0.0, 0.31), vec2f(0.085, 0.12));
    let turn = atan2(q.y - 0.358, q.x) * 5.1;
    let voussoir = 0.9 + 0.18 * hash1(floor(turn), 1373.0);
    let ring_line = smoothstep(0.44, 0.48, abs(fract(turn) - 0.5)) * step(0.358, p.y);
    color = over(paint(in_light(stone_color() * voussoir * 1.04, tone + 0.14 + 0.2 * (p.y - 0.36) / 0.1) * (1.0 - 0.3 * ring_line), edge(arch - 0.026)), color);
    // Through the gate: the road, a slope and the sky beyond, framed by the dark of the vault.
    let view_sky = mix(sky_color(vec2f(p.x, 0.5), 0.42), overcast(place.fog.rgb), 0.35);
    let slope = 0.335 + 0.02 * sin(q.x * 22.0 + 1.0);
    var view = mix(view_sky, through_air(mix(in_light(hex(0x8fae66u), 0.6), snow_white(), 0.85 * place.weather.y), 0.4), edge(p.y - slope));
    view = mix(view, through_air(mix(in_light(hex(0x6f9a58u), 0.55), snow_white(), 0.85 * place.weather.y), 0.24), edge(p.y - 0.3 - 0.01 * sin(q.x * 40.0)));
    view = mix(view, through_air(mix(in_light(hex(0xd8c29cu), 0.65), snow_white(), 0.85 * place.weather.y), 0.25), edge(max(abs(q.x - 0.02 * sin(p.y * 60.0)) - 0.4 * max(0.325 - p.y, 0.0), p.y - 0.324)));
    let inner_arch = arched(q - vec2f(-0.012 * hand(), 0.305), vec2f(0.07, 0.108));
    let vault = in_light(stone_color() * 0.5, 0.25 + 0.3 * smoothstep(0.03, 0.0, abs(inner_arch)));
    view = mix(mix(vault, hex(0xd88a48u), 0.3 * lamps_on() * place.hours.w), view, edge(inner_arch));
    let grid = min(abs(fract(q.x / 0.0225 + 0.5) - 0.5) * 0.0225, abs(fract(p.y / 0.026) - 0.5) * 0.026 + step(p.y, 0.385)) - 0.0022;
    let spikes = 0.376 + 0.012 * abs(fract(q.x / 0.0225) - 0.5) * 2.0;
    view = mix(view, in_light(hex(0x4a4038u), 0.4), edge(max(grid, spikes - p.y)));
    color = over(paint(view, edge(arch)), color);
    // Arms over the gate, and a window on each side of them.
    let s = q - vec2f(0.0, 0.525);
    let shield = max(abs(s.x) - 0.03 * sqrt(max(1.0 - pow(max(-s.y, 0.0) / 0.042, 2.0), 0.0)), max(s.y - 0.03, -0.0395 - s.y));
    let arms = mix(livery(1), livery(2), step(0.0, abs(abs(s.x) * 1.1 + s.y - 0.002) * -1.0 + 0.008));
    color = over(paint(in_light(hex(0x6a5a4cu), tone), edge(shield - 0.005)), color);
    color = over(paint(in_light(arms, tone + 0.15 + 4.0 * s.x * sign(place.light_position.x - gate)), edge(shield)), color);
    let lit_hole = arched(vec2f(abs(s.x) - 0.085, s.y), vec2f(0.014, 0.026));
    color = over(paint(hex(0xffb35au), 0.35 * exp(-max(lit_hole, 0.0) * 40.0) * lamps_on() * (place.hours.w + 0.5 * place.hours.z) * edge(front)), color);
    return over(paint(mix(in_light(hex(0x4e5668u), 0.3), hex(0xffd088u), lamps_on()), edge(lit_hole)), color);
}

// The turrets of the gatehouse.
fn plate_turrets(p: vec2f) -> vec4f {
    let which = sign(p.x - gate_x());
    return tower(p, gate_x() + 0.185 * which, 0.062, 0.2, 0.69, 0.0, 0.0, 1375.0 + which);
}

// Pennants that stream over the gate's turrets.
fn plate_flags(p: vec2f) -> vec4f {
    let side = sign(p.x - gate_x());
    let q = p - vec2f(gate_x() + 0.185 * side, 0.815);
    let pole = max(abs(q.x) - 0.0028, max(-0.11 - q.y, q.y - 0.05));
    let t = q.x / 0.12;
    let beat = wave(t * 1.3 - place.time_s * 0.9 + 0.3 * side);
    let y = q.y - 0.02 - 0.011 * beat * t + 0.012 * t * (1.0 - place.weather.w);
    let cloth = max(abs(y) - 0.024 * (1.0 - 0.75 * t), max(-q.x, q.x - 0.12));
    let slope = wave(t * 1.3 + 0.25 - place.time_s * 0.9 + 0.3 * side);
    var color = paint(in_light(hex(0x5a4a3cu), 0.5), edge(pole));
    return over(paint(in_light(mix(livery(1), livery(2), step(abs(y), 0.006)), 0.6 + 0.3 * slope), edge(cloth)), color);
}

// An iron basket of embers on three legs.
fn brazier(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let on = lamps_on();
    var color = paint(place.shade.rgb * 0.25, 0.4 * soft_edge(length((q - vec2f(0.0, -0.01)) / vec2f(0.42, 0.07)) - 1.0, 0.8));
    let fire = q - vec2f(0.0, 0.98);
    color = over(paint(hex(0xff9c48u), 0.7 * exp(-length(fire) * 2.6) * smoothstep(1.3, 0.4, length(fire)) * on * (0.25 + 0.75 * place.hours.w + 0.3 * place.hours.z)), color);
    let legs = min(segment(vec2f(abs(q.x), q.y), vec2f(0.08, 0.72), vec2f(0.3, 0.0)), max(abs(q.x), max(0.03 - q.y, q.y - 0.72)));
    let ring = max(abs(q.y - 0.3) - 0.015, abs(q.x) - 0.2);
    color = over(paint(in_light(hex(0x46404au), 0.45), edge((min(legs - 0.02, ring)) * size)), color);
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), 1381.0);
        let x = (k - 1.5) * 0.11;
        let tall = (0.42 - 0.1 * abs(k - 1.5)) * (0.75 + 0.4 * h.x);
        let v = (q.y - 0.86) / tall;
        let sway = 0.05 * sin(v * 4.0 + h.y * 6.0) * v;
        let w = 0.075 * pow(clamp(v + 0.1, 0.0, 1.0), 0.4) * (1.0 - v);
        let flame = mix(mix(hex(0xf2642au), hex(0xffb040u), smoothstep(0.9, 0.1, v)), hex(0xfff0b0u), smoothstep(0.6, 0.0, v + abs(q.x - x) * 6.0));
        color = over(paint(flame, soft_edge((abs(q.x - x - sway) - w) * size, 0.006) * step(-0.1, v) * step(v, 1.0) * on * 0.9), color);
    }
    let bowl = max(max(length(vec2f(q.x, (q.y - 0.95) * 1.25)) - 0.3, q.y - 0.93), 0.66 - q.y);
    let ribs = 0.75 + 0.25 * step(0.2, abs(fract(q.x * 11.0) - 0.5));
    return over(paint(mix(in_light(hex(0x4a434cu), 0.5) * ribs, hex(0xc8582cu), 0.5 * on * smoothstep(0.75, 0.95, q.y)), edge(bowl * size)), color);
}

// How much the earth beside the way from the gate is bare and grown over.
fn wildness(p: vec2f, depth: f32) -> f32 {
    let x = p.x - gate_x() * (1.0 - depth);
    return fractal(vec2f(p.x * 3.0, p.y * 15.0), 3, 1395.0) + 0.42 * smoothstep(0.3, 1.2, abs(x) - 0.9 * depth) - 0.1 + 0.22 * smoothstep(0.06, 0.0, depth);
}

// Shadows and lights on the ground of the court.
fn court_light(ground: vec3f, p: vec2f, top: f32, depth: f32) -> vec3f {
    let d = max(VANISH - p.y, 0.004);
    let x = p.x - gate_x() * (1.0 - depth);
    // The wall's shade lies on the court when the light stands low behind it.
    let low_sun = 1.0 - smoothstep(0.55, 0.9, place.light_position.y);
    let bite = 0.02 * step(0.5, fract(x / (d * 0.5)));
    let shade = soft_edge(0.21 + bite - p.y, 0.02) * low_sun * clear_sky() * smoothstep(0.05, 0.12, abs(x) - 0.02);
    var color = mix(ground, ground * mix(place.shade.rgb, vec3f(0.5), 0.3), 0.42 * shade);
    color *= 1.0 - 0.3 * smoothstep(0.03, 0.0, top - p.y) * smoothstep(0.07, 0.1, abs(p.x - gate_x()));
    let fires = length(vec2f(abs(p.x - gate_x()) - 0.36, (p.y - 0.225) * 3.0));
    return color + hex(0xff9a48u) * 0.34 * exp(-fires * 4.5) * lamps_on() * (0.15 + 0.85 * place.hours.w);
}

fn court_top(x: f32) -> f32 {
    return TOP + 0.002 * swell(x * 7.0, 1391.0);
}

fn plate_court(p: vec2f) -> vec4f {
    let top = court_top(p.x);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let x = p.x - gate_x() * (1.0 - depth);
    let stones = cobbles(vec2f(x, p.y), VANISH, 1.2, mix(stone_color(), hex(0xc8b294u), 0.35), 1393.0);
    return paint(court_light(stones, p, top, depth), edge(p.y - top));
}

// Earth and grass that take over beside the way from the gate.
fn plate_earth(p: vec2f) -> vec4f {
    let top = court_top(p.x);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let wild = wildness(p, depth);
    var earth = in_light(mix(hex(0xb89a70u), hex(0x9aa060u), smoothstep(0.52, 0.68, wild)), 0.62 - 0.3 * depth + 0.1 * (noise(p * vec2f(60.0, 160.0), 1397.0) - 0.5));
    earth = mix(earth, snow_white() * 0.95, 0.8 * place.weather.y) * (1.0 - 0.24 * place.weather.x);
    let grown = smoothstep(0.56, 0.66, wild);
    let color = mix(earth, meadow_grass(earth, p, top, 0.045, 0.4, 1399.0), grown);
    return paint(court_light(color, p, top, depth), smoothstep(0.5, 0.62, wild) * 0.85 * edge(p.y - top));
}

fn plate_braziers(p: vec2f) -> vec4f {
    return brazier(p, vec2f(gate_x() + 0.36 * sign(p.x - gate_x()), 0.232), 0.115);
}

// A barrel with iron hoops.
fn barrel(p: vec2f, foot: vec2f, half: f32, tall: f32) -> vec4f {
    let q = p - foot;
    let v = q.y / tall;
    let w = half * (0.86 + 0.56 * v * (1.0 - v));
    let u = q.x / w;
    let body = max(abs(q.x) - w, max(-v - 0.03 * sqrt(max(1.0 - u * u, 0.0)), v - 1.0) * tall);
    let toward = sign(place.light_position.x - foot.x);
    let stave = hash1(floor(asin(clamp(u, -1.0, 1.0)) * 4.0), 1401.0);
    let curve = v + 0.04 * sqrt(max(1.0 - u * u, 0.0));
    let hoop = min(min(abs(curve - 0.18), abs(curve - 0.86)), abs(curve - 0.3) + 0.012) - 0.03;
    let tone = front_tone() + 0.36 * toward * u - 0.2 * u * u;
    var color = paint(place.shade.rgb * 0.25, 0.45 * soft_edge(length((q - vec2f(-0.2 * toward * half, 0.0)) / vec2f(half * 1.35, half * 0.26)) - 1.0, 0.7));
    color = over(paint(mix(in_light(hex(0xa67c54u) * (0.88 + 0.2 * stave), tone), in_light(hex(0x565058u), tone + 0.1), step(hoop, 0.0)), edge(body)), color);
    let lid = length(vec2f(q.x / (half * 0.86), (v - 1.0) * tall / (half * 0.2))) - 1.0;
    return over(paint(mix(in_light(hex(0xb88e62u), front_tone() + 0.25), snow_white(), place.weather.y), edge(lid * half * 0.2)), color);
}

// The tower at the left (`side` -1) or right (1) of the court, grown with ivy, with a banner.
fn near_tower(p: vec2f, side: f32) -> vec4f {
    let main = side == hand();
    let h = hash4(vec2f(side, 3.0), 1411.0);
    let x = side * select(1.18, 0.98, main);
    let toward = sign(place.light_position.x - x);
    var color = paint(place.shade.rgb * 0.28, 0.5 * soft_edge(length((p - vec2f(x - 0.06 * toward, 0.208)) / vec2f(0.3, 0.035)) - 1.0, 0.7));
    color = over(tower(p, x, select(0.16, 0.19, main), 0.205, select(0.72, 0.86, main) + 0.05 * (h.x - 0.5), select(0.4, 0.0, main), 0.0, 1413.0 + side), color);
    let q = p - vec2f(x, 0.0);
    let reach = select(0.16, 0.19, main);
    let deep = 0.7 * noise(p * vec2f(7.0, 5.0), 1415.0) + 0.3 * noise(p * 26.0, 1416.0) - 0.1 - 1.3 * (p.y - 0.2);
    color = over(ivy(p * 0.75, deep, front_tone() + 0.3 * toward * q.x / reach) * edge(abs(q.x) - reach) * step(0.2, p.y), color);
    return over(banner(p, vec2f(x - side * reach * 0.4, select(0.6, 0.72, main)), 0.045, 0.25) * step(abs(q.x), 0.2), color);
}

fn plate_left_tower(p: vec2f) -> vec4f {
    return near_tower(p, -1.0);
}

fn plate_right_tower(p: vec2f) -> vec4f {
    return near_tower(p, 1.0);
}

fn plate_barrels(p: vec2f) -> vec4f {
    let pile = -hand() * 0.83;
    let behind = barrel(p, vec2f(pile + 0.1 * hand(), 0.222), 0.042, 0.115);
    return over(barrel(p, vec2f(pile, 0.205), 0.047, 0.13), behind);
}

// The dark and the lit green before the stage.
fn dark_green() -> vec3f {
    return by_hour(hex(0x252d36u), hex(0x24332fu), hex(0x171226u), hex(0x060b1cu));
}

fn light_green() -> vec3f {
    return by_hour(hex(0x868068u), hex(0x7a9856u), hex(0x7a5448u), hex(0x2a4474u));
}

// A cart wheel that leans in one corner, grass in the other.
fn plate_wheel(p: vec2f) -> vec4f {
    let x = p.x * hand();
    let dark = dark_green();
    let light = light_green();
    let q = vec2f(x + 0.98, p.y + 0.02);
    let r = length(q * vec2f(1.18, 1.0));
    let spoke = abs(fract(atan2(q.y, q.x * 1.18) * 1.9099 + 0.2) - 0.5) * r / 1.9099 - 0.012;
    let wheel = min(min(abs(r - 0.245) - 0.026, r - 0.05), max(spoke, r - 0.24));
    let wood = mix(dark, by_hour(hex(0x6a5a50u), hex(0x74604cu), hex(0x4e3440u), hex(0x16244cu)), 0.55 + 0.4 * smoothstep(0.22, 0.27, r));
    var color = paint(overcast(mix(wood, snow_white() * 0.7, place.weather.y * smoothstep(0.24, 0.27, r) * step(0.0, q.y))), edge(wheel));
    for (var i = 0; i < select(0, 12, x > 0.42 && p.y < 0.3); i++) {
        let h = hash4(vec2f(f32(i), 4.0), 1425.0);
        let foot = vec2f(0.6 + 0.5 * h.x, -0.08);
        let long = (0.12 + 0.2 * h.z) * smoothstep(0.45, 0.95, foot.x) + 0.04;
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(blade(vec2f(x, p.y), foot, long, (h.w - 0.5) * 1.1, 0.012))), color);
    }
    return color;
}

// Ivy that hangs into the picture.
fn plate_ivy(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let x = p.x * hand();
    let dark = dark_green();
    let light = light_green();
    for (var i = 0; i < select(0, 5, x > 0.35 && p.y > 0.5 && x < 1.6); i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), 1421.0);
        let twig = sprig(vec2f(x, p.y), vec2f(0.72 + 0.13 * k, 1.1 + 0.03 * h.x), 0.66 + 0.03 * k + 0.06 * (h.y - 0.5), 0.2 + 0.07 * k * h.z + 0.05 * k, 0.2 * (h.w - 0.5), 5, 1423.0 + k);
        let tint = mix(dark, mix(dark, light, 0.6 * twig.y), twig.y * (0.35 + 0.65 * twig.z));
        color = over(paint(overcast(mix(tint, snow_white() * 0.7, 0.4 * place.weather.y * twig.z)), twig.x), color);
    }
    return color;
}
