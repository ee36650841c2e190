// High in the mountains: snowy peaks over the clouds, a waterfall, a hut on a shelf, a path between boulders.

const TOP: f32 = 0.268;

// The stage lies the other way round in half of the scenes.
fn hand() -> f32 {
    return select(-1.0, 1.0, fract(place.seed.x * 6.71) < 0.5);
}

fn front_tone() -> f32 {
    return dot(place.hours, vec4f(0.46, 0.6, 0.36, 0.4));
}

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(whole_sky(p, 0.34, 1901.0), 1.0);
}

// Height of the peak in cell `cell` over `x`, its own x and its summit.
fn peak(x: f32, cell: f32, base: f32, tall: f32, spacing: f32, salt: f32) -> vec3f {
    let h = hash4(vec2f(cell, 1.0), salt);
    let at = (cell + 0.25 + 0.5 * h.x) * spacing;
    let summit = base + tall * (0.5 + 0.5 * h.y);
    let d = x - at;
    let steep = tall / spacing * select(1.15 + 0.5 * h.z, 1.15 + 0.5 * h.w, d > 0.0);
    let fall = abs(d) * steep;
    // Steep at the summit, gentler below.
    let shape = fall * (1.0 - 0.28 * smoothstep(0.25, 1.1, fall / tall));
    let jag = tall * (0.06 * (noise(vec2f(x * 9.0 / spacing, cell), salt + 1.0) - 0.5) + 0.035 * (noise(vec2f(x * 27.0 / spacing, cell), salt + 2.0) - 0.5) + 0.015 * (noise(vec2f(x * 80.0 / spacing, cell), salt + 3.0) - 0.5));
    return vec3f(summit - shape + jag * smoothstep(0.0, 0.12, fall / tall), at, summit);
}

// A jagged line from -1 to 1.
fn tooth(turns: f32) -> f32 {
    return abs(fract(turns) - 0.5) * 4.0 - 1.0;
}

