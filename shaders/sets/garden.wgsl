// A garden in flower: borders along clipped hedges, a rose arch, a fountain, a bench, a house behind.

const TOP: f32 = 0.278;

// The garden lies the other way round in half of the scenes.
fn hand() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 7.19) < 0.5);
}

fn arch_x() -> f32 {
    return hand() * (0.08 + 0.12 * fract(place.seed.x * 13.7));
}

// Colours that the gardener likes: three of them to a garden.
fn petal_color(n: f32) -> vec3f {
    let k = floor(fract(place.seed.x * 11.3) * 3.0);
    let first = select(select(hex(0xd9a0c0u), hex(0xf0c468u), k < 1.5), hex(0xd8788cu), k < 0.5);
    let second = select(select(hex(0xf4ecdcu), hex(0xe8846cu), k < 1.5), hex(0x8f84ccu), k < 0.5);
    let third = select(select(hex(0x7f8fd0u), hex(0xf6eadcu), k < 1.5), hex(0xf6ead0u), k < 0.5);
    return select(select(third, second, n < 0.7), first, n < 0.38);
}

fn front_tone() -> f32 {
    return dot(place.hours, vec4f(0.46, 0.6, 0.36, 0.4));
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(whole_sky(p, 0.4, 1501.0), 1.0);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.05, 0.0), 0.52, 0.08, 0.25, 1511.0), 0.42);
}

fn plate_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.2, 0.0), 0.7, 0.19, 0.9, 1513.0), 0.1);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(0.25 * hand(), 0.8), 0.09, 1515.0);
}

fn plate_hills(p: vec2f) -> vec4f {
    let line = 0.45 + 0.05 * swell(p.x * 1.7 + 1.0, 1531.0) + 0.004 * swell(p.x * 23.0, 1532.0);
    let blue = by_hour(hex(0x7486a0u), hex(0x78a6a0u), hex(0x70507cu), hex(0x142650u));
    return paint(through_air(mix(blue, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.5 + 0.3 * smoothstep(0.0, 0.12, line - p.y)), edge(p.y - line));
}

fn field_line(x: f32) -> f32 {
    return 0.39 + 0.03 * swell(x * 2.3 + 2.5, 1533.0);
}

fn plate_far_grove(p: vec2f) -> vec4f {
    return grove(p, field_line(p.x) - 0.012, 0.05, 0.12, 0.4, 1535.0);
}

fn plate_fields(p: vec2f) -> vec4f {
    let field = in_light(mix(hex(0xb4c474u), hex(0xd9c27cu), step(0.5, noise(vec2f(p.x * 6.0 + p.y * 9.0, p.y * 22.0), 1537.0))), 0.55 + 0.3 * lit(p, 0.4));
    return paint(through_air(mix(field, snow_white(), 0.85 * place.weather.y), 0.34), edge(p.y - field_line(p.x)));
}

fn plate_grove(p: vec2f) -> vec4f {
    return grove(p + vec2f(0.1, 0.0), 0.33, 0.16, 0.36, 0.24, 1539.0);
}

fn plate_mist(p: vec2f) -> vec4f {
    let mist = exp(-pow((p.y - 0.34) / 0.05, 2.0)) * (0.2 + 0.6 * fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 1541.0)) * (0.5 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85));
}

fn plate_house(p: vec2f) -> vec4f {
    return gabled_house(p, vec2f(-hand() * 0.66, 0.305), 0.29, hand(), 0.09, 60.0 + floor(fract(place.seed.x * 3.7) * 40.0));
}

fn plate_house_grove(p: vec2f) -> vec4f {
    return grove(p - vec2f(0.16, 0.0), 0.3, 0.13, 0.62, 0.14, 1543.0);
}

