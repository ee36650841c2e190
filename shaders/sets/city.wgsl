// A square in an old city: tall houses with shops, a street between them, lamps, domes and a clock tower behind.

const VANISH: f32 = 0.36;
const FOOT: f32 = 0.268;
const PITCH: f32 = 0.27;
// Half of the width of the street between the houses.
const GAP: f32 = 0.135;
// Where the shops end and the storeys begin, over the foot of the houses.
const SHOP_TOP: f32 = 0.155;

// The city lies the other way round in half of the scenes.
fn hand() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 5.37) < 0.5);
}

fn street_x() -> f32 {
    return hand() * (0.06 + 0.16 * fract(place.seed.x * 15.1));
}

fn front_tone() -> f32 {
    return dot(place.hours, vec4f(0.44, 0.6, 0.36, 0.4));
}

fn away(color: vec4f, distance: f32) -> vec4f {
    return vec4f(through_air(color.rgb / max(color.a, 0.001), distance) * color.a, color.a);
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(whole_sky(p, 0.42, 1701.0), 1.0);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.05, 0.0), 0.62, 0.09, 0.29, 1711.0), 0.4);
}

fn plate_near_clouds(p: vec2f) -> vec4f {
    let near = cloud_paint(cumulus(p + vec2f(0.4, 0.0), 0.8, 0.17, 0.9, 1713.0), 0.12);
    return over(flock(p, vec2f(street_x() + 0.1, 0.76), 0.12, 1715.0), near);
}

// Roofs and towers far away: a row of blocks, each with its own top, windows that come on in the evening.
fn roofs(p: vec2f, base: f32, tall: f32, pitch: f32, distance: f32, salt: f32) -> vec4f {
    let n = floor(p.x / pitch);
    let h = hash4(vec2f(n, 1.0), salt);
    let k = hash4(vec2f(n, 2.0), salt);
    let q = vec2f(p.x - (n + 0.5) * pitch, p.y - base);
    let high = tall * (0.45 + 0.45 * h.x);
    let half = pitch * 0.5;
    let toward = sign(place.light_position.x - p.x);
    let block = max(abs(q.x) - half, q.y - high);
    let pointed = q.y - high - (half - abs(q.x)) * mix(0.5, 1.3, h.y);
    let slanted = q.y - high - clamp((half - abs(q.x)) * 2.2, 0.0, half * 0.5);
    let roof = select(slanted, pointed, h.z < 0.55);
    let chimney = max(abs(q.x - (k.x - 0.5) * half) - pitch * 0.06, q.y - high - half * (0.75 + 0.3 * k.y));
    let spire = max(abs(q.x) - pitch * 0.16 * clamp(1.0 - (q.y - high * 1.5) / (tall * 0.55), 0.0, 1.0), q.y - high * 1.5 - tall * 0.55);
    let top = min(min(roof, chimney), mix(1.0, spire, step(k.z, 0.18)));
    let brick = mix(mix(hex(0xcdb49cu), hex(0xb98a78u), step(0.5, h.w)), hex(0xb4b4b4u), step(0.75, h.w));
    let slate = mix(hex(0x7a7f90u), hex(0xa8685cu), step(0.55, k.w));
    let tone = front_tone() + 0.14 * toward * q.x / half + 0.3 * (lit(p, 0.5) - 0.4);
    let wall = in_light(brick, tone);
    let tiles = mix(in_light(slate, tone + 0.12 + 0.2 * toward * sign(q.x) * step(h.z, 0.55)), snow_white(), 0.85 * place.weather.y);
    var color = mix(tiles, wall, edge(block));
    let w = vec2f(fract(q.x / pitch * 4.0) - 0.5, fract((q.y - high) / pitch * 2.8) - 0.6);
    let lights = hash4(vec2f(floor(q.x / pitch * 4.0) + 5.0 * n, floor((q.y - high) / pitch * 2.8)), salt + 3.0);
    let pane = step(abs(w.x), 0.2) * step(abs(w.y), 0.26) * edge(block) * step(q.y, high - pitch * 0.1);
    color = mix(color, mix(color * 0.78, hex(0xffd080u), lamps_on() * step(lights.x, 0.55)), pane * smoothstep(0.6, 2.0, pitch * 0.1 / place.px));
    let low = smoothstep(tall * 0.6, 0.0, q.y);
    return paint(through_air(color, mix(distance, 1.0, 0.4 * low)), edge(min(block, top) * 0.8));
}

