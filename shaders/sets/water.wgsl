// A shore: a low light over the sea, its path on the water, a headland with a lighthouse, a boat on the sand.

const HORIZON: f32 = 0.44;

// The glow of the light, long clouds, and the sun or the moon over a sky.
fn lit_sky(sky: vec3f, p: vec2f) -> vec4f {
    var color = sky + glow(p, 0.8 - 0.5 * place.hours.w - 0.35 * place.hours.y);
    let cloud = streaks(p, 29.0);
    color = streaked(color, cloud.y, cloud.x * smoothstep(0.55, 0.75, p.y) * 0.55);
    color = sun_or_moon(color, p, vec2f(0.062, 0.042), 0.058);
    return vec4f(color, 1.0);
}

fn plate_sky(p: vec2f) -> vec4f {
    return lit_sky(sky_color(p, HORIZON), p);
}

// By night another sky hides that of the day: stars and the band of the Milky Way.
fn plate_night_sky(p: vec2f) -> vec4f {
    let band = exp(-pow((p.y - 0.86 - 0.3 * p.x) * 3.4, 2.0));
    let light = stars(p, 0.5) * smoothstep(0.46, 0.8, p.y) + hex(0x3d4a86u) * band * fractal(p * 4.0, 3, 31.0) * 0.5 * clear_sky();
    return lit_sky(sky_color(p, HORIZON) + light, p) * place.hours.w;
}

// Clouds fade into the air over the horizon.
fn over_horizon(cloud: vec4f, p: vec2f) -> vec4f {
    return cloud * mix(0.35, 1.0, smoothstep(HORIZON, 0.52, p.y));
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return over_horizon(cloud_paint(cumulus(p, 0.46, 0.07, 0.19, 301.0), 0.45), p);
}

fn plate_clouds(p: vec2f) -> vec4f {
    return over_horizon(cloud_paint(cumulus(p + vec2f(0.1, 0.0), 0.5, 0.17, 0.62, 305.0), 0.12), p);
}

// Two islands at the edge of the world.
fn plate_islands(p: vec2f) -> vec4f {
    let blue = by_hour(hex(0x8390b4u), hex(0x7fa8b8u), hex(0x85608cu), hex(0x24386cu));
    let isle = 0.425 + 0.05 * smoothstep(0.0, 0.8, swell(p.x * 2.2 + 1.0, 6.0)) + 0.004 * swell(p.x * 30.0, 7.0);
    return paint(through_air(blue, 0.4), edge(p.y - isle));
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(-0.32, 0.74), 0.13, 811.0);
}

// Strokes of waves that lie flatter and finer towards the horizon, 0 to 1.
fn waves(p: vec2f, stretch: f32, salt: f32) -> f32 {
    let d = HORIZON - p.y;
    return noise(vec2f(p.x / (d + 0.03) * stretch, log(d + 0.006) * 15.0), salt);
}

