// Distances, noise and soft edges for drawing sets. Lengths are in frame heights.

// Coverage of a pixel by a shape whose signed distance is `d` (negative inside).
fn edge(d: f32) -> f32 {
    return clamp(0.5 - d / place.px, 0.0, 1.0);
}

// Coverage with an edge as soft as `width`, never harder than a pixel.
fn soft_edge(d: f32, width: f32) -> f32 {
    let w = max(width, place.px);
    return 1.0 - smoothstep(-0.5 * w, 0.5 * w, d);
}

// `top` over `bottom`, both premultiplied.
fn over(top: vec4f, bottom: vec4f) -> vec4f {
    return top + bottom * (1.0 - top.a);
}

// A colour with coverage, premultiplied.
fn paint(color: vec3f, coverage: f32) -> vec4f {
    return vec4f(color * coverage, coverage);
}

// One of four values by the time of day: dawn, day, dusk, night.
fn by_hour(dawn: vec3f, day: vec3f, dusk: vec3f, night: vec3f) -> vec3f {
    let h = place.hours;
    return dawn * h.x + day * h.y + dusk * h.z + night * h.w;
}

// Colour of an sRGB hex literal such as 0xffcc88.
fn hex(value: u32) -> vec3f {
    return vec3f(vec3u(value >> 16u, value >> 8u, value) & vec3u(255u)) / 255.0;
}

// A hash of a whole-numbered cell (PCG), four values between 0 and 1.
fn hash4(cell: vec2f, salt: f32) -> vec4f {
    var v = bitcast<vec4u>(vec4i(vec4f(cell, salt, floor(place.seed.x * 65536.0))));
    v = v * 1664525u + 1013904223u;
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    v = v ^ (v >> vec4u(16u));
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    return vec4f(v >> vec4u(8u)) / 16777216.0;
}

fn hash1(n: f32, salt: f32) -> f32 {
    return hash4(vec2f(n, 0.0), salt).x;
}

// One number from 0 to 1 for a whole-numbered cell: cheaper than `hash4`, for noise.
fn grain(cell: vec2f, salt: f32) -> f32 {
    let whole = bitcast<vec2u>(vec2i(cell));
    var v = whole.x * 0x9e3779b1u ^ whole.y * 0x85ebca77u ^ u32(salt * 7919.0 + place.seed.x * 65536.0);
    v = (v ^ (v >> 15u)) * 0x2c1b3c6du;
    v = (v ^ (v >> 12u)) * 0x297a2d39u;
    return f32((v ^ (v >> 15u)) >> 8u) / 16777216.0;
}

// Four values between 0 and 1 for a cell (Hoskins' hash without sine): cheap enough for every frame.
fn swift_hash(cell: vec2f) -> vec4f {
    var q = fract(cell.xyxy * vec4f(0.1031, 0.1030, 0.0973, 0.1099));
    q += dot(q, q.wzxy + 33.33);
    return fract((q.xxyz + q.yzzw) * q.zywx);
}

// Rain that falls outside of a window or a cave; for live plates.
fn rain_outside(p: vec2f) -> vec4f {
    let color = by_hour(hex(0xe8e4ecu), hex(0xf0f6f8u), hex(0xd8c8dcu), hex(0xa9bce6u));
    let strength = 0.55 * place.weather.x;
    return over(paint(color, strength * raindrop(p, 1.0)), paint(color, strength * raindrop(p, 0.0)));
}

// Coverage by the drops of a layer, 0 the far one.
fn raindrop(p: vec2f, layer: f32) -> f32 {
    let scale = vec2f(34.0, 5.5) / (1.0 + 0.6 * layer);
    let q = vec2f(p.x + p.y * (0.12 + 0.3 * place.weather.w), p.y + place.time_s * (0.9 + 0.35 * layer)) * scale;
    let column = floor(q.x);
    let fall = q.y + fract(column * 0.618) * 7.0;
    let h = swift_hash(vec2f(column, floor(fall)) + 5.0 + layer);
    let b = fract(fall);
    return smoothstep(0.06, 0.0, abs(q.x - column - 0.2 - 0.6 * h.x)) * smoothstep(0.0, 0.05, b) * smoothstep(0.2 + 0.3 * h.y, 0.1, b) * step(h.z, 0.65);
}

// Snow that falls there.
fn snow_outside(p: vec2f) -> vec4f {
    let color = by_hour(hex(0xffffffu), hex(0xffffffu), hex(0xf0dfe8u), hex(0xc8d4f0u));
    let strength = 0.9 * place.weather.y;
    return over(paint(color, strength * snowflake(p, 1.0)), paint(color, strength * snowflake(p, 0.0)));
}

fn snowflake(p: vec2f, layer: f32) -> f32 {
    let size = 1.0 + 0.6 * layer;
    let g = vec2f(p.x * 24.0 / size + 0.25 * wave(p.y * 1.4 + place.time_s * 0.16), (p.y + place.time_s * 0.09 * size) * 24.0 / size);
    let cell = floor(g);
    let f = swift_hash(cell + 8.0 + layer);
    return smoothstep(0.16, 0.06, length(g - cell - 0.25 - 0.5 * f.xy)) * step(f.z, 0.55);
}

// Smooth value noise, 0 to 1.
fn noise(p: vec2f, salt: f32) -> f32 {
    let cell = floor(p);
    let f = p - cell;
    let u = f * f * (3.0 - 2.0 * f);
    let a = grain(cell, salt);
    let b = grain(cell + vec2f(1.0, 0.0), salt);
    let c = grain(cell + vec2f(0.0, 1.0), salt);
    let d = grain(cell + vec2f(1.0, 1.0), salt);
    return mix(mix(a, b, u.x), mix(c, d, u.x), u.y);
}

// Noise of several octaves, 0 to 1.
fn fractal(p: vec2f, octaves: i32, salt: f32) -> f32 {
    var sum = 0.0;
    var weight = 0.5;
    var q = p;
    for (var i = 0; i < octaves; i++) {
        sum += weight * noise(q, salt + f32(i));
        q = mat2x2f(1.6, 1.2, -1.2, 1.6) * q;
        weight *= 0.5;
    }
    return sum / (1.0 - weight * 2.0);
}

fn circle(p: vec2f, center: vec2f, radius: f32) -> f32 {
    return length(p - center) - radius;
}

fn box(p: vec2f, center: vec2f, half_size: vec2f, radius: f32) -> f32 {
    let q = abs(p - center) - half_size + radius;
    return length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - radius;
}

fn segment(p: vec2f, a: vec2f, b: vec2f) -> f32 {
    let ba = b - a;
    let h = clamp(dot(p - a, ba) / dot(ba, ba), 0.0, 1.0);
    return length(p - a - ba * h);
}

// A segment whose radius runs from `ra` to `rb`: limbs, trunks, fingers.
fn tapered(p: vec2f, a: vec2f, b: vec2f, ra: f32, rb: f32) -> f32 {
    let ba = b - a;
    let h = clamp(dot(p - a, ba) / dot(ba, ba), 0.0, 1.0);
    return length(p - a - ba * h) - mix(ra, rb, h);
}

// A triangle or any convex corner list can be built from half planes: negative on the side that `normal` leaves.
fn half_plane(p: vec2f, on: vec2f, normal: vec2f) -> f32 {
    return dot(p - on, normalize(normal));
}

fn rotated(p: vec2f, turns: f32) -> vec2f {
    let a = turns * 6.2831853;
    let c = cos(a);
    let s = sin(a);
    return vec2f(c * p.x + s * p.y, c * p.y - s * p.x);
}

// A leaf of unit length along +x from the origin, `width` at its widest.
fn leaf(p: vec2f, width: f32) -> f32 {
    let x = clamp(p.x, 0.0, 1.0);
    let half_width = width * sqrt(max(x, 0.0)) * (1.0 - x) * 1.3;
    let inside = abs(p.y) - half_width;
    return max(inside * 0.8, max(-p.x, p.x - 1.0));
}

// How much a surface around `p` faces the light: 1 near it, falling with distance over `reach`.
fn lit(p: vec2f, reach: f32) -> f32 {
    let d = length(p - place.light_position) / reach;
    return 1.0 / (1.0 + d * d);
}

// A wave from -1 to 1 of two parabolas, one period in each whole number: a sine for shapes at a third of its cost.
fn wave(turns: f32) -> f32 {
    let x = fract(turns + 0.5) - 0.5;
    return x * (8.0 - 16.0 * abs(x));
}

// `rotated` by parabolas, for leaves and the like.
fn spun(p: vec2f, turns: f32) -> vec2f {
    let c = wave(turns + 0.25);
    let s = wave(turns);
    return vec2f(c * p.x + s * p.y, c * p.y - s * p.x);
}

// A cheap wavy field from -1 to 1 that clumps leaves and tufts, different for each scene.
fn clumps(p: vec2f, salt: f32) -> f32 {
    let shift = place.seed.x * 6.4 + salt * 0.38;
    let q = p * 0.159;
    let a = wave(q.x + shift + 0.27 * wave(q.y * 0.7 + shift));
    let b = wave(q.y * 1.3 - shift + 0.22 * wave(q.x * 0.9 - shift));
    return 0.5 * (a + b);
}

// Wavy line from -1 to 1 of three waves, for ridges and shores.
fn swell(x: f32, salt: f32) -> f32 {
    let shift = place.seed.x * 8.0 + salt * 1.135;
    let q = x * 0.159;
    return 0.55 * wave(q + shift) + 0.3 * wave(q * 2.3 + shift * 1.7) + 0.15 * wave(q * 5.1 + shift * 2.3);
}