// A cathedral's dome on its drum.
fn dome(p: vec2f, foot: vec2f, size: f32, distance: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let stone = hex(0xd4c8b4u);
    let copper = select(hex(0x7fa898u), hex(0x8a8fa4u), fract(place.seed.x * 8.3) < 0.5);
    let round = front_tone() + 0.36 * toward * q.x / 0.5 - 0.5 * q.x * q.x;
    let body = max(abs(q.x) - 0.62, q.y);
    let drum = max(abs(q.x) - 0.46, max(-q.y, q.y - 0.3));
    let columns = smoothstep(0.1, 0.2, abs(fract(asin(clamp(q.x / 0.46, -1.0, 1.0)) * 2.8) - 0.5)) * step(0.05, q.y) * step(q.y, 0.25);
    var color = paint(in_light(stone, front_tone()), edge(body * size));
    color = over(paint(in_light(stone, round - 0.3 * (1.0 - columns) * step(0.05, q.y) * step(q.y, 0.25)), edge(drum * size)), color);
    let shell = max(length(vec2f(q.x / 0.5, (q.y - 0.3) / 0.56)) - 1.0, 0.3 - q.y) * 0.5;
    let ribs = smoothstep(0.05, 0.0, abs(fract(asin(clamp(q.x / (0.5 * sqrt(max(1.0 - pow((q.y - 0.3) / 0.56, 2.0), 0.01))), -1.0, 1.0)) * 2.2 + 0.5) - 0.5));
    var cap = in_light(copper, round + 0.16 * (q.y - 0.4)) * (1.0 - 0.14 * ribs);
    cap = mix(cap, snow_white(), place.weather.y * smoothstep(0.4, 0.7, q.y));
    color = over(paint(cap, edge(shell * size)), color);
    let lantern = max(abs(q.x) - 0.09, max(0.82 - q.y, q.y - 1.02));
    let tip = max(abs(q.x) - 0.12 * clamp((1.24 - q.y) / 0.22, 0.0, 1.0), max(1.0 - q.y, q.y - 1.4));
    let needle = max(abs(q.x) - 0.012, max(1.2 - q.y, q.y - 1.42));
    color = over(paint(mix(in_light(stone, round), hex(0xffd68au), 0.6 * lamps_on() * step(abs(fract(q.x * 9.0) - 0.5), 0.3)), edge(lantern * size)), color);
    color = over(paint(in_light(copper, round + 0.1), edge(min(tip, needle) * size)), color);
    return away(color, distance);
}

// A tower with a clock that is lit at night.
fn clock_tower(p: vec2f, foot: vec2f, size: f32, distance: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let stone = hex(0xd0bfa4u);
    let slate = hex(0x6f7a90u);
    let tone = front_tone() + 0.2 * toward * q.x / 0.22 + 0.1 * (q.y - 1.0);
    let shaft = max(abs(q.x) - 0.22, q.y - 1.32);
    let ledges = max(abs(q.x) - 0.255, min(min(abs(q.y - 0.95), abs(q.y - 1.34)), abs(q.y - 0.62)) - 0.022);
    let panel = max(abs(abs(q.x) - 0.08) - 0.028, max(0.68 - q.y, length(vec2f(abs(q.x) - 0.08, max(q.y - 0.84, 0.0))) - 0.028));
    var color = paint(in_light(stone, tone), edge(shaft * size));
    color = over(paint(in_light(stone * 0.6, tone - 0.2), edge(panel * size)), color);
    let corner = max(abs(abs(q.x) - 0.2) - 0.03 * clamp((1.62 - q.y) / 0.24, 0.0, 1.0), max(1.3 - q.y, q.y - 1.62));
    let roof = max(abs(q.x) - 0.24 * clamp((2.15 - q.y) / 0.8, 0.0, 1.0) * (0.75 + 0.25 * clamp((2.15 - q.y) / 0.8, 0.0, 1.0)), max(1.35 - q.y, q.y - 2.15)) * 0.95;
    let needle = max(abs(q.x) - 0.01, max(2.05 - q.y, q.y - 2.3));
    var cap = in_light(slate, front_tone() + 0.15 + 1.3 * toward * q.x);
    cap = mix(cap, snow_white(), 0.8 * place.weather.y * step(0.0, q.x * -toward + 0.03));
    color = over(paint(cap, edge(min(min(roof, needle), corner) * size)), color);
    color = over(paint(mix(in_light(stone * 1.06, tone + 0.15), snow_white(), 0.6 * place.weather.y), edge(ledges * size)), color);
    let c = q - vec2f(0.0, 1.14);
    let face = length(c) - 0.145;
    let dial = mix(in_light(hex(0xf4ead4u), tone + 0.25), hex(0xffe6a4u), lamps_on());
    let hands = min(segment(c, vec2f(0.0), vec2f(0.0, 0.105)) - 0.008, segment(c, vec2f(0.0), vec2f(0.066, -0.035)) - 0.011);
    let angle = atan2(c.y, c.x) * 12.0 / 6.2831853;
    let ticks = max(abs(fract(angle + 0.5) - 0.5) * 0.066 - 0.006, abs(length(c) - 0.12) - 0.012);
    color = over(paint(hex(0xffcf80u), 0.45 * exp(-max(face, 0.0) * 8.0) * lamps_on() * place.hours.w), color);
    color = over(paint(in_light(hex(0x8a7048u), tone), edge((face - 0.022) * size)), color);
    color = over(paint(dial, edge(face * size)), color);
    color = over(paint(in_light(hex(0x4a3c38u), 0.3), edge(min(hands, ticks) * size)), color);
    return away(color, distance);
}

fn plate_skyline(p: vec2f) -> vec4f {
    let haze = paint(through_air(place.fog.rgb, 0.9), smoothstep(0.5, 0.36, p.y) * 0.8);
    return over(roofs(p, 0.38, 0.15, 0.052, 0.62, 1721.0), haze);
}

fn plate_dome(p: vec2f) -> vec4f {
    return dome(p, vec2f(street_x() + hand() * 0.33, 0.52), 0.2, 0.46);
}

fn plate_far_roofs(p: vec2f) -> vec4f {
    return roofs(p + vec2f(0.03, 0.0), 0.35, 0.2, 0.083, 0.42, 1723.0);
}

fn plate_clock_tower(p: vec2f) -> vec4f {
    return clock_tower(p, vec2f(street_x() + 0.012 * hand(), 0.32), 0.23, 0.3);
}

fn plate_roofs(p: vec2f) -> vec4f {
    return roofs(p + vec2f(0.05, 0.0), 0.3, 0.17, 0.1, 0.26, 1725.0);
}