fn plate_sea(p: vec2f) -> vec4f {
    let d = HORIZON - p.y;
    let near = clamp(d / 0.22, 0.0, 1.0);
    let mirrored = sky_color(vec2f(p.x, HORIZON + d * 2.3), HORIZON) + glow(vec2f(p.x, HORIZON + d * 0.8), 0.45 - 0.3 * place.hours.w);
    let deep = by_hour(hex(0x3d6079u), hex(0x1f6d8au), hex(0x3a3a72u), hex(0x0a1d48u));
    let shallow = by_hour(hex(0x7fa6a4u), hex(0x58b5b4u), hex(0x6f5a84u), hex(0x1d4270u));
    var color = mix(overcast(deep), mirrored, mix(0.78, 0.32, near));
    let a = waves(p, 0.9, 311.0);
    let b = waves(p + vec2f(0.3, 0.0), 2.1, 312.0);
    let crest = smoothstep(0.5, 0.75, a * 0.6 + b * 0.45);
    let trough = smoothstep(0.5, 0.25, a * 0.6 + b * 0.45);
    color = mix(color, overcast(deep) * 0.85, trough * (0.2 + 0.35 * near));
    color = mix(color, mirrored * 1.12, crest * (0.25 + 0.25 * near));
    color = mix(color, overcast(shallow), smoothstep(0.5, 1.1, near) * 0.6);
    // The light's path: broken strokes, dense in the middle.
    let spread = abs(p.x - place.light_position.x) / (0.045 + 0.5 * d);
    let dense = exp(-spread * spread * 0.9);
    let spark = smoothstep(0.78 - 0.5 * dense, 0.86 - 0.45 * dense, b * 0.65 + waves(p, 4.0, 313.0) * 0.4);
    let path = dense * spark * (0.35 + 0.65 * smoothstep(0.25, 0.0, d)) * (0.08 + 0.92 * clear_sky());
    color = mix(color, mix(place.key.rgb, vec3f(1.0), 0.2), clamp(path * (0.95 - 0.45 * place.hours.y), 0.0, 1.0));
    color += place.key.rgb * dense * 0.14 * clear_sky();
    color = mix(color, overcast(place.fog.rgb), clamp(exp(-d * 45.0) * 0.7 + 0.7 * place.weather.z * exp(-d * 6.0), 0.0, 1.0));
    return paint(color, edge(-d));
}

// Where the headland meets the sea; its reflection stands below.
const WATER_LINE: f32 = 0.395;

fn mirrored(y: f32) -> f32 {
    return abs(y - WATER_LINE) + WATER_LINE;
}

// Below the line a reflection is broken by the waves.
fn on_water(color: vec4f, p: vec2f) -> vec4f {
    let wet = smoothstep(WATER_LINE + place.px, WATER_LINE - place.px, p.y);
    let broken = 1.0 - smoothstep(0.35, 0.75, waves(p, 1.2, 335.0)) * 0.8;
    return color * mix(1.0, 0.5 * broken * smoothstep(0.14, 0.0, WATER_LINE - p.y), wet);
}

fn cliff_dark() -> vec3f {
    return by_hour(hex(0x4b5472u), hex(0x51717cu), hex(0x3c2c57u), hex(0x0c1838u));
}

// Land rises to the left in steps; a lower spit runs out before it.
fn headland_top(x: f32) -> f32 {
    let slope = smoothstep(-0.3, -0.75, x) * 0.15 + smoothstep(-0.62, -1.3, x) * 0.12;
    let rough = 0.012 * swell(x * 16.0, 331.0) + 0.006 * swell(x * 47.0, 332.0);
    return WATER_LINE + slope + rough * smoothstep(-0.3, -0.5, x) - 0.012 * step(-0.33, x);
}

