// A country road that winds to far hills: poplars along it, a signpost, a milestone, a wall of field stones.

const TOP: f32 = 0.285;

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.4) + glow(p, 0.85 - 0.55 * place.hours.w - 0.35 * place.hours.y), 1.0);
}

// The stars and the milky way, light over the sky.
fn plate_stars(p: vec2f) -> vec4f {
    let across = p.x * 0.55 + (p.y - 0.9) * (fract(2301.0 * 0.37) * 1.6 - 0.8);
    let milk = hex(0x505e9cu) * exp(-across * across * 22.0) * fractal(p * 5.0, 4, 2301.0);
    let light = (milk * 0.5 * clear_sky() + stars(p, 0.5)) * smoothstep(0.4, 0.75, p.y);
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.13 * 2301.0, 0.1), 2305.0);
    return paint(streaked(vec3f(0.0), cloud.y, 1.0), cloud.x * smoothstep(0.54, 0.74, p.y) * 0.5);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.058, 0.042), 0.06);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.1, 0.0), 0.5, 0.08, 0.26, 711.0), 0.42);
}

fn plate_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.5, 0.0), 0.63, 0.2, 0.95, 713.0), 0.1);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(-0.3, 0.7), 0.1, 811.0);
}

fn far_line(x: f32) -> f32 {
    return 0.45 + 0.055 * swell(x * 1.6 + 0.4, 731.0) + 0.006 * swell(x * 19.0, 732.0);
}

fn back_line(x: f32) -> f32 {
    return 0.395 + 0.042 * swell(x * 2.1 + 1.3, 733.0);
}

fn mid_line(x: f32) -> f32 {
    return 0.342 + 0.026 * swell(x * 1.8 + 0.7, 734.0) + 0.03 * exp(-pow((x - 0.22) * 3.0, 2.0));
}

// Fields in strips over a hill whose brow is `down` above.
fn strips(p: vec2f, down: f32, scale: f32, salt: f32) -> vec3f {
    let slant = p.x + down * (1.2 + 0.7 * swell(p.x * 1.3, salt));
    let q = vec2f(slant / (0.16 * scale), log(1.0 + max(down, 0.0) / (0.03 * scale)) * 1.7 + 0.3 * wave(slant * 0.7 / scale));
    let row = floor(q.y);
    let shifted = q.x + hash1(row, salt) * 5.0;
    let h = hash4(vec2f(floor(shifted), row), salt + 1.0);
    let f = vec2f(fract(shifted), fract(q.y));
    var tint = by_hour(hex(0x96a488u), hex(0x8fbb6cu), hex(0x746650u), hex(0x1d395au));
    tint = mix(tint, by_hour(hex(0xdcc898u), hex(0xe2d484u), hex(0xc08c58u), hex(0x36527au)), step(0.46, h.x));
    tint = mix(tint, by_hour(hex(0xb09ab0u), hex(0xb4a4c0u), hex(0x8a5f80u), hex(0x2a3a70u)), step(0.72, h.x));
    tint = mix(tint, by_hour(hex(0x7d9480u), hex(0x68a063u), hex(0x5c5652u), hex(0x16304eu)), step(0.83, h.x));
    let furrows = 1.0 + 0.055 * wave(f.x * 9.0 + f.y * 2.0) * step(0.4, h.y);
    let hedge = min(min(f.x, 1.0 - f.x) * 0.16 * scale, min(f.y, 1.0 - f.y) * 0.022 * scale);
    let color = mix(tint * furrows, tint * 0.72, smoothstep(0.004 * scale, 0.001 * scale, hedge) * step(0.3, h.z));
    return mix(color, snow_white() * (0.94 + 0.06 * furrows), 0.85 * place.weather.y);
}

// The narrow width of a poplar's crown at its height `v`.
fn poplar_width(v: f32) -> f32 {
    let t = clamp((v - 0.08) / 0.92, 0.0, 1.0);
    return 0.158 * sqrt(t * (1.0 - t)) * (1.0 - 0.42 * t) * (1.0 + 0.05 * wave(v * 3.3));
}