// Smoke from a chimney behind the houses.
fn plate_smoke(p: vec2f) -> vec4f {
    let gray = mix(overcast(place.fog.rgb), by_hour(hex(0xf6e6dcu), hex(0xffffffu), hex(0xe9b49cu), hex(0x6a82bcu)), 0.45);
    return paint(gray, 0.5 * smoke_plume(p, vec2f(street_x() - hand() * 0.4, 0.66), 0.016, 0.36) * (1.0 - 0.6 * place.weather.x));
}

// Where house number `n` begins.
fn party_wall(n: f32) -> f32 {
    return (n + 0.36 * (hash1(n, 1731.0) - 0.5)) * PITCH;
}

// Striped cloth over a shop from the middle of its upper edge.
fn awning(q: vec2f, half: f32, drop: f32, dye: vec3f, tone: f32) -> vec4f {
    let t = -q.y / drop;
    let w = half * (0.9 + 0.14 * t);
    let u = q.x / w;
    let n = floor((u * 0.5 + 0.5) * 9.0);
    let f = fract((u * 0.5 + 0.5) * 9.0) - 0.5;
    let hem = 1.0 + 0.16 * sqrt(max(1.0 - 4.0 * f * f, 0.0));
    let cloth = max(abs(q.x) - w, max(-t, t - hem) * drop);
    let stripe = mix(hex(0xf2e8d6u), dye, step(0.5, abs(n - 2.0 * floor(n * 0.5))));
    let turned = tone + 0.22 - 0.2 * t - 0.3 * smoothstep(0.98, 1.02, t);
    return paint(mix(in_light(stripe, turned), snow_white(), 0.8 * place.weather.y * smoothstep(1.0, 0.6, t)), edge(cloth));
}

// A house that faces the square, at a place on it.
struct House {
    // The place, from the middle of the house's foot.
    q: vec2f,
    half: f32,
    salt: f32,
    // What tells it from others.
    h: vec4f,
    g: vec4f,
    k: vec4f,
    plaster: vec3f,
    trim: vec3f,
    paintwork: vec3f,
    // How much light falls there.
    tone: f32,
}

fn house_between(p: vec2f, left: f32, right: f32, salt: f32) -> House {
    let h = hash4(vec2f(salt, 1.0), 1741.0);
    let g = hash4(vec2f(salt, 2.0), 1743.0);
    let k = hash4(vec2f(salt, 3.0), 1745.0);
    let q = vec2f(p.x - 0.5 * (left + right), p.y - FOOT);
    let half = 0.5 * (right - left);
    let toward = clamp((place.light_position.x - p.x) * 3.0, -1.0, 1.0);
    let blotch = noise(p * vec2f(9.0, 5.0), 1747.0) - 0.5;

    var plaster = hex(0xe8d3acu);
    plaster = mix(plaster, hex(0xcf9078u), step(0.2, g.x));
    plaster = mix(plaster, hex(0xdcb27cu), step(0.38, g.x));
    plaster = mix(plaster, hex(0xb9bfb0u), step(0.56, g.x));
    plaster = mix(plaster, hex(0xe4dacau), step(0.72, g.x));
    plaster = mix(plaster, hex(0xb4a0a4u), step(0.86, g.x));
    let trim = mix(plaster, hex(0xf2e8d8u), 0.65);
    let paintwork = mix(mix(mix(hex(0x3f6a68u), hex(0x8a4446u), step(0.3, k.y)), hex(0x44567cu), step(0.55, k.y)), hex(0x6a5038u), step(0.8, k.y));
    let tone = front_tone() + 0.1 * toward * q.x / half + 0.06 * blotch + 0.12 * (q.y - 0.3) + 0.2 * (lit(p, 0.7) - 0.4) * clear_sky();
    return House(q, half, salt, h, g, k, plaster, trim, paintwork, tone);
}

