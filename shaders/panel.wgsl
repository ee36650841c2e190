// Rounded, flat rectangles under and around words.

struct Panel {
    // Left, top, right, lower edge in pixels.
    @location(0) edges: vec4f,
    // Straight colour and opacity.
    @location(1) color: vec4f,
    // Corner radius in pixels, softness in pixels, size of the picture in pixels.
    @location(2) params: vec4f,
}

struct Varying {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) edges: vec4f,
    @location(1) @interpolate(flat) color: vec4f,
    @location(2) @interpolate(flat) params: vec4f,
}

@vertex
fn vs_panel(@builtin(vertex_index) corner: u32, panel: Panel) -> Varying {
    let grow = panel.params.y + 1.0;
    let t = vec2f(f32(corner & 1u), f32(corner >> 1u));
    let px = mix(panel.edges.xy - grow, panel.edges.zw + grow, t);
    let clip = px / panel.params.zw * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0);
    return Varying(vec4f(clip, 0.0, 1.0), panel.edges, panel.color, panel.params);
}

@fragment
fn fs_panel(in: Varying) -> @location(0) vec4f {
    let half_size = (in.edges.zw - in.edges.xy) * 0.5;
    let radius = min(in.params.x, min(half_size.x, half_size.y));
    let q = abs(in.position.xy - (in.edges.xy + in.edges.zw) * 0.5) - half_size + radius;
    let d = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - radius;
    let soft = max(in.params.y, 0.5);
    let a = in.color.a * (1.0 - smoothstep(-soft, soft, d));
    return vec4f(in.color.rgb * a, a);
}