// Rain, snow and fog drain colour.
fn overcast(color: vec3f) -> vec3f {
    let gray = dot(color, vec3f(0.3, 0.59, 0.11));
    let w = place.weather;
    let dull = clamp(0.55 * w.x + 0.3 * w.y + 0.35 * w.z, 0.0, 0.75);
    return mix(color, vec3f(0.9, 0.97, 1.06) * gray * (1.0 - 0.22 * w.x), dull);
}

// A colour seen through `distance` (0 near, 1 lost) of air.
fn through_air(color: vec3f, distance: f32) -> vec3f {
    let air = 1.0 - (1.0 - distance) * (1.0 - 0.55 * place.weather.z * (0.35 + 0.65 * smoothstep(0.0, 0.5, distance)));
    return mix(overcast(color), overcast(place.fog.rgb), clamp(air, 0.0, 1.0));
}

// Four stops from the zenith to the horizon.
fn stops(t: f32, zenith: vec3f, high: vec3f, low: vec3f, horizon: vec3f) -> vec3f {
    let a = mix(zenith, high, smoothstep(0.0, 0.45, t));
    let b = mix(a, low, smoothstep(0.3, 0.8, t));
    return mix(b, horizon, smoothstep(0.65, 1.0, t));
}

// The sky over a horizon at height `horizon`, without sun and clouds.
fn sky_color(p: vec2f, horizon: f32) -> vec3f {
    let t = 1.0 - clamp((p.y - horizon) / (1.12 - horizon), 0.0, 1.0);
    let h = place.hours;
    let color = stops(t, hex(0x5d79b4u), hex(0x98a6cfu), hex(0xe3bcc0u), hex(0xffdcb0u)) * h.x
        + stops(t, hex(0x3b7fb4u), hex(0x74b2d0u), hex(0xbfdfdcu), hex(0xf4eed6u)) * h.y
        + stops(t, hex(0x2a2c5eu), hex(0x5f4f8bu), hex(0xb8747eu), hex(0xf2ac6cu)) * h.z
        + stops(t, hex(0x080f2cu), hex(0x122150u), hex(0x233a6eu), hex(0x46618eu)) * h.w;
    let dull = overcast(color);
    let w = place.weather;
    return mix(dull, overcast(place.fog.rgb), clamp(0.45 * w.x * (1.0 - h.w) + 0.5 * w.y + 0.75 * w.z, 0.0, 0.9) * (0.4 + 0.6 * t));
}

// How clear the sky is of rain, snow and fog: the sun, the moon and the stars show by it.
fn clear_sky() -> f32 {
    return clamp(1.0 - 0.9 * place.weather.x - 0.8 * place.weather.y - 0.85 * place.weather.z, 0.0, 1.0);
}

// The light's glow in the air, to add to a sky.
fn glow(p: vec2f, strength: f32) -> vec3f {
    let d = length((p - place.light_position) * vec2f(0.8, 1.0));
    let broad = exp(-d * d * 5.0) * 0.3 + exp(-d * 5.5) * 0.45;
    return place.key.rgb * broad * strength * (0.25 + 0.75 * clear_sky()) * (1.0 - 0.5 * place.hours.x);
}

// The sun as a pale disc with a soft brim, over a sky.
fn sun(sky: vec3f, p: vec2f, radius: f32) -> vec3f {
    let d = length(p - place.light_position) - radius;
    let disc = soft_edge(d, 0.004) * smoothstep(0.12, 0.6, clear_sky());
    let brim = exp(-max(d, 0.0) * 38.0) * 0.55 * clear_sky();
    return mix(mix(sky, place.key.rgb, brim), mix(place.key.rgb, vec3f(1.0), 0.65), disc);
}

// The moon with its seas, over a sky.
fn moon(sky: vec3f, p: vec2f, radius: f32) -> vec3f {
    let q = (p - place.light_position) / radius;
    let d = (length(q) - 1.0) * radius;
    let seas = smoothstep(0.0, 0.7, clumps(q * 2.6, 3.0) - 0.1) * 0.5 + smoothstep(0.1, 0.5, clumps(q * 6.0, 4.0)) * 0.15;
    let ball = mix(hex(0xfff6dcu), hex(0xcdd3e2u), seas) * (1.0 - 0.18 * smoothstep(0.2, 1.0, length(q + vec2f(0.35, -0.3))));
    let halo = exp(-max(d, 0.0) * 16.0) * 0.34 + exp(-max(d, 0.0) * 4.5) * 0.16;
    let haze = mix(sky, hex(0xb9cdf4u), halo * (0.3 + 0.7 * clear_sky()));
    return mix(haze, ball, edge(d) * smoothstep(0.12, 0.6, clear_sky()));
}

// Light of the stars, to add to a sky: one in each lit cell, few bright and many faint.
fn stars(p: vec2f, density: f32) -> vec3f {
    var sum = vec3f(0.0);
    for (var layer = 0; layer < 2; layer++) {
        let scale = select(26.0, 58.0, layer == 1);
        let cell = floor(p * scale);
        let h = hash4(cell, 71.0 + f32(layer));
        let at = (cell + 0.2 + 0.6 * h.xy) / scale;
        let magnitude = pow(h.z, 7.0);
        let fine = 0.0011 * (0.55 + 1.3 * magnitude);
        // A star smaller than a pixel is drawn a pixel wide and as much fainter.
        let size = max(place.px * 0.75, fine);
        let d = length(p - at);
        let point = exp(-d * d / (size * size)) + 0.22 * magnitude * exp(-d * 210.0);
        let tint = mix(hex(0xaecbffu), hex(0xffe3bfu), h.w);
        sum += tint * point * (fine / size) * (fine / size) * (0.3 + 0.9 * magnitude) * step(1.0 - density, h.w * 0.5 + h.x * 0.5);
    }
    return sum * clear_sky();
}

// Long flat clouds: coverage (x) and how much of it faces the light (y).
fn streaks(p: vec2f, salt: f32) -> vec2f {
    let q = vec2f(p.x * 1.1, p.y * 8.0);
    let n = fractal(q + vec2f(0.6 * noise(q * 0.6, salt + 9.0), 0.0), 3, salt);
    let below = fractal(q - vec2f(0.0, 0.22), 2, salt);
    let cover = smoothstep(0.55, 0.66, n);
    return vec2f(cover, clamp((n - below) * 3.0 + 0.5, 0.0, 1.0));
}

// How far a bough of a fir reaches, by where it grows: 0 at the top, 1 at the lowest.
fn fir_reach(place: f32, bough: vec4f) -> f32 {
    return (0.05 + 0.145 * pow(clamp(place, 0.0, 1.0), 0.85)) * (0.78 + 0.44 * bough.x);
}

// A fir from its foot, `height` tall: coverage (x), and tone from shaded (0) to lit (1).
fn fir(p: vec2f, foot: vec2f, height: f32, salt: f32) -> vec2f {
    let h = hash4(vec2f(salt, 3.0), 5.0);
    let lean = (h.x - 0.5) * 0.05;
    let v = (p.y - foot.y) / height;
    let u = (p.x - foot.x) / height - lean * v * v;
    let side = select(-1.0, 1.0, u > 0.0);
    let a = abs(u);
    let tiers = 7.0 + floor(h.y * 4.0);
    // Boughs hang: a place further out belongs to a bough that begins higher up the stem.
    let hung = (1.0 - v - a * (0.75 + 0.3 * h.z)) * tiers + side * 0.23;
    let tier = floor(hung);
    let along = hung - tier;
    let bough = hash4(vec2f(tier, side), salt + 11.0);
    let below = hash4(vec2f(tier + 1.0, side), salt + 11.0);
    let reach = fir_reach((tier + 1.0) / tiers, bough);
    let taper = smoothstep(-0.02, 0.16, 1.0 - v);
    let twigs = 0.013 * sin(along * 17.0 + bough.y * 9.0);
    let width = reach * (0.3 + 0.7 * pow(along, 0.8)) * smoothstep(-0.6, 0.2, hung) * taper + twigs * (1.0 - v);
    let trunk = box(vec2f(u, v), vec2f(0.0, 0.04), vec2f(0.013, 0.08), 0.0);
    // The underside of a bough is an edge of its own, but for where the next one begins behind it.
    let underside = (along - 1.0) * 0.74 / tiers;
    let width_below = fir_reach((tier + 2.0) / tiers, below) * 0.3 * taper + 0.013 * sin(below.y * 9.0) * (1.0 - v);
    let bough_edge = min(max(a - width, underside), max(a - width_below, -underside - 0.37 / tiers));
    let d = min(max(max(bough_edge, v - 0.995), 0.06 - v), trunk) * height;
    let toward = sign(place.light_position.x - foot.x);
    let facing = 0.5 + 0.5 * clamp(toward * u / max(width, 0.02), -1.0, 1.0);
    let tone = facing * (0.35 + 0.65 * along) * (0.6 + 0.4 * bough.w) + 0.25 * smoothstep(0.6, 1.0, v);
    return vec2f(edge(d * 0.7), clamp(tone, 0.0, 1.0));
}

// A row of firs of about `height`, one in each `spacing`, some missing: coverage and tone.
fn fir_row(p: vec2f, ground: f32, spacing: f32, height: f32, salt: f32) -> vec2f {
    var row = vec2f(0.0);
    let here = floor(p.x / spacing);
    let last = select(-2, 1, p.y < ground + height * 1.5 && p.y > ground - 0.03);
    for (var i = -1; i <= last; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, salt), 17.0);
        let tall = height * (0.55 + 0.85 * h.x * h.x + 0.1 * h.y) * step(0.12, h.w);
        let foot = vec2f((cell + 0.15 + 0.7 * h.z) * spacing, ground + 0.022 * (h.y - 0.5) - 0.012);
        let near = abs(p.x - foot.x) < 0.26 * tall && p.y < foot.y + tall + 0.002 && tall > 0.01;
        if near {
            let tree = fir(p, foot, tall, cell * 3.0 + salt);
            row = vec2f(max(row.x, tree.x), mix(row.y, tree.y, tree.x));
        }
    }
    return row;
}