// The wall with its windows, and the roof.
fn storeys(p: vec2f, house: House) -> vec4f {
    let q = house.q;
    let half = house.half;
    let salt = house.salt;
    let h = house.h;
    let g = house.g;
    let k = house.k;
    let trim = house.trim;
    let tone = house.tone;
    let w = 2.0 * half;
    let columns = select(2.0, 3.0, w > 0.25);
    let floors = 2.0 + step(0.5, h.x);
    let storey = 0.112 + 0.012 * h.y;
    let top = SHOP_TOP + floors * storey;
    let toward = clamp((place.light_position.x - p.x) * 3.0, -1.0, 1.0);
    let lamp = lamps_on();
    let slate = mix(mix(hex(0x737b8eu), hex(0xa8604cu), step(0.5, k.x)), hex(0x7a6258u), step(0.8, k.x));

    // The roof: a steep gable with steps, a curved one, or slates with dormers.
    let r = q.y - top;
    let stepped = step(h.z, 0.3);
    let curved = step(0.3, h.z) * step(h.z, 0.52);
    let v = r / (half * 1.25);
    let stairs = half * (1.0 - 0.2 * floor(clamp(v, 0.0, 0.999) * 5.0 + 0.0)) - 0.004;
    let swung = half * (0.42 + 0.56 * (1.0 - smoothstep(0.0, 0.62, v)) - 0.42 * smoothstep(0.72, 1.0, v));
    let gable_half = mix(swung, stairs, stepped);
    let gable = max(abs(q.x) - gable_half, max(-r - 0.01, v - 1.0));
    let gabled = max(stepped, curved);
    let mansard = max(abs(q.x) - half + 0.012 + max(r, 0.0) * 0.22, max(-r - 0.01, r - 0.1 - 0.03 * h.w));
    let stack_x = half * (k.z - 0.5) * 1.1;
    let chimney = max(abs(q.x - stack_x) - 0.022, max(-r, r - 0.16 - 0.03 * h.w));
    let pots = max(abs(abs(q.x - stack_x) - 0.011) - 0.005, max(-r, r - 0.185 - 0.03 * h.w));
    var color = paint(mix(in_light(hex(0xa8705cu), tone + 5.0 * toward * (q.x - stack_x)), snow_white(), place.weather.y * smoothstep(0.155, 0.16, r - 0.03 * h.w)), edge(min(chimney, pots)) * (1.0 - gabled));
    let fine = smoothstep(1.5, 4.0, 0.011 / place.px);
    var tiles = in_light(slate * (0.92 + 0.14 * hash4(vec2f(floor(q.x / 0.013 + 0.5 * floor(r / 0.011)), floor(r / 0.011)), 1749.0).x * fine), tone + 0.1) * (1.0 - 0.18 * fine * smoothstep(0.3, 0.0, fract(r / 0.011)));
    tiles = mix(tiles, snow_white(), 0.9 * place.weather.y);
    tiles += place.key.rgb * place.key.a * 0.2 * smoothstep(0.008, 0.0, 0.1 + 0.03 * h.w - r) * clear_sky();
    color = over(paint(tiles, edge(mansard) * (1.0 - gabled)), color);
    let f = (q.x / w + 0.5) * columns;
    let column = clamp(floor(f), 0.0, columns - 1.0);
    let x = q.x - ((column + 0.5) / columns - 0.5) * w;
    let dormer = max(abs(x) - 0.027, max(0.012 - r, r - 0.066 - 0.028 * sqrt(max(1.0 - x * x / 0.00073, 0.0))));
    color = over(paint(mix(in_light(trim, tone + 0.1), snow_white(), place.weather.y * smoothstep(0.075, 0.085, r)), edge(dormer) * (1.0 - gabled)), color);

    // The wall.
    var wall = in_light(house.plaster, tone);
    let bricks = vec2f(q.x / 0.017 + 0.5 * floor(q.y / 0.0085), q.y / 0.0085);
    let chance = hash4(floor(bricks), 1751.0);
    wall *= 1.0 + 0.1 * fine * (chance.x - 0.5) * step(0.5, chance.y) * step(0.4, g.y);
    wall *= 1.0 - 0.22 * smoothstep(0.035, 0.0, top - q.y) * (1.0 - gabled) - 0.1 * smoothstep(half * 0.82, half, abs(q.x)) - 0.16 * smoothstep(0.1, 0.0, q.y);
    let body = max(abs(q.x) - half, q.y - top);
    color = over(paint(wall, edge(mix(body, min(body, gable), gabled))), color);
    let coping = abs(gable) - 0.006;
    color = over(paint(mix(in_light(trim, tone + 0.15), snow_white(), place.weather.y), edge(max(coping, -r)) * gabled), color);
    color *= 1.0 - edge(min(abs(q.x - half), abs(q.x + half)) - 0.0012) * 0.25 * step(q.y, top);
    // Windows of the storeys, the gable and the dormers.
    let level = floor((q.y - SHOP_TOP) / storey);
    let in_roof = step(floors, level);
    let centre = select(vec2f(x, q.y - SHOP_TOP - (level + 0.5) * storey), select(vec2f(x, r - 0.048), vec2f(q.x, r - half * 0.42), gabled > 0.5), in_roof > 0.5);
    let pane = select(vec2f(0.0245, 0.037), select(vec2f(0.017, 0.025), vec2f(0.023, 0.032), gabled > 0.5), in_roof > 0.5);
    let chosen = hash4(vec2f(column + 4.0 * salt, level), 1753.0);
    let on = lamp * step(chosen.x, 0.62);
    let there = step(0.0, level);
    let surround = box(centre, vec2f(0.0), pane + vec2f(0.0075, 0.008), 0.0);
    let hood = select(box(centre, vec2f(0.0, pane.y + 0.013), vec2f(pane.x + 0.014, 0.0045), 0.0), max(abs(centre.x) - pane.x - 0.012, abs(centre.y - pane.y - 0.014 + 0.35 * abs(centre.x) - 0.004) - 0.004), g.z > 0.5);
    let shutters = box(vec2f(abs(centre.x), centre.y), vec2f(pane.x + 0.019, 0.0), vec2f(0.0105, pane.y), 0.0);
    let seen = there * (1.0 - in_roof);
    color = over(paint(in_light(house.paintwork, tone) * (0.86 + 0.14 * step(0.4, fract(centre.y / 0.006))), edge(shutters) * seen * step(0.62, g.w) * step(columns, 2.5)), color);
    color = over(paint(in_light(trim, tone + 0.1), edge(surround) * there * (1.0 - in_roof * (1.0 - gabled))), color);
    color = over(paint(mix(in_light(trim, tone + 0.2), snow_white(), place.weather.y), edge(hood) * seen), color);
    color = over(casement(centre, vec2f(0.0), pane, on, in_light(hex(0xe9e0d0u), tone)) * there * step(r, 0.16), color);
    // Iron before the windows, with flowers.
    let balcony = step(k.w, 0.5) * seen * step(abs(level - 1.0), 0.1);
    let rail = vec2f(centre.x, centre.y + pane.y - 0.012);
    let iron = min(max(abs(abs(rail.y) - 0.014) - 0.0016, abs(rail.x) - 0.041), max(max(abs(fract(rail.x / 0.0082) - 0.5) * 0.0082 - 0.0012, abs(rail.x) - 0.041), abs(rail.y) - 0.014));
    let bed = floor(rail * 130.0);
    let petal = hash4(bed, salt);
    let blooms = max((length(fract(rail * 130.0) - 0.5) - 0.46) / 130.0, max(abs(rail.x) - 0.038, abs(rail.y - 0.012) - 0.007));
    color = over(paint(in_light(mix(hex(0x5a8a50u), mix(hex(0xd8685cu), hex(0xf0d8d0u), step(0.5, k.x)), step(0.5, petal.x)), tone + 0.15), edge(blooms) * balcony * (1.0 - place.weather.y)), color);
    color = over(paint(in_light(hex(0x3a3a46u), 0.4), edge(iron) * balcony), color);
    // Cornices.
    let band = max(min(abs(q.y - SHOP_TOP) - 0.0055, abs(q.y - top + 0.004) - 0.0095 + gabled), abs(q.x) - half);
    let dentils = max(abs(fract(q.x / 0.012) - 0.5) * 0.012 - 0.0034, max(abs(q.y - top + 0.017) - 0.004, abs(q.x) - half));
    color = over(paint(in_light(trim, tone - 0.05), edge(dentils) * (1.0 - gabled)), color);
    return over(paint(mix(in_light(trim, tone + 0.18), snow_white(), place.weather.y), edge(band)), color);
}