// The lighthouse behind the brow of the headland, with its lamp lit from dusk to dawn.
fn plate_lighthouse(p: vec2f) -> vec4f {
    let toward = sign(place.light_position.x - p.x);
    let dark = cliff_dark();
    let q = vec2f(p.x + 0.6, mirrored(p.y) - WATER_LINE - 0.115);
    let tower = max(abs(q.x) - 0.021 + q.y * 0.045, max(-q.y - 0.06, q.y - 0.165));
    let stripes = step(0.5, fract(q.y / 0.066 + 0.3));
    let round_side = clamp(q.x / 0.02 * toward, -1.0, 1.0);
    let white = by_hour(hex(0xf4e3d6u), hex(0xf7f3e8u), hex(0xe3b7a4u), hex(0x6f86bcu));
    let red = by_hour(hex(0xb5605cu), hex(0xc0544au), hex(0x95405au), hex(0x39345fu));
    let wall = mix(white, red, stripes) * (0.72 + 0.28 * round_side);
    var color = paint(through_air(wall, 0.12), edge(tower));
    let gallery = box(q, vec2f(0.0, 0.167), vec2f(0.021, 0.004), 0.001);
    let lantern = box(q, vec2f(0.0, 0.182), vec2f(0.0105, 0.012), 0.001);
    let roof = max(abs(q.x) - (0.214 - q.y) * 0.72, 0.194 - q.y);
    let on = place.hours.z + place.hours.w + 0.5 * place.hours.x + 0.6 * place.weather.z * place.hours.y;
    color = over(paint(mix(dark, hex(0xfff0b4u), clamp(on, 0.0, 1.0)), edge(lantern)), color);
    color = over(paint(through_air(dark * 0.8, 0.1), edge(min(gallery, roof))), color);
    let lamp = q - vec2f(0.0, 0.182);
    let ray = exp(-abs(lamp.y + lamp.x * 0.06) / (0.006 + 0.09 * abs(lamp.x))) * exp(-abs(lamp.x) * 9.0) * smoothstep(0.19, 0.1, abs(lamp.x));
    let halo = exp(-length(lamp) * 40.0) * 0.75 * smoothstep(0.19, 0.1, abs(lamp.x)) + ray * 0.4;
    color = over(paint(hex(0xffe6a6u), clamp(halo * clamp(on, 0.0, 1.0), 0.0, 0.95)), color);
    let house = box(q, vec2f(0.058, -0.025), vec2f(0.026, 0.036), 0.001);
    let gable = max(abs(q.x - 0.058) - 0.034 + (q.y - 0.011) * 1.5, 0.011 - q.y);
    color = over(paint(through_air(white * 0.82, 0.12), edge(house)), color);
    color = over(paint(through_air(red * 0.75, 0.12), edge(gable)), color);
    color = over(paint(mix(dark, hex(0xffd98au), clamp(on, 0.0, 1.0)), edge(box(q, vec2f(0.058, -0.004), vec2f(0.006, 0.006), 0.001))), color);
    return on_water(color * (1.0 - edge(mirrored(p.y) - headland_top(p.x))), p);
}

fn plate_headland(p: vec2f) -> vec4f {
    let top = headland_top(p.x);
    let mirror_y = mirrored(p.y);
    let dark = cliff_dark();
    let face = by_hour(hex(0xb99c94u), hex(0xb5a98cu), hex(0x9c5f66u), hex(0x2d4576u));
    let green = by_hour(hex(0x7d8a6cu), hex(0x7aa25cu), hex(0x5f4f58u), hex(0x1c3558u));
    let strata = 0.6 * noise(vec2f((p.x + 0.4 * mirror_y) * 34.0 + 2.0 * noise(p * 14.0, 333.0), mirror_y * 16.0), 334.0)
        + 0.4 * noise(vec2f((p.x - 0.3 * mirror_y) * 90.0, mirror_y * 30.0), 335.0);
    let below = top - mirror_y;
    var rock = mix(dark, face, smoothstep(0.42, 0.58, strata) * (0.55 + 0.45 * lit(p, 0.6)));
    rock = mix(rock, mix(green, snow_white(), place.weather.y * 0.9), smoothstep(0.035, 0.012, below + 0.02 * (strata - 0.5)));
    rock += place.key.rgb * 0.25 * smoothstep(0.008, 0.0, below) * clear_sky() * place.key.a;
    rock = through_air(rock, 0.2 + 0.3 * smoothstep(0.08, 0.0, mirror_y - WATER_LINE));
    let land = edge(mirror_y - top) * step(p.x, -0.3);
    let color = on_water(paint(rock, land), p);
    // Foam lies along the line.
    let foam = smoothstep(0.005, 0.0, abs(p.y - WATER_LINE + 0.003 * swell(p.x * 60.0, 336.0))) * smoothstep(-0.27, -0.34, p.x);
    return over(paint(overcast(by_hour(hex(0xffeee0u), hex(0xffffffu), hex(0xf4c9b4u), hex(0x7f9bd4u))), foam * 0.55), color);
}

fn shore_line(x: f32) -> f32 {
    return 0.232 + 0.012 * swell(x * 2.6, 341.0) + 0.004 * swell(x * 11.0, 342.0) + 0.03 * smoothstep(0.45, 1.2, abs(x));
}