// Grass on a plain that ends at `horizon`, in tufts that grow towards the viewer: coverage (x), tone (y, light
// at the tips) and how near it is (z). `tall` is its height at the feet of the actors' ground.
fn grass(p: vec2f, horizon: f32, tall: f32, lush: f32, salt: f32) -> vec3f {
    var found = vec3f(0.0);
    let rate = 0.17;
    let first = floor(log(max(horizon - p.y, 0.004) / 0.02) / rate);
    let rows = select(0, 4, p.y < horizon + 0.005);
    for (var r = 0; r < rows; r++) {
        let row = first + f32(r);
        let near = 0.02 * exp(row * rate);
        let baseline = horizon - near;
        let scale = near * 3.2;
        let row_phase = place.seed.x * 40.0 + salt + 2.3 * sin(baseline * 16.0 + salt);
        let blade_height = tall * scale;
        let rise = p.y - baseline;
        let pitch = 0.03 * scale + 0.002;
        let across = p.x / pitch + hash1(row, salt + 1.0) * 13.0;
        for (var i = -1; i <= 1; i++) {
            let cell = floor(across) + f32(i);
            let h = hash4(vec2f(cell, row), salt);
            let x = (across - cell - 0.2 - 0.6 * h.x) * pitch;
            let patchy = sin(cell * pitch * 7.3 + row_phase);
            let standing = rise - (h.y - 0.5) * near * rate * 1.3;
            let grown = step(1.0 - lush, h.y * 0.6 + 0.4 * (patchy * 0.5 + 0.5));
            for (var b = 0; b < 3; b++) {
                let k = f32(b) - 1.0;
                let high = blade_height * (0.5 + 0.7 * fract(h.z * 7.0 + f32(b) * 0.37)) * (1.0 + 0.28 * patchy) * grown;
                let t = standing / max(high, 0.0005);
                let bend = (k * 0.42 + (h.w - 0.5) * 0.5) * high * t * t + k * pitch * 0.1;
                let d = abs(x - bend) - high * 0.075 * (1.0 - t) - 0.0002;
                let cover = edge(d) * step(0.0, t) * step(t, 1.0);
                found = mix(found, vec3f(1.0, clamp(t * 0.8 + h.z * 0.3, 0.0, 1.0), row), vec3f(cover, cover, cover));
            }
        }
    }
    return found;
}

// Heaped clouds that stand on `base`, one in each `spacing`, up to `tall`: coverage and tone, 1 facing the light.
fn cumulus(p: vec2f, base: f32, tall: f32, spacing: f32, salt: f32) -> vec2f {
    var found = vec2f(0.0);
    let toward = normalize(place.light_position - p);
    let here = floor(p.x / spacing);
    let within = p.y > base - 0.15 * tall && p.y < base + 1.35 * tall;
    var detail = vec2f(0.0);
    var q = p;
    if within {
        detail = vec2f(noise(p * 11.0 / tall, salt + 3.0), noise(p * 11.0 / tall, salt + 4.0)) - 0.5;
        q = p + tall * 0.1 * (vec2f(noise(p * 3.4 / tall, salt + 1.0), noise(p * 3.4 / tall, salt + 2.0)) - 0.5) + tall * 0.055 * detail;
    }
    let last = select(-2, 1, within);
    for (var i = -1; i <= last; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, 1.0), salt);
        let size = tall * (0.5 + 0.6 * h.x) * step(0.18, h.w);
        let foot = vec2f((cell + 0.25 + 0.5 * h.y) * spacing, base + 0.1 * tall * (h.z - 0.5));
        let puffs = select(0, 11, abs(p.x - foot.x) < 1.65 * size + 0.1 * tall);
        for (var j = 0; j < puffs; j++) {
            let a = fract(h.z * 7.0 + f32(j) * 0.618);
            let b = fract(h.y * 11.0 + f32(j) * 0.755);
            let layer = f32(j) / 10.0;
            let x = (a - 0.5) * 2.0;
            let heap = 1.0 - x * x;
            let c = foot + size * vec2f(x * 1.15, heap * (0.35 + 0.3 * b) * (1.0 - layer) + 0.05);
            let r = size * (0.13 + 0.24 * heap * (0.45 + 0.55 * b)) * (1.0 - 0.2 * layer);
            let d = length(q - c) - r;
            let n = (q - c) / max(r, 0.0001);
            let cover = soft_edge(d, 0.05 * size) * smoothstep(-0.02, 0.06, (q.y - foot.y) / max(size, 0.0001) + 0.04 * x * x) * step(0.001, size);
            // The side of a heap that faces the light is crisp; the other melts into the heap below.
            let facing = dot(n, normalize(toward + vec2f(0.0, 0.6)));
            let mass = clamp((q.y - foot.y) / max(size, 0.0001), 0.0, 1.0);
            let tone = clamp(0.3 + 0.28 * facing + 0.45 * mass + 0.12 * (b - 0.5) + 0.22 * detail.x, 0.0, 1.0);
            let shown = cover * mix(1.0, smoothstep(-0.55, 0.75, facing), step(0.02, found.x));
            found = vec2f(max(found.x, cover), select(mix(found.y, tone, shown), tone, found.x < 0.02));
        }
    }
    return found;
}

// Heaped clouds in the colours of the hour, `distance` away.
fn cloud_paint(cloud: vec2f, distance: f32) -> vec4f {
    let shaded = by_hour(hex(0xa592b4u), hex(0x9fbfd0u), hex(0x6f4f84u), hex(0x1d2d5eu));
    let middle = by_hour(hex(0xe6b9b8u), hex(0xdcebecu), hex(0xc77a80u), hex(0x3a518au));
    let bright = by_hour(hex(0xffefd2u), hex(0xfffdf4u), hex(0xffcf94u), hex(0x8fabdeu));
    var color = mix(shaded, middle, smoothstep(0.15, 0.55, cloud.y));
    color = mix(color, bright, smoothstep(0.5, 0.95, cloud.y) * (0.35 + 0.65 * clear_sky()));
    return paint(mix(overcast(color), overcast(place.fog.rgb), clamp(distance + 0.5 * place.weather.z, 0.0, 1.0)), cloud.x);
}

// One blade of reed or long grass from `foot`, `long` units, leaning by `lean`: its distance.
fn blade(p: vec2f, foot: vec2f, long: f32, lean: f32, width: f32) -> f32 {
    let t = (p.y - foot.y) / long;
    let x = foot.x + lean * long * t * t;
    return max(abs(p.x - x) - width * (1.0 - t) * min(1.0, 0.5 + 3.0 * t), max(-t, t - 1.0) * long);
}

// White that snow lays on the ground in the light of the hour.
fn snow_white() -> vec3f {
    return by_hour(hex(0xece2e8u), hex(0xf2f6fau), hex(0xc3aec6u), hex(0x5c73a8u));
}

// How deep a place lies in a tree's crown, which is clumpy: above 0 inside.
fn crown_depth(c: vec2f, middle: vec2f, size: vec2f, salt: f32) -> f32 {
    let q = (c - middle) / size;
    return 1.0 - dot(q, q) + 0.42 * clumps(q * 4.2, salt) - 0.12;
}

// A crown of leaves of about `size_leaf`, clustered and lit from the light's side.
fn crown(p: vec2f, middle: vec2f, size: vec2f, leaf_size: f32, dark: vec3f, body: vec3f, light: vec3f, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let off = (p - middle) / size;
    if dot(off, off) < 1.75 {
        let deep = crown_depth(p, middle, size, salt);
        // The slope of the depth stands for its value at each leaf near by.
        let reach = 0.06 * size.y;
        let slope = (vec2f(crown_depth(p + vec2f(reach, 0.0), middle, size, salt), crown_depth(p + vec2f(0.0, reach), middle, size, salt)) - deep) / reach;
        let toward = normalize(place.light_position - p);
        let open = clamp(0.42 - 0.2 * size.y * dot(slope, toward), 0.0, 1.0);
        let mass = soft_edge(0.24 - deep, 0.08);
        color = paint(mix(dark * 0.75, mix(dark, body, 0.5), open), mass);
        for (var layer = 0; layer < 2; layer++) {
            let scale = leaf_size * select(1.0, 0.8, layer == 1);
            let least = select(0.0, 0.22, layer == 1);
            let g = floor(p / scale - 0.5);
            let count = select(0u, 4u, deep > -0.5);
            for (var i = 0u; i < count; i++) {
                let cell = g + vec2f(f32(i & 1u), f32(i >> 1u));
                let h = hash4(cell, salt + f32(layer));
                let c = (cell + 0.5 + (h.xy - 0.5) * 0.5) * scale;
                let hang = -0.22 + (h.z - 0.5) * 0.7 + select(0.0, 0.5, h.w > 0.5);
                let q = spun(p - c, hang) / (scale * (1.1 + 0.4 * h.w)) + vec2f(0.5, 0.0);
                let cover = edge(leaf(q, 0.38) * scale) * clamp((deep + dot(slope, c - p) - least) * 120.0, 0.0, 1.0);
                let turned = clamp(open * (0.85 + 0.15 * f32(layer)) + 0.3 * (h.z - 0.5) + 0.1 * sign(q.y), 0.0, 1.0);
                var tint = mix(dark, body, clamp(turned * 1.6, 0.0, 1.0));
                tint = mix(tint, light, smoothstep(0.5, 0.95, turned) * (0.35 + 0.65 * clear_sky()) * (0.3 + 0.7 * f32(layer)));
                tint = mix(tint, snow_white(), place.weather.y * 0.75 * step(0.5, h.z) * turned);
                color = over(paint(tint, cover), color);
            }
        }
    }
    return color;
}

