// A meadow in flower: hills with fields, a village, a windmill.

const TOP: f32 = 0.275;

fn plate_sky(p: vec2f) -> vec4f {
    return vec4f(sky_color(p, 0.4) + glow(p, 0.85 - 0.55 * place.hours.w - 0.35 * place.hours.y), 1.0);
}

// The stars and the milky way, light over the sky.
fn plate_stars(p: vec2f) -> vec4f {
    let across = p.x * 0.55 + (p.y - 0.9) * 0.8;
    let milk = hex(0x55639fu) * exp(-across * across * 22.0) * fractal(p * 5.0, 4, 701.0);
    let light = (milk * 0.5 * clear_sky() + stars(p, 0.5)) * smoothstep(0.42, 0.75, p.y);
    // A touch of cover keeps a sky of few stars from counting as empty.
    return vec4f(place.hours.w * light, 0.02 * place.hours.w);
}

fn plate_streaks(p: vec2f) -> vec4f {
    let cloud = streaks(p + vec2f(0.7, 0.1), 705.0);
    return paint(streaked(vec3f(0.0), cloud.y, 1.0), cloud.x * smoothstep(0.6, 0.8, p.y) * 0.5);
}

fn plate_sun(p: vec2f) -> vec4f {
    return sun_layer(p, vec2f(0.058, 0.042), 0.06);
}

fn plate_far_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.05, 0.0), 0.47, 0.075, 0.23, 711.0), 0.42);
}

fn plate_clouds(p: vec2f) -> vec4f {
    return cloud_paint(cumulus(p + vec2f(0.33, 0.0), 0.6, 0.2, 0.86, 713.0), 0.1);
}

fn plate_birds(p: vec2f) -> vec4f {
    return flock(p, vec2f(0.2, 0.63), 0.1, 811.0);
}

// A hill with strips of fields on it, hedges between.
fn patchwork(p: vec2f, top: f32, distance: f32, scale: f32, salt: f32) -> vec4f {
    let down = top - p.y;
    let slant = p.x + down * (1.4 + 0.6 * sin(p.x * 2.0));
    let q = vec2f(slant / (0.11 * scale), log(1.0 + max(down, 0.0) / (0.03 * scale)) * 2.0);
    let row = floor(q.y + 0.35 * sin(slant * 6.0 / scale));
    let column = floor(q.x + hash1(row, salt) * 5.0);
    let h = hash4(vec2f(column, row), salt + 1.0);
    let f = vec2f(fract(q.x + hash1(row, salt) * 5.0), fract(q.y + 0.35 * sin(slant * 6.0 / scale)));
    var tint = by_hour(hex(0x9aa582u), hex(0x92bf68u), hex(0x78684fu), hex(0x1e3a5au));
    tint = mix(tint, by_hour(hex(0xd6c294u), hex(0xdfd07cu), hex(0xb88658u), hex(0x345078u)), step(0.5, h.x));
    tint = mix(tint, by_hour(hex(0x7f9478u), hex(0x6ba45cu), hex(0x5e5650u), hex(0x16304eu)), step(0.76, h.x));
    let furrows = 1.0 + 0.06 * sin((f.x + f.y * 0.3) * 60.0) * step(0.4, h.y) * smoothstep(0.5, 0.1, distance);
    let hedge = min(min(f.x, 1.0 - f.x) * 0.11 * scale, min(f.y, 1.0 - f.y) * 0.02 * scale);
    var color = tint * furrows;
    color = mix(color, tint * 0.74, smoothstep(0.0035 * scale, 0.001 * scale, hedge) * step(0.25, h.z));
    color = mix(color, snow_white() * (0.94 + 0.06 * furrows), 0.85 * place.weather.y);
    color += place.key.rgb * (0.05 + 0.2 * lit(p, 0.35)) * smoothstep(0.06, 0.0, down) * clear_sky();
    return paint(through_air(color, distance + 0.2 * smoothstep(0.05, 0.16, down)), edge(-down));
}