// A poplar from its foot, far off: coverage and tone.
fn small_poplar(p: vec2f, foot: vec2f, height: f32, salt: f32) -> vec2f {
    let q = (p - foot) / height;
    let tufts = 0.012 * wave(q.y * 9.0 + salt * 3.7 - 5.0 * abs(q.x)) + 0.007 * wave(q.y * 23.0 + salt - 9.0 * abs(q.x));
    let u = q.x - 0.02 * wave(q.y * 0.5 + salt);
    let width = poplar_width(q.y);
    let d = min(max(abs(u) - width - tufts * smoothstep(0.0, 0.2, width * 4.0), max(0.08 - q.y, q.y - 1.0)), max(abs(u) - 0.008, abs(q.y - 0.05) - 0.07));
    let tone = 0.5 + 0.5 * clamp(u / max(width, 0.02) * sign(place.light_position.x - foot.x), -1.0, 1.0);
    let leafy = noise(vec2f(q.x * 60.0, q.y * 34.0 - abs(q.x) * 60.0), salt + 779.0) - 0.5;
    return vec2f(edge((d + 0.02 * leafy) * height * 0.7), clamp(tone * 0.8 + 3.0 * tufts + 0.45 * leafy + 0.12 * q.y, 0.0, 1.0));
}

fn poplar_paint(tree: vec2f, distance: f32) -> vec4f {
    let dark = by_hour(hex(0x465f62u), hex(0x356452u), hex(0x3a3058u), hex(0x0c1a3cu));
    let light = by_hour(hex(0xd2c496u), hex(0xb2d274u), hex(0xcf8d5eu), hex(0x4468a4u));
    return paint(through_air(mix(mix(dark, light, tree.y * tree.y), snow_white(), 0.6 * place.weather.y * tree.y), distance), tree.x);
}

// Heaps of trees in the distance.
fn woods(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let jag = p + 0.006 * vec2f(noise(p * 190.0, 721.0) - 0.5, noise(p * 190.0, 722.0) - 0.5);
    return poplar_paint(cumulus(jag, base, tall, spacing, salt) * vec2f(1.0, 0.9), distance);
}

// Where the road runs on a far slope, as it climbs to the brow at `t` = 1: middle (x) and half width (y).
fn ribbon(t: f32, from_x: f32, to_x: f32, sway: f32, width: f32) -> vec2f {
    let bends = sin(t * 7.5 + 0.5) * sway * (1.0 - 0.55 * t);
    return vec2f(mix(from_x, to_x, t) + bends, width * (1.0 - 0.72 * t));
}

fn dust_tint() -> vec3f {
    return mix(by_hour(hex(0xf6dcb8u), hex(0xf2e2b8u), hex(0xeab27eu), hex(0x6c86b4u)), snow_white(), 0.6 * place.weather.y);
}

fn plate_hills(p: vec2f) -> vec4f {
    let base = by_hour(hex(0x7486a0u), hex(0x78a6a0u), hex(0x70507cu), hex(0x142650u));
    let a = far_line(p.x);
    let b = back_line(p.x);
    var color = paint(through_air(mix(base, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.56 + 0.3 * smoothstep(0.0, 0.12, a - p.y)), edge(p.y - a));
    color = over(woods(p, b - 0.006, 0.026, 0.075, 0.42, 737.0), color);
    let down = b - p.y;
    let t = 1.0 - down / 0.09;
    let way = ribbon(t, 0.02, -0.2, 0.05, 0.011);
    var hill = strips(p, down, 0.75, 741.0);
    hill = mix(hill, dust_tint(), edge(abs(p.x - way.x) - way.y) * step(0.0, t));
    hill += place.key.rgb * (0.04 + 0.18 * lit(p, 0.35)) * smoothstep(0.06, 0.0, down) * clear_sky();
    return over(paint(through_air(hill, 0.4 + 0.18 * smoothstep(0.03, 0.12, down)), edge(-down)), color);
}

fn plate_hamlet(p: vec2f) -> vec4f {
    return cottages(p, back_line(p.x) - 0.035, 0.028, 0.3, vec2f(-0.56, -0.24), 743.0);
}

fn plate_far_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 747.0);
    let mist = exp(-pow((p.y - 0.335) / 0.025, 2.0)) * (0.25 + 0.7 * wisps) * (0.6 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85));
}

// Where the road begins to climb the hill in the middle, and the place at its brow.
const CLIMB: f32 = 0.272;
const BROW: f32 = 0.22;

fn climb(t: f32) -> vec2f {
    return ribbon(t, -0.25, BROW, 0.085, 0.027);
}

// Trees behind the brow show their heads.
fn plate_brow_trees(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let brow = mid_line(BROW);
    for (var k = 0; k < 4; k++) {
        let side = select(-1.0, 1.0, k % 2 == 0);
        let x = BROW + 0.02 + side * (0.024 - 0.004 * f32(k / 2)) + 0.02 * f32(k / 2);
        color = over(poplar_paint(small_poplar(p, vec2f(x, brow - 0.012 - 0.012 * f32(k / 2)), 0.085 - 0.012 * f32(k / 2), f32(k)), 0.32), color);
    }
    return color;
}