fn plate_shore(p: vec2f) -> vec4f {
    let line = shore_line(p.x);
    let d = p.y - line;
    let depth = clamp(-d / 0.3, 0.0, 1.2);
    let far = by_hour(hex(0xd9bfa4u), hex(0xe6d3a4u), hex(0xbd8a74u), hex(0x3d5684u));
    let near = by_hour(hex(0x8b7874u), hex(0xb69a72u), hex(0x5b4358u), hex(0x16244au));
    let drift = fractal(vec2f(p.x * 3.2 + 2.0 * d, d * 17.0), 3, 343.0);
    var sand = mix(far, near, smoothstep(0.0, 0.9, depth + 0.3 * (drift - 0.5)));
    sand *= 0.965 + 0.07 * grain(floor(p / max(place.px * 1.5, 0.0012)), 344.0) * smoothstep(0.0, 0.3, depth);
    let ripples = sin(d * (420.0 - 260.0 * depth) + 5.0 * drift + p.x * 6.0);
    sand *= 1.0 + 0.035 * ripples * smoothstep(0.1, 0.3, depth);
    sand = mix(sand, snow_white(), place.weather.y * smoothstep(0.1, 0.3, depth + 0.3 * (drift - 0.5)));
    // The wet brim mirrors the sky.
    let wet = smoothstep(-0.06 - 0.02 * drift, -0.012, d);
    let mirror = sky_color(vec2f(p.x, 0.62), HORIZON) * 0.8 + glow(vec2f(p.x, 0.55), 0.3);
    sand = mix(overcast(sand), mix(overcast(sand) * 0.62, mirror, 0.45), wet);
    let spread = (p.x - place.light_position.x) * 2.4;
    sand += place.key.rgb * exp(-spread * spread) * (0.08 + 0.16 * wet) * clear_sky() * (1.0 - 0.6 * place.hours.y) * smoothstep(0.9, 0.0, depth);
    sand = mix(sand, sand * vec3f(0.72, 0.78, 0.86), place.weather.x * 0.7);
    var color = paint(sand, edge(d));

    // Pebbles and shells, larger towards the viewer.
    let rows = log(max(-d, 0.002) / 0.02) / 0.3;
    let first = floor(rows);
    for (var r = 0; r < select(0, 2, d < -0.03); r++) {
        let row = first + f32(r);
        let y = line - 0.02 * exp((row + 0.5) * 0.3);
        let size = (line - y) * 0.055 + 0.002;
        let u = p.x / (size * 7.0) + row * 0.37;
        let cell = floor(u);
        let h = hash4(vec2f(cell, row), 345.0);
        let q = vec2f((u - cell - 0.3 - 0.4 * h.x) * size * 7.0, (p.y - y - (h.z - 0.5) * size * 2.0) * 1.9);
        let radius = size * (0.35 + 0.65 * h.y) * step(h.w, 0.34 + 0.2 * clumps(vec2f(cell * 0.8, row * 2.0), 9.0));
        let stone = length(q) - radius;
        let n = q / max(radius, 0.0001);
        let gray = mix(near * 0.75, mix(far, vec3f(0.85), 0.3), fract(h.w * 13.0));
        let lit_stone = gray * (0.8 + 0.3 * n.y + 0.22 * n.x * sign(place.light_position.x - p.x));
        color = over(paint(sand * 0.6, 0.7 * soft_edge(length(q + vec2f(sign(place.light_position.x - p.x) * radius * 0.35, radius * 0.6)) - radius, radius * 0.8 + 0.0001) * step(0.0001, radius)), color);
        color = over(paint(overcast(lit_stone), edge(stone) * step(0.0001, radius)), color);
    }
    return color;
}

