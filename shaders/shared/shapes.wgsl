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

// A cheap wavy field from -1 to 1 that clumps leaves and tufts, different for each scene.
fn clumps(p: vec2f, salt: f32) -> f32 {
    let shift = place.seed.x * 40.0 + salt * 2.39;
    let a = sin(p.x + shift + 1.7 * sin(p.y * 0.7 + shift));
    let b = sin(p.y * 1.3 - shift + 1.4 * sin(p.x * 0.9 - shift));
    return 0.5 * (a + b);
}

// Wavy line from -1 to 1 of three waves, for ridges and shores.
fn swell(x: f32, salt: f32) -> f32 {
    let shift = place.seed.x * 50.0 + salt * 7.13;
    return 0.55 * sin(x + shift) + 0.3 * sin(x * 2.3 + shift * 1.7) + 0.15 * sin(x * 5.1 + shift * 2.3);
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
    return place.key.rgb * broad * strength * (0.25 + 0.75 * clear_sky());
}

// The sun as a pale disc with a soft brim, over a sky.
fn sun(sky: vec3f, p: vec2f, radius: f32) -> vec3f {
    let d = length(p - place.light_position) - radius;
    let disc = soft_edge(d, 0.004) * clear_sky();
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
    return mix(haze, ball, edge(d) * clear_sky());
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
        let size = max(place.px * 0.75, 0.0011 * (0.55 + 1.3 * magnitude));
        let d = length(p - at);
        let point = exp(-d * d / (size * size)) + 0.22 * magnitude * exp(-d * 210.0);
        let tint = mix(hex(0xaecbffu), hex(0xffe3bfu), h.w);
        sum += tint * point * (0.3 + 0.9 * magnitude) * step(1.0 - density, h.w * 0.5 + h.x * 0.5);
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
    let reach = (0.05 + 0.145 * pow(clamp((tier + 1.0) / tiers, 0.0, 1.0), 0.85)) * (0.78 + 0.44 * bough.x);
    let twigs = 0.013 * sin(along * 17.0 + bough.y * 9.0);
    let width = reach * (0.3 + 0.7 * pow(along, 0.8)) * smoothstep(-0.6, 0.2, hung) * smoothstep(-0.02, 0.16, 1.0 - v) + twigs * (1.0 - v);
    let trunk = box(vec2f(u, v), vec2f(0.0, 0.04), vec2f(0.013, 0.08), 0.0);
    let d = min(max(max(a - width, v - 0.995), 0.06 - v), trunk) * height;
    let toward = sign(place.light_position.x - foot.x);
    let facing = 0.5 + 0.5 * clamp(toward * u / max(width, 0.02), -1.0, 1.0);
    let tone = facing * (0.35 + 0.65 * along) * (0.6 + 0.4 * bough.w) + 0.25 * smoothstep(0.6, 1.0, v);
    return vec2f(edge(d * 0.8), clamp(tone, 0.0, 1.0));
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
        let foot = vec2f((cell + 0.15 + 0.7 * h.z) * spacing, ground + 0.02 * swell(cell * spacing * 3.0, salt) - 0.012);
        let tree = fir(p, foot, max(tall, 0.01), cell * 3.0 + salt) * vec2f(step(0.01, tall), 1.0);
        row = vec2f(max(row.x, tree.x), mix(row.y, tree.y, tree.x));
    }
    return row;
}

// Grass on a plain that ends at `horizon`, in tufts that grow towards the viewer: coverage (x), tone (y, light
// at the tips) and how near it is (z). `tall` is its height at the feet of the actors' ground.
fn grass(p: vec2f, horizon: f32, tall: f32, lush: f32, salt: f32) -> vec3f {
    var found = vec3f(0.0);
    let rate = 0.17;
    let first = floor(log(max(horizon - p.y, 0.004) / 0.02) / rate);
    for (var r = 0; r < 4; r++) {
        let row = first + f32(r);
        let near = 0.02 * exp(row * rate);
        let baseline = horizon - near;
        let scale = near * 3.2;
        let blade_height = tall * scale;
        let rise = p.y - baseline;
        let pitch = 0.03 * scale + 0.002;
        let across = p.x / pitch + hash1(row, salt + 1.0) * 13.0;
        for (var i = -1; i <= 1; i++) {
            let cell = floor(across) + f32(i);
            let h = hash4(vec2f(cell, row), salt);
            let x = (across - cell - 0.2 - 0.6 * h.x) * pitch;
            let patchy = clumps(vec2f(cell * pitch, baseline * 2.5) * 6.0, salt);
            let standing = rise - (h.y - 0.5) * near * rate * 1.3;
            let grown = step(1.0 - lush, h.y * 0.6 + 0.4 * (patchy * 0.5 + 0.5));
            for (var b = 0; b < 3; b++) {
                let k = f32(b) - 1.0;
                let high = blade_height * (0.5 + 0.7 * fract(h.z * 7.0 + f32(b) * 0.37)) * (1.0 + 0.5 * patchy) * grown;
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