// A broad tree from its foot, `height` tall: trunk, boughs and three crowns.
fn oak(p: vec2f, foot: vec2f, height: f32, leaf_size: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let near = abs(p.x - foot.x) < height * 0.72 && p.y > foot.y - 0.03 && p.y < foot.y + height * 1.2;
    for (var drawn = 0; drawn < select(0, 1, near); drawn++) {
        let h = hash4(vec2f(salt, 7.0), 401.0);
        let dark = by_hour(hex(0x2f4a52u), hex(0x1f4f40u), hex(0x262645u), hex(0x0a142fu));
        let body = by_hour(hex(0x66856au), hex(0x4b8c4au), hex(0x57506au), hex(0x1c3359u));
        let light = by_hour(hex(0xf3d9a2u), hex(0xc9e27eu), hex(0xe5a463u), hex(0x7da2dau));
        let q = (p - foot) / height;
        let bend = 0.05 * (h.x - 0.5) * sin(q.y * 5.0 + h.y * 6.0);
        let u = q.x - bend;
        let girth = 0.036 * (1.0 + 1.5 * exp(-max(q.y, 0.0) * 17.0)) * (1.0 - 0.9 * q.y);
        let trunk = max(abs(u) - girth, max(q.y - 0.62, 0.012 * noise(vec2f(p.x * 230.0, 1.0), salt) - q.y + 0.2 * abs(u)));
        let left = tapered(q, vec2f(bend, 0.27), vec2f(-0.23, 0.53), 0.02, 0.007);
        let right = tapered(q, vec2f(bend, 0.33), vec2f(0.25, 0.56), 0.018, 0.006);
        let wood = min(trunk, min(left, right)) * height;
        let turned = clamp(u / girth * sign(place.light_position.x - foot.x), -1.0, 1.0);
        let streak = noise(vec2f(u * 120.0 + 2.0 * sin(q.y * 20.0), q.y * 9.0), salt + 2.0);
        let bark_dark = by_hour(hex(0x3a3b4cu), hex(0x43423fu), hex(0x241d33u), hex(0x090f24u));
        let bark_body = by_hour(hex(0x80695fu), hex(0x85704fu), hex(0x66424au), hex(0x1f2e55u));
        let bark_light = by_hour(hex(0xf0c79au), hex(0xcfb686u), hex(0xe0935au), hex(0x7894ccu));
        var bark = mix(bark_dark, bark_body, smoothstep(-0.9, 0.5, turned));
        bark = mix(bark, bark_light, smoothstep(0.35, 1.0, turned) * 0.7 * (0.5 + 0.5 * clear_sky())) * (0.82 + 0.3 * streak);
        bark = mix(bark, bark_dark, smoothstep(0.3, 0.6, q.y));
        bark = mix(bark, mix(bark_dark, bark_body, 0.4), step(0.0, trunk));
        // A shaded crown behind the wood, then the left, the right and the top one before it.
        for (var k = 0; k < 4; k++) {
            let i = f32(k);
            let behind = step(i, 0.5);
            let side = select(0.0, i * 2.0 - 3.0, k == 1 || k == 2);
            let middle = foot + height * vec2f(side * (0.25 + 0.04 * h.z), select(select(0.8, 0.64 + 0.04 * side * h.w, side != 0.0), 0.68, k == 0));
            let size = height * select(select(vec2f(0.36, 0.27), vec2f(0.27, 0.205), side != 0.0), vec2f(0.4, 0.26), k == 0);
            let dim = mix(1.0, 0.85, behind);
            color = over(crown(p, middle, size, leaf_size * mix(1.0, 1.2, behind), dark * dim, mix(body, mix(dark, body, 0.6), behind), mix(light, body, behind), salt + 3.0 * i), color);
            color = over(paint(bark, edge(wood) * behind * smoothstep(0.0, 0.035, q.y)), color);
        }
        color = vec4f(overcast(color.rgb), color.a);
    }
    return color;
}

// Cottages in a row between the places `reach.x` and `reach.y`, some missing, one in eight a church; windows lit
// after dusk.
fn cottages(p: vec2f, ground: f32, size: f32, distance: f32, reach: vec2f, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let pitch = size * 1.35;
    let here = floor(p.x / pitch);
    let last = select(-2, 1, p.y > ground - size && p.y < ground + size * 2.8);
    for (var i = -1; i <= last; i++) {
        let cell = here + f32(i);
        let h = hash4(vec2f(cell, 1.0), salt);
        let church = step(h.x, 0.12);
        let w = size * (0.34 + 0.22 * h.y) * mix(1.0, 0.8, church);
        let tall = size * (0.24 + 0.16 * h.z);
        let x = (cell + 0.5 + 0.45 * (h.w - 0.5)) * pitch;
        let q = p - vec2f(x, ground + 0.9 * size * (h.y - 0.5));
        let there = step(0.22, h.z) * step(reach.x, x) * step(x, reach.y);
        let toward = sign(place.light_position.x - p.x);
        let wall = box(q, vec2f(0.0, tall * 0.5 - size * 0.1), vec2f(w, tall * 0.5 + size * 0.1), 0.0);
        let roof = max(abs(q.x) * 0.75 + (q.y - tall) - w * 0.86, tall - q.y);
        let chimney = box(q, vec2f(w * 0.5, tall + w * 0.45), vec2f(size * 0.05, size * 0.16), 0.0);
        let tower = box(q, vec2f(-w, size * 0.55), vec2f(size * 0.16, size * 0.65), 0.0);
        let spire = max(abs(q.x + w) * 2.6 + (q.y - size * 1.2) - size * 0.46, size * 1.2 - q.y);
        let plaster = mix(by_hour(hex(0xe9cdbcu), hex(0xf1e4c8u), hex(0xc98f86u), hex(0x2f4271u)), by_hour(hex(0xc9a493u), hex(0xd9b98eu), hex(0xa5686eu), hex(0x28386au)), h.w);
        let tiles = mix(by_hour(hex(0x9c6a6cu), hex(0xb4624fu), hex(0x74395au), hex(0x18264fu)), by_hour(hex(0x6f6a82u), hex(0x75707cu), hex(0x4f3a66u), hex(0x141f45u)), h.x);
        let side_light = 0.86 + 0.16 * toward * sign(q.x);
        color = over(paint(through_air(mix(tiles, snow_white(), place.weather.y * 0.6), distance), edge(min(chimney, mix(1.0, spire, church))) * there), color);
        color = over(paint(through_air(plaster * side_light, distance), edge(min(wall, mix(1.0, tower, church))) * there), color);
        color = over(paint(through_air(mix(tiles * (0.8 + 0.3 * side_light), snow_white(), place.weather.y * 0.85), distance), edge(roof) * there), color);
        let pane = box(vec2f(abs(q.x) - w * 0.45, q.y - tall * 0.48), vec2f(0.0), size * vec2f(0.06, 0.075), 0.0);
        let bell = box(q, vec2f(-w, size * 0.85), size * vec2f(0.05, 0.1), 0.0);
        let on = clamp(place.hours.w + 0.85 * place.hours.z + 0.4 * place.hours.x + 0.5 * place.weather.x, 0.0, 1.0) * step(0.25, fract(h.y * 9.0 + 0.5 * step(0.0, q.x)));
        let lamp = mix(through_air(tiles * 0.6, distance), hex(0xffd27au), on);
        color = over(paint(lamp, edge(min(pane, mix(1.0, bell, church))) * there), color);
        let halo = exp(-length(vec2f(abs(q.x) - w * 0.45, q.y - tall * 0.48)) / (size * 0.22)) * on * there * 0.4 * (place.hours.w + 0.5 * place.hours.z);
        color = over(paint(hex(0xffb95au), halo), color);
    }
    return color;
}

// Meadow flowers on a plain that ends at `horizon`, on stems, larger towards the viewer.
fn flowers(p: vec2f, horizon: f32, tall: f32, lush: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let rate = 0.24;
    let first = floor(log(max(horizon - p.y, 0.004) / 0.02) / rate) ;
    let last = select(0, 3, p.y < horizon + 0.02);
    for (var r = 0; r < last; r++) {
        let row = first + f32(r);
        let near = 0.02 * exp(row * rate);
        let scale = near * 3.2;
        let pitch = 0.075 * scale + 0.003;
        let across = p.x / pitch + hash1(row, salt + 1.0) * 17.0;
        for (var i = -1; i <= 0; i++) {
            let cell = floor(across + 0.5) + f32(i);
            let h = hash4(vec2f(cell, row), salt);
            let there = step(1.0 - lush, h.x * 0.5 + 0.5 * (0.5 + 0.5 * clumps(vec2f(cell * pitch, horizon - near) * 7.0, salt)));
            let stem_x = (across - cell - 0.3 - 0.4 * h.y) * pitch;
            let high = tall * scale * (0.7 + 0.7 * h.z);
            let at = vec2f((h.w - 0.5) * 0.3 * high, high);
            let q = vec2f(stem_x, p.y - (horizon - near) - (h.w - 0.5) * near * 0.2);
            let t = clamp(q.y / max(high, 0.0001), 0.0, 1.0);
            let stem = max(abs(q.x - at.x * t * t) - 0.0018 * scale, max(-q.y, q.y - high));
            let v = (q - at) * vec2f(1.0, 1.25);
            let radius = 0.0135 * scale * (0.7 + 0.6 * h.y);
            let angle = atan2(v.y, v.x);
            let kind = floor(fract(h.z * 5.0 + h.x * 3.0) * 4.0);
            let petals = length(v) - radius * (0.8 + 0.2 * cos(angle * select(5.0, 9.0, kind < 1.0) + h.w * 6.0));
            var tint = by_hour(hex(0xf6e6dcu), hex(0xfcf8ecu), hex(0xe6b7b0u), hex(0x8ea4dcu));
            tint = mix(tint, by_hour(hex(0xd97a72u), hex(0xe0503eu), hex(0xc04e58u), hex(0x4a3f80u)), step(1.0, kind));
            tint = mix(tint, by_hour(hex(0x7f8ecfu), hex(0x5d7fd6u), hex(0x6f5aa8u), hex(0x3f5cb4u)), step(2.0, kind));
            tint = mix(tint, by_hour(hex(0xf2cf7au), hex(0xf6cf4au), hex(0xf0a850u), hex(0x7f8cc0u)), step(3.0, kind));
            let shaded = tint * (0.82 + 0.22 * v.y / max(radius, 0.0001) + 0.12 * sign(place.light_position.x - p.x) * v.x / max(radius, 0.0001));
            let heart = length(v) - radius * 0.3;
            let green = by_hour(hex(0x5f7a58u), hex(0x4d8040u), hex(0x3f4440u), hex(0x16304cu));
            color = over(paint(overcast(green), edge(stem) * there), color);
            color = over(paint(overcast(shaded), edge(petals) * there), color);
            color = over(paint(overcast(mix(hex(0xe8b040u), tint * 0.4, step(1.0, kind))), edge(heart) * there * step(place.px * 1.5, radius)), color);
        }
    }
    return color * (1.0 - 0.85 * place.weather.y);
}

