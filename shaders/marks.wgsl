// Signs beside actors. Each is made of parts whose places are functions of the part's number and of the time
// since the mark began. Needs `frame` and `grade`.

struct Mark {
    // On the stage: x of the actor, top of the head, ground, height of the actor.
    place: vec4f,
    // Kind, seconds since it began, seconds that are left, 1 where the actor looks to the right and -1 to the left.
    time: vec4f,
}

@group(1) @binding(0) var<storage, read> marks: array<Mark>;

const PARTS = 12u;

const HEART = 0u;
const DROP = 1u;
const BANG = 2u;
const RING = 3u;
const STREAK = 4u;

struct Varying {
    @builtin(position) position: vec4f,
    // From -1 to 1 across the quad.
    @location(0) local: vec2f,
    @location(1) @interpolate(flat) color: vec4f,
    // Width of a pixel across the quad.
    @location(2) @interpolate(flat) px: vec2f,
    @location(3) @interpolate(flat) shape: u32,
}

fn random(n: u32, salt: u32) -> vec4f {
    var v = vec4u(n, salt, n * 7u + 3u, 0x9e3779b9u);
    v = v * 1664525u + 1013904223u;
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    v = v ^ (v >> vec4u(16u));
    v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
    return vec4f(v >> vec4u(8u)) / 16777216.0;
}

// From 0 to 1 and a little beyond on the way.
fn pop(t: f32) -> f32 {
    let s = saturate(t) - 1.0;
    return 1.0 + s * s * (2.7 * s + 1.7);
}