// The hill in the middle, which the road climbs.
fn plate_middle(p: vec2f) -> vec4f {
    let c = mid_line(p.x);
    let trees = woods(p, c - 0.008, 0.034, 0.11, 0.28, 751.0);
    let down = c - p.y;
    let t = (p.y - CLIMB) / (mid_line(BROW) - CLIMB);
    let way = climb(clamp(t, 0.0, 1.2));
    let d = abs(p.x - way.x) - way.y;
    var hill = strips(p, down, 1.3, 753.0);
    hill += place.key.rgb * (0.05 + 0.2 * lit(p, 0.35)) * smoothstep(0.05, 0.0, down) * clear_sky();
    let grassy = by_hour(hex(0x7e9078u), hex(0x70a45cu), hex(0x645848u), hex(0x18344eu));
    hill = mix(hill, mix(grassy, snow_white(), 0.85 * place.weather.y), soft_edge(d - 0.006, 0.006));
    hill = mix(hill, dust_tint() * (0.95 + 0.05 * wave((p.x - way.x) / way.y * 0.9)), edge(d));
    return over(paint(through_air(hill, 0.2 + 0.16 * smoothstep(0.05, 0.11, down)), edge(-down)), trees);
}

fn plate_farms(p: vec2f) -> vec4f {
    return cottages(p, mid_line(p.x) - 0.052, 0.042, 0.18, vec2f(0.48, 0.95), 755.0);
}

// The poplars on both sides of the road up the hill.
fn plate_avenue(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let brow = mid_line(BROW);
    for (var k = 0; k < 10; k++) {
        let t = 1.0 - (f32(k / 2) + 0.4) / 5.4;
        let side = select(-1.0, 1.0, k % 2 == 0);
        let at = climb(t);
        let foot = vec2f(at.x + side * (at.y + 0.014), mix(CLIMB, brow, t) - 0.004);
        let tall = mix(0.2, 0.085, t) * (0.9 + 0.2 * hash1(f32(k), 757.0));
        color = over(paint(place.shade.rgb * 0.3, 0.3 * soft_edge(length((p - foot - vec2f(0.05 * tall * sign(foot.x - place.light_position.x), 0.0)) / vec2f(0.075 * tall, 0.004)) - 1.0, 0.6)), color);
        color = over(poplar_paint(small_poplar(p, foot, tall, f32(k)), 0.14 + 0.1 * t), color);
    }
    return color;
}

fn plate_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.4, p.y * 8.0), 3, 759.0);
    let mist = exp(-pow((p.y - 0.285) / 0.022, 2.0)) * (0.2 + 0.7 * wisps) * (0.5 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85));
}

// The road before us: its middle at `depth`.
fn road_middle(depth: f32) -> f32 {
    return -0.12 + 0.16 * depth + 0.2 * sin(depth * 3.9 + 0.2) * depth - 0.12 * depth * depth;
}

fn plate_ground(p: vec2f) -> vec4f {
    let top = TOP + 0.01 * swell(p.x * 2.1, 761.0);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.25);
    var color = meadow(p, top, 762.0);
    let wide = 0.014 + 0.27 * depth + 0.26 * depth * depth;
    let s = (p.x - road_middle(depth)) / wide;
    let d = (abs(s) - 1.0) * wide;
    let way = trodden(p, d, depth);
    color = mix(color, way.rgb, way.a * 0.96);
    // Two wheel tracks, with grass left standing between them.
    let ragged = 0.1 * (noise(vec2f(p.x * 26.0, p.y * 80.0), 763.0) - 0.5);
    let rut = smoothstep(0.2, 0.06, abs(abs(s) - 0.5) + ragged) * smoothstep(0.03, 0.12, depth);
    color *= 1.0 - 0.2 * rut;
    let lit_lip = smoothstep(0.07, 0.02, abs(abs(s) - 0.5 - 0.19 * sign(s) * sign(place.light_position.x - p.x)) + ragged) * smoothstep(0.05, 0.2, depth);
    color += place.key.rgb * 0.07 * lit_lip * clear_sky();
    let between = smoothstep(0.2, 0.08, abs(s) + 1.6 * ragged + 0.12 * swell(depth * 30.0, 764.0));
    let verge = smoothstep(-0.03, 0.05, d);
    let worn = mix(color, mix(color, meadow(p, top, 765.0), 0.75), between);
    color = mix(worn, color, verge);
    let grassy = meadow_grass(color, p, top, 0.075, 0.6, 767.0);
    color = mix(color, grassy, max(smoothstep(-0.004, 0.02, d), 0.85 * between));
    // Shadows of the trees beside the road.
    let spread = (p.x - place.light_position.x) / (top + 0.06 - p.y);
    let stripe = smoothstep(0.55, 0.78, noise(vec2f(spread * 2.7 + 3.0, 0.5), 769.0)) * smoothstep(0.5, 1.1, abs(spread) + 0.3 * depth);
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.5), 0.35), stripe * 0.42 * clear_sky() * smoothstep(0.03, 0.2, depth) * (1.0 - 0.5 * place.hours.y));
    color = through_air(color, 0.2 * smoothstep(0.06, 0.0, top - p.y));
    let scene = paint(color, edge(p.y - top));
    return over(flowers(p, top, 0.056, 0.5, 771.0) * smoothstep(0.04, 0.09, top - p.y) * smoothstep(0.0, 0.03, d), scene);
}

