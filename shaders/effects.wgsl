// Small things that move on a set: fireflies, dust, rain. Each is a function of its number and
// the time. Needs `frame` and `grade`.

struct Effect {
    // Left, lower, right and upper edge of where they are, on the stage.
    area: vec4f,
    // Colour (rgb) and overall opacity (a).
    color: vec4f,
    // Kind, seed, wind, time in seconds.
    params: vec4f,
    // Clip space from the set at the effect's depth: scale (xy) and offset (zw).
    clip_from_set: vec4f,
    // Where the light stands on the set (xy), how clear the sky is (z).
    light: vec4f,
}

// In a storage buffer: Mesa's software Vulkan builds a shader anew whenever a uniform that it
// branches on changes, and keeps all of them.
@group(1) @binding(0) var<storage, read> effect: Effect;

struct Varying {
    @builtin(position) position: vec4f,
    // From -1 to 1 across the quad.
    @location(0) local: vec2f,
    // Graded where its middle is: these things are small.
    @location(1) @interpolate(flat) color: vec4f,
    // 0 glow, 1 leaf, 2 streak, 3 flake, 4 sparkle.
    @location(2) @interpolate(flat) shape: u32,
}

fn random4(n: u32, salt: u32) -> vec4f {
    var v = vec4u(n, salt, u32(effect.params.y), 0x9e3779b9u);
    v = v * 1664525u + 1013904223u;
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    v = v ^ (v >> vec4u(16u));
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    return vec4f(v >> vec4u(8u)) / 16777216.0;
}