// Meadow in the colours of the hour below `top`: light far away, deep near, with long shadows and snow.
fn meadow(p: vec2f, top: f32, salt: f32) -> vec3f {
    let depth = clamp((top - p.y) / 0.36, 0.0, 1.2);
    let far = by_hour(hex(0xb4b788u), hex(0xaaca78u), hex(0x8a7852u), hex(0x2b4a6cu));
    let near = by_hour(hex(0x3c5c4cu), hex(0x35703fu), hex(0x28303au), hex(0x0a162eu));
    let patches = fractal(vec2f(p.x * 2.6, (p.y - top) * 13.0), 3, salt);
    var color = mix(far, near, smoothstep(-0.05, 0.85, depth + (patches - 0.5) * 0.4));
    color = mix(color, color * vec3f(1.12, 1.06, 0.8), smoothstep(0.5, 0.8, patches) * 0.5);
    color = mix(color, snow_white() * (0.9 + 0.14 * patches), clamp(place.weather.y * (0.7 + 0.5 * patches), 0.0, 1.0));
    let spread = (p.x - place.light_position.x) / (top + 0.06 - p.y);
    let pool = exp(-spread * spread * 0.3) * smoothstep(1.0, 0.0, depth) * clear_sky();
    color += place.key.rgb * pool * 0.17 * (1.0 - 0.5 * place.hours.w);
    return mix(color, color * vec3f(0.8, 0.86, 0.92), place.weather.x);
}

// Blades of the meadow over it.
fn meadow_grass(ground: vec3f, p: vec2f, top: f32, tall: f32, lush: f32, salt: f32) -> vec3f {
    let depth = clamp((top - p.y) / 0.36, 0.0, 1.2);
    let blades = grass(p, top, tall, lush, salt);
    let tip = by_hour(hex(0xe4d99cu), hex(0xc6e284u), hex(0xd6a460u), hex(0x5b86b8u));
    let spread = (p.x - place.light_position.x) / (top + 0.06 - p.y);
    let warm = clamp(0.35 + 0.6 * exp(-spread * spread * 0.3), 0.0, 1.0) * (0.4 + 0.6 * clear_sky());
    var color = mix(ground * 0.88, mix(ground * 1.15, tip, warm * 0.75), blades.y * blades.y);
    color = mix(color, snow_white(), place.weather.y * 0.6 * blades.y);
    return mix(ground, color, blades.x * smoothstep(0.0, 0.05, depth));
}

// A trodden path whose brim lies at distance `d`: its colour and coverage, with ruts and stones.
fn trodden(p: vec2f, d: f32, depth: f32) -> vec4f {
    var way = vec4f(0.0);
    if d < 0.05 {
        let ragged = d + (noise(vec2f(p.x * 42.0, p.y * 110.0), 811.0) - 0.5) * (0.006 + 0.03 * depth) + (noise(vec2f(p.x * 13.0, p.y * 34.0), 812.0) - 0.5) * (0.008 + 0.04 * depth);
        let far = by_hour(hex(0xecd2aeu), hex(0xead9acu), hex(0xdda876u), hex(0x58709au));
        let near = by_hour(hex(0x8f7d70u), hex(0xb69a70u), hex(0x5f4a4cu), hex(0x1d2b4cu));
        let ruts = fractal(vec2f(p.x * 22.0 / (0.4 + depth), p.y * 130.0 / (0.4 + depth)), 2, 813.0) - 0.5;
        var earth = mix(far, near, smoothstep(0.0, 0.85, depth)) * (1.0 + 0.16 * ruts);
        earth = mix(earth, earth * 0.74, smoothstep(-0.03 - 0.06 * depth, 0.0, ragged));
        let cell_size = 0.012 + 0.03 * depth;
        let g = vec2f(p.x / cell_size, p.y * 2.2 / cell_size);
        let cell = floor(g);
        let h = hash4(cell, 814.0);
        let q = (g - cell - 0.3 - 0.4 * h.xy);
        let stone = length(q) - (0.1 + 0.16 * h.z);
        let light = mix(near, far, 0.35 + 0.3 * depth) * (1.0 + 0.35 * clamp(q.y * 4.0, -1.0, 1.0));
        earth = mix(earth, light, soft_edge(stone * cell_size, 0.003) * step(h.w, 0.16) * smoothstep(0.15, 0.35, depth));
        earth = mix(earth, snow_white() * (0.9 + 0.2 * (ruts + 0.5) * 0.5), 0.72 * place.weather.y);
        earth = mix(earth, earth * vec3f(0.7, 0.76, 0.84), 0.6 * place.weather.x);
        // Rain stands in puddles that mirror the sky.
        let puddle = smoothstep(0.54, 0.6, noise(vec2f(p.x * 7.0, p.y * 30.0), 815.0)) * place.weather.x * smoothstep(0.0, -0.02, ragged);
        earth = mix(earth, sky_color(vec2f(p.x, 0.62), 0.4) * 0.95, 0.8 * puddle);
        way = vec4f(earth, soft_edge(ragged, 0.005 + 0.014 * depth));
    }
    return way;
}

// A boulder that stands at `middle`: flat faces that turn to the light, moss at its foot.
fn boulder(p: vec2f, middle: vec2f, size: vec2f, salt: f32) -> vec4f {
    var found = vec4f(0.0);
    let off = abs(p - middle) / size;
    if off.x < 2.0 && off.y < 1.4 {
        let q = (p - middle) / size + 0.05 * (vec2f(noise(p * 60.0, salt), noise(p * 60.0, salt + 1.0)) - 0.5);
        let toward = normalize(place.light_position - middle);
        var outline = -1.0;
        var second = -1.0;
        var face = 0.0;
        for (var k = 0; k < 9; k++) {
            let h = hash4(vec2f(f32(k), 1.0), salt + 2.0);
            let angle = (f32(k) + 0.7 * (h.x - 0.5)) / 9.0 * 6.2831853;
            let n = vec2f(cos(angle), sin(angle));
            let d = dot(q, n) / (0.78 + 0.22 * h.y);
            if d > outline {
                second = outline;
                outline = d;
                face = dot(n, toward) * 0.5 + 0.5 + 0.25 * (h.z - 0.5);
            } else {
                second = max(second, d);
            }
        }
        let dark = by_hour(hex(0x5d6078u), hex(0x5f6f7cu), hex(0x40335cu), hex(0x121f48u));
        let light = by_hour(hex(0xf0d0b4u), hex(0xe0dcccu), hex(0xe69c74u), hex(0x7c98d4u));
        let round_tone = 0.45 + 0.42 * dot(q, toward) + 0.12 * q.y;
        let tone = mix(round_tone, face, 0.34 * smoothstep(0.25, 0.75, outline)) + 0.42 * (fractal(p * 26.0, 4, salt + 3.0) - 0.5);
        var stone = mix(dark, light, smoothstep(0.1, 1.05, tone) * (0.5 + 0.5 * clear_sky()));
        stone = mix(stone, light, 0.12 * smoothstep(0.06, 0.0, outline - second) * smoothstep(0.4, 0.9, outline) + 0.35 * smoothstep(0.86, 1.0, outline) * step(0.6, face));
        let moss = smoothstep(-0.1, -0.8, q.y + 0.7 * (noise(p * 40.0, salt + 4.0) - 0.5));
        stone = mix(stone, by_hour(hex(0x73805fu), hex(0x64803fu), hex(0x464638u), hex(0x17304cu)), 0.65 * moss);
        stone = mix(stone, snow_white(), place.weather.y * smoothstep(0.1, 0.5, q.y));
        let foot = q.y + 0.55 + 0.16 * noise(vec2f(p.x * 170.0, 1.0), salt + 5.0);
        let shadow = length((p - middle - vec2f(-0.45 * toward.x, -0.62) * size) / (size * vec2f(1.3, 0.28))) - 1.0;
        found = paint(place.shade.rgb * 0.25, 0.5 * soft_edge(shadow, 0.8));
        found = over(paint(overcast(stone), edge(max(outline - 1.0, -foot - 0.1) * min(size.x, size.y))), found);
    }
    return found;
}