// A poplar near to us: leaves that point upwards along a slender crown.
fn poplar(p: vec2f, foot: vec2f, height: f32, leaf_size: f32, salt: f32) -> vec4f {
    let q = (p - foot) / height;
    let dark = by_hour(hex(0x34505au), hex(0x24543fu), hex(0x29284au), hex(0x0a1430u));
    let body = by_hour(hex(0x6c896eu), hex(0x4f8f4cu), hex(0x5c5068u), hex(0x1c3459u));
    let light = by_hour(hex(0xf3d9a2u), hex(0xcce482u), hex(0xecaa64u), hex(0x7da2dau));
    let toward = sign(place.light_position.x - foot.x);
    let sway = 0.02 * wave(q.y * 0.5 + salt);
    let u = q.x - sway;
    let girth = 0.0125 * (1.0 + 1.2 * exp(-max(q.y, 0.0) * 30.0));
    let trunk = max(abs(u) - girth, max(q.y - 0.6, 0.006 * noise(vec2f(p.x * 230.0, 1.0), salt) - q.y));
    let bark_tone = clamp(u / girth * toward, -1.0, 1.0);
    var bark = mix(by_hour(hex(0x3a3b4cu), hex(0x474640u), hex(0x241d33u), hex(0x090f24u)), by_hour(hex(0xc8a68cu), hex(0xb8a27cu), hex(0xb87854u), hex(0x4c6498u)), smoothstep(-0.5, 1.0, bark_tone));
    bark *= 0.82 + 0.3 * noise(vec2f(u * 300.0, q.y * 20.0), salt + 1.0);
    var color = paint(bark, edge(trunk * height));
    let ruffle = 0.013 * clumps(vec2f(q.x * 40.0, q.y * 70.0 - abs(u) * 60.0), salt);
    let crowned = step(0.07, q.y) * step(q.y, 1.04);
    let deep = mix(-0.1, poplar_width(q.y) + ruffle - abs(u), crowned);
    let facing = clamp(0.48 + 0.5 * toward * u / max(poplar_width(q.y), 0.03) + 11.0 * ruffle, 0.0, 1.0);
    color = over(paint(mix(dark * 0.8, mix(dark, body, 0.6), facing), soft_edge((0.012 - deep) * height, 0.006)), color);
    for (var layer = 0; layer < 2; layer++) {
        let scale = leaf_size * select(1.0, 0.8, layer == 1) * vec2f(0.8, 1.0);
        let g = floor(p / scale - 0.5);
        let count = select(0u, 4u, deep > -0.03);
        for (var i = 0u; i < count; i++) {
            let cell = g + vec2f(f32(i & 1u), f32(i >> 1u));
            let h = hash4(cell, salt + 3.0 + f32(layer));
            let c = (cell + 0.5 + (h.xy - 0.5) * 0.6) * scale;
            let away = (c.x - foot.x) / height;
            let turns = 0.25 - clamp(away * 1.3, -0.1, 0.1) + (h.z - 0.5) * 0.16;
            let r = spun(p - c, turns) / (leaf_size * (1.15 + 0.4 * h.w)) + vec2f(0.5, 0.0);
            let deep_there = deep - (abs(away - sway) - abs(u));
            let cover = edge(leaf(r, 0.36) * leaf_size) * clamp((deep_there - 0.005 - 0.022 * f32(layer)) * 150.0, 0.0, 1.0);
            let turned = clamp(facing * (0.82 + 0.2 * f32(layer)) + 0.3 * (h.z - 0.5) + 0.1 * sign(r.y), 0.0, 1.0);
            var tint = mix(dark, body, clamp(turned * 1.6, 0.0, 1.0));
            tint = mix(tint, light, smoothstep(0.5, 0.95, turned) * (0.35 + 0.65 * clear_sky()) * (0.35 + 0.65 * f32(layer)));
            tint = mix(tint, snow_white(), place.weather.y * 0.7 * step(0.5, h.w) * turned);
            color = over(paint(tint, cover), color);
        }
    }
    return vec4f(overcast(color.rgb), color.a) * smoothstep(-0.012, 0.02, q.y - 0.012 * noise(vec2f(p.x * 140.0, 1.0), 773.0));
}