// The ground floor: a shop with a board and an awning, or a door between windows.
fn ground_floor(p: vec2f, house: House) -> vec4f {
    let q = house.q;
    let half = house.half;
    let salt = house.salt;
    let h = house.h;
    let g = house.g;
    let k = house.k;
    let trim = house.trim;
    let paintwork = house.paintwork;
    let tone = house.tone;
    let lamp = lamps_on();
    let shop = step(0.32, h.w);
    let door_side = select(-1.0, 1.0, k.z > 0.5);
    let door = q - vec2f(door_side * (half - 0.048), 0.055);
    let front = box(q, vec2f(0.0, 0.068), vec2f(half - 0.012, 0.072), 0.0);
    let glass = box(q, vec2f(-door_side * 0.038, 0.068), vec2f(half - 0.066, 0.042), 0.0);
    let mullions = min(abs(abs(q.x + door_side * 0.038) - (half - 0.066) * 0.36) - 0.0022, abs(q.y - 0.09) - 0.0018);
    let inside = clamp(0.35 + 0.65 * lamp, 0.0, 1.0);
    var goods = mix(in_light(hex(0x6a6470u), 0.3), mix(hex(0xd88a48u), hex(0xffe2a0u), clamp((q.y - 0.02) / 0.09, 0.0, 1.0)), inside * mix(0.55, 1.0, place.hours.w + place.hours.z));
    // Things on the shelf in the window.
    let shelf = floor(q.x / 0.0165);
    let thing = hash4(vec2f(shelf, salt), 1755.0);
    let t = vec2f(q.x - (shelf + 0.5) * 0.0165, q.y - 0.03);
    let wares = select(max(abs(t.x) - 0.0045 - 0.1 * t.y * (thing.y - 0.5), max(-t.y, t.y - 0.012 - 0.016 * thing.x)), length(t - vec2f(0.0, 0.006)) - 0.0055, thing.z > 0.55);
    goods = mix(goods, mix(mix(hex(0x8a5a40u), hex(0xb8584cu), thing.w), hex(0x5a6f7cu), step(0.6, thing.y)) * (0.55 + 0.4 * inside), edge(wares));
    goods = mix(goods, sky_color(vec2f(p.x, 0.7), 0.4), 0.16 * smoothstep(0.02, 0.0, abs(abs(q.x * 0.8 + q.y - 0.02) - 0.03)) + 0.06);
    var color = paint(in_light(paintwork, tone) * (1.0 - 0.25 * smoothstep(0.004, 0.0, abs(front + 0.006))), edge(front) * shop);
    color = over(paint(mix(goods, in_light(paintwork * 0.9, tone), edge(max(mullions, glass))), edge(glass) * shop), color);
    let board = box(q, vec2f(0.0, 0.135), vec2f(half - 0.014, 0.0125), 0.002);
    let gilt = max(abs(q.y - 0.135 - 0.003 * sin(q.x * 190.0 + salt)) - 0.0028 * step(0.22, fract(q.x / 0.017)), abs(q.x) - half * 0.62);
    color = over(paint(in_light(paintwork * 0.72, tone + 0.05), edge(board) * shop), color);
    color = over(paint(in_light(hex(0xe2c07cu), tone + 0.2), edge(gilt) * shop), color);
    // A house without a shop: two windows and a plinth.
    let dwelling = 1.0 - shop;
    let plinth = max(abs(q.x) - half, q.y - 0.03);
    let parlour = vec2f(abs(q.x + door_side * 0.035) - (half - 0.066) * 0.45, q.y - 0.085);
    color = over(paint(in_light(mix(house.plaster, hex(0x9a948cu), 0.6), tone - 0.06), edge(plinth) * dwelling), color);
    color = over(paint(in_light(trim, tone + 0.1), edge(box(parlour, vec2f(0.0), vec2f(0.03, 0.043), 0.0)) * dwelling), color);
    color = over(casement(parlour, vec2f(0.0), vec2f(0.023, 0.036), lamp * step(0.3, k.x), in_light(hex(0xe9e0d0u), tone)) * dwelling, color);
    // The door with a fanlight.
    let leaf_edge = max(abs(door.x) - 0.021, max(-0.06 - door.y, door.y - 0.024));
    let fan = max(length(door - vec2f(0.0, 0.03)) - 0.021, 0.03 - door.y);
    let panels = abs(box(vec2f(abs(door.x) - 0.009, abs(door.y + 0.016) - 0.018), vec2f(0.0), vec2f(0.006, 0.013), 0.0)) - 0.0012;
    color = over(paint(in_light(trim, tone + 0.12), edge(min(leaf_edge, fan) - 0.008)), color);
    color = over(paint(in_light(paintwork, tone - 0.1) * (1.0 - 0.25 * edge(panels)), edge(leaf_edge)), color);
    color = over(paint(mix(in_light(hex(0x58606cu), 0.4), hex(0xffd68cu), lamp), edge(fan)), color);
    let dye = mix(mix(hex(0xb8584cu), hex(0x5a8478u), step(0.4, g.w)), hex(0xd0a050u), step(0.75, g.w));
    let has_awning = shop * step(k.y, 0.66);
    let shade = max(abs(q.x) - half + 0.02, max(0.055 - q.y, q.y - 0.118));
    color = over(paint(place.shade.rgb * 0.35, 0.4 * soft_edge(shade, 0.03) * has_awning), color);
    return over(awning(q - vec2f(0.0, 0.122), half - 0.014, 0.044, dye, tone) * has_awning, color);
}

