// What a plate of a set knows about where, when and in what light it is drawn.

struct Place {
    // Set coordinates of the middle of the texture, and half of its size: p = center + half_size * ndc.
    center: vec2f,
    half_size: vec2f,
    // Where the light stands on the set.
    light_position: vec2f,
    // Set units per pixel of the texture.
    px: f32,
    // Seconds since the scene began; 0 for plates that are kept.
    time_s: f32,
    // Weights of dawn, day, dusk and night; they sum to 1.
    hours: vec4f,
    // Rain, snow, fog and wind, each 0 to 1; a storm is rain and wind.
    weather: vec4f,
    // Colour of lit sides (rgb) and strength of the rim (a).
    key: vec4f,
    // Colour that shadows lean to (rgb) and overall light (a).
    shade: vec4f,
    // Colour of distance (rgb).
    fog: vec4f,
    // Emotion tint of the scene (rgb) and its strength (a), for backdrops that have no place of their own.
    mood: vec4f,
    // The scene's seed, 0 to 1, and three unused numbers.
    seed: vec4f,
}

@group(0) @binding(0) var<uniform> given_place: Place;
// The same for the pixel that is drawn: `plate_entry` hands it on from the vertices, because lavapipe reads a
// uniform in a fragment shader once for each pixel.
var<private> place: Place;