// Clipped green inside a distance: leaves of about `size` over a body.
fn clipped(p: vec2f, d: f32, size: f32, tone: f32, salt: f32) -> vec4f {
    let soft = d + 0.006 * (noise(p * 90.0, salt) - 0.5);
    let dark = hex(0x32563fu);
    let light = hex(0x9cbc62u);
    var color = paint(in_light(mix(dark, light, 0.25), tone - 0.25), edge(soft + 0.3 * size));
    let g = floor(p / size - 0.5);
    for (var i = 0u; i < 4u; i++) {
        let cell = g + vec2f(f32(i & 1u), f32(i >> 1u));
        let h = hash4(cell, salt + 1.0);
        let c = (cell + 0.5 + (h.xy - 0.5) * 0.6) * size;
        let q = spun(p - c, h.z) / (size * 1.25) + vec2f(0.5, 0.0);
        let cover = edge(leaf(q, 0.42) * size) * step(d, (h.w - 0.6) * size);
        let turned = tone + 0.4 * (h.w - 0.5) + 0.12 * sign(q.y);
        let green = in_light(mix(dark, light, clamp(0.15 + 0.8 * turned, 0.0, 1.0)), turned);
        color = over(paint(mix(green, snow_white(), place.weather.y * clamp(1.4 * tone - 0.3 + 0.5 * h.x, 0.0, 0.85)), cover), color);
    }
    return color;
}

// A round or pointed bush: distance (x) and how it faces the light (y).
fn topiary(p: vec2f, foot: vec2f, half: f32, tall: f32, pointed: f32) -> vec2f {
    let q = p - foot;
    let toward = normalize(place.light_position - foot + vec2f(0.0, 0.2));
    let ball = length((q - vec2f(0.0, tall * 0.5)) * vec2f(1.0, 2.0 * half / tall)) - half;
    let v = clamp(q.y / tall, 0.0, 1.0);
    let cone = max(abs(q.x) - half * (1.0 - v) * (1.0 + 0.5 * v), max(-q.y, q.y - tall)) * 0.92;
    let d = mix(ball, cone, pointed);
    let n = vec2f(q.x / half, mix((q.y - tall * 0.5) / (tall * 0.5), 0.3 - 0.6 * abs(q.x) / half, pointed));
    return vec2f(d, front_tone() + 0.38 * dot(n, toward) - 0.05);
}

fn plate_hedge(p: vec2f) -> vec4f {
    let x = p.x - arch_x();
    let side = sign(x);
    let a = abs(x);
    // The hedge, higher in bays, with a gap for the way.
    let bay = step(0.5, fract(a / 0.5 + 0.1));
    let top = 0.375 + 0.045 * bay;
    let hedge = max(max(0.105 - a, p.y - top), 0.2 - p.y);
    var tone = front_tone() - 0.12 + 0.4 * smoothstep(0.03, 0.0, top - p.y) + 0.1 * side * sign(place.light_position.x - p.x) * smoothstep(0.05, 0.0, a - 0.105) - 0.25 * smoothstep(0.36, 0.26, p.y);
    var d = hedge;
    // Balls and cones stand before it.
    let n = floor(a / 0.34);
    let h = hash4(vec2f(n, side), 1551.0);
    let pointed = step(0.5, h.x) * step(0.5, n);
    let at = select(0.15, (n + 0.5) * 0.34 + 0.06 * (h.y - 0.5), n > 0.5);
    let half = select(0.06, mix(0.066, 0.058, pointed), n > 0.5);
    let bush = topiary(vec2f(a * side, p.y), vec2f(at * side, select(0.345, 0.252, n > 0.5)), half, mix(2.0, 4.2, pointed) * half, pointed);
    tone = select(tone, bush.y, bush.x < 0.004);
    d = min(d, bush.x);
    return clipped(p, d, 0.0145, tone, 1553.0);
}