// The sides of the street, in perspective.
fn plate_street(p: vec2f) -> vec4f {
    let s = p.x - street_x();
    let a = abs(s);
    let k = clamp(a / GAP, 0.3, 1.0);
    let wall_y = (p.y - VANISH) / k + VANISH;
    let z = 1.0 / k;
    let which = step(0.0, s);
    let n = floor((z - 1.0) / 0.55);
    let h = hash4(vec2f(n, which), 1761.0);
    let facing = 0.3 * sign(place.light_position.x - p.x) * -sign(s);
    let plaster = mix(mix(hex(0xd8bc94u), hex(0xc49880u), step(0.4, h.x)), hex(0xb4b2acu), step(0.7, h.x));
    let tone = front_tone() - 0.08 + facing;
    let distance = 0.1 + 0.32 * smoothstep(1.0, 3.0, z);
    var wall = in_light(plaster, tone + 0.1 * (wall_y - 0.5));
    let f = vec2f(fract((z - 1.0) / 0.275) - 0.5, fract((wall_y - 0.42) / 0.115) - 0.45);
    let pane = step(abs(f.x), 0.22) * step(abs(f.y), 0.3) * step(0.42, wall_y);
    let on = lamps_on() * step(hash4(vec2f(floor((z - 1.0) / 0.275), floor((wall_y - 0.42) / 0.115)), 1763.0 + which).x, 0.6);
    wall = mix(wall, mix(wall * 0.68, hex(0xffcf7cu), on), pane);
    let shops = smoothstep(0.395, 0.4, wall_y) * step(wall_y, 0.41);
    wall = mix(wall, in_light(hex(0xe8dcc8u), tone), shops);
    let glow_low = step(wall_y, 0.37) * step(abs(f.x), 0.36) * step(0.29, wall_y);
    wall = mix(wall, mix(wall * 0.6, hex(0xffc878u), 0.3 + 0.6 * lamps_on()), glow_low * 0.8);
    let top = 0.63 + 0.07 * (h.y - 0.5);
    let side = max(max(0.3 * GAP - a, a - GAP), wall_y - top);
    var color = paint(through_air(wall, distance), edge(side) * step(a, GAP));
    let cap = max(max(0.3 * GAP - a, a - GAP), abs(wall_y - top - 0.012) - 0.02);
    return over(paint(through_air(mix(in_light(hex(0x70768au), tone), snow_white(), 0.8 * place.weather.y), distance), edge(cap) * step(a, GAP)), color);
}

// Where the house that faces the square at `x` begins and ends.
fn lot(x: f32) -> vec2f {
    let guess = floor(x / PITCH);
    let number = guess + select(0.0, 1.0, x >= party_wall(guess + 1.0)) - select(0.0, 1.0, x < party_wall(guess));
    var left = party_wall(number);
    var right = party_wall(number + 1.0);
    // The corner houses end at the street; what would be a sliver belongs to its neighbour.
    let low = street_x() - GAP;
    let high = street_x() + GAP;
    let on_left = x < street_x();
    let short_left = on_left && right > low - 0.12;
    left = select(left, party_wall(number - select(0.0, 1.0, left > low - 0.15)), short_left);
    right = select(right, low, short_left);
    let next_cut = on_left && !short_left && party_wall(number + 1.0) > low - 0.15;
    right = select(right, low, next_cut);
    let short_right = !on_left && left < high + 0.12;
    right = select(right, party_wall(number + 1.0 + select(0.0, 1.0, party_wall(number + 1.0) < high + 0.15)), short_right);
    left = select(left, high, short_right);
    let next_right = !on_left && !short_right && party_wall(number) < high + 0.15;
    left = select(left, high, next_right);
    return vec2f(left, right);
}

// The part of a house that `p` is on, seen from the square.
fn at_house(p: vec2f) -> House {
    let ends = lot(p.x);
    return house_between(p, ends.x, ends.y, floor(0.5 * (ends.x + ends.y) * 40.0) + 90.0);
}

fn plate_houses(p: vec2f) -> vec4f {
    return storeys(p, at_house(p)) * step(GAP, abs(p.x - street_x()));
}

fn plate_shops(p: vec2f) -> vec4f {
    return ground_floor(p, at_house(p)) * step(GAP, abs(p.x - street_x()));
}

