// Rounded, flat rectangles under and around words.

struct Panel {
    // Left, top, right, lower edge in pixels.
    edges: vec4f,
    // Straight colour and opacity.
    color: vec4f,
    // Corner radius in pixels, softness in pixels, size of the picture in pixels.
    params: vec4f,
}

@group(0) @binding(0) var<uniform> panels: array<Panel, 8>;

struct Varying {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) index: u32,
}

@vertex
fn vs_panel(@builtin(vertex_index) corner: u32, @builtin(instance_index) index: u32) -> Varying {
    let panel = panels[index];
    let grow = panel.params.y + 1.0;
    let t = vec2f(f32(corner & 1u), f32(corner >> 1u));
    let px = mix(panel.edges.xy - grow, panel.edges.zw + grow, t);
    let clip = px / panel.params.zw * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0);
    return Varying(vec4f(clip, 0.0, 1.0), index);
}

@fragment
fn fs_panel(in: Varying) -> @location(0) vec4f {
    let panel = panels[in.index];
    let half_size = (panel.edges.zw - panel.edges.xy) * 0.5;
    let radius = min(panel.params.x, min(half_size.x, half_size.y));
    let q = abs(in.position.xy - (panel.edges.xy + panel.edges.zw) * 0.5) - half_size + radius;
    let d = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - radius;
    let soft = max(panel.params.y, 0.5);
    let a = panel.color.a * (1.0 - smoothstep(-soft, soft, d));
    return vec4f(panel.color.rgb * a, a);
}