// The rose arch over the way.
fn plate_rose_arch(p: vec2f) -> vec4f {
    let x = p.x - arch_x();
    let side = sign(x);
    let a = abs(x);
    let r = vec2f(x, p.y - 0.42);
    let over_way = select(a, length(r * vec2f(1.0, 0.92)), r.y > 0.0);
    let frame = max(abs(over_way - 0.1) - 0.0045, 0.24 - p.y);
    let frame_in = max(abs(over_way - 0.072) - 0.0035, 0.24 - p.y);
    let turn = select(p.y, 0.42 + atan2(r.y, max(a, 0.001)) * 0.1, r.y > 0.0);
    let rungs = max(abs(fract(turn / 0.03) - 0.5) * 0.03 - 0.0025, abs(over_way - 0.086) - 0.014);
    let wood = in_light(hex(0xd8cfc0u), front_tone() + 0.2 * sign(place.light_position.x - arch_x()) * side + 0.15);
    var color = paint(mix(wood, snow_white(), 0.5 * place.weather.y), edge(min(min(frame, frame_in), max(rungs, 0.24 - p.y))));
    let vine = abs(over_way - 0.09) - 0.03 * (0.35 + 0.65 * noise(vec2f(turn * 26.0, side), 1555.0)) * smoothstep(0.22, 0.36, p.y);
    color = over(clipped(p, max(vine, 0.25 - p.y), 0.013, front_tone() + 0.05 + 0.3 * lit(p, 0.5), 1557.0), color);
    // Roses.
    let size = 0.017;
    let cell = floor(p / size);
    let g = hash4(cell, 1559.0);
    let q = p / size - cell - 0.5 - 0.3 * (g.xy - 0.5);
    let swirl = length(q) - 0.3 - 0.05 * fivefold(q);
    let rose = petal_color(0.2) * (0.86 + 0.2 * step(0.5, fract(length(q) * 7.0 + 0.5 * g.x + 0.2 * q.x)));
    let on = step(vine, -0.004) * step(g.z, 0.5) * step(0.27, p.y) * (1.0 - place.weather.y);
    return over(paint(in_light(rose, front_tone() + 0.3 + 0.4 * dot(q, normalize(place.light_position - p))), edge(swirl * size) * on), color);
}

// One flowering plant from its foot: a spire, a ball of bloom or a daisy by its chance.
fn plant(p: vec2f, foot: vec2f, tall: f32, h: vec4f, tone: f32) -> vec4f {
    let lean = (h.w - 0.5) * 0.3 + 0.1 * place.weather.w;
    let t = (p.y - foot.y) / tall;
    let x = p.x - foot.x - lean * tall * t * t;
    let w = x / tall;
    let kind = fract(h.x * 3.7 + h.y);
    let dye = petal_color(fract(h.y * 5.3)) * (0.92 + 0.14 * h.z);
    let green = hex(0x6f9a58u);
    let turned = tone + 0.3 * clamp(sign(place.light_position.x - p.x) * w * 9.0, -1.0, 1.0);
    // Leaves at the foot, then the stem.
    let blades = min(leaf(rotated(vec2f(p.x - foot.x, p.y - foot.y) / (tall * 0.62), 0.18 + 0.06 * h.z), 0.15), leaf(rotated(vec2f(p.x - foot.x, p.y - foot.y) / (tall * 0.54), 0.33 - 0.05 * h.y), 0.15)) * 0.55;
    let stem = max(abs(w) - 0.012, max(-t, t - 0.97));
    var color = paint(in_light(green, tone - 0.3 + 0.75 * t + 0.2 * (h.z - 0.5)), edge(min(blades, stem) * tall));
    // A spire of florets.
    let s = (t - 0.4) / 0.62;
    let row = floor(s * 9.0);
    let f = vec2f(fract(w * 15.0 + 0.5 * row + 0.5) - 0.5, fract(s * 9.0) - 0.5);
    let cone = max(abs(w) - 0.085 * (1.02 - s) - 0.015, max(-s, s - 1.0) * 0.62);
    let florets = max(cone - 0.01, (length(f) - 0.5) * 0.06);
    let spire = mix(dye * 0.8, dye * 1.06, clamp(0.5 + f.y + f.x * 0.4, 0.0, 1.0));
    // A ball of bloom.
    let b = vec2f(w, t - 0.9);
    let round = length(b) - 0.125;
    let dots = length(fract(rotated(b, h.z) * 22.0) - 0.5);
    let ball = mix(dye * 1.08, dye * 0.82, smoothstep(0.25, 0.5, dots)) * (1.0 + 0.9 * b.y);
    // A daisy.
    let c = vec2f(w, (t - 0.94) * 1.2);
    let n = normalize(c + vec2f(0.0, 1e-5));
    let n2 = n.x * n.x;
    let nine = n.x * (9.0 + n2 * (-120.0 + n2 * (432.0 + n2 * (256.0 * n2 - 576.0))));
    let rays = length(c) - 0.15 * (0.8 + 0.2 * nine);
    let daisy = mix(dye * (0.9 + 0.14 * nine), hex(0xe8b048u), step(length(c), 0.05));
    let head = select(select(rays, round, kind < 0.72), florets, kind < 0.42);
    let bloom = select(select(daisy, ball, kind < 0.72), spire, kind < 0.42);
    return over(paint(in_light(bloom, turned + 0.18), edge(head * tall) * (1.0 - place.weather.y)), color);
}