// A street lamp: an iron post with a lantern on top.
fn street_lamp(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let on = lamps_on();
    let toward = sign(place.light_position.x - foot.x);
    var color = paint(place.shade.rgb * 0.25, 0.45 * soft_edge(length((q - vec2f(-0.05 * toward, -0.005)) / vec2f(0.12, 0.022)) - 1.0, 0.7));
    let lamp = q - vec2f(0.0, 0.9);
    let halo = exp(-length(lamp) * 6.0) * smoothstep(0.6, 0.15, length(lamp));
    color = over(paint(hex(0xffc068u), 0.85 * halo * on * (0.25 + 0.75 * place.hours.w)), color);
    let girth = 0.013 + 0.012 * smoothstep(0.2, 0.1, q.y) + 0.014 * smoothstep(0.05, 0.0, q.y) + 0.008 * smoothstep(0.012, 0.0, abs(q.y - 0.21)) + 0.008 * smoothstep(0.012, 0.0, abs(q.y - 0.72));
    let post = max(abs(q.x) - girth, max(-q.y, q.y - 0.84));
    let arms = max(abs(q.y - 0.745) - 0.006, abs(q.x) - 0.075);
    let curl = abs(length(vec2f(abs(q.x) - 0.034, q.y - 0.795)) - 0.022) - 0.004;
    let iron = in_light(hex(0x3f4450u), 0.4 + 0.4 * toward * clamp(q.x / 0.02, -1.0, 1.0));
    let cage = max(abs(lamp.x) - 0.042 - 0.32 * lamp.y, abs(lamp.y) - 0.055);
    let hat = max(abs(lamp.x) - 0.075 + (lamp.y - 0.055) * 1.4, max(0.053 - lamp.y, lamp.y - 0.1));
    let knob = length(lamp - vec2f(0.0, 0.108)) - 0.012;
    let glass = mix(in_light(hex(0xc4ccc8u), 0.6), mix(hex(0xffc870u), hex(0xfff6d0u), exp(-length(lamp + vec2f(0.0, 0.01)) * 22.0)), on);
    let ribs = min(abs(abs(lamp.x) - 0.016 - 0.12 * lamp.y) - 0.0035, abs(cage + 0.005) - 0.005);
    color = over(paint(iron, edge(min(min(post, arms), curl) * size)), color);
    color = over(paint(glass, edge(cage * size)), color);
    return over(paint(mix(iron, snow_white(), place.weather.y * step(0.058, lamp.y)), edge(min(max(ribs, cage), min(hat, knob)) * size)), color);
}

// A pillar for bills, with a little dome.
fn pillar(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let u = q.x / 0.19;
    let bow = sqrt(max(1.0 - u * u, 0.0));
    let tone = front_tone() + 0.36 * toward * u - 0.16 * u * u;
    let green = hex(0x4a6f66u);
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.1 * toward, -0.01)) / vec2f(0.34, 0.05)) - 1.0, 0.7));
    let drum = max(abs(q.x) - 0.19, max(-0.03 * bow - q.y, q.y - 0.98));
    let turn = asin(clamp(u, -1.0, 1.0)) * 1.6 + 4.0;
    let y = q.y + 0.03 * bow;
    let cell = vec2f(floor(turn * 0.95), floor(y * 2.6 + 0.3 * floor(turn * 0.95)));
    let h = hash4(cell, 1771.0);
    let f = vec2f(fract(turn * 0.95), fract(y * 2.6 + 0.3 * floor(turn * 0.95))) - 0.5;
    let sheet = box(f, vec2f(0.0), vec2f(0.45, 0.46), 0.0);
    var bill = mix(mix(hex(0xe8dcc0u), hex(0xc87860u), step(0.45, h.x)), hex(0x8aa0a4u), step(0.72, h.x));
    let picture = select(length(f - vec2f(0.0, 0.1)) - 0.22, max(abs(f.x) + abs(f.y - 0.08) - 0.3, -1.0), h.y > 0.5);
    bill = mix(bill, mix(hex(0x6a4a50u), hex(0xe0b868u), h.z), edge(picture * 0.1 * size) * 0.9);
    bill = mix(bill, hex(0x5a4a4cu), 0.6 * step(abs(abs(f.y + 0.32) - 0.05), 0.016) * step(abs(f.x), 0.3));
    let paper = mix(in_light(hex(0xb8b0a0u), tone), in_light(bill, tone + 0.08), edge(sheet * 0.1 * size));
    let bands = step(0.86, y) + step(y, 0.1);
    color = over(paint(mix(paper, in_light(green, tone), clamp(bands, 0.0, 1.0)), edge(drum * size)), color);
    let eave = max(abs(q.x) - 0.24, abs(q.y - 1.0) - 0.03);
    let cap = max(length(vec2f(q.x / 0.2, (q.y - 1.03) / 0.2)) - 1.0, 1.02 - q.y) * 0.2;
    let tip = min(length(q - vec2f(0.0, 1.27)) - 0.025, max(abs(q.x) - 0.01, max(1.2 - q.y, q.y - 1.34)));
    color = over(paint(mix(in_light(green, tone + 0.6 * (q.y - 1.1)), snow_white(), place.weather.y * smoothstep(1.06, 1.12, q.y)), edge(min(cap, tip) * size)), color);
    return over(paint(mix(in_light(green * 1.15, tone + 0.15), snow_white(), 0.7 * place.weather.y * step(1.01, q.y)), edge(eave * size)), color);
}