// A twig with paired leaves from `root`, bending as it goes: coverage (x), tone (y), the leaf's own chance (z).
fn sprig(p: vec2f, root: vec2f, turns: f32, long: f32, bend: f32, pairs: i32, salt: f32) -> vec3f {
    var found = vec3f(0.0);
    let q = rotated(p - root, turns) / long;
    let reach = q.x > -0.05 && q.x < 1.26 && abs(q.y - bend * q.x * q.x) < 0.34;
    let count = select(0, pairs * 2 + 1, reach);
    let stem = max(abs(q.y - bend * q.x * q.x) - 0.012 * (1.1 - q.x), max(-q.x, q.x - 1.0));
    found = vec3f(edge(stem * long), 0.3, 0.4);
    for (var i = 0; i < count; i++) {
        let last = i == pairs * 2;
        let side = select(-1.0, 1.0, (i & 1) == 0);
        let h = hash4(vec2f(f32(i), 1.0), salt);
        let t = select(0.2 + 0.76 * (f32(i / 2) + 0.35 * h.x + 0.25 * side) / f32(pairs), 1.0, last);
        let at = vec2f(t, bend * t * t);
        let along = normalize(vec2f(1.0, 2.0 * bend * t));
        let spread = select(side * (0.13 + 0.05 * h.y), 0.0, last);
        let size = (0.24 + 0.1 * h.z) * (1.12 - 0.45 * t);
        let v = q - at;
        var r = spun(vec2f(dot(v, along), along.x * v.y - along.y * v.x), spread) / size;
        r.y += 0.18 * side * r.x * r.x;
        let d = leaf(r, 0.42) * size * long;
        let vein = smoothstep(0.04, 0.0, abs(r.y)) * 0.35;
        let cover = edge(d);
        found = mix(found, vec3f(1.0, clamp(0.4 + vein + 0.22 * sign(r.y) + 0.25 * r.x, 0.0, 1.0), h.w), cover);
    }
    return found;
}

// A few birds far away round `middle`, by day: their coverage.
fn birds(p: vec2f, middle: vec2f, reach: f32, salt: f32) -> f32 {
    var found = 0.0;
    let count = select(0, 6, length((p - middle) / vec2f(1.0, 0.6)) < reach * 1.4);
    for (var i = 0; i < count; i++) {
        let h = hash4(vec2f(f32(i), 6.0), salt);
        let at = middle + reach * vec2f(h.x * 2.0 - 1.0, 0.5 * (h.y * 2.0 - 1.0));
        let size = reach * (0.07 + 0.06 * h.z);
        let q = rotated(p - at, 0.06 * (h.w - 0.5)) / size;
        let a = abs(q.x);
        let wing = abs(q.y - (0.42 + 0.2 * h.w) * sin(min(a, 1.0) * 2.4) + 0.22 * a * a) - 0.1 * (1.05 - a);
        found = max(found, edge(max(wing, a - 1.0) * size));
    }
    return found * clear_sky() * (1.0 - place.hours.w);
}

// A surface of colour `albedo` in the light of the hour: `tone` from turned away (0) to facing the light (1).
fn in_light(albedo: vec3f, tone: f32) -> vec3f {
    let away = by_hour(hex(0x8d89acu), hex(0x8397b2u), hex(0x68507fu), hex(0x213268u));
    let facing = by_hour(hex(0xffe4cau), hex(0xfffaeeu), hex(0xf6b083u), hex(0x708bcau));
    let t = clamp(tone, 0.0, 1.0) * (0.55 + 0.45 * clear_sky());
    return overcast(albedo * mix(away, facing, t));
}

// How far lamps and windows are lit at this hour.
fn lamps_on() -> f32 {
    return clamp(place.hours.w + 0.85 * place.hours.z + 0.35 * place.hours.x + 0.5 * place.weather.x + 0.3 * place.weather.z, 0.0, 1.0);
}

// A sky with long flat clouds in the colours of the hour over it: how much they face the light, and their coverage.
fn streaked(sky: vec3f, facing: f32, cover: f32) -> vec3f {
    let lit_side = by_hour(hex(0xfff0dcu), hex(0xffffffu), hex(0xf4b48cu), hex(0x5c76acu));
    let low_side = by_hour(hex(0xb9a9c4u), hex(0xb5d0dcu), hex(0x7d5a86u), hex(0x25376au));
    return mix(sky, overcast(mix(low_side, lit_side, facing)), cover);
}

// The moon by night, else the sun, which has one radius when it is low (x) and one by day (y).
fn sun_or_moon(sky: vec3f, p: vec2f, sun_radii: vec2f, moon_radius: f32) -> vec3f {
    if place.hours.w > 0.5 {
        return moon(sky, p, moon_radius);
    }
    return sun(sky, p, mix(sun_radii.x, sun_radii.y, place.hours.y));
}

// The same to be laid over a sky: what it does to a black and to a white one tells its colour and how far it covers.
fn sun_layer(p: vec2f, sun_radii: vec2f, moon_radius: f32) -> vec4f {
    let on_black = sun_or_moon(vec3f(0.0), p, sun_radii, moon_radius);
    let on_white = sun_or_moon(vec3f(1.0), p, sun_radii, moon_radius);
    return vec4f(on_black, 1.0 - on_white.g + on_black.g);
}

// A few birds far away in the colours of the hour.
fn flock(p: vec2f, middle: vec2f, reach: f32, salt: f32) -> vec4f {
    return paint(overcast(by_hour(hex(0x6f6488u), hex(0x55707cu), hex(0x52386au), hex(0x1a2a58u))), 0.85 * birds(p, middle, reach, salt));
}

// Heaped trees that stand on a line.
fn grove(p: vec2f, base: f32, tall: f32, spacing: f32, distance: f32, salt: f32) -> vec4f {
    let jag = p + 0.006 * vec2f(noise(p * 190.0, salt + 1.0) - 0.5, noise(p * 190.0, salt + 2.0) - 0.5);
    let woods = cumulus(jag, base, tall, spacing, salt);
    let green = in_light(mix(hex(0x3f6b4cu), hex(0xa8c46au), woods.y), woods.y * (1.0 - 0.4 * place.hours.w));
    return paint(through_air(mix(green, snow_white(), 0.6 * place.weather.y * woods.y), distance), woods.x);
}

// The open sky over a horizon with its stars, streaks of cloud, and the sun or the moon.
fn whole_sky(p: vec2f, horizon: f32, salt: f32) -> vec3f {
    var color = sky_color(p, horizon);
    if place.hours.w > 0.0 {
        let across = p.x * 0.55 + (p.y - 0.9) * (fract(salt * 0.37) * 1.6 - 0.8);
        let milk = hex(0x505e9cu) * exp(-across * across * 22.0) * fractal(p * 5.0, 4, salt);
        color += place.hours.w * (milk * 0.5 * clear_sky() + stars(p, 0.5)) * smoothstep(horizon, horizon + 0.35, p.y);
    }
    color += glow(p, 0.85 - 0.55 * place.hours.w - 0.35 * place.hours.y);
    let cloud = streaks(p + vec2f(0.13 * salt, 0.1), salt + 4.0);
    color = streaked(color, cloud.y, cloud.x * smoothstep(horizon + 0.14, horizon + 0.34, p.y) * 0.5);
    color = sun_or_moon(color, p, vec2f(0.058, 0.042), 0.06);
    return color;
}

// Stones set in rows that run to a vanishing point on the height `vanish`, in the light of the hour.
fn cobbles(p: vec2f, vanish: f32, size: f32, stone: vec3f, salt: f32) -> vec3f {
    let d = max(vanish - p.y, 0.004);
    let rate = 0.11 * size;
    let wander = vec2f(noise(vec2f(p.x / d * 1.7, log(d) * 4.0), salt + 4.0), noise(vec2f(p.x / d * 1.9, log(d) * 4.4), salt + 5.0)) - 0.5;
    let rows = log(d) / rate + 0.4 * wander.x;
    let row = floor(rows);
    let u = p.x / (d * 0.17 * size) + 7.0 * hash1(row, salt) + 0.25 * wander.y;
    let cell = floor(u);
    let h = hash4(vec2f(cell, row), salt + 1.0);
    let f = vec2f(u - cell - 0.5 + 0.1 * (h.y - 0.5), rows - row - 0.5);
    let unit = d * rate;
    let dist = box(f * vec2f(1.55, 1.0), vec2f(0.0), vec2f(0.72, 0.46) - 0.08 * h.zx, 0.34) * unit;
    let toward = normalize(vec2f(place.light_position.x - p.x, 0.5));
    let relief = dot(f * vec2f(1.0, -1.0), toward) * smoothstep(-0.3, 0.0, dist / unit);
    let spread = (p.x - place.light_position.x) / (d * 2.2 + 0.1);
    let pool = exp(-spread * spread) * clear_sky() * smoothstep(0.5, 0.1, d);
    let deep = smoothstep(0.1, 0.5, d);
    let level = mix(0.62, 0.3, deep) + 0.3 * pool * (1.0 - 0.4 * place.hours.y) + 0.12 * place.hours.y;
    let hue = stone * (0.9 + 0.13 * h.w) * mix(vec3f(1.0), vec3f(1.03, 0.98, 0.93), h.y);
    var color = in_light(hue, level + 0.3 * relief);
    let gap = in_light(stone * 0.78, level * 0.7);
    color = mix(gap, color, mix(0.75, soft_edge(dist, 0.14 * unit), smoothstep(1.0, 4.0, unit / place.px)));
    color *= 1.0 - 0.22 * deep;
    color = mix(color, snow_white() * (0.92 + 0.08 * h.w), place.weather.y * clamp(0.5 + 0.45 * noise(vec2f(p.x * 5.0, p.y * 24.0), salt + 2.0) + 0.3 * soft_edge(-dist - 0.1 * unit, 0.2 * unit), 0.0, 0.95));
    let puddle = smoothstep(0.56, 0.64, 0.7 * noise(vec2f(p.x * 4.0, p.y * 30.0), salt + 3.0) + 0.3 * noise(vec2f(p.x * 17.0, p.y * 90.0), salt + 6.0)) * place.weather.x;
    let mirror = sky_color(vec2f(p.x, 0.62), 0.4) * 0.95 + glow(vec2f(p.x, 0.6), 0.2);
    color = mix(color, color * vec3f(0.74, 0.8, 0.88), 0.6 * place.weather.x);
    return mix(color, mirror, 0.55 * puddle * (0.6 + 0.4 * edge(dist)) + 0.12 * place.weather.x);
}