// A row of plants of about `tall`, one in each `pitch`, further than `off` from `middle`; `there` from 0 to 1 says
// how many.
fn border(p: vec2f, base: f32, tall: f32, pitch: f32, there: f32, middle: f32, off: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let here = floor(p.x / pitch);
    for (var i = -1; i <= 1; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, 1.0), salt);
        let foot = vec2f((cell + 0.2 + 0.6 * h.x) * pitch, base + 0.016 * (h.w - 0.5));
        let high = tall * (0.65 + 0.65 * h.z);
        color = over(plant(p, foot, high, h, front_tone()) * step(h.y, there) * step(off, abs(foot.x - middle)), color);
    }
    return color;
}

fn way(p: vec2f) -> f32 {
    let depth = clamp((TOP - p.y) / 0.34, 0.0, 1.2);
    return abs(p.x - arch_x() * (1.0 - depth * depth) - hand() * 0.12 * sin(depth * 3.0)) - 0.045 - 0.16 * depth - 0.2 * depth * depth;
}

fn plate_lawn(p: vec2f) -> vec4f {
    let depth = clamp((TOP - p.y) / 0.34, 0.0, 1.2);
    let lawn_top = TOP + 0.002 * swell(p.x * 7.0, 1561.0);
    var color = meadow(p, lawn_top, 1563.0);
    // A lawn that is mown in stripes.
    let lanes = (p.x + 0.25) / max(0.42 - p.y, 0.02);
    color *= 1.0 + 0.055 * smoothstep(-0.15, 0.15, sin(lanes * 9.0)) * smoothstep(0.0, 0.1, depth) * (1.0 - place.weather.y);
    color = meadow_grass(color, p, lawn_top, 0.03, 0.45, 1565.0);
    let d = way(p);
    let path = trodden(p, d, depth);
    color = mix(color, path.rgb * mix(vec3f(1.0), vec3f(1.05, 1.0, 0.94), 0.5), path.a);
    // Brick along its brim.
    let bricks = abs(d) - 0.006 - 0.01 * depth;
    let along = fract(log(max(0.42 - p.y, 0.02)) * 16.0);
    let brick = in_light(mix(hex(0xb8745cu), hex(0xd0a088u), along), 0.55 - 0.25 * depth) * (1.0 - 0.4 * smoothstep(0.4, 0.5, abs(along - 0.5)));
    color = mix(color, mix(brick, snow_white(), 0.7 * place.weather.y), soft_edge(bricks, 0.004));
    // Earth of the beds along the hedge.
    let bed = 0.252 - 0.012 * sin(p.x * 5.0 + place.seed.x * 9.0) - 0.05 * smoothstep(0.75, 1.05, abs(p.x));
    let soil = in_light(hex(0x7a5c48u), 0.45 + 0.5 * (noise(p * vec2f(90.0, 240.0), 1567.0) - 0.5));
    let in_bed = soft_edge(bed - p.y + 0.006 * noise(p * 60.0, 1569.0), 0.008) * smoothstep(0.03, 0.05, d);
    color = mix(color, mix(soil, snow_white(), 0.7 * place.weather.y), in_bed);
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.5), 0.4), 0.35 * soft_edge(abs(p.y - bed + 0.006) - 0.004, 0.012) * smoothstep(0.03, 0.05, d));
    color = through_air(color, 0.12 * smoothstep(0.05, 0.0, lawn_top - p.y));
    return paint(color, edge(p.y - lawn_top));
}

fn plate_tall_border(p: vec2f) -> vec4f {
    return border(p, 0.272, 0.1, 0.034, 0.9, arch_x(), 0.13, 1571.0);
}

fn plate_low_border(p: vec2f) -> vec4f {
    return border(p, 0.257, 0.07, 0.03, 0.9, arch_x(), 0.145, 1573.0);
}

// A fountain of two bowls.
fn fountain_foot() -> vec2f {
    return vec2f(-0.47 * hand(), 0.22);
}