@vertex
fn vs_mark(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> Varying {
    let n = index / 6u;
    let corner = (0x312210u >> (4u * (index % 6u))) & 3u;
    let mark = marks[instance];
    let x = mark.place.x;
    let top = mark.place.y;
    let ground = mark.place.z;
    let unit = mark.place.w;
    let age = mark.time.y;
    let left = mark.time.z;
    let turn = select(-1.0, 1.0, mark.time.w >= 0.0);
    let h = random(n, u32(mark.time.x));
    var p = vec2f(x, top);
    var half_size = vec2f(0.0);
    var angle = 0.0;
    var alpha = 0.0;
    var color = vec3f(1.0);
    var shape = HEART;
    switch u32(mark.time.x) {
        case 0u: { // hearts
            let begins = 0.24 * f32(n);
            let t = (age - begins) / 1.7;
            // Those that would not get to the end do not begin.
            if n < 8u && t > 0.0 && t < 1.0 && begins + 1.7 < age + left + 0.01 {
                let side = select(-1.0, 1.0, (n & 1u) == 1u);
                let rise = 1.0 - (1.0 - t) * (1.0 - t);
                p += unit * vec2f(side * (0.17 + 0.12 * h.x) + 0.03 * sin(5.0 * t + h.y * 6.28), 0.62 * rise - 0.16 + 0.08 * h.z);
                half_size = vec2f(unit * (0.052 + 0.026 * h.w) * pop(t * 4.5));
                angle = 0.22 * sin(4.0 * t + h.y * 6.28) - 0.12 * side;
                alpha = smoothstep(0.0, 0.06, t) * smoothstep(1.0, 0.62, t);
                color = mix(vec3f(0.93, 0.25, 0.38), vec3f(1.0, 0.50, 0.52), h.z);
            }
        }
        case 1u: { // sweat
            let begins = 0.19 * f32(n);
            let cycle = floor((age - begins) / 0.9);
            let t = (age - begins) / 0.9 - cycle;
            if n < 4u && age > begins && begins + (cycle + 1.0) * 0.9 < age + left + 0.01 {
                let side = select(-turn, turn, n == 1u);
                let moved = t * 0.75;
                p += unit * vec2f(side * (0.15 + (0.20 + 0.12 * h.x) * moved), -0.10 - 0.04 * h.y + (0.36 + 0.14 * h.z) * moved - 0.62 * moved * moved);
                half_size = unit * vec2f(0.033, 0.056) * (0.8 + 0.4 * h.w) * pop(t * 4.0);
                angle = -side * mix(0.9, 2.2, t);
                alpha = smoothstep(0.0, 0.08, t) * smoothstep(1.0, 0.72, t);
                color = vec3f(0.62, 0.86, 1.0);
                shape = DROP;
            }
        }
        case 2u: { // exclamation
            if n == 0u {
                let grown = pop(age / 0.26) * smoothstep(0.0, 0.14, left);
                half_size = unit * vec2f(0.075, 0.15) * grown;
                angle = -0.14 * turn + 0.05 * sin(age * 17.0) * exp(-age * 4.0);
                p += unit * vec2f(0.19 * turn, 0.10) + vec2f(0.0, half_size.y * 0.5);
                // In a near shot there is no room above the head: it stands lower, and further aside.
                let highest = (1.0 - frame.clip_from_stage.w) / frame.clip_from_stage.y - 0.2 * unit;
                let lowered = max(p.y - highest, 0.0);
                p += vec2f(0.9 * turn, -1.0) * lowered;
                alpha = 1.0;
                color = vec3f(1.0, 0.79, 0.26);
                shape = BANG;
            }
        }
        case 3u: { // splash
            p.y = ground;
            if n < 9u {
                let t = age - 0.10 * h.x;
                let out = (f32(n) - 4.0) / 4.0 + 0.2 * (h.y - 0.5);
                let speed = unit * (1.5 + 0.7 * h.z) * (1.0 - 0.35 * abs(out));
                p += vec2f(unit * out * (0.14 + 0.75 * t), speed * t - unit * 2.4 * t * t);
                half_size = unit * vec2f(0.030, 0.050) * (0.7 + 0.8 * h.w);
                angle = atan2(-out * 0.75, 1.5 - 4.8 * t / (1.0 + h.z));
                alpha = step(0.0, t) * smoothstep(ground - 0.02, ground + 0.01, p.y) * smoothstep(0.0, 0.12, left);
                color = vec3f(0.80, 0.93, 1.0);
                shape = DROP;
            } else {
                let t = (age - 0.20 * f32(n - 9u)) / 1.3;
                let wide = unit * (0.10 + 0.55 * (1.0 - (1.0 - t) * (1.0 - t)));
                half_size = vec2f(wide, wide * 0.20);
                alpha = step(0.0, t) * 0.75 * saturate(1.0 - t) * smoothstep(0.0, 0.2, left);
                color = vec3f(0.88, 0.96, 1.0);
                shape = RING;
            }
        }
        case 4u: { // speedlines
            if n < 9u {
                let t = fract(age * (1.5 + 0.8 * h.x) + h.y);
                let long = unit * (0.16 + 0.22 * h.z) * sqrt(sin(3.1416 * t));
                p = vec2f(x - turn * unit * (0.30 + 0.10 * h.w + 0.45 * t), mix(ground + 0.06 * unit, top - 0.06 * unit, (f32(n) + 0.6 * h.w) / 9.0));
                half_size = vec2f(long, unit * (0.020 + 0.012 * h.x));
                angle = select(0.0, 3.1416, turn < 0.0);
                alpha = sqrt(sin(3.1416 * t)) * smoothstep(0.0, 0.2, age) * smoothstep(0.0, 0.2, left);
                color = mix(vec3f(1.0), frame.key.rgb, 0.25);
                shape = STREAK;
            }
        }
        default: {}
    }
    let local = vec2f(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    // Room for a soft edge; what is not seen makes no pixels.
    let room = 1.12 + 1.5 * frame.px / max(half_size, vec2f(1e-4));
    let scaled = local * room * half_size * step(0.004, alpha);
    let c = cos(angle);
    let s = sin(angle);
    let stage = p + vec2f(c * scaled.x - s * scaled.y, s * scaled.x + c * scaled.y);
    let clip = stage * frame.clip_from_stage.xy + frame.clip_from_stage.zw;
    let px = frame.px / max(half_size, vec2f(1e-4));
    return Varying(vec4f(clip, 0.0, 1.0), local * room, vec4f(color, alpha), px, shape);
}

// Signed distances, negative inside.

// A heart between -1 and 1 (after Inigo Quilez).
fn heart(q: vec2f) -> f32 {
    let p = vec2f(abs(q.x) * 0.64, q.y * 0.60 + 0.52);
    var d: f32;
    if p.x + p.y > 1.0 {
        d = length(p - vec2f(0.25, 0.75)) - 0.35355;
    } else {
        let one = p - vec2f(0.0, 1.0);
        let other = p - vec2f(0.5 * max(p.x + p.y, 0.0));
        d = sqrt(min(dot(one, one), dot(other, other))) * sign(p.x - p.y);
    }
    return d / 0.62;
}

// A drop whose tip points up.
fn drop_shape(q: vec2f) -> f32 {
    let y = (q.y + 0.30) / 1.30;
    let tip = abs(q.x) - 0.66 * pow(saturate(1.0 - y), 1.25);
    let round = length(vec2f(q.x, (q.y + 0.30) * 0.95)) - 0.66;
    return select(round, max(tip * 0.8, round - 0.64), y > 0.0);
}

// An exclamation mark; x and y of `q` are on the same scale, y from -1 to 1.
fn bang(q: vec2f) -> f32 {
    let t = saturate((q.y + 0.22) / 0.90);
    let bar = length(q - vec2f(0.0, mix(-0.22, 0.68, t))) - mix(0.11, 0.23, t);
    let dot = length(q - vec2f(0.0, -0.72)) - 0.19;
    return min(bar, dot);
}

@fragment
fn fs_mark(in: Varying) -> @location(0) vec4f {
    let q = in.local;
    let px = max(in.px.y, 1e-4);
    var cover = 0.0;
    var color = in.color.rgb;
    switch in.shape {
        case 0u: {
            let d = heart(q);
            let edge = 0.10;
            cover = saturate(0.5 - (d - edge) / px);
            color = mix(color, color * vec3f(0.72, 0.60, 0.68), smoothstep(-0.30, 0.0, d) * (0.5 - 0.35 * q.y));
            let shine = (q - vec2f(-0.42, 0.42)) * vec2f(1.2, 1.9);
            color = mix(color, vec3f(1.0, 0.93, 0.92), 0.75 * smoothstep(0.42, 0.12, length(shine)));
            color = mix(color, vec3f(1.0, 0.92, 0.90), saturate(0.5 + d / px));
        }
        case 1u: {
            let d = drop_shape(q);
            cover = saturate(0.5 - d / px) * 0.92;
            color = mix(color, color * vec3f(0.50, 0.72, 0.90), smoothstep(-0.34, 0.0, d));
            color = mix(color, vec3f(1.0), 0.8 * smoothstep(0.24, 0.08, length(q - vec2f(-0.18, -0.34))));
        }
        case 2u: {
            let d = bang(q * vec2f(0.5, 1.0));
            let edge = 0.085;
            cover = saturate(0.5 - (d - edge) / px);
            color = mix(color, vec3f(0.98, 0.50, 0.22), smoothstep(0.7, -0.9, q.y));
            color = mix(color, vec3f(1.0, 0.95, 0.78), 0.55 * smoothstep(0.02, -0.12, d + 0.09 + 0.3 * q.x));
            color = mix(color, vec3f(0.26, 0.12, 0.10), saturate(0.5 + d / px));
        }
        case 3u: {
            let r = length(q);
            cover = smoothstep(0.16, 0.03, abs(r - 0.84));
        }
        default: {
            // Thick near the runner, thin at its end.
            let along = saturate(q.x * 0.5 + 0.5);
            let wide = sqrt(along) * sqrt(saturate(1.0 - along * along * along));
            cover = saturate(1.3 - 1.3 * abs(q.y) / max(wide, 0.05)) * saturate(1.5 * along);
        }
    }
    let a = cover * in.color.a;
    let seen = mix(color, graded(color, grading()), 0.55);
    return vec4f(seen * a, a);
}
