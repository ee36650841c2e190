// RGBA to planar YUV 4:2:0, BT.709, limited range. One invocation turns 8x2 pixels into eight
// bytes of Y in each of two rows and four bytes of U and V. Rows of a plane are padded to whole words.

struct Sizes {
    // Picture in pixels.
    size: vec2u,
    // Words in a row of Y; U and V have half of it.
    y_stride: u32,
    // 0 for three planes (I420), 1 for interleaved U and V (NV12).
    interleaved: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var picture: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> planes: array<u32>;

const KR = 0.2126;
const KB = 0.0722;
const KG = 1.0 - KR - KB;

fn pixel(at: vec2u) -> vec3f {
    return textureLoad(picture, min(at, sizes.size - 1u), 0).rgb;
}

fn luma(c: vec3f) -> f32 {
    return KR * c.r + KG * c.g + KB * c.b;
}

fn y_byte(c: vec3f) -> u32 {
    return u32(16.0 + 219.0 * luma(c) + 0.5);
}

fn chroma_bytes(c: vec3f) -> vec2u {
    let y = luma(c);
    let uv = vec2f((c.b - y) / (2.0 * (1.0 - KB)), (c.r - y) / (2.0 * (1.0 - KR)));
    return vec2u(128.0 + 224.0 * uv + 0.5);
}

@compute @workgroup_size(8, 8)
fn convert(@builtin(global_invocation_id) id: vec3u) {
    let at = id.xy * vec2u(8u, 2u);
    if at.x >= sizes.y_stride * 4u || at.y >= sizes.size.y {
        return;
    }
    var y0 = vec2u(0u);
    var y1 = vec2u(0u);
    var u = 0u;
    var v = 0u;
    var uv = vec2u(0u);
    for (var i = 0u; i < 4u; i++) {
        let p = at + vec2u(2u * i, 0u);
        let a = pixel(p);
        let b = pixel(p + vec2u(1u, 0u));
        let c = pixel(p + vec2u(0u, 1u));
        let d = pixel(p + vec2u(1u, 1u));
        let shift = (i & 1u) * 16u;
        y0[i >> 1u] |= (y_byte(a) | (y_byte(b) << 8u)) << shift;
        y1[i >> 1u] |= (y_byte(c) | (y_byte(d) << 8u)) << shift;
        let chroma = chroma_bytes((a + b + c + d) * 0.25);
        u |= chroma.x << (8u * i);
        v |= chroma.y << (8u * i);
        uv[i >> 1u] |= (chroma.x | (chroma.y << 8u)) << shift;
    }
    let row = at.y * sizes.y_stride + id.x * 2u;
    planes[row] = y0.x;
    planes[row + 1u] = y0.y;
    planes[row + sizes.y_stride] = y1.x;
    planes[row + sizes.y_stride + 1u] = y1.y;
    let y_words = sizes.y_stride * sizes.size.y;
    if sizes.interleaved == 1u {
        let at_uv = y_words + id.y * sizes.y_stride + id.x * 2u;
        planes[at_uv] = uv.x;
        planes[at_uv + 1u] = uv.y;
    } else {
        let at_u = y_words + id.y * (sizes.y_stride / 2u) + id.x;
        planes[at_u] = u;
        planes[at_u + y_words / 4u] = v;
    }
}