// A range of peaks, one in each `spacing`: faces in the light and in shade, rock below, snow above `snow_line`.
fn massif(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, snow_line: f32, salt: f32) -> vec4f {
    let here = floor(p.x / spacing);
    var top = vec3f(-9.0);
    var owner = vec3f(-9.0);
    var own_cell = 0.0;
    for (var i = -1; i <= 1; i++) {
        let cell = here + f32(i);
        let k = peak(p.x, cell, base, tall, spacing, salt);
        top = select(top, k, vec3<bool>(k.x > top.x));
        // A nearer peak keeps what lies below its own edge.
        let nearer = k.x > p.y && hash1(cell, salt + 9.0) > hash1(own_cell, salt + 9.0) - select(0.0, 2.0, owner.x < -8.0);
        owner = select(owner, k, vec3<bool>(nearer));
        own_cell = select(own_cell, cell, nearer);
    }
    owner = select(owner, top, vec3<bool>(owner.x < -8.0));
    let down = max(owner.z - p.y, 0.0) / tall;
    let crag = noise(p / tall * vec2f(34.0, 26.0), salt + 6.0) - 0.5;
    let zig = tall * (0.1 * tooth(down * 1.3 + owner.y * 7.0) + 0.05 * tooth(down * 3.1 + owner.y * 11.0) + 0.018 * tooth(down * 8.3) + 0.02 * crag) * smoothstep(0.0, 0.35, down);
    let u = (p.x - owner.y - zig) / tall;
    let toward = select(-1.0, 1.0, place.light_position.x > owner.y);
    let side = sign(u) * toward;
    // Ribs run down and outwards from the ridge: wedges of shade on the lit side, of light on the other.
    let straight = abs(p.x - owner.y) / tall;
    let across = (straight - 0.3 * down) * 6.5 + 0.07 * crag + 0.09 * tooth(down * 6.0) + owner.y * 13.0;
    let strip = floor(across);
    let h = hash4(vec2f(strip, own_cell * 2.0 + step(0.0, u)), salt + 4.0);
    let grown = clamp((down - 0.12 - 0.45 * h.x) * 2.6, 0.0, 1.0) * (0.35 + 0.65 * h.y);
    let f = across - strip - 0.5;
    let wedge = clamp((0.46 * grown - abs(f - 0.2 * (h.w - 0.5))) * tall / (6.5 * max(place.px, 0.0008)) + 0.5, 0.0, 1.0);
    let fine = (straight - 0.62 * down) * 15.0 + 0.25 * crag + h.w;
    let second = hash4(vec2f(floor(fine), own_cell), salt + 5.0);
    let sliver = step(abs(fract(fine) - 0.5), 0.4 * clamp((down - 0.3 - 0.4 * second.x) * 3.0, 0.0, 1.0) * second.y);
    let lit_side = 1.0 - max(wedge, 0.55 * sliver);
    let dim_side = max(wedge * step(0.5, h.z) * 0.85, 0.4 * sliver * step(0.5, second.z));
    let face = select(dim_side, lit_side, side > 0.0);
    let light = face * (0.35 + 0.65 * clear_sky());
    let rock_dark = by_hour(hex(0x6a6f96u), hex(0x5c7896u), hex(0x493868u), hex(0x12204au));
    let rock_light = by_hour(hex(0xd8a898u), hex(0xb4b0a8u), hex(0xc4766cu), hex(0x3f5a94u));
    let snow_dark = by_hour(hex(0x9a9cc8u), hex(0x9dbee2u), hex(0x7a5f9cu), hex(0x2c4480u));
    let snow_light = by_hour(hex(0xffe2ccu), hex(0xfcfbf4u), hex(0xffc094u), hex(0x93abdcu));
    let covered = smoothstep(-0.012, 0.015, (p.y - mix(snow_line, base - tall, 0.6 * place.weather.y)) / tall + 0.09 * tooth(across * 0.5) + 0.07 * tooth(fine * 0.5) + 0.16 * (h.x - 0.5) * (1.0 - 2.0 * abs(f)) + 0.16 * crag - 0.06 * step(0.0, -side));
    var color = mix(mix(rock_dark, rock_light, light), mix(snow_dark, snow_light, light), covered);
    color += place.key.rgb * 0.2 * smoothstep(0.02, 0.0, (top.x - p.y) / tall) * place.key.a * clear_sky() * step(0.0, side);
    let low = smoothstep(base + tall * 0.32, base - tall * 0.1, p.y);
    return paint(through_air(color, mix(distance, 1.0, 0.75 * low)), edge((p.y - top.x) * 0.75));
}

fn plate_far_peaks(p: vec2f) -> vec4f {
    return massif(p + vec2f(0.13, 0.0), 0.42, 0.26, 0.3, 0.58, 0.5, 1911.0);
}

fn plate_peaks(p: vec2f) -> vec4f {
    return massif(p, 0.34, 0.52, 0.74, 0.26, 0.5, 1921.0);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(-0.2 * hand(), 0.66), 0.1, 1925.0);
}

// Clouds that lie in the valleys below the peaks.
fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.1, 0.0), 0.43, 0.07, 0.2, 1931.0), 0.38) * 0.9;
}

fn plate_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.4, 0.0), 0.385, 0.075, 0.31, 1933.0), 0.16) * 0.92;
}

// A wooded ridge that rises to one side.
fn wooded(p: vec2f, line: f32, fir_size: f32, distance: f32, salt: f32) -> vec4f {
    let row = fir_row(p, line, fir_size * 0.36, fir_size, salt);
    let back = fir_row(p + vec2f(0.013, 0.0), line - fir_size * 0.34, fir_size * 0.4, fir_size, salt + 3.0);
    let dark = by_hour(hex(0x43596cu), hex(0x2f5c54u), hex(0x38305au), hex(0x0d1a3cu));
    let light = by_hour(hex(0x9aa48au), hex(0x86ae6cu), hex(0x94666cu), hex(0x35528eu));
    let floor_color = mix(dark, light, 0.35 + 0.3 * noise(p * vec2f(20.0, 60.0), salt + 5.0));
    let snow = place.weather.y;
    var color = paint(through_air(mix(mix(dark, light, row.y * row.y), snow_white(), 0.7 * snow * row.y), distance), row.x);
    color = over(paint(through_air(mix(floor_color, snow_white(), 0.6 * snow), distance + 0.25 * smoothstep(line - 0.02, line - 0.1, p.y)), edge(p.y - line + 0.006)), color);
    return over(paint(through_air(mix(mix(dark, light, back.y * back.y), snow_white(), 0.7 * snow * back.y), distance), back.x), color);
}

