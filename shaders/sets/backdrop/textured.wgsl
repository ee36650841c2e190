// A picture that was handed over, in the light of the scene.

struct Backdrop {
    // Texture coordinates from the set: scale (xy) and offset (zw).
    uv_from_set: vec4f,
    // Mean brightness of the picture, 0 to 1, and three unused numbers.
    params: vec4f,
}

@group(2) @binding(0) var<uniform> backdrop: Backdrop;
@group(2) @binding(1) var backdrop_picture: texture_2d<f32>;
@group(2) @binding(2) var backdrop_sampler: sampler;

// A picture taken by day is dimmed for the other hours; one that is dark enough already is left as it is.
fn at_hour(color: vec3f) -> vec3f {
    let grey = vec3f(dot(color, vec3f(0.3, 0.59, 0.11)));
    let brightness = max(backdrop.params.x, 0.02);
    let dimmed = min(vec3f(0.62, 0.45, 0.24) / brightness, vec3f(1.0));
    let dawn = color * vec3f(1.06, 0.98, 0.94) * dimmed.x;
    let dusk = color * vec3f(1.14, 0.95, 0.86) * dimmed.y;
    let night = mix(color, grey, 0.45 * (1.0 - dimmed.z)) * mix(vec3f(1.0), vec3f(0.74, 0.92, 1.3), 1.0 - dimmed.z) * dimmed.z;
    return by_hour(dawn, color, dusk, night);
}

fn plate_picture(p: vec2f) -> vec4f {
    let uv = p * backdrop.uv_from_set.xy + backdrop.uv_from_set.zw;
    let texels = place.px * abs(backdrop.uv_from_set.xy) * vec2f(textureDimensions(backdrop_picture));
    let level = log2(max(max(texels.x, texels.y), 1.0));
    let color = textureSampleLevel(backdrop_picture, backdrop_sampler, uv, level).rgb;
    // Mist lies on the ground and hides what is far.
    let mist = place.weather.z * mix(0.25, 0.6, smoothstep(0.1, 0.5, p.y));
    return vec4f(mix(overcast(at_hour(color)), overcast(place.fog.rgb), mist), 1.0);
}