// A wall of field stones laid without mortar, from `start` away to the left.
fn plate_wall(p: vec2f) -> vec4f {
    let start = -0.52;
    let foot = 0.226 + 0.03 * (p.x - start) * 0.6;
    let crumble = 0.05 * smoothstep(start - 0.16, start, p.x);
    let high = 0.098 - crumble + 0.005 * swell(p.x * 12.0, 781.0);
    let t = p.y - foot;
    let shadow = soft_edge(length(vec2f(max(p.x - start, 0.0) * 2.0, t + 0.004) / vec2f(0.05, 0.014)) - 1.0, 0.8);
    var color = paint(place.shade.rgb * 0.25, 0.5 * shadow);
    let toward = normalize(place.light_position - p);
    var found = 9.0;
    var shape = vec4f(0.0);
    var offset = vec2f(0.0);
    let row_high = 0.0235;
    let row0 = floor(t / row_high);
    for (var r = 0; r < 2; r++) {
        let row = row0 + f32(r) * select(1.0, -1.0, fract(t / row_high) < 0.5);
        let pitch = 0.048 + 0.012 * hash1(row, 783.0);
        let along = p.x / pitch + hash1(row, 784.0) * 7.0;
        for (var i = 0; i < 2; i++) {
            let n = floor(along - 0.5) + f32(i);
            let h = hash4(vec2f(n, row), 785.0);
            let c = vec2f((n + 0.5 + 0.2 * (h.x - 0.5) - hash1(row, 784.0) * 7.0) * pitch, foot + (row + 0.5) * row_high);
            let half_size = vec2f(pitch * (0.46 + 0.08 * h.y), row_high * (0.47 + 0.08 * h.z));
            let q = rotated(p - c, 0.03 * (h.w - 0.5));
            let d = box(q, vec2f(0.0), half_size, half_size.y * 0.75) + 0.0016 * (noise(p * 120.0, 787.0) - 0.5);
            let stands = step(c.y + 0.3 * half_size.y - foot, high) * step(c.x, start - 0.03 * h.y - 0.012 * row) * step(-0.5, row);
            let stone = d + 9.0 * (1.0 - stands);
            offset = select(offset, q / half_size, stone < found);
            shape = select(shape, h, stone < found);
            found = min(found, stone);
        }
    }
    let gaps = max(max(p.x - start + 0.03 + 0.6 * t, t - high + 0.02), -t);
    let dark = by_hour(hex(0x4c4a60u), hex(0x50565au), hex(0x382c50u), hex(0x101b40u));
    let light = by_hour(hex(0xeccdb2u), hex(0xdcd6c4u), hex(0xe29c74u), hex(0x7894d0u));
    let body = mix(by_hour(hex(0x9a8c94u), hex(0x9aa09cu), hex(0x7a5c74u), hex(0x2f4272u)), by_hour(hex(0xa8968cu), hex(0xb0a68eu), hex(0x86605eu), hex(0x374a78u)), shape.x);
    color = over(paint(overcast(dark * 0.7), edge(gaps)), color);
    let tone = 0.5 + 0.34 * dot(offset, toward) + 0.3 * (shape.y - 0.5) + 0.4 * (fractal(p * 60.0, 2, 789.0) - 0.5);
    var stone = mix(mix(dark, body, smoothstep(0.0, 0.5, tone)), light, smoothstep(0.5, 1.05, tone) * (0.4 + 0.5 * clear_sky()));
    let moss = smoothstep(0.5, 0.72, fractal(p * vec2f(16.0, 22.0), 2, 791.0)) * smoothstep(-0.4, 0.4, offset.y);
    stone = mix(stone, by_hour(hex(0x7d8a66u), hex(0x72904cu), hex(0x54503cu), hex(0x1c3850u)), 0.7 * moss);
    stone = mix(stone, snow_white(), place.weather.y * smoothstep(high - 0.03, high - 0.01, t));
    color = over(paint(overcast(stone), edge(found)), color);
    // Grass grows up before it.
    let tuft = t - 0.018 * noise(vec2f(p.x * 90.0, 1.0), 793.0) - 0.008 * noise(vec2f(p.x * 260.0, 2.0), 794.0);
    let grass_tint = mix(by_hour(hex(0x6b8460u), hex(0x5c9a4cu), hex(0x504a3eu), hex(0x15304cu)), by_hour(hex(0xb4b47cu), hex(0x9ac660u), hex(0xa87e50u), hex(0x34568cu)), smoothstep(0.0, 0.02, t) * noise(vec2f(p.x * 200.0, 3.0), 795.0));
    return over(paint(overcast(mix(grass_tint, snow_white(), 0.8 * place.weather.y)), edge(tuft) * smoothstep(-0.03, 0.004, t) * smoothstep(start + 0.03, start - 0.03, p.x)), color);
}