fn shelf_line(x: f32) -> f32 {
    return 0.235 + 0.17 * smoothstep(-0.2, -0.5, x) + 0.1 * smoothstep(-0.75, -1.3, x) + 0.01 * swell(x * 6.0, 1943.0);
}

fn cliff_line(x: f32) -> f32 {
    return 0.25 + 0.3 * smoothstep(0.42, 0.56, x) + 0.1 * smoothstep(0.72, 1.25, x) + 0.012 * swell(x * 14.0, 1945.0) + 0.006 * swell(x * 41.0, 1946.0);
}

fn fall_x() -> f32 {
    return 0.63 + 0.05 * (fract(place.seed.x * 19.3) - 0.5);
}

fn plate_far_woods(p: vec2f) -> vec4f {
    let line = 0.36 + 0.06 * smoothstep(0.1, 1.2, p.x) + 0.1 * smoothstep(-0.2, -1.3, p.x) + 0.02 * swell(p.x * 3.0, 1941.0);
    return wooded(p, line, 0.055, 0.4, 1951.0);
}

fn plate_woods(p: vec2f) -> vec4f {
    let line = 0.31 + 0.1 * smoothstep(0.15, 1.1, p.x) + 0.03 * smoothstep(-0.3, -1.0, p.x) + 0.016 * swell(p.x * 4.0, 1942.0);
    return wooded(p, line, 0.085, 0.24, 1953.0);
}

fn plate_mist(p: vec2f) -> vec4f {
    let rise = (p.y - 0.3) / 0.06;
    let mist = exp(-rise * rise) * (0.3 + 0.9 * fractal(vec2f(p.x * 2.2, p.y * 7.0), 3, 1955.0)) * (0.75 + 0.5 * place.weather.z);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.3 * lit(p, 0.5) * clear_sky()), clamp(mist, 0.0, 0.9));
}

// Firs that stand on the cliff (`left` 0) or on the shelf beside the hut (1): coverage and tone.
fn standing(p: vec2f, left: f32, spacing: f32, height: f32, salt: f32) -> vec2f {
    var row = vec2f(0.0);
    let here = floor(p.x / spacing);
    for (var i = -1; i <= 1; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, salt), 17.0);
        let x = (cell + 0.15 + 0.7 * h.z) * spacing;
        let open = select(x > fall_x() + 0.07, x < -0.44 && abs(x + 0.64) > 0.19, left > 0.5);
        let tall = height * (0.5 + 0.9 * h.x) * select(0.0, 1.0, open && h.w > 0.15);
        let foot = vec2f(x, select(cliff_line(x), shelf_line(x), left > 0.5) - 0.008);
        let tree = fir(p, foot, max(tall, 0.001), cell * 3.0 + salt) * step(0.001, tall);
        row = vec2f(max(row.x, tree.x), mix(row.y, tree.y, tree.x));
    }
    return row;
}

// Broad slabs of the rock (x) and the cracks between them (y), 0 to 1.
fn clefts(p: vec2f) -> vec2f {
    let bent = p.x + 0.05 * (noise(p * vec2f(4.0, 9.0), 1961.0) - 0.5);
    return vec2f(noise(vec2f(bent * 26.0 - p.y * 5.0, p.y * 7.0), 1962.0), noise(vec2f(bent * 70.0 - p.y * 9.0, p.y * 16.0), 1963.0));
}

// Turf that clings to the rock.
fn turf(crack: f32) -> vec3f {
    let green = in_light(mix(hex(0x6f8f52u), hex(0x98b060u), crack), front_tone() + 0.1);
    return mix(green, snow_white(), 0.9 * place.weather.y);
}

// How deep a place lies in the mist at the foot of the slopes.
fn into_mist(p: vec2f) -> f32 {
    return smoothstep(0.4, 0.26, p.y);
}

