// Characters: blend targets, bones, soft edges, paints, light and rim. Needs `frame` and grade.

// A vertex morphs, then follows its bones, then moves along its normal by a part of a pixel;
// `figure/skin.rs` is the same arithmetic on the CPU, for tests.

struct Paint {
    // From canvas to the gradient's x and y, of which the progress from one colour to the other is
    // x, or for RADIAL the distance from 0, plus the bias.
    x_row: vec3f,
    bias: f32,
    y_row: vec3f,
    // RADIAL or 0.
    kind: u32,
    // Four times 8 bits: sRGB encoded, straight alpha.
    from_color: u32,
    to_color: u32,
}

struct Delta {
    position: vec2f,
    normal: vec2f,
    thickness: f32,
    target_index: u32,
}

struct Figure {
    // Middle of the body on the stage (xy) and half of its size (zw).
    body: vec4f,
    // Where it stands: x, height of the feet above the ground, half width, stage units per canvas unit.
    stand: vec4f,
}

@group(1) @binding(0) var<storage, read> paints: array<Paint>;
@group(1) @binding(1) var<storage, read> deltas: array<Delta>;
@group(1) @binding(2) var<storage, read> figures: array<Figure>;
// Two a bone: the columns of its matrix, then its translation.
@group(1) @binding(3) var<storage, read> bones: array<vec4f>;
@group(1) @binding(4) var<storage, read> weights: array<f32>;

const MOST_BONES: u32 = 40u;
const TARGETS: u32 = 24u;

// Half of the width of a soft edge, in pixels.
const FEATHER: f32 = 0.6;
// Width of the rim of light, in canvas units.
const RIM_WIDTH: f32 = 9.0;

struct VertexIn {
    @builtin(instance_index) figure: u32,
    @location(0) place: vec4f,
    // Thickness, edge, rim, weight of the second bone.
    @location(1) edge: vec4f,
    // Bones and number of deltas, paint, first delta, form.
    @location(2) links: vec4u,
}

// Few numbers, interpolated without perspective: a software rasteriser pays for each.
struct VertexOut {
    @builtin(position) clip: vec4f,
    // Place in the gradient (xy), or on a rim its facing to the light and its fade; coverage (z);
    // light from -1 to 1 (w).
    @location(0) @interpolate(linear) surface: vec4f,
    // Flags, two colours, bits of the bias.
    @location(1) @interpolate(flat) paint: vec4u,
}

// A radial gradient, a big form, a rim of light.
const RADIAL: u32 = 1u;
const FORM: u32 = 2u;
const RIM: u32 = 4u;

fn light_direction(body: vec4f) -> vec2f {
    let to_light = frame.light_position - body.xy;
    return to_light / max(length(to_light), 1e-4);
}

// A vertex on the stage.
struct Placed {
    stage: vec2f,
    // Before its move along the normal.
    outline: vec2f,
    // Outward from the outline, of length 1 or 0.
    outward: vec2f,
    // After morphing, in canvas units.
    canvas: vec2f,
    coverage: f32,
}

fn placed(in: VertexIn) -> Placed {
    var position = in.place.xy;
    var normal = in.place.zw;
    var thickness = in.edge.x;
    let count = in.links.x >> 16u;
    for (var i = 0u; i < count; i++) {
        let delta = deltas[in.links.z + i];
        let weight = weights[in.figure * TARGETS + delta.target_index];
        position += weight * delta.position;
        normal += weight * delta.normal;
        thickness += weight * delta.thickness;
    }
    let first = (in.figure * MOST_BONES + (in.links.x & 255u)) * 2u;
    let second = (in.figure * MOST_BONES + ((in.links.x >> 8u) & 255u)) * 2u;
    let columns = mix(bones[first], bones[second], in.edge.w);
    let offset = mix(bones[first + 1u].xy, bones[second + 1u].xy, in.edge.w);
    let determinant = columns.x * columns.w - columns.y * columns.z;
    let scale = sqrt(max(abs(determinant), 1e-12));
    // Normals follow the cofactors of the matrix, whatever it scales or mirrors.
    var outward = vec2f(columns.w * normal.x - columns.y * normal.y, columns.x * normal.y - columns.z * normal.x);
    outward *= sign(determinant) / max(length(outward), 1e-9);
    outward *= step(0.25, dot(normal, normal));
    let outline = columns.xy * position.x + columns.zw * position.y + offset;
    var stage = outline;

    // An area thinner than its soft edges fades instead of turning inside out.
    let thick_px = max(thickness, 0.0) * scale / frame.px;
    let inset_px = min(FEATHER, 0.5 * thick_px);
    var coverage = 1.0;
    if in.edge.y == 1.0 {
        stage += outward * FEATHER * frame.px;
        coverage = 0.0;
    } else if in.edge.y == -1.0 {
        stage -= outward * inset_px * frame.px;
        coverage = min(1.0, thick_px / (0.5 * thick_px + FEATHER));
    } else if in.edge.y == -2.0 {
        stage -= outward * min(RIM_WIDTH, 0.45 * max(thickness, 0.0)) * scale;
    }

    return Placed(stage, outline, outward, position, coverage);
}