// Foam along the shore: two lacy lines.
fn plate_foam(p: vec2f) -> vec4f {
    let d = p.y - shore_line(p.x);
    let lace = noise(vec2f(p.x * 24.0, d * 60.0), 346.0) * 0.6 + noise(vec2f(p.x * 60.0, d * 140.0), 347.0) * 0.4;
    let foam_a = smoothstep(0.0085, 0.001, abs(d + 0.003 * sin(p.x * 31.0)) - 0.0035 * lace);
    let foam_b = smoothstep(0.006, 0.001, abs(d - 0.022 - 0.005 * sin(p.x * 7.0))) * smoothstep(0.35, 0.7, lace);
    let white = mix(place.key.rgb, by_hour(hex(0xfff4ecu), hex(0xffffffu), hex(0xf2cfc4u), hex(0x9db4e4u)), 0.6);
    return paint(overcast(white), max(foam_a * (0.5 + 0.5 * lace), foam_b * 0.6) * 0.9);
}

// A boat pulled up on the sand.
fn plate_boat(p: vec2f) -> vec4f {
    let q = rotated(p - vec2f(-0.66, 0.205), -0.012);
    let x = q.x / 0.2;
    let sheer = 0.062 + 0.045 * x * x * select(1.0, 1.6, x > 0.0);
    let keel = -0.02 + 0.062 * pow(abs(x), 3.2);
    let hull = max(q.y - sheer, keel - q.y) * 0.85;
    let toward = sign(place.light_position.x + 0.66);
    let t = (q.y - keel) / max(sheer - keel, 0.001);
    let strakes = smoothstep(0.1, 0.0, abs(fract(t * 4.0) - 0.05));
    let body = by_hour(hex(0x5f7f8cu), hex(0x3f8296u), hex(0x4f4a78u), hex(0x1b3562u));
    let light = by_hour(hex(0xf0d8b4u), hex(0xdce9dcu), hex(0xe09c70u), hex(0x6c8cc8u));
    var paintwork = mix(body * 0.6, body, t) * (0.9 + 0.16 * toward * x);
    paintwork = mix(paintwork, light, smoothstep(0.8, 0.86, t) * 0.75);
    paintwork *= 1.0 - 0.3 * strakes;
    paintwork = mix(paintwork, light, 0.5 * smoothstep(0.55, 1.0, x * toward) * clear_sky());
    // The far side of the inside shows above the near gunwale.
    let far_rim = sheer + 0.052 * (1.0 - x * x);
    let inside = max(q.y - far_rim, sheer - 0.004 - q.y);
    var color = paint(place.shade.rgb * 0.35, 0.5 * soft_edge(length((q - vec2f(0.02 - 0.05 * toward, -0.012)) / vec2f(0.21, 0.03)) - 1.0, 0.5));
    color = over(paint(overcast(body * 0.5 + light * 0.12 * (1.0 + x * toward)), edge(max(inside, abs(x) * 0.2 - 0.2))), color);
    let rim = max(abs(q.y - far_rim) - 0.0035, abs(x) * 0.2 - 0.2);
    let ribs = smoothstep(0.06, 0.0, abs(fract(x * 3.5 + 0.3) - 0.5)) * edge(max(inside, abs(x) * 0.2 - 0.2));
    color = over(paint(overcast(body * 0.35), 0.5 * ribs), color);
    color = over(paint(overcast(mix(light, body, 0.3)), edge(rim)), color);
    let thwart = box(q, vec2f(0.02, 0.092), vec2f(0.13, 0.006), 0.001);
    color = over(paint(overcast(light * 0.7), edge(thwart) * step(sheer - 0.002, q.y)), color);
    let oar = min(segment(q, vec2f(-0.1, 0.094), vec2f(0.17, 0.15)) - 0.0035, tapered(q, vec2f(0.165, 0.149), vec2f(0.225, 0.162), 0.004, 0.01));
    color = over(paint(overcast(mix(light, body, 0.25)), edge(oar)), color);
    return over(paint(overcast(mix(paintwork, snow_white(), place.weather.y * 0.4 * t)), edge(max(hull, abs(x) * 0.2 - 0.2))), color);
}