// The cliff that the water falls from.
fn plate_cliff(p: vec2f) -> vec4f {
    let d = p.y - cliff_line(p.x);
    let toward = sign(place.light_position.x - p.x);
    let cleft = clefts(p);
    let slab = cleft.x;
    let crack = cleft.y;
    let tone = front_tone() - 0.12 + 0.75 * (slab - 0.5) * (0.8 - 0.25 * toward) + 0.35 * (crack - 0.5) + 0.3 * smoothstep(0.03, 0.0, -d);
    var rock = in_light(mix(hex(0x8f8f9au), hex(0xb4a898u), slab), tone) * (1.0 - 0.22 * smoothstep(0.42, 0.36, crack));
    let ledge = smoothstep(0.56, 0.7, noise(vec2f(p.x * 9.0, p.y * 34.0 + 3.0 * slab), 1964.0));
    rock = mix(rock, turf(crack), max(ledge * 0.75, smoothstep(-0.03, -0.005, d + 0.02 * (crack - 0.5))));
    return paint(through_air(rock, 0.1 + 0.55 * into_mist(p)), edge(d));
}

fn plate_slope_firs(p: vec2f) -> vec4f {
    let on_left = step(p.x, 0.0);
    let firs = standing(p, on_left, mix(0.075, 0.09, on_left), mix(0.15, 0.2, on_left), 1965.0);
    let dark = by_hour(hex(0x3d5568u), hex(0x2c5a50u), hex(0x362f58u), hex(0x0d1a3cu));
    let light = by_hour(hex(0x8d9a86u), hex(0x7fa868u), hex(0x8a5f6cu), hex(0x33508cu));
    return paint(through_air(mix(mix(dark, light, firs.y * firs.y), snow_white(), 0.7 * place.weather.y * firs.y), 0.12), firs.x);
}

// Water in the light.
fn water_bright() -> vec3f {
    return by_hour(hex(0xf6dcd8u), hex(0xf2faf8u), hex(0xf0b8a4u), hex(0x9ab4e4u));
}

fn plate_waterfall(p: vec2f) -> vec4f {
    let w = 0.022 + 0.014 * smoothstep(0.52, 0.3, p.y) + 0.006 * (noise(vec2f(p.y * 18.0, 1.0), 1966.0) - 0.5);
    let wx = (p.x - fall_x() - 0.006 * sin(p.y * 22.0)) / w;
    let strand = noise(vec2f(wx * 4.0, p.y * 9.0), 1967.0) * 0.6 + noise(vec2f(wx * 9.0, p.y * 15.0), 1968.0) * 0.4;
    let deep = by_hour(hex(0x8f9ac0u), hex(0x8fc0ccu), hex(0x7f5f94u), hex(0x34549cu));
    let water = overcast(mix(deep, water_bright(), smoothstep(0.3, 0.65, strand)));
    let cover = soft_edge((abs(wx) - 1.0 + 0.3 * (strand - 0.5)) * w, 0.006) * step(p.y, cliff_top() + 0.004);
    return paint(through_air(water, 0.25 * into_mist(p)), cover * 0.95);
}

fn plate_spray(p: vec2f) -> vec4f {
    let spray = exp(-pow(length((p - vec2f(fall_x(), 0.285)) / vec2f(0.13, 0.05)), 2.0));
    return paint(overcast(mix(water_bright(), place.fog.rgb, 0.3)), clamp(spray * (0.5 + 0.7 * noise(p * vec2f(14.0, 24.0), 1969.0)), 0.0, 0.85));
}

fn plate_hut(p: vec2f) -> vec4f {
    return gabled_house(p, hut_foot(), 0.145, 1.0, 0.08, hut_salt());
}