// A milestone with an arrow and notches cut into it.
fn milestone(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let worn = 0.02 * (noise(q * 9.0, 801.0) - 0.5);
    let slab = select(max(abs(q.x) - 0.3 + 0.03 * q.y, -q.y), length(q - vec2f(0.0, 0.72)) - 0.278, q.y > 0.72) + worn;
    let side = select(max(abs(q.x + 0.07 * toward) - 0.3 + 0.03 * q.y, -q.y), length(q - vec2f(-0.07 * toward, 0.72)) - 0.278, q.y > 0.72) + worn;
    let dark = by_hour(hex(0x55506au), hex(0x596064u), hex(0x3c3056u), hex(0x121e46u));
    let body = by_hour(hex(0xb8a8a8u), hex(0xc0c0b4u), hex(0x946e80u), hex(0x3a5088u));
    let light = by_hour(hex(0xfbe2c8u), hex(0xf2eedcu), hex(0xf2b48cu), hex(0x8eaae4u));
    let shadow = length((q - vec2f(-0.35 * toward, 0.0)) / vec2f(0.6, 0.1)) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(shadow, 0.8));
    color = over(paint(overcast(mix(dark, body, 0.25)), edge(side * size)), color);
    let speck = fractal(p * 70.0, 2, 803.0) - 0.5;
    let tone = 0.55 + 0.5 * q.x * toward + 0.2 * (q.y - 0.5) + 0.35 * speck;
    var stone = mix(body, light, smoothstep(0.4, 1.0, tone) * (0.4 + 0.6 * clear_sky()));
    stone = mix(dark, stone, smoothstep(-0.1, 0.45, tone));
    let arrow = min(segment(q, vec2f(-0.13, 0.68), vec2f(0.13, 0.68)), min(segment(q, vec2f(0.13, 0.68), vec2f(0.05, 0.76)), segment(q, vec2f(0.13, 0.68), vec2f(0.05, 0.6)))) - 0.022;
    let notches = max(abs(q.x) - 0.16, max(abs(fract(q.x / 0.1 + 0.5) - 0.5) * 0.1 - 0.018, abs(q.y - 0.4) - 0.08));
    let cut = min(arrow, notches);
    stone = mix(stone, dark * 0.9, 0.75 * soft_edge(cut, 0.02));
    stone = mix(stone, light, 0.4 * soft_edge(abs(cut + 0.004) - 0.006, 0.01) * step(q.y, 0.68) * step(0.0, cut));
    let moss = smoothstep(0.35, 0.0, q.y + 0.5 * speck) + 0.7 * smoothstep(0.62, 0.7, fractal(q * 4.0 + 3.0, 2, 805.0));
    stone = mix(stone, by_hour(hex(0x75855fu), hex(0x6b8a46u), hex(0x4c4a3cu), hex(0x18344cu)), 0.65 * clamp(moss, 0.0, 1.0));
    stone = mix(stone, snow_white(), place.weather.y * smoothstep(0.84, 0.95, q.y));
    color = over(paint(overcast(stone), edge(slab * size)), color);
    let tuft = q.y - 0.16 * noise(vec2f(p.x * 110.0, 1.0), 807.0) - 0.06 * noise(vec2f(p.x * 300.0, 2.0), 808.0);
    let green = mix(by_hour(hex(0x6b8460u), hex(0x5c9a4cu), hex(0x504a3eu), hex(0x15304cu)), by_hour(hex(0xb4b47cu), hex(0x9ac660u), hex(0xa87e50u), hex(0x34568cu)), smoothstep(0.0, 0.2, q.y));
    return over(paint(overcast(mix(green, snow_white(), 0.8 * place.weather.y)), edge(tuft * size) * smoothstep(-0.14, 0.06, q.y) * smoothstep(0.5, 0.3, abs(q.x))), color);
}