fn heaps_of_leaves(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let jag = p + 0.006 * vec2f(noise(p * 190.0, 721.0) - 0.5, noise(p * 190.0, 722.0) - 0.5);
    let woods = cumulus(jag, base, tall, spacing, salt);
    let dark = by_hour(hex(0x4c6468u), hex(0x3a6b50u), hex(0x40335cu), hex(0x0c1a3cu));
    let light = by_hour(hex(0xc4bc90u), hex(0xa4cc6cu), hex(0xbb8064u), hex(0x3a5a92u));
    let color = mix(mix(dark, light, woods.y * woods.y), snow_white(), 0.6 * place.weather.y * woods.y);
    return paint(through_air(color, distance), woods.x);
}

fn windmill(p: vec2f, foot: vec2f, size: f32, distance: f32) -> vec4f {
    let q = (p - foot) / size;
    let tower = max(abs(q.x) - 0.2 + q.y * 0.085, max(-q.y - 0.05, q.y - 0.95));
    let cap = max(length((q - vec2f(0.0, 0.95)) * vec2f(1.0, 0.9)) - 0.16, 0.94 - q.y);
    let hub = q - vec2f(0.02, 1.0);
    let r = rotated(hub, 0.06);
    let a = select(r, vec2f(r.y, -r.x), abs(r.y) > abs(r.x));
    let s = abs(a.x);
    let spar = max(abs(a.y) - 0.012, s - 0.85);
    let cloth = box(vec2f(s, a.y * sign(a.x)), vec2f(0.52, 0.06), vec2f(0.3, 0.058), 0.0);
    let lattice = step(0.2, fract(s * 14.0)) * step(0.25, fract(a.y * 22.0));
    let white = by_hour(hex(0xf1dccdu), hex(0xf4ecdcu), hex(0xd9a394u), hex(0x4a639cu));
    let dark = by_hour(hex(0x7a6770u), hex(0x84685cu), hex(0x54385cu), hex(0x16234cu));
    let turned = clamp(q.x / 0.2 * sign(place.light_position.x - foot.x), -1.0, 1.0);
    var color = paint(through_air(mix(white, dark, 0.35 - 0.35 * turned), distance), edge(tower * size));
    color = over(paint(through_air(dark * (1.0 + 0.2 * turned), distance), edge(cap * size)), color);
    let door = box(q, vec2f(0.0, 0.08), vec2f(0.045, 0.1), 0.03);
    let pane = box(vec2f(q.x, abs(q.y - 0.5) - 0.15), vec2f(0.0), vec2f(0.03, 0.04), 0.0);
    color = over(paint(through_air(dark * 0.7, distance), edge(door * size)), color);
    color = over(paint(mix(through_air(dark * 0.7, distance), hex(0xffd27au), clamp(place.hours.w + place.hours.z, 0.0, 1.0)), edge(pane * size)), color);
    color = over(paint(through_air(mix(dark, white, lattice * 0.75), distance), edge(cloth * size) * 0.95), color);
    return over(paint(through_air(dark * 0.8, distance), edge(min(spar, length(hub) - 0.04) * size)), color);
}

// Where the hill of the windmill and that before it end.
fn mill_hill(x: f32) -> f32 {
    return 0.395 + 0.04 * swell(x * 2.2 + 2.5, 733.0);
}

fn near_hill(x: f32) -> f32 {
    return 0.335 + 0.026 * swell(x * 2.8, 734.0);
}

fn plate_hills(p: vec2f) -> vec4f {
    let base = by_hour(hex(0x7486a0u), hex(0x78a6a0u), hex(0x70507cu), hex(0x142650u));
    let a = 0.455 + 0.05 * swell(p.x * 1.7 + 1.0, 731.0) + 0.005 * swell(p.x * 23.0, 732.0);
    return paint(through_air(mix(base, snow_white(), 0.6 * place.weather.y) + place.key.rgb * 0.15 * lit(p, 0.3), 0.55 + 0.3 * smoothstep(0.0, 0.12, a - p.y)), edge(p.y - a));
}

fn plate_mill_hill(p: vec2f) -> vec4f {
    let b = mill_hill(p.x);
    return over(heaps_of_leaves(p, b - 0.01, 0.03, 0.07, 0.4, 737.0), patchwork(p, b, 0.38, 0.7, 735.0));
}

fn plate_windmill(p: vec2f) -> vec4f {
    return windmill(p, vec2f(0.44, mill_hill(0.44) - 0.005), 0.115, 0.22);
}

fn plate_village(p: vec2f) -> vec4f {
    return cottages(p, near_hill(p.x) + 0.004, 0.036, 0.14, vec2f(-0.52, 0.08), 741.0);
}