// A window with cross bars: its panes glow by `lamp`, the frame has colour `wood`.
fn casement(p: vec2f, middle: vec2f, half_size: vec2f, lamp: f32, wood: vec3f) -> vec4f {
    let q = p - middle;
    let least = min(half_size.x, half_size.y);
    let outer = box(q, vec2f(0.0), half_size, 0.0);
    let bars = min(abs(q.x), abs(q.y - half_size.y * 0.18)) - 0.07 * least;
    let pane = max(outer + 0.16 * least, -bars);
    let dark = by_hour(hex(0x6c7898u), hex(0x58788au), hex(0x4a3a66u), hex(0x131f4au));
    let sheen = smoothstep(0.5, 0.2, abs(q.x / half_size.x + q.y / half_size.y * 0.8 - 0.2));
    let bright = by_hour(hex(0xc3b4c8u), hex(0xbcdce0u), hex(0xb8747eu), hex(0x2f4a80u));
    let cold = overcast(mix(dark, bright, 0.15 + 0.35 * sheen));
    let warm = mix(hex(0xf09a48u), hex(0xffe6a2u), clamp(0.5 + 0.45 * q.y / half_size.y - 0.25 * abs(q.x) / half_size.x, 0.0, 1.0));
    var color = paint(hex(0xffb35au), exp(-max(outer, 0.0) / (least * 0.9)) * clamp(1.0 - outer / (least * 1.1), 0.0, 1.0) * 0.5 * lamp * (place.hours.w + 0.6 * place.hours.z));
    color = over(paint(wood, edge(outer)), color);
    color = over(paint(wood * 1.14, edge(box(q, vec2f(0.0, -half_size.y * 1.06), vec2f(half_size.x * 1.22, least * 0.12), 0.0))), color);
    return over(paint(mix(cold, warm, lamp), edge(pane)), color);
}

// Whether a house may be seen at a place. Software renderers run the body of a house once for each time that it
// is called, seen or not: count the houses that cover a place and loop so often.
fn house_covers(p: vec2f, foot: vec2f, size: f32, side: f32) -> bool {
    let q = vec2f((p.x - foot.x) * side, p.y - foot.y) / size;
    return q.x > -0.72 && q.x < 1.52 && q.y > -0.04 && q.y < 1.85;
}