// A post with blank arms that point to three places, a scarf somebody tied to it.
fn signpost(p: vec2f, foot: vec2f) -> vec4f {
    let q = p - foot - vec2f(0.012 * (p.y - foot.y), 0.0);
    let toward = sign(place.light_position.x - foot.x);
    let dark = by_hour(hex(0x4e4350u), hex(0x584a40u), hex(0x332640u), hex(0x0e1732u));
    let body = by_hour(hex(0x9a8078u), hex(0xa48a6cu), hex(0x7a5054u), hex(0x2c3e6cu));
    let light = by_hour(hex(0xfbdcb0u), hex(0xe6d2a6u), hex(0xf2a86cu), hex(0x84a0d6u));
    let shadow = length((q - vec2f(-0.06 * toward, -0.002)) / vec2f(0.1, 0.012)) - 1.0;
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(shadow, 0.8));
    let post = max(abs(q.x) - 0.0155, max(q.y - 0.445, -q.y));
    let u = clamp(q.x / 0.0155, -1.0, 1.0) * toward;
    let streak = noise(vec2f(q.x * 190.0, p.y * 7.0), 811.0);
    let wood = mix(dark, mix(body, light, smoothstep(0.2, 1.0, u) * (0.4 + 0.6 * clear_sky())), smoothstep(-1.0, 0.3, u)) * (0.84 + 0.28 * streak);
    color = over(paint(overcast(wood), edge(post)), color);
    let cap = max(abs(q.x) - 0.03 + (q.y - 0.44) * 0.9, max(0.437 - q.y, q.y - 0.47));
    color = over(paint(overcast(mix(mix(dark, body, 0.5 + 0.5 * clamp(q.x / 0.03, -1.0, 1.0) * toward), snow_white(), 0.9 * place.weather.y)), edge(cap)), color);
    for (var i = 0; i < 3; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 1.0), 813.0);
        let way = select(-1.0, 1.0, fract(place.seed.x * 3.7 + 0.5 * k + 0.2) < 0.5);
        let r = rotated(q - vec2f(0.0, 0.395 - 0.066 * k), 0.03 * (h.x - 0.5));
        let x = r.x * way;
        let long = 0.14 + 0.04 * h.y;
        let board = max(max(-0.035 - x, x + abs(r.y) * 1.1 - long), abs(r.y) - 0.0215 + 0.0015 * (noise(vec2f(r.x * 40.0, k), 815.0) - 0.5));
        let grained = noise(vec2f(r.x * 12.0 + 5.0 * k, r.y * 330.0), 817.0);
        var tone = mix(body, light, clamp(0.3 + 0.35 * toward * way * (x / long) * 0.7 + 8.0 * r.y, 0.05, 0.85) * (0.5 + 0.5 * clear_sky())) * (0.82 + 0.28 * grained);
        tone = mix(tone, dark, 0.5 * smoothstep(-0.003, 0.0, abs(board + 0.007) * -1.0 + 0.0012));
        let nail = min(length(r - vec2f(0.0, 0.009)), length(r - vec2f(0.0, -0.009))) - 0.0022;
        color = over(paint(dark * 0.5, 0.45 * edge(max(board, 0.0) + abs(q.x) - 0.017) * step(r.y, -0.0215) * step(-0.035, r.y)), color);
        color = over(paint(overcast(tone), edge(board)), color);
        color = over(paint(overcast(mix(tone, light, 0.5)), 0.7 * smoothstep(0.003, 0.0, abs(r.y - 0.0195)) * edge(board)), color);
        color = over(paint(overcast(dark * 0.7), edge(nail)), color);
        color = over(paint(overcast(snow_white()), place.weather.y * edge(max(max(-0.035 - x, x - long + 0.02), abs(r.y - 0.024) - 0.006))), color);
    }
    // The scarf: a knot and two ends in the wind.
    let red = by_hour(hex(0xb4564eu), hex(0xbe4f3eu), hex(0xa4424au), hex(0x4a3468u));
    let knot = box(q, vec2f(0.0, 0.165), vec2f(0.0195, 0.012), 0.006);
    for (var i = 0; i < 2; i++) {
        let k = f32(i);
        let t = clamp((q.x - 0.01) / (0.085 - 0.02 * k), 0.0, 1.0);
        let line = 0.166 - 0.012 * k - (0.05 + 0.03 * k) * t + 0.012 * sin(t * 6.0 + 1.5 * k) * t + 0.05 * place.weather.w * t;
        let width = 0.006 + 0.009 * t;
        let end = max(abs(q.y - line) - width, max(0.008 - q.x, q.x - 0.09 + 0.02 * k - 0.004 * sign(sin(q.y * 900.0))));
        let fold = 0.75 + 0.3 * sin(t * 7.0 + k) + 0.2 * (q.y - line) / width;
        color = over(paint(overcast(red * fold), edge(end)), color);
    }
    color = over(paint(overcast(red * (0.85 + 0.3 * u)), edge(knot)), color);
    let tuft = q.y - 0.02 * noise(vec2f(p.x * 110.0, 1.0), 819.0);
    let green = by_hour(hex(0x5c7658u), hex(0x4c8446u), hex(0x3e3e3cu), hex(0x122440u));
    return over(paint(overcast(mix(green, snow_white(), 0.8 * place.weather.y)), edge(tuft) * smoothstep(-0.012, 0.0, q.y) * smoothstep(0.035, 0.02, abs(q.x))), color);
}