// Mooring posts with a slack rope.
fn plate_posts(p: vec2f) -> vec4f {
    let lean = 0.02 * (p.y - 0.2);
    let a = max(abs(p.x - 0.68 - lean) - 0.0165, max(0.155 - p.y, p.y - 0.4));
    let b = max(abs(p.x - 0.95 + lean * 2.0) - 0.0195, max(0.12 - p.y, p.y - 0.41));
    let first_post = a < b;
    let u = select((p.x - 0.95 + lean * 2.0) / 0.0195, (p.x - 0.68 - lean) / 0.0165, first_post);
    let bark = by_hour(hex(0x6f5f5cu), hex(0x86705au), hex(0x4d3447u), hex(0x14213fu));
    let bright = by_hour(hex(0xf2d0a4u), hex(0xd9c49cu), hex(0xe0905cu), hex(0x7090c8u));
    let turned = u * sign(place.light_position.x - p.x);
    let streak = noise(vec2f(p.x * 150.0, p.y * 6.0), 348.0);
    let timber = mix(bark * 0.55, mix(bark, bright, smoothstep(0.2, 1.0, turned) * 0.75), smoothstep(-1.0, 0.6, turned)) * (0.8 + 0.3 * streak);
    let sag = 0.345 - 0.045 * (1.0 - pow((p.x - 0.815) / 0.135, 2.0));
    let rope = max(abs(p.y - sag) - 0.0042, abs(p.x - 0.815) - 0.14);
    let shadow = length((p - vec2f(0.68 + 0.05 * sign(0.68 - place.light_position.x), 0.155)) / vec2f(0.07, 0.012)) - 1.0;
    var color = paint(place.shade.rgb * 0.3, 0.35 * soft_edge(shadow, 0.9));
    color = over(paint(overcast(mix(timber, snow_white(), place.weather.y * smoothstep(0.39, 0.4, p.y))), edge(min(a, b))), color);
    let twist = 0.75 + 0.25 * sin((p.x + p.y) * 620.0);
    let wound = max(abs(abs(u) - 0.5) - 0.55, abs(fract(p.y * 90.0) - 0.5) - 0.42) * 0.01;
    let coil = max(wound, abs(p.y - 0.352) - 0.014);
    return over(paint(overcast(mix(bark, bright, 0.55)) * twist, edge(min(rope, max(coil, min(a, b))))), color);
}

// What lies before the stage in the shade.
fn front_dark() -> vec3f {
    return by_hour(hex(0x23303cu), hex(0x24443cu), hex(0x150f26u), hex(0x060c1eu));
}

// Dune grass in the lower corners.
fn plate_front_grass(p: vec2f) -> vec4f {
    // How light it is, premultiplied, and its coverage.
    var found = vec2f(0.0);
    let side = sign(p.x);
    for (var i = 0; i < 24; i++) {
        let h = hash4(vec2f(f32(i), side), 351.0);
        let foot = vec2f(side * (0.66 + 0.42 * h.x), -0.06 - 0.05 * h.y);
        let long = (0.2 + 0.24 * h.z) * smoothstep(0.55, 0.95, abs(foot.x));
        let lean = (h.w - 0.62) * 1.3 * side + 0.25 * place.weather.w;
        let d = blade(p, foot, long + 0.05, lean, 0.0125);
        let t = (p.y - foot.y) / long;
        found = mix(found, vec2f(t * t * 0.6 * (0.3 + h.y), 1.0), edge(d));
    }
    let light = by_hour(hex(0x8c7f6cu), hex(0x7f9a5cu), hex(0x7a4a48u), hex(0x2c4878u));
    return vec4f(overcast(front_dark() * (found.y - found.x) + light * found.x), found.y);
}

// The mound that it grows on.
fn plate_front_mound(p: vec2f) -> vec4f {
    let mound = p.y + 0.03 - 0.15 * smoothstep(0.5, 1.1, abs(p.x)) - 0.006 * swell(p.x * 20.0, 352.0);
    return paint(overcast(mix(front_dark(), snow_white() * 0.5, 0.7 * place.weather.y)), edge(mound));
}