// The shelf that the hut stands on.
fn plate_shelf(p: vec2f) -> vec4f {
    let cleft = clefts(p);
    let below = shelf_line(p.x) - p.y;
    var color = in_light(mix(hex(0x86a456u), hex(0xb4bc6cu), noise(vec2f(p.x * 16.0, p.y * 40.0), 1971.0)), front_tone() + 0.2 * smoothstep(0.03, 0.0, below) - 0.9 * below);
    color *= 0.93 + 0.14 * noise(vec2f(p.x * 130.0 + 9.0 * p.y, p.y * 70.0), 1975.0);
    color = mix(color, turf(cleft.y), smoothstep(0.03, 0.07, below + 0.03 * (cleft.x - 0.5)));
    color = mix(color, snow_white(), place.weather.y * (0.65 + 0.35 * smoothstep(0.06, 0.0, below)));
    return paint(through_air(color, 0.08 + 0.5 * smoothstep(0.3, 0.24, p.y)), edge(-below));
}

fn hut_foot() -> vec2f {
    return vec2f(-0.7, shelf_line(-0.66) - 0.012);
}

fn hut_salt() -> f32 {
    return 120.0 + floor(fract(place.seed.x * 4.3) * 50.0);
}

fn plate_meadow(p: vec2f) -> vec4f {
    let top = TOP + 0.012 * swell(p.x * 2.6, 1981.0) + 0.02 * smoothstep(0.6, 1.4, abs(p.x));
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    var color = meadow(p, top, 1983.0);
    // Bare stone comes through.
    let bare = smoothstep(0.62, 0.7, fractal(vec2f(p.x * 5.4, (p.y - top) * 26.0), 3, 1985.0) + 0.1 * smoothstep(0.5, 1.2, abs(p.x)));
    let grit = noise(p * vec2f(70.0, 190.0), 1987.0) - 0.5;
    let slab = in_light(hex(0xb0a89cu), 0.62 - 0.35 * depth + 0.2 * grit + 0.2 * lit(p, 0.6));
    color = mix(color, mix(slab, snow_white(), 0.8 * place.weather.y), bare * 0.6);
    let d = abs(p.x - hand() * (0.2 * sin(depth * 3.4 + 0.5) * (0.3 + depth) - 0.06)) - 0.012 - 0.14 * depth * depth - 0.05 * depth;
    let way = trodden(p, d, depth);
    color = mix(color, way.rgb, way.a * 0.94);
    let grassy = meadow_grass(color, p, top, 0.06, 0.55, 1989.0);
    color = mix(color, grassy, smoothstep(-0.012, 0.02, d) * (1.0 - 0.8 * bare));
    color = through_air(color, 0.25 * smoothstep(0.06, 0.0, top - p.y));
    color += place.key.rgb * 0.2 * smoothstep(0.01, 0.0, top - p.y) * clear_sky() * place.key.a;
    let scene = paint(color, edge(p.y - top));
    return over(flowers(p, top, 0.045, 0.34, 1991.0) * smoothstep(0.03, 0.08, top - p.y) * smoothstep(-0.01, 0.02, d) * (1.0 - bare), scene);
}

// A post with boards that point the way.
fn signpost(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    let q = (p - foot) / size;
    let toward = sign(place.light_position.x - foot.x);
    let grainy = noise(q * vec2f(26.0, 90.0), 1993.0) - 0.5;
    let upright = noise(q * vec2f(130.0, 9.0), 1994.0) - 0.5;
    var color = paint(place.shade.rgb * 0.25, 0.45 * soft_edge(length((q - vec2f(-0.06 * toward, -0.005)) / vec2f(0.15, 0.03)) - 1.0, 0.7));
    let post = max(abs(q.x + 0.01 * q.y) - 0.03, max(-0.02 - q.y, q.y - 1.0 - 0.4 * q.x));
    color = over(paint(mix(in_light(hex(0x7f6450u) * (1.0 + 0.3 * upright), 0.48 + 0.32 * toward * q.x / 0.03), snow_white(), place.weather.y * smoothstep(0.96, 0.99, q.y)), edge(post * size)), color);
    for (var i = 0; i < 3; i++) {
        let k = f32(i);
        let way = select(-1.0, 1.0, i != 1);
        let r = rotated(q - vec2f(0.0, 0.86 - 0.17 * k), (0.012 - 0.014 * k) * way) * vec2f(way, 1.0);
        let board = max(max(abs(r.y) - 0.06, -0.1 - r.x), r.x - 0.36 + abs(r.y) * 0.9);
        let wood = in_light(hex(0xa08468u) * (1.0 + 0.22 * grainy), front_tone() + 0.1 + 0.25 * toward * way * r.x + 1.2 * r.y);
        let mark = max(abs(r.y) - 0.012, abs(r.x - 0.1) - 0.12);
        let nail = length(vec2f(r.x, abs(r.y) - 0.025)) - 0.007;
        color = over(paint(mix(mix(wood, in_light(hex(0x5a4638u), 0.4), max(0.45 * edge(mark * size), edge(nail * size))), snow_white(), place.weather.y * smoothstep(0.04, 0.055, r.y)), edge(board * size)), color);
    }
    return color;
}