fn plate_square(p: vec2f) -> vec4f {
    let top = FOOT + 0.002;
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    let d = max(VANISH - p.y, 0.004);
    let into_street = street_x();
    var color = cobbles(vec2f(p.x - into_street, p.y), VANISH, 0.78, hex(0xbdb4aau), 1781.0);
    // Flags before the houses, a kerb.
    let kerb_y = 0.238;
    let rows = log(d) / 0.07;
    let u = (p.x - into_street) / d * 0.24 * 8.0 + 0.5 * floor(rows);
    let flag = vec2f(abs(fract(u) - 0.5), abs(fract(rows) - 0.5));
    let chance = hash4(vec2f(floor(u), floor(rows)), 1783.0);
    var pavement = in_light(hex(0xd2c8b8u) * (0.95 + 0.08 * chance.x), 0.56 + 0.2 * lit(p, 0.7));
    pavement *= 1.0 - 0.14 * max(smoothstep(0.46, 0.49, flag.x), smoothstep(0.44, 0.49, flag.y));
    pavement = mix(pavement, snow_white(), 0.85 * place.weather.y) * (1.0 - 0.2 * place.weather.x);
    let on_pavement = soft_edge(kerb_y - p.y, 0.002) * smoothstep(0.128, 0.134, abs(p.x - into_street));
    color = mix(color, pavement, on_pavement);
    let kerb = soft_edge(abs(p.y - kerb_y + 0.005) - 0.005, 0.002) * smoothstep(0.128, 0.134, abs(p.x - into_street));
    color = mix(color, mix(in_light(hex(0xa49c94u), 0.35), snow_white(), 0.5 * place.weather.y), kerb);
    color = mix(color, color * 0.72, smoothstep(0.02, 0.0, top - p.y) * smoothstep(0.128, 0.14, abs(p.x - into_street)));
    // Light that shops and lamps throw.
    let shops = smoothstep(0.17, 0.27, p.y) * (0.55 + 0.45 * wave(p.x * 3.7 + place.seed.x * 5.0));
    let pools = exp(-length(vec2f(abs(p.x) - 0.7, (p.y - 0.215) * 3.4)) * 4.2);
    color += hex(0xffb060u) * (0.14 * shops + 0.34 * pools) * lamps_on() * (0.1 + 0.9 * place.hours.w + 0.25 * place.hours.z);
    color = through_air(color, 0.12 * smoothstep(0.05, 0.0, top - p.y));
    return paint(color, edge(p.y - top - smoothstep(0.13, 0.04, abs(p.x - into_street)) * 0.05));
}

// A tree in an iron ring on one side of the square.
fn ringed_tree(p: vec2f) -> vec4f {
    return oak(p, vec2f(-1.04 * hand(), 0.215), 0.6, 0.026, 1791.0);
}

fn plate_left_tree(p: vec2f) -> vec4f {
    return ringed_tree(p) * step(p.x, 0.0);
}

fn plate_right_tree(p: vec2f) -> vec4f {
    return ringed_tree(p) * step(0.0, p.x);
}

// The pillar on the other side, and a second one far out.
fn plate_pillars(p: vec2f) -> vec4f {
    return pillar(p, select(vec2f(0.86 * hand(), 0.212), vec2f(-1.5 * hand(), 0.212), p.x * hand() < 0.0), 0.25);
}

fn plate_lamps(p: vec2f) -> vec4f {
    let lamp = select(0.7, 1.38, abs(p.x) > 1.03);
    return street_lamp(p, vec2f(sign(p.x) * lamp, 0.216), 0.44);
}

// Boxes of flowers and a railing in the corners, a lantern out of focus above.
fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let x = p.x * hand();
    let dark = by_hour(hex(0x262a38u), hex(0x263038u), hex(0x171226u), hex(0x060b1eu));
    let light = by_hour(hex(0x8a806cu), hex(0x74a052u), hex(0x7a5448u), hex(0x2a4876u));
    // An iron railing with a box of flowers.
    let a = abs(x + 0.13);
    let rail = max(min(abs(p.y - 0.1) - 0.009, min(abs(p.y + 0.02) - 0.006, max(abs(fract(x / 0.055) - 0.5) * 0.055 - 0.005, p.y - 0.1))), 0.56 - a);
    let finial = max(length(vec2f(a - 0.56, p.y - 0.135)) - 0.02, -1.0);
    let post = max(abs(a - 0.56) - 0.0125, p.y - 0.125);
    color = paint(overcast(mix(dark, snow_white() * 0.6, place.weather.y * smoothstep(0.095, 0.105, p.y))), edge(min(rail, min(post, finial))));
    let trough = max(max(abs(a - 0.82) - 0.19, abs(p.y - 0.075) - 0.032), -1.0);
    for (var i = 0; i < select(0, 14, a > 0.5 && p.y < 0.36); i++) {
        let h = hash4(vec2f(f32(i), sign(x)), 1795.0);
        let foot = vec2f(0.66 + 0.34 * h.x, 0.09);
        let long = 0.05 + 0.12 * h.z;
        let lean = (h.w - 0.5) * 1.4;
        let q = vec2f(a, p.y);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, 0.2 + 0.6 * t * h.y)), edge(blade(q, foot, long, lean, 0.016))), color);
        let v = q - foot - vec2f(lean * long, long);
        let petals = length(v) - 0.02 * (0.8 + 0.2 * fivefold(v));
        let bloom = in_light(mix(hex(0xb85058u), hex(0xe0c0a8u), step(0.55, h.y)), 0.35 + 5.0 * v.y) * 0.85;
        color = over(paint(bloom, edge(petals) * step(h.w, 0.62) * (1.0 - place.weather.y)), color);
    }
    return over(paint(overcast(mix(dark * 1.2, snow_white() * 0.5, 0.6 * place.weather.y * smoothstep(0.09, 0.107, p.y))), edge(trough)), color);
}