fn fountain(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let stone = hex(0xcfc4b2u);
    let spot = noise(p * 60.0, 1581.0) - 0.5;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.15 * toward, -0.03)) / vec2f(0.78, 0.15)) - 1.0, 0.7));
    let u = q.x / 0.6;
    let bow = sqrt(max(1.0 - u * u, 0.0));
    let tone = front_tone() + 0.05 + 0.34 * toward * u - 0.14 * u * u + 0.2 * spot;
    // The lower basin: its far rim, the water, its near wall.
    let ring = length(vec2f(q.x / 0.6, (q.y - 0.28) / 0.13)) - 1.0;
    color = over(paint(mix(in_light(stone * 0.7, 0.3), snow_white(), 0.5 * place.weather.y), edge(ring * size * 0.13)), color);
    let ripple = sin(length(vec2f(q.x, (q.y - 0.27) * 4.0)) * 40.0) * 0.5 + 0.5;
    let mirror = mix(sky_color(vec2f(p.x, 0.75), 0.4), overcast(by_hour(hex(0x5f8494u), hex(0x3f8ea0u), hex(0x4a4c80u), hex(0x122a5cu))), 0.45 + 0.2 * ripple);
    color = over(paint(mix(mirror, vec3f(0.92), 0.4 * place.weather.y), edge((length(vec2f(q.x / 0.53, (q.y - 0.265) / 0.1)) - 1.0) * size * 0.1)), color);
    let shaft = max(abs(q.x) - 0.06 - 0.05 * smoothstep(0.5, 0.28, q.y) - 0.02 * smoothstep(0.04, 0.0, abs(q.y - 0.52)) - 0.05 * smoothstep(0.62, 0.74, q.y), max(0.24 - q.y, q.y - 0.74));
    color = over(paint(in_light(stone, front_tone() + 2.8 * toward * q.x + 0.2 * spot), edge(shaft * size)), color);
    let near = max(abs(q.x) - 0.6, max(0.01 - 0.075 * bow - q.y, q.y - 0.28 + 0.13 * bow));
    let panel = smoothstep(0.02, 0.0, abs(abs(fract(asin(clamp(u, -1.0, 1.0)) * 1.9 + 0.5) - 0.5) - 0.42)) * step(0.02, q.y + 0.05 * bow) * step(q.y, 0.2 - 0.12 * bow);
    var wall = in_light(stone, tone) * (1.0 - 0.16 * panel);
    wall = mix(wall, in_light(hex(0x7f9060u), tone), 0.55 * smoothstep(0.1, 0.4, spot + 0.35 - 1.6 * (q.y + 0.07 * bow)));
    color = over(paint(wall, edge(near * size)), color);
    let lip = abs(q.y - 0.28 + 0.13 * bow) - 0.022;
    color = over(paint(mix(in_light(stone * 1.06, tone + 0.2), snow_white(), 0.8 * place.weather.y), edge(max(lip, abs(q.x) - 0.63) * size)), color);
    // The upper bowl.
    let w = q.x / 0.29;
    let bowl = max(abs(q.x) - 0.29, max(0.86 - 0.14 * sqrt(max(1.0 - w * w, 0.0)) - q.y, q.y - 0.87));
    color = over(paint(in_light(stone, front_tone() + 0.34 * toward * w + 1.2 * (q.y - 0.8)), edge(bowl * size)), color);
    let rim = length(vec2f(q.x / 0.3, (q.y - 0.87) / 0.035)) - 1.0;
    color = over(paint(mix(in_light(stone * 1.06, front_tone() + 0.25), snow_white(), 0.7 * place.weather.y), edge(rim * size * 0.035)), color);
    color = over(paint(mirror, edge((length(vec2f(q.x / 0.255, (q.y - 0.872) / 0.022)) - 1.0) * size * 0.022)), color);
    let bud = min(max(abs(q.x) - 0.02, max(0.87 - q.y, q.y - 1.0)), length((q - vec2f(0.0, 1.02)) * vec2f(1.0, 0.8)) - 0.04);
    return over(paint(in_light(stone, front_tone() + 5.0 * toward * q.x), edge(bud * size)), color);
}