@vertex
fn vs_effect(@builtin(vertex_index) index: u32) -> Varying {
    // Six corners of two triangles each, in one instance: software Vulkan draws instances singly.
    let n = index / 6u;
    let corner = (0x312210u >> (4u * (index % 6u))) & 3u;
    let kind = u32(effect.params.x);
    let time = effect.params.w;
    let a = random4(n, kind);
    let b = random4(n, kind + 100u);
    let low = effect.area.xy;
    let extent = effect.area.zw - effect.area.xy;
    let home = low + extent * a.xy;
    var p = home;
    var half_size = vec2f(0.006);
    var turn = 0.0;
    var alpha = 1.0;
    var shape = 0u;
    var color = effect.color.rgb;
    switch kind {
        case 0u: { // dust
            p = low + extent * fract(a.xy + vec2f(0.011, 0.007) * time * (b.xy - 0.4));
            p += 0.012 * vec2f(sin(time * 0.5 + a.z * 40.0), cos(time * 0.37 + a.w * 40.0));
            half_size = vec2f(0.0022 + 0.0028 * b.z);
            alpha = (0.25 + 0.45 * b.w) * (0.6 + 0.4 * sin(time * (0.6 + a.z) + b.x * 6.28));
        }
        case 1u: { // fireflies
            p += vec2f(0.05 * sin(time * (0.23 + 0.2 * a.z) + b.x * 6.28) + 0.018 * sin(time * 0.9 + b.z * 6.28),
                       0.035 * sin(time * (0.31 + 0.2 * a.w) + b.y * 6.28) + 0.014 * cos(time * 1.1 + b.w * 6.28));
            half_size = vec2f(0.013 + 0.014 * a.z);
            alpha = 0.15 + 0.85 * smoothstep(-0.3, 0.7, sin(time * (0.8 + 0.7 * b.z) + b.w * 6.28));
        }
        case 2u: { // embers
            let life = fract(time * (0.12 + 0.1 * b.x) + a.z);
            p = vec2f(home.x + 0.03 * sin(life * 9.0 + b.y * 6.28), low.y + extent.y * life);
            half_size = vec2f(0.003 + 0.003 * b.z) * (1.0 - 0.6 * life);
            alpha = smoothstep(0.0, 0.1, life) * (1.0 - life);
        }
        case 3u: { // leaves
            let life = fract(time * (0.05 + 0.03 * b.x) + a.z);
            p = vec2f(home.x + (effect.params.z * 0.6 + 0.12) * (life - 0.5) + 0.05 * sin(life * 14.0 + b.y * 6.28),
                      low.y + extent.y * (1.0 - life));
            turn = life * 9.0 + b.z * 6.28;
            half_size = vec2f(0.013, 0.0035 + 0.004 * abs(sin(life * 20.0 + b.w * 6.28))) * (0.7 + 0.6 * a.w);
            alpha = smoothstep(0.0, 0.08, life) * smoothstep(1.0, 0.85, life);
            color = mix(color, color * vec3f(1.05, 0.72, 0.5), b.w);
            shape = 1u;
        }
        case 4u: { // stars
            half_size = vec2f(0.0035 + 0.006 * a.z * a.z);
            alpha = 0.35 + 0.65 * pow(0.5 + 0.5 * sin(time * (0.9 + 1.8 * b.x) + b.y * 6.28), 2.0);
            color = mix(color, vec3f(0.75, 0.85, 1.0), b.z);
            shape = 4u;
        }
        case 5u: { // snow
            let speed = 0.07 + 0.06 * b.x;
            let fall = fract(a.y - time * speed / extent.y);
            p = vec2f(low.x + extent.x * fract(a.x + time * effect.params.z * 0.04 + 0.012 * sin(time * (0.7 + b.y) + b.z * 6.28)),
                      low.y + extent.y * fall);
            half_size = vec2f(0.003 + 0.006 * b.w * b.w);
            alpha = 0.5 + 0.45 * b.w;
            shape = 3u;
        }
        case 6u: { // rain
            let speed = 1.5 + 0.7 * b.x;
            let fall = fract(a.y - time * speed / extent.y);
            let slant = 0.10 + 0.25 * effect.params.z;
            p = vec2f(low.x + extent.x * fract(a.x - slant * (1.0 - fall)), low.y + extent.y * fall);
            half_size = vec2f(0.0009 + 0.0007 * b.z, 0.020 + 0.022 * b.w);
            turn = -slant * 0.55;
            alpha = 0.16 + 0.22 * b.y;
            shape = 2u;
        }
        case 7u: { // glints
            p.x += 0.02 * sin(time * 0.3 + b.x * 6.28);
            half_size = vec2f(0.007 + 0.016 * b.y, 0.0016 + 0.0012 * b.z);
            alpha = smoothstep(0.2, 1.0, sin(time * (1.1 + 1.3 * a.z) + b.w * 6.28));
        }
        case 9u: { // shimmer: dashes of light on water that lies between the area's lower edge and its horizon
            // Most lie near the horizon, where they are small.
            let d = 0.03 * (exp(a.y * log(1.0 + extent.y / 0.03)) - 1.0);
            let drift = time * (0.06 + 0.07 * b.x) * (d + 0.025);
            p = vec2f(low.x + extent.x * fract(a.x - drift / extent.x), low.y + extent.y - d);
            half_size = vec2f((d + 0.025) * (0.26 + 0.28 * b.y), (d + 0.08) * (d + 0.08) * 0.07);
            // Each comes and goes at its own pace.
            let beat = abs(fract(time * (0.15 + 0.2 * a.z) + a.w) * 2.0 - 1.0);
            let spread = (p.x - effect.light.x) / (0.05 + 0.55 * d);
            let near_path = 1.0 / (1.0 + spread * spread * spread * spread);
            let brink = saturate((extent.y - d) * 18.0) * saturate(d * 50.0);
            alpha = saturate(beat * 2.4 - 1.1) * (0.12 + 0.8 * near_path * effect.light.z) * brink;
            color = mix(frame.key.rgb, vec3f(1.0), 0.25);
            shape = 3u;
        }
        default: { // steam
            let life = fract(time * (0.16 + 0.08 * b.x) + a.z);
            p = vec2f(home.x + 0.014 * sin(life * 6.0 + b.y * 6.28), low.y + extent.y * life);
            half_size = vec2f(0.008 + 0.022 * life);
            alpha = 0.20 * smoothstep(0.0, 0.2, life) * (1.0 - life);
        }
    }
    let local = vec2f(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    // Nothing is thinner than a pixel: it grows paler instead.
    let drawn = max(half_size, vec2f(0.75 * frame.px));
    alpha *= min(half_size.x / drawn.x, 1.0) * min(half_size.y / drawn.y, 1.0);
    // What is not seen makes no pixels.
    let scaled = local * drawn * 1.15 * step(0.004, alpha);
    let c = cos(turn);
    let s = sin(turn);
    let stage = p + vec2f(c * scaled.x - s * scaled.y, s * scaled.x + c * scaled.y);
    let clip = stage * effect.clip_from_set.xy + effect.clip_from_set.zw;
    let middle = p * effect.clip_from_set.xy + effect.clip_from_set.zw;
    let graded = grade_set(color, middle * vec2f(0.5, -0.5) + 0.5, grading());
    return Varying(vec4f(clip, 0.0, 1.0), local * 1.15, vec4f(graded, clamp(alpha, 0.0, 1.0) * effect.color.a), shape);
}

@fragment
fn fs_effect(in: Varying) -> @location(0) vec4f {
    let q = in.local;
    let r2 = dot(q, q);
    var cover = 0.0;
    var glow = 0.0;
    switch in.shape {
        case 0u: {
            // A small bright heart in a wide soft light.
            let fall = max(1.0 - r2, 0.0);
            glow = fall * fall * fall * 0.65 + smoothstep(0.12, 0.03, r2) * 0.6;
        }
        case 1u: {
            let width = (1.0 - q.x * q.x);
            cover = smoothstep(0.0, 0.25, width - abs(q.y));
        }
        case 2u: {
            cover = max(1.0 - q.x * q.x, 0.0) * smoothstep(1.0, 0.0, abs(q.y));
        }
        case 3u: {
            cover = smoothstep(1.0, 0.45, r2);
        }
        default: {
            let rays = max(1.0 - 9.0 * abs(q.x * q.y) * 4.0 - r2, 0.0);
            glow = rays * rays * 0.7 + smoothstep(0.07, 0.0, r2);
        }
    }
    let a = in.color.a;
    let color = in.color.rgb;
    // A glow adds light without hiding what is behind it.
    return vec4f(color * (cover + glow) * a, (cover + 0.35 * glow) * a);
}