@vertex
fn vertex(in: VertexIn) -> VertexOut {
    let vertex = placed(in);
    var stage = vertex.stage;
    let figure = figures[in.figure];
    let to_light = light_direction(figure.body);
    let extent = length(to_light * figure.body.zw);
    let light = dot(vertex.outline - figure.body.xy, to_light) / extent;

    var out: VertexOut;
    let paint = paints[in.links.y];
    var flags = paint.kind | select(0u, FORM, in.links.w != 0u);
    if in.edge.z < 0.0 {
        let q = vec3f(vertex.canvas, 1.0);
        out.surface = vec4f(dot(paint.x_row, q), dot(paint.y_row, q), vertex.coverage, light);
    } else {
        // An edge that faces the light but lies on the far side of the body has the body before it.
        let facing = dot(vertex.outward, to_light) * smoothstep(-0.05, 0.3, light);
        if facing <= 0.0 {
            // No light, no rim: all three vertices of the strip in one place make no pixels.
            stage = vertex.outline;
        }
        flags |= RIM;
        out.surface = vec4f(facing, in.edge.z, vertex.coverage, light);
    }
    out.paint = vec4u(flags, paint.from_color, paint.to_color, bitcast<u32>(paint.bias));
    out.clip = vec4f(stage * frame.clip_from_stage.xy + frame.clip_from_stage.zw, 0.0, 1.0);
    return out;
}

fn paint_color(paint: vec4u, at: vec2f) -> vec4f {
    let along = select(at.x, length(at), (paint.x & RADIAL) != 0u);
    let progress = saturate(along + bitcast<f32>(paint.w));
    return mix(unpack4x8unorm(paint.y), unpack4x8unorm(paint.z), progress);
}

// What the light makes of a surface: warm towards the key, cool and dim away from it.
fn lit(color: vec3f, light: f32, form: f32) -> vec3f {
    let l = smoothstep(-1.15, 1.05, light);
    let depth = mix(0.5, 1.0, form);
    // Hues of the two lights, apart from how bright they are.
    let shade = frame.shade.rgb / max(max(frame.shade.r, frame.shade.g), max(frame.shade.b, 0.05));
    let key = frame.key.rgb / max(max(frame.key.r, frame.key.g), max(frame.key.b, 0.05));
    let cool = color * mix(vec3f(1.0), shade, 0.6 * depth) * mix(0.92, 0.76, depth);
    let warm = color * mix(vec3f(1.0), key, 0.45) + key * 0.02;
    return mix(cool, warm, l) * frame.shade.a;
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4f {
    var color: vec4f;
    if (in.paint.x & RIM) == 0u {
        color = paint_color(in.paint, in.surface.xy);
        color = vec4f(lit(color.rgb, in.surface.w, select(0.0, 1.0, (in.paint.x & FORM) != 0u)), color.a);
    } else {
        let facing = max(in.surface.x, 0.0);
        // Full over the outer third, gone at the inner edge.
        let fade = smoothstep(0.15, 0.75, in.surface.y);
        color = vec4f(frame.key.rgb, facing * sqrt(facing) * fade * frame.key.a);
    }
    let alpha = color.a * in.surface.z;
    return vec4f(grade_figure(color.rgb, in.clip.xy / frame.size_px) * alpha, alpha);
}

struct ShadowOut {
    @builtin(position) clip: vec4f,
    // Place in the long shadow (xy) and in the dark just under the feet (zw); both end at 1.
    @location(0) at: vec4f,
    @location(1) strength: f32,
}

// A soft ellipse on the ground, drawn out away from the light, and a small dark one under the feet.
@vertex
fn shadow_vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> ShadowOut {
    let corner = vec2f(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    let stand = figures[instance].stand;
    let rise = max(frame.light_position.y - frame.ground_y, 0.08);
    // A low light throws long shadows; a high one short ones.
    let slant = clamp((stand.x - frame.light_position.x) / rise, -2.2, 2.2);
    let half_size = vec2f(stand.z * (1.0 + 0.55 * abs(slant)), stand.z * 0.26);
    let feet = vec2f(stand.x, frame.ground_y - 0.01 * stand.z);
    let middle = feet + vec2f(sign(slant) * (half_size.x - stand.z) * 0.95, 0.0);
    let stage = middle + corner * half_size;
    var out: ShadowOut;
    out.clip = vec4f(stage * frame.clip_from_stage.xy + frame.clip_from_stage.zw, 0.0, 1.0);
    out.at = vec4f(corner, (stage - feet) / (stand.z * vec2f(0.62, 0.15)));
    out.strength = 1.0 / (1.0 + 2.5 * stand.y / max(stand.z, 1e-4));
    return out;
}

@fragment
fn shadow_fragment(in: ShadowOut) -> @location(0) vec4f {
    let long = saturate(1.0 - dot(in.at.xy, in.at.xy));
    let under = saturate(1.0 - dot(in.at.zw, in.at.zw));
    let alpha = (long * long * (0.24 + 0.2 * frame.key.a) + under * 0.3) * in.strength;
    return vec4f(frame.shade.rgb * 0.16 * alpha, alpha);
}