// Water that springs from the fountain and falls back in two steps.
fn plate_water(p: vec2f) -> vec4f {
    let q = (p - fountain_foot()) / 0.2;
    let a = abs(q.x);
    let t = place.time_s;
    let up = 1.22 - 9.0 * (a - 0.1) * (a - 0.1) - 0.35 * a;
    let high = abs(q.y - up) - 0.012 - 0.02 * a;
    let near_jet = step(a, 0.26) * step(0.86, q.y);
    let dash = 0.6 + 0.4 * wave(a * 9.0 - t * 1.7 + 0.25 * sign(q.x));
    let fall_x = a - 0.3 - 0.09 * sqrt(clamp(0.88 - q.y, 0.0, 1.0));
    let veil = clamp(1.0 - abs(fall_x) * 34.0, 0.0, 1.0) * step(q.y, 0.88) * clamp((q.y - 0.28) * 9.0, 0.0, 1.0);
    let streak = 0.55 + 0.45 * wave(q.y * 3.1 + t * 1.3 + 4.0 * fall_x);
    let ring = length(vec2f(a - 0.36, (q.y - 0.26) * 3.2)) * 8.0;
    let splash = clamp(1.0 - abs(ring - fract(t * 0.8) * 1.2) * 4.0, 0.0, 1.0) * clamp(1.1 - ring, 0.0, 1.0) * step(q.y, 0.32);
    let spray = max(clamp(0.5 - high * 0.2 / place.px, 0.0, 1.0) * near_jet * dash, max(0.7 * veil * streak, 0.6 * splash));
    let bright = mix(place.key.rgb, vec3f(1.0), 0.5) * (0.5 + 0.5 * dot(place.hours, vec4f(0.8, 1.0, 0.7, 0.3)));
    return paint(overcast(bright), 0.75 * spray * (1.0 - place.weather.y));
}

// A bench of laths.
fn bench(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let paintwork = select(hex(0x8fa8a4u), hex(0xa8805cu), fract(place.seed.x * 5.3) < 0.5);
    let tone = front_tone() + 0.15 * toward * q.x;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.1 * toward, -0.01)) / vec2f(0.66, 0.07)) - 1.0, 0.7));
    let posts = max(abs(abs(q.x) - 0.5) - 0.028, max(-0.01 - q.y, q.y - 0.62));
    let back_legs = max(abs(abs(q.x) - 0.42) - 0.02, max(0.04 - q.y, q.y - 0.28));
    let crest = max(abs(q.x) - 0.54, abs(q.y - 0.62 - 0.05 * sqrt(max(1.0 - q.x * q.x * 3.4, 0.0))) - 0.035);
    let laths = max(max(abs(fract(q.x * 11.0) - 0.5) / 11.0 - 0.018, abs(q.x) - 0.49), max(0.3 - q.y, q.y - 0.64));
    let seat = max(abs(q.x) - 0.53, abs(q.y - 0.285) - 0.026);
    let arms = max(abs(abs(q.x) - 0.5) - 0.05, abs(q.y - 0.44) - 0.016);
    let front_legs = max(abs(abs(q.x) - 0.5) - 0.03, max(-0.03 - q.y, q.y - 0.44));
    color = over(paint(in_light(paintwork, tone - 0.25), edge(min(back_legs, laths) * size)), color);
    color = over(paint(mix(in_light(paintwork, tone + 0.05), snow_white(), place.weather.y * step(0.665, q.y)), edge(min(posts, crest) * size)), color);
    color = over(paint(in_light(paintwork, tone), edge(front_legs * size)), color);
    return over(paint(mix(in_light(paintwork * 1.05, tone + 0.25) * (1.0 - 0.3 * step(q.y, 0.275)), snow_white(), 0.85 * place.weather.y * step(0.29, q.y)), edge(min(seat, arms) * size)), color);
}

// A clay pot with a round bush of flowers.
fn potted(p: vec2f, foot: vec2f, size: f32, salt: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let pot = max(abs(q.x) - 0.24 - 0.22 * q.y, max(-0.02 - q.y, q.y - 0.42));
    let rim = box(q, vec2f(0.0, 0.42), vec2f(0.37, 0.06), 0.02);
    let tone = front_tone() + 0.8 * toward * q.x;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((q - vec2f(-0.1 * toward, -0.02)) / vec2f(0.42, 0.09)) - 1.0, 0.7));
    color = over(paint(in_light(hex(0xb8714fu), tone), edge(pot * size)), color);
    let bush = length((q - vec2f(0.0, 0.72)) * vec2f(0.95, 1.1)) - 0.38;
    color = over(clipped(p, bush * size, 0.016, front_tone() + 0.5 * dot(q - vec2f(0.0, 0.72), normalize(place.light_position - foot)), salt), color);
    let cell = floor(q * 7.0);
    let g = hash4(cell, salt + 3.0);
    let f = q * 7.0 - cell - 0.5 - 0.3 * (g.xy - 0.5);
    let star = length(f) - 0.36 - 0.09 * fivefold(f);
    let on = step(bush, -0.03) * step(g.z, 0.55) * (1.0 - place.weather.y);
    color = over(paint(in_light(mix(petal_color(fract(salt * 0.37)) * 1.05, hex(0xf0c860u), step(length(f), 0.12)), front_tone() + 0.3), edge(star / 7.0 * size) * on), color);
    return over(paint(mix(in_light(hex(0xc98560u), tone + 0.12), snow_white(), place.weather.y * step(0.45, q.y)), edge(rim * size)), color);
}

