// Characters: blend targets, bones, soft edges, paints, light and rim. Needs `frame` and `grade`.

// A vertex morphs, then follows its bones, then moves along its normal by a part of a pixel. `pose` does
// this once for each, as many triangles as it has, and on all cores of a GPU, of which few draw. Where
// there is no GPU, `figure/posing.rs` does the same arithmetic on the CPU, and `figure/raster.rs` that of
// pixels.

// From canvas to a gradient's x and y. Progress from one colour to the other is x, or, where it is
// radial, the distance from 0; plus the bias.
struct Gradient {
    x_row: vec3f,
    y_row: vec3f,
}

// A paint in the light and the mood of the picture; `figure/light.rs` mixes it. Its colour is bilinear
// in the light (0 in the shade, 1 towards the key) and the progress along its gradient.
struct Lit {
    // Colour in the shade where the gradient begins (rgb), opacity there (a).
    shaded: vec4f,
    // What light adds (rgb); bias of the gradient (a).
    warm: vec4f,
    // What the end of the gradient adds: rgb and opacity.
    along: vec4f,
    // What both together add (rgb); 1 where the gradient is radial (a).
    both: vec4f,
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
    // Height of the ground that it stands on (x).
    ground: vec4f,
    // Its first vertex at rest, their number, and where its first one in place is kept.
    span: vec4u,
}

@group(1) @binding(0) var<storage, read> gradients: array<Gradient>;
@group(1) @binding(1) var<storage, read> deltas: array<Delta>;
@group(1) @binding(2) var<storage, read> figures: array<Figure>;
// Two a bone: the columns of its matrix, then its translation.
@group(1) @binding(3) var<storage, read> bones: array<vec4f>;
@group(1) @binding(4) var<storage, read> weights: array<f32>;
// The rim of light, then one for each gradient.
@group(1) @binding(5) var<storage, read> lit: array<Lit>;

const MOST_BONES: u32 = 40u;
const TARGETS: u32 = 26u;

// Half of the width of a soft edge, in pixels.
const FEATHER: f32 = 0.6;
// Width of the rim of light, in canvas units.
const RIM_WIDTH: f32 = 9.0;
// The part of a rim over which its light fades.
const RIM_FADE: f32 = 0.6;

struct Resting {
    figure: u32,
    place: vec4f,
    // Thickness, edge, rim, weight of the second bone.
    edge: vec4f,
    // Bones and number of deltas, paint, first delta.
    links: vec3u,
}

// A vertex in its place in the picture.
struct Posed {
    // Clip space (xy), place in the gradient (zw).
    @location(0) place: vec4f,
    // Coverage, light.
    @location(1) surface: vec2f,
    // Index of what is lit.
    @location(2) lit: u32,
}

// The vertices of all figures, `RESTING` numbers each: the fields of `Resting` but the first.
@group(2) @binding(0) var<storage, read> at_rest: array<u32>;
@group(2) @binding(1) var<storage, read_write> in_place: array<Posed>;

const RESTING: u32 = 11u;

// Little that changes from pixel to pixel, and without perspective.
struct VertexOut {
    @builtin(position) clip: vec4f,
    // Place in the gradient (xy), coverage (z), light (w).
    @location(0) @interpolate(linear) surface: vec4f,
    @location(1) @interpolate(flat) shaded: vec4f,
    @location(2) @interpolate(flat) warm: vec4f,
    @location(3) @interpolate(flat) along: vec4f,
    @location(4) @interpolate(flat) both: vec4f,
}

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

fn placed(in: Resting) -> Placed {
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

fn posed(in: Resting) -> Posed {
    let vertex = placed(in);
    let figure = figures[in.figure];
    let to_light = light_direction(figure.body);
    let extent = length(to_light * figure.body.zw);
    // From -1 on the far side of the body to 1 on the side of the light.
    let side = dot(vertex.outline - figure.body.xy, to_light) / extent;
    // Full light lies just beyond the near edge, full shade just beyond the far one.
    let light = (side + 1.15) / 2.2;

    var out = Posed(vec4f(0.0), vec2f(vertex.coverage, light), 0u);
    var stage = vertex.stage;
    if in.edge.z < 0.0 {
        let q = vec3f(vertex.canvas, 1.0);
        let gradient = gradients[in.links.y];
        out.place = vec4f(0.0, 0.0, dot(gradient.x_row, q), dot(gradient.y_row, q));
        out.lit = in.links.y + 1u;
    } else {
        // An edge that faces the light but lies on the far side of the body has the body before it.
        let facing = max(dot(vertex.outward, to_light), 0.0) * smoothstep(-0.05, 0.3, side);
        if facing <= 0.0 {
            // No light, no rim: all three vertices of the strip in one place make no pixels.
            stage = vertex.outline;
        }
        out.place = vec4f(0.0, 0.0, in.edge.z / RIM_FADE, 0.0);
        out.surface.x *= facing * sqrt(facing);
    }
    let clip = stage * frame.clip_from_stage.xy + frame.clip_from_stage.zw;
    out.place = vec4f(clip, out.place.zw);
    return out;
}

fn floats(at: u32) -> vec4f {
    return bitcast<vec4f>(vec4u(at_rest[at], at_rest[at + 1u], at_rest[at + 2u], at_rest[at + 3u]));
}

@compute @workgroup_size(64)
fn pose(@builtin(global_invocation_id) id: vec3u) {
    let span = figures[id.y].span;
    if id.x >= span.y {
        return;
    }
    let at = (span.x + id.x) * RESTING;
    let links = vec3u(at_rest[at + 8u], at_rest[at + 9u], at_rest[at + 10u]);
    in_place[span.z + id.x] = posed(Resting(id.y, floats(at), floats(at + 4u), links));
}

@vertex
fn vertex(vertex: Posed) -> VertexOut {
    let paint = lit[vertex.lit];
    let surface = vec4f(vertex.place.zw, vertex.surface);
    let clip = vec4f(vertex.place.xy, 0.0, 1.0);
    return VertexOut(clip, surface, paint.shaded, paint.warm, paint.along, paint.both);
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4f {
    let distance = select(in.surface.x, length(in.surface.xy), in.both.a > 0.5);
    let progress = saturate(distance + in.warm.a);
    let t = saturate(in.surface.w);
    let light = t * t * (3.0 - 2.0 * t);
    let color = in.shaded.rgb + light * in.warm.rgb + progress * (in.along.rgb + light * in.both.rgb);
    let alpha = (in.shaded.a + progress * in.along.a) * in.surface.z;
    let corners = vignette(in.clip.xy * frame.uv_from_px, 0.6 * frame.grade.z);
    return vec4f(color * (corners * alpha), alpha);
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
    // Who leaves the ground leaves a smaller shadow on it.
    let near = 1.0 / (1.0 + 0.9 * stand.y / max(stand.z, 1e-4));
    let half_size = near * vec2f(stand.z * (1.0 + 0.55 * abs(slant)), stand.z * 0.26);
    let feet = vec2f(stand.x, figures[instance].ground.x - 0.01 * stand.z);
    let middle = feet + vec2f(sign(slant) * (half_size.x - near * stand.z) * 0.95, 0.0);
    let stage = middle + corner * half_size;
    var out: ShadowOut;
    out.clip = vec4f(stage * frame.clip_from_stage.xy + frame.clip_from_stage.zw, 0.0, 1.0);
    out.at = vec4f(corner, (stage - feet) / (near * stand.z * vec2f(0.62, 0.15)));
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