// The chances of the tall poplar nearest to a place, and where it stands: one near the middle and one further out on each side.
struct TallPoplar {
    further: f32,
    chance: vec4f,
    foot: vec2f,
}

fn tall_poplar(p: vec2f) -> TallPoplar {
    let side = select(1.0, -1.0, p.x < 0.0);
    let further = select(0.0, 1.0, abs(p.x) > 1.16);
    let h = hash4(vec2f(side, further), 821.0);
    return TallPoplar(further, h, vec2f(side * (0.97 + 0.4 * further) + 0.05 * (h.x - 0.5), 0.24 - 0.03 * further));
}

fn plate_tall_poplars(p: vec2f) -> vec4f {
    let tall = tall_poplar(p);
    let shadow = paint(place.shade.rgb * 0.2, 0.4 * soft_edge(length((p - tall.foot + vec2f(0.0, 0.008)) / vec2f(0.16, 0.014)) - 1.0, 0.8) * smoothstep(0.2, 0.23, p.y));
    return over(poplar(p, tall.foot, 0.78 + 0.14 * tall.chance.y, 0.025, 823.0 + tall.further), shadow);
}

fn plate_poplars(p: vec2f) -> vec4f {
    let foot = vec2f(select(0.79, -0.75, p.x < 0.0), 0.26);
    return poplar(p, foot, 0.56 + 0.1 * tall_poplar(p).chance.z, 0.021, 825.0);
}

fn plate_milestone(p: vec2f) -> vec4f {
    return milestone(p, vec2f(-0.49, 0.2), 0.125);
}

fn plate_signpost(p: vec2f) -> vec4f {
    return signpost(p, vec2f(0.62, 0.2));
}

// Ears, thistles and long grass at our feet.
fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = by_hour(hex(0x22382fu), hex(0x1a4028u), hex(0x161326u), hex(0x050c1cu));
    let light = by_hour(hex(0x9a906cu), hex(0x86a854u), hex(0x86583eu), hex(0x2a4a78u));
    let count = select(0, 22, abs(p.x) > 0.3 && p.y < 0.36);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 831.0);
        let foot = vec2f(side * (0.5 + 0.62 * h.x), -0.07);
        let long = (0.12 + 0.22 * h.z) * smoothstep(0.35, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 0.9 + 0.25 * place.weather.w;
        let d = blade(p, foot, long, lean, 0.011);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(d)), color);
        let top = foot + vec2f(lean * long, long);
        let along = normalize(vec2f(2.0 * lean, 1.0));
        let v = p - top;
        let r = vec2f(dot(v, along), along.x * v.y - along.y * v.x);
        let ear = length(vec2f((r.x + 0.018) * 0.36, r.y * (1.0 + 0.25 * wave(r.x * 60.0)))) - 0.0095;
        color = over(paint(overcast(mix(dark, light, 0.35 + 0.4 * h.y)), edge(ear) * step(h.w, 0.55)), color);
    }
    return color;
}