fn plate_near_hill(p: vec2f) -> vec4f {
    let c = near_hill(p.x);
    return over(heaps_of_leaves(p + vec2f(0.02, 0.0), c - 0.022, 0.045, 0.13, 0.12, 745.0), patchwork(p, c, 0.16, 1.2, 743.0));
}

fn plate_mist(p: vec2f) -> vec4f {
    let wisps = fractal(vec2f(p.x * 2.0, p.y * 8.0), 3, 747.0);
    let mist = exp(-pow((p.y - 0.295) / 0.03, 2.0)) * (0.25 + 0.7 * wisps) * (0.55 + 0.6 * place.weather.z + 0.3 * place.hours.x);
    return paint(mix(overcast(place.fog.rgb), place.key.rgb, 0.2), clamp(mist, 0.0, 0.85));
}

fn plate_meadow(p: vec2f) -> vec4f {
    let top = TOP + 0.014 * swell(p.x * 2.3, 751.0);
    let depth = clamp((top - p.y) / 0.34, 0.0, 1.2);
    var color = meadow(p, top, 752.0);
    // A footpath that winds to the village.
    let d = abs(p.x + 0.1 - 0.2 * sin(depth * 3.6 + 0.4) * depth) - 0.008 - 0.17 * depth * depth - 0.035 * depth;
    let way = trodden(p, d, depth);
    color = mix(color, way.rgb, way.a * 0.94);
    let grassy = meadow_grass(color, p, top, 0.08, 0.6, 757.0);
    color = mix(color, grassy, smoothstep(-0.012, 0.02, d));
    let away = sign(0.76 - place.light_position.x);
    let q = (p - vec2f(0.76 + 0.13 * away, 0.185)) / vec2f(0.33, 0.034);
    color = mix(color, color * mix(place.shade.rgb, vec3f(0.4), 0.4), 0.6 * smoothstep(1.1, 0.4, length(q) + 0.25 * (noise(p * 40.0, 759.0) - 0.5)));
    color = through_air(color, 0.22 * smoothstep(0.06, 0.0, top - p.y));
    let scene = paint(color, edge(p.y - top));
    return over(flowers(p, top, 0.062, 0.58, 761.0) * smoothstep(0.03, 0.08, top - p.y) * smoothstep(-0.01, 0.02, d), scene);
}

fn plate_tree(p: vec2f) -> vec4f {
    let left = step(p.x, -0.3);
    return oak(p, mix(vec2f(0.76, 0.195), vec2f(-1.55, 0.2), left), mix(0.68, 0.58, left), 0.029, 771.0 + left);
}

fn plate_front(p: vec2f) -> vec4f {
    var color = vec4f(0.0);
    let side = sign(p.x);
    let dark = by_hour(hex(0x22382fu), hex(0x1a4028u), hex(0x161326u), hex(0x050c1cu));
    let light = by_hour(hex(0x8a8c68u), hex(0x7cab54u), hex(0x7a5446u), hex(0x2a4a78u));
    let red = overcast(by_hour(hex(0xb8645eu), hex(0xc8483cu), hex(0x86384cu), hex(0x26285cu)));
    let yellow = overcast(by_hour(hex(0xcfae74u), hex(0xdcb84cu), hex(0x9c6a40u), hex(0x36487cu)));
    let count = select(0, 24, abs(p.x) > 0.34 && p.y < 0.34);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), side), 781.0);
        let foot = vec2f(side * (0.52 + 0.58 * h.x), -0.07);
        let long = (0.12 + 0.2 * h.z) * smoothstep(0.35, 0.95, abs(foot.x)) + 0.05;
        let lean = (h.w - 0.5) * 1.1 + 0.25 * place.weather.w;
        let d = blade(p, foot, long, lean, 0.012);
        let t = (p.y - foot.y) / long;
        color = over(paint(overcast(mix(dark, light, t * t * 0.6 * (0.3 + h.y))), edge(d)), color);
        let v = p - foot - vec2f(lean * long, long);
        let petals = length(v) - 0.021 * (0.8 + 0.2 * cos(atan2(v.y, v.x) * 6.0 + h.x * 6.0));
        color = over(paint(mix(red, yellow, step(0.5, h.y)), edge(petals) * step(h.w, 0.32) * (1.0 - place.weather.y)), color);
    }
    return color;
}
