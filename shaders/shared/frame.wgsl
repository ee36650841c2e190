// What everything drawn into one picture shares: camera, light and grade.

struct Frame {
    // clip = stage * scale (xy) + offset (zw). The stage is in frame heights of a wide shot, y up.
    clip_from_stage: vec4f,
    // Picture coordinates (0 to 1) from pixels.
    uv_from_px: vec2f,
    // Stage units per pixel.
    px: f32,
    // Where the feet of actors stand.
    ground_y: f32,
    // Where the light stands on the stage.
    light_position: vec2f,
    // Colour of lit sides (rgb) and strength of the rim (a).
    key: vec4f,
    // Colour that shadows lean to (rgb) and overall light on the actors (a).
    shade: vec4f,
    // Emotion tint (rgb) and its strength (a).
    tint: vec4f,
    // Saturation, exposure, vignette, contrast.
    grade: vec4f,
}

@group(0) @binding(0) var<uniform> frame: Frame;