fn plate_oak(p: vec2f) -> vec4f {
    return oak(p, vec2f(1.0 * hand(), 0.218), 0.66, 0.028, 1591.0);
}

fn plate_bench(p: vec2f) -> vec4f {
    return bench(p, vec2f(0.6 * hand(), 0.232), 0.215);
}

fn plate_fountain(p: vec2f) -> vec4f {
    return fountain(p, fountain_foot(), 0.2);
}

fn plate_pots(p: vec2f) -> vec4f {
    let pot = select(vec4f(0.785 * hand(), 0.218, 0.085, 1601.0), vec4f(-0.82 * hand(), 0.2, 0.1, 1605.0), vec4<bool>(p.x * hand() < 0.0));
    return potted(p, pot.xy, pot.z, pot.w);
}

// Tall flowers at the sides.
fn plate_side_borders(p: vec2f) -> vec4f {
    let back = border(p, 0.195, 0.2, 0.06, 0.9, 0.0, 0.92, 1606.0);
    return over(border(p, 0.168, 0.15, 0.05, 0.9, 0.0, 0.96, 1607.0), back);
}

// What lies before the stage in the shade and in the light.
fn front_dark() -> vec3f {
    return by_hour(hex(0x22382fu), hex(0x1a4030u), hex(0x161328u), hex(0x050c1eu));
}

fn front_light() -> vec3f {
    return by_hour(hex(0x8a8c68u), hex(0x7cab54u), hex(0x7a5446u), hex(0x2a4a78u));
}

// Large flowers, out of focus, in the corners.
fn plate_front_flowers(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = overcast(front_dark());
    let light = overcast(front_light());
    let heart = in_light(hex(0xb88838u), 0.4);
    for (var i = 0; i < 20; i++) {
        let h = hash4(vec2f(f32(i), side), 1611.0);
        let foot = vec2f(side * (0.5 + 0.62 * h.x), -0.08);
        let long = (0.1 + 0.3 * h.z) * smoothstep(0.35, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 0.9;
        let t = (p.y - foot.y) / long;
        color = over(paint(mix(dark, light, t * t * 0.6 * (0.3 + h.y)), edge(blade(p, foot, long, lean, 0.014))), color);
        let v = p - foot - vec2f(lean * long, long);
        let r = length(v);
        let rays = r - 0.03 * (0.8 + 0.2 * fivefold(v));
        let bloom = in_light(petal_color(h.y) * 0.72, 0.3 + 6.0 * v.y);
        color = over(paint(mix(bloom, heart, step(r, 0.01)), edge(rays) * step(h.w, 0.45) * (1.0 - place.weather.y)), color);
    }
    return color;
}

// Twigs, out of focus, that hang in from above.
fn plate_front_twigs(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let q = vec2f(p.x * hand(), p.y);
    let dark = front_dark();
    let light = front_light();
    for (var i = 0; i < 4; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 2.0), 1613.0);
        let twig = sprig(q, vec2f(0.74 + 0.16 * k, 1.12 + 0.03 * h.x), 0.57 + 0.05 * k + 0.05 * (h.y - 0.5), 0.24 + 0.1 * h.z, 0.3 * (h.w - 0.5), 4, 1615.0 + k);
        let tint = mix(dark, mix(dark, light, 0.6 * twig.y), twig.y * (0.35 + 0.65 * twig.z));
        color = over(paint(overcast(mix(tint, snow_white() * 0.7, 0.4 * place.weather.y * twig.z)), twig.x), color);
    }
    return color;
}