// Stones piled up to mark the way.
fn cairn(p: vec2f, foot: vec2f, size: f32) -> vec4f {
    var color = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(length((p - foot + vec2f(0.0, 0.005)) / (size * vec2f(0.62, 0.1))) - 1.0, 0.7));
    let toward = normalize(place.light_position - foot);
    var rise = 0.0;
    for (var i = 0; i < 5; i++) {
        let k = f32(i);
        let h = hash4(vec2f(k, 5.0), 1997.0);
        let half = size * vec2f(0.44 - 0.075 * k + 0.05 * (h.x - 0.5), 0.12 - 0.012 * k + 0.03 * h.y);
        let at = foot + vec2f(0.07 * size * (h.y - 0.5) * 2.0, rise + half.y * 0.9);
        rise += half.y * 1.72;
        let q = rotated(p - at, 0.02 * (h.z - 0.5)) / half;
        let d = pow(pow(abs(q.x), 3.4) + pow(abs(q.y), 3.4), 1.0 / 3.4) - 1.0 + 0.14 * (noise(p * 60.0, 1999.0 + k) - 0.5);
        let tone = front_tone() + 0.36 * dot(q, toward) + 0.02 + 0.3 * (noise(p * 90.0, 2001.0 + k) - 0.5);
        let stone = in_light(mix(hex(0x98969cu), hex(0xbcb0a0u), h.w), tone);
        color = over(paint(mix(stone, snow_white(), place.weather.y * smoothstep(0.2, 0.6, q.y)), edge(d * half.y)), color);
    }
    return color;
}

// Tall firs at both sides.
fn plate_near_firs(p: vec2f) -> vec4f {
    let side = sign(p.x);
    let dark = by_hour(hex(0x33495au), hex(0x214a40u), hex(0x2a2448u), hex(0x0a1432u));
    let light = by_hour(hex(0xb0a88au), hex(0x84ac60u), hex(0xa0706cu), hex(0x38548eu));
    let h = hash4(vec2f(side, 2.0), 2011.0);
    let outer = abs(p.x) > 1.2;
    let foot = vec2f(side * (select(1.0, 1.43, outer) + 0.04 * (h.x - 0.5)), select(0.205, 0.23, outer));
    let tall = select(0.6 + 0.12 * h.y, 0.8 + 0.12 * h.z, outer);
    let tree = fir(p, foot, tall, 2013.0 + f32(outer) + side * 3.0);
    let tint = mix(mix(dark, light, tree.y * tree.y), snow_white(), 0.75 * place.weather.y * tree.y);
    let shadow = paint(place.shade.rgb * 0.25, 0.4 * soft_edge(length((p - foot) / vec2f(0.2 * tall, 0.022)) - 1.0, 0.8));
    return over(paint(overcast(tint), tree.x * smoothstep(-0.01, 0.02, p.y - foot.y)), shadow);
}

fn plate_signpost(p: vec2f) -> vec4f {
    return signpost(p, vec2f(0.56 * hand(), 0.226), 0.3);
}

fn plate_cairn(p: vec2f) -> vec4f {
    return cairn(p, vec2f(-0.56 * hand(), 0.222), 0.13);
}

fn plate_boulders(p: vec2f) -> vec4f {
    let right = step(0.0, p.x);
    return boulder(p, mix(vec2f(-0.84, 0.2), vec2f(0.8, 0.196), right), mix(vec2f(0.11, 0.085), vec2f(0.085, 0.066), right), 2021.0 + right);
}