// A house from its foot: a gable of unit width that faces the viewer and a side of the roof that runs off to
// `side` (1 right, -1 left); timber, windows, a door, a chimney. No two salts make the same house.
fn gabled_house(p: vec2f, foot: vec2f, size: f32, side: f32, distance: f32, salt: f32) -> vec4f {
    var color = vec4f(0.0);
    let q = vec2f((p.x - foot.x) * side, p.y - foot.y) / size;
    let h = hash4(vec2f(salt, 1.0), 903.0);
    if house_covers(p, foot, size, side) {
        let g = hash4(vec2f(salt, 2.0), 904.0);
        let k = hash4(vec2f(salt, 3.0), 905.0);
        let fine = smoothstep(0.028, 0.01, place.px / size);
        let half = 0.44 + 0.1 * h.x;
        let wall = 0.62 + 0.2 * h.y;
        let rise = half * (1.05 + 0.35 * h.z);
        let long = 0.5 + 0.35 * h.w;
        let top = wall + rise;
        let thatched = step(0.6, g.x);
        let slope = inverseSqrt(1.0 + rise * rise / (half * half));

        var plaster = hex(0xf2e3c6u);
        plaster = mix(plaster, hex(0xe6c294u), step(0.3, g.y));
        plaster = mix(plaster, hex(0xd9a48au), step(0.5, g.y));
        plaster = mix(plaster, hex(0xc3ccc8u), step(0.7, g.y));
        plaster = mix(plaster, hex(0xefe9dcu), step(0.85, g.y));
        var tiles = mix(mix(hex(0xb8654au), hex(0x8a6a5au), step(0.35, g.z)), hex(0x71788cu), step(0.68, g.z));
        tiles = mix(tiles, hex(0xbd9c66u), thatched);
        let timber = mix(hex(0x6a4a38u), hex(0x4f4038u), k.x);
        let painted = mix(mix(hex(0x4f7a78u), hex(0x9a4a44u), step(0.4, k.y)), hex(0x5a6a9au), step(0.7, k.y));

        let toward = clamp((place.light_position.x - foot.x) * side * 2.5, -1.0, 1.0);
        let front_tone = dot(place.hours, vec4f(0.42, 0.66, 0.32, 0.4)) - 0.14 * toward + 0.2 * toward * q.x / half + 0.1 * (q.y - 0.6);
        let side_tone = dot(place.hours, vec4f(0.45, 0.55, 0.45, 0.42)) + 0.42 * toward;
        let blotch = noise(p / size * 5.0, salt) - 0.5;

        let lamp = lamps_on();
        // The long side, in the shadow of its eaves.
        let t = (q.x - half) / long;
        let eave = wall - 0.05 * t;
        let ground = 0.055 * t;
        let wall_side = max(max(-t, t - 1.0) * long, max(ground - q.y, q.y - eave));
        var stucco = in_light(plaster, side_tone - 0.1 + 0.1 * blotch);
        stucco = mix(stucco, in_light(hex(0x9a9088u), side_tone + 0.3 * blotch), smoothstep(0.012, 0.0, q.y - ground - 0.13 - 0.02 * blotch));
        stucco *= 1.0 - 0.4 * smoothstep(0.2, 0.0, eave - q.y - 0.02 + 0.1 * max(0.0, 0.4 - abs(toward)));
        let studs = min(abs(fract(t * 3.0 + 0.5) - 0.5) * long / 3.0 - 0.022, abs(q.y - 0.5 * (eave + ground) - 0.02) - 0.02);
        stucco = mix(stucco, in_light(timber, side_tone), edge(studs * size) * step(0.13 + ground, q.y) * step(k.z, 0.66));
        color = paint(stucco, edge(wall_side * size));
        let n = clamp(floor(t * 3.0), 0.0, 2.0);
        let there = step(0.3, fract(k.w * 7.0 + n * 0.37));
        let on = lamp * step(0.35, fract(g.w * 5.0 + n * 0.41));
        let wood_side = in_light(mix(hex(0xeee2ccu), painted, 0.35), side_tone);
        color = over(casement(q, vec2f(half + (n + 0.5) / 3.0 * long, wall * 0.66), vec2f(0.062, 0.088), on, wood_side) * there * edge(wall_side * size), color);

        // The chimney stands behind the ridge.
        let pot = vec2f(long * (0.35 + 0.3 * k.x), top);
        let stack = box(q, pot, vec2f(0.075, 0.2), 0.0);
        let brim = min(box(q, pot + vec2f(0.0, 0.18), vec2f(0.095, 0.026), 0.0), box(vec2f(abs(q.x - pot.x), q.y), pot + vec2f(0.035 - pot.x, 0.22), vec2f(0.024, 0.036), 0.0));
        let course = fract(vec2f((q.x - pot.x) * 13.0 + 0.5 * step(1.0, fract(q.y * 13.0) * 2.0), q.y * 26.0));
        let brick = in_light(mix(hex(0xa8685au), hex(0x8f8078u), k.z), 0.5 + 5.0 * toward * (q.x - pot.x)) * (0.86 + 0.14 * step(0.2, course.y) * step(0.12, course.x));
        color = over(paint(mix(brick, snow_white(), place.weather.y * step(top + 0.19, q.y)), edge(min(stack, brim) * size)), color);

        // The roof: rows of tiles, or thatch with a cut brim.
        let sag = 0.03 * thatched + 0.012;
        let u = q.x - half * (top - q.y) / rise;
        let s = clamp(u / long, 0.0, 1.0);
        let ridge = top - 0.05 * s - sag * s * (1.0 - s) * 3.0;
        let low = wall - 0.075 - 0.055 * s - 0.02 * thatched;
        let v = (ridge - q.y) / (ridge - low);
        let ragged = 0.012 * thatched * (noise(vec2f(u * 60.0, 1.0), salt) - 0.5);
        let roof = max(max(-u, u - long - 0.06) * slope, max(q.y - ridge, low + ragged - q.y));
        let rows = v * mix(13.0, 5.0, thatched);
        let row = floor(rows);
        let along = u * mix(17.0, 70.0, thatched) + 0.5 * (row - 2.0 * floor(row * 0.5)) * (1.0 - thatched) + thatched * 2.0 * blotch;
        let tile = hash4(vec2f(floor(along), row * (1.0 - thatched)), salt + 5.0);
        let roof_tone = side_tone + 0.16 * (1.0 - v) + 0.08;
        var cover = tiles * (0.9 + fine * 0.2 * (tile.x - 0.3 * thatched)) * (1.0 + 0.12 * blotch);
        cover = mix(cover, hex(0x7d8a5au), smoothstep(0.12, 0.32, blotch + 0.16 * v) * 0.5 * k.y);
        let lip = smoothstep(0.24, 0.0, fract(rows)) * mix(0.3, 0.18, thatched);
        var slates = in_light(cover, roof_tone) * (1.0 - fine * lip - fine * 0.12 * smoothstep(0.12, 0.0, abs(fract(along) - 0.5) - 0.38) * (1.0 - thatched));
        let snow = place.weather.y * smoothstep(-0.3, 0.1, blotch + 0.62 - 0.25 * lip - 0.3 * v);
        slates = mix(slates, snow_white() * (0.86 + 0.16 * (side_tone + 0.2)), snow);
        slates = mix(slates, slates + place.key.rgb * 0.3, smoothstep(0.03, 0.0, ridge - q.y) * place.key.a * clear_sky());
        color = over(paint(slates, edge(roof * size)), color);
        let trim = max(abs(q.y - low - ragged) - 0.014, max(-u, u - long - 0.06));
        color = over(paint(in_light(mix(timber, tiles * 0.7, thatched), side_tone - 0.15), edge(trim * size)), color);


        // The gable.
        let gable = (q.y - wall) - (half - abs(q.x)) * rise / half;
        let front = max(max(abs(q.x) - half, -0.012 - q.y), gable * slope);
        var face = in_light(plaster, front_tone + 0.12 * blotch);
        face = mix(face, face * 0.86, smoothstep(0.35, 0.0, q.y) * 0.6);
        let base = 0.14 + 0.015 * blotch;
        let masonry = vec2f(q.x * 9.0 + 0.5 * step(0.07, q.y), q.y * 14.0);
        let joint = smoothstep(0.12, 0.0, min(abs(fract(masonry.x) - 0.5), abs(fract(masonry.y) - 0.5)));
        face = mix(face, in_light(hex(0xa39a90u), front_tone + 0.25 * blotch - 0.25 * joint * fine), edge((q.y - base) * size));
        // Timber: sills, posts, braces.
        let a = abs(q.x);
        let middle = wall * 0.56;
        var beams = min(abs(q.y - wall) - 0.026, abs(a - half + 0.028) - 0.024);
        beams = min(max(beams, q.y - wall - 0.026), max(min(a - 0.02, segment(vec2f(a, q.y), vec2f(0.0, wall + rise * 0.62), vec2f(half * 0.6, wall)) - 0.018), wall - q.y));
        let upper = max(min(abs(a - half * 0.42) - 0.019, segment(vec2f(a, q.y), vec2f(half - 0.04, middle), vec2f(half * 0.42, wall)) - 0.019), middle - q.y);
        beams = min(beams, min(max(abs(q.y - middle) - 0.02, a - half), max(upper, q.y - wall)));
        face = mix(face, in_light(timber, front_tone - 0.05 + 0.3 * (noise(q * vec2f(30.0, 9.0), salt) - 0.5)), edge(beams * size) * step(base, q.y) * step(0.34, k.z));
        face *= 1.0 - 0.34 * smoothstep(-0.16, -0.04, gable * slope) * step(wall * 0.7, q.y);
        color = over(paint(face, edge(front * size)), color);

        // A door on one side, windows under and in the gable.
        let hand = select(-1.0, 1.0, k.w > 0.5);
        let frame = in_light(hex(0xefe3cdu), front_tone + 0.1);
        let shutters = in_light(painted, front_tone);
        let at = vec2f(-hand * half * 0.47, wall * 0.37);
        let w = select(at, vec2f(0.0, wall + rise * 0.32), q.y > wall * 0.86);
        let pane = select(vec2f(0.092, 0.11), vec2f(0.066, 0.085), q.y > wall * 0.86);
        let leaves = max(abs(abs(q.x - w.x) - pane.x * 1.5) - pane.x * 0.48, abs(q.y - w.y) - pane.y);
        let slats = 0.86 + 0.14 * step(0.35, fract((q.y - w.y) * 42.0)) * fine;
        color = over(paint(shutters * slats, edge(leaves * size)), color);
        color = over(casement(q, w, pane, lamp * step(0.2, select(g.w, k.x, q.y > wall * 0.86)), frame), color);
        // A box of flowers under the window.
        let trough = box(q, at - vec2f(0.0, pane.y + 0.035), vec2f(0.12, 0.026), 0.006);
        let bloom = floor(q * 34.0);
        let petal = hash4(bloom, salt + 7.0);
        let heads = max(length(fract(q * 34.0) - 0.3 - 0.4 * petal.xy) - 0.42, max(abs(q.x - at.x) - 0.125, abs(q.y - at.y + pane.y - 0.012) - 0.03) * 60.0);
        let bushes = max(abs(q.x - at.x) - 0.125, abs(q.y - at.y + pane.y - 0.002) - 0.022 - 0.012 * sin(q.x * 90.0 + salt));
        let flora = 1.0 - place.weather.y;
        color = over(paint(in_light(hex(0x5a8a50u), front_tone - 0.1), edge(bushes * size) * flora), color);
        color = over(paint(in_light(mix(hex(0xe8604eu), hex(0xf4e0d8u), step(0.6, petal.z)), front_tone + 0.25), edge(heads / 34.0 * size) * flora * step(petal.w, 0.75)), color);
        color = over(paint(mix(in_light(timber * 1.2, front_tone), snow_white(), place.weather.y * step(at.y - pane.y - 0.02, q.y)), edge(trough * size)), color);

        let door = vec2f(hand * half * 0.42, 0.2);
        let entry = max(max(abs(q.x - door.x) - 0.115, -0.005 - q.y), length(vec2f(q.x - door.x, max(q.y - 0.3, 0.0))) - 0.115);
        color = over(paint(in_light(hex(0xb5aa9cu), front_tone + 0.2 * step(0.0, sin(q.y * 60.0))), edge((entry - 0.035) * size) * step(0.0, q.y)), color);
        let planks = 0.84 + 0.16 * smoothstep(0.0, 0.2, abs(fract((q.x - door.x) * 21.0) - 0.5)) * (1.0 - 0.3 * smoothstep(0.1, 0.34, q.y));
        color = over(paint(shutters * planks * 0.95, edge(entry * size)), color);
        color = over(paint(in_light(hex(0xd6b070u), 0.9), edge((length(q - door - vec2f(-hand * 0.07, -0.02)) - 0.012) * size)), color);
        let step_stone = box(q, vec2f(door.x, 0.0), vec2f(0.16, 0.022), 0.006);
        color = over(paint(mix(in_light(hex(0xb8aea2u), front_tone + 0.35), snow_white(), place.weather.y), edge(step_stone * size)), color);
        // A lantern by the door.
        let lantern = q - vec2f(door.x - hand * 0.19, 0.43);
        color = over(paint(hex(0xffb35au), 0.75 * exp(-length(lantern) * 7.0) * lamp * (place.hours.w + 0.5 * place.hours.z) * edge(front * size)), color);
        let cage = box(lantern, vec2f(0.0), vec2f(0.018, 0.026), 0.004);
        color = over(paint(in_light(hex(0x3a3438u), 0.5), edge((min(cage - 0.008, box(lantern, vec2f(0.0, 0.04), vec2f(0.006, 0.02), 0.0))) * size)), color);
        color = over(paint(mix(in_light(hex(0xc9d0ccu), 0.6), hex(0xffe9a8u), lamp), edge(cage * size)), color);

        // Barge boards along the gable, lit on the side of the light.
        let lean = (gable * slope - 0.02);
        let board = max(abs(lean) - 0.034, max(a - half - 0.075, wall - 0.13 - q.y));
        let lit_edge = front_tone + 0.2 + 0.35 * toward * sign(q.x);
        let verge = mix(mix(in_light(timber * 1.25, lit_edge), in_light(tiles, lit_edge), thatched), snow_white(), place.weather.y * smoothstep(-0.02, 0.01, lean));
        color = over(paint(verge, edge(board * size)), color);
        color = vec4f(mix(color.rgb, through_air(color.rgb / max(color.a, 0.001), distance) * color.a, step(0.001, distance)), color.a);
    }
    return color;
}

// The mouth of the chimney of that house.
fn house_chimney(foot: vec2f, size: f32, side: f32, salt: f32) -> vec2f {
    let h = hash4(vec2f(salt, 1.0), 903.0);
    let k = hash4(vec2f(salt, 3.0), 905.0);
    let half = 0.44 + 0.1 * h.x;
    let top = 0.62 + 0.2 * h.y + half * (1.05 + 0.35 * h.z);
    return foot + size * vec2f(side * (0.5 + 0.35 * h.w) * (0.35 + 0.3 * k.x), top + 0.25);
}

// Smoke that curls up from `mouth` and leans with the wind, for live plates: its coverage.
fn smoke_plume(p: vec2f, mouth: vec2f, width: f32, high: f32) -> f32 {
    let r = p.y - mouth.y;
    let t = place.time_s;
    let up = clamp(r / high, 0.0, 1.0);
    let lean = (0.16 + 0.5 * place.weather.w) * r * (0.4 + up);
    let curl = width * (1.6 * up * wave(r / high * 1.7 - t * 0.16) + 0.8 * up * wave(r / high * 3.9 - t * 0.27));
    let spread = width * (0.45 + 2.2 * up);
    let u = (p.x - mouth.x - lean - curl) / spread;
    let puffs = 0.72 + 0.28 * wave(r / high * 5.0 - t * 0.33 + 0.2 * u);
    let body = clamp(1.0 - u * u, 0.0, 1.0);
    return body * puffs * (1.0 - up) * clamp(r / width * 3.0, 0.0, 1.0);
}

// The cosine of five times the angle of `v`, for flowers of five petals: without an arc tangent.
fn fivefold(v: vec2f) -> f32 {
    let c = v.x * inverseSqrt(max(dot(v, v), 1e-12));
    return c * (5.0 + c * c * (16.0 * c * c - 20.0));
}