// Water that slides over the fall.
fn plate_fall(p: vec2f) -> vec4f {
    let w = 0.024 + 0.012 * clamp((0.52 - p.y) * 4.5, 0.0, 1.0);
    let u = (p.x - fall_x()) / w;
    let t = place.time_s;
    let a = wave(u * 0.9 + 0.3 * wave(p.y * 2.0 + t * 0.9));
    let b = wave(p.y * 6.0 + t * 1.6 + 0.5 * a);
    let c = wave(p.y * 11.0 + t * 2.3 - 0.7 * a);
    let streak = clamp(0.5 * b + 0.35 * c - 0.1, 0.0, 1.0) * clamp(1.1 - u * u, 0.0, 1.0);
    let within = clamp((cliff_top() - p.y) * 40.0, 0.0, 1.0) * clamp((p.y - 0.29) * 25.0, 0.0, 1.0);
    return paint(overcast(by_hour(hex(0xffece4u), hex(0xffffffu), hex(0xffd4bcu), hex(0xb8ccf4u))), 0.6 * streak * within);
}

fn cliff_top() -> f32 {
    return cliff_line(fall_x());
}

// What lies before the stage in the shade and in the light.
fn front_dark() -> vec3f {
    return by_hour(hex(0x2a3040u), hex(0x26363cu), hex(0x191430u), hex(0x070c22u));
}

fn front_light() -> vec3f {
    return by_hour(hex(0x8c8470u), hex(0x7a9c58u), hex(0x80584cu), hex(0x2c4878u));
}

// Grass and flowers out of focus in the corners.
fn plate_front_grass(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let q = vec2f(p.x * hand(), p.y);
    let side = sign(q.x);
    let dark = overcast(front_dark());
    let light = overcast(front_light());
    let blue = in_light(hex(0x5f70b8u), 0.4) * 0.85;
    let white = in_light(hex(0xe8e4dcu), 0.4) * 0.85;
    for (var i = 0; i < 22; i++) {
        let h = hash4(vec2f(f32(i), side), 2035.0);
        let foot = vec2f(side * (0.52 + 0.6 * h.x), -0.05 + 0.1 * smoothstep(0.6, 1.0, h.x));
        let long = (0.1 + 0.2 * h.z) * smoothstep(0.4, 0.95, abs(foot.x)) + 0.04;
        let lean = (h.w - 0.5) * 1.2 + 0.25 * place.weather.w;
        let t = (p.y - foot.y) / long;
        color = over(paint(mix(dark, light, t * t * 0.6 * (0.3 + h.y)), edge(blade(q, foot, long, lean, 0.011))), color);
        let v = q - foot - vec2f(lean * long, long);
        let star = length(v) - 0.019 * (0.75 + 0.25 * fivefold(v));
        color = over(paint(mix(blue, white, step(0.5, h.y)), edge(star) * step(h.w, 0.34) * (1.0 - place.weather.y)), color);
    }
    return color;
}

// The rocks that it grows on.
fn plate_front_rocks(p: vec2f) -> vec4f {
    let x = p.x * hand();
    let dark = front_dark();
    let stone = mix(dark, by_hour(hex(0x7a7078u), hex(0x708086u), hex(0x5c3f58u), hex(0x1a2a58u)), 0.5);
    let crest = -0.06 + 0.26 * smoothstep(0.5, 0.92, -x) * smoothstep(1.75, 1.1, -x) + 0.1 * smoothstep(0.66, 1.1, x) * smoothstep(1.7, 1.2, x) + 0.03 * (noise(vec2f(x * 8.0, 1.0), 2031.0) - 0.5);
    let facet = noise(vec2f(x * 7.0 + p.y * 9.0, p.y * 6.0), 2033.0);
    let rock = mix(mix(dark, stone, smoothstep(0.35, 0.6, facet) + smoothstep(0.04, 0.0, crest - p.y)), snow_white() * 0.75, place.weather.y * smoothstep(0.05, 0.0, crest - p.y));
    return paint(overcast(rock), edge(p.y - crest));
}
