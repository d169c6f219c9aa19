// Element functions that vectorise: no branches, no calls. About 2 ulp over the whole range; NaN stays NaN.
// Reassociation is off in them, since it would undo the two-part range reductions.
#ifdef CK_SCALAR
#define CK_EXACT
#else
#define CK_EXACT _Pragma("clang fp reassociate(off)")
#endif

CK_INLINE float ck_bits_to_float(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

CK_INLINE int32_t ck_float_to_bits(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// exp(x − n · ln 2) for the n nearest to x / ln 2.
CK_INLINE float ck_exp_rest(float x, float n) {
    CK_EXACT
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * r * r + r + 1.0f;
}

// exp(x) = 2ⁿ · exp(r), |r| ≤ ln 2 / 2; 2ⁿ in two factors so that results overflow and underflow as they should.
CK_INLINE float ck_expf(float x) {
    CK_EXACT
    float c = x == x ? x : 0.0f;
    c = c > 89.0f ? 89.0f : c;
    c = c < -104.0f ? -104.0f : c;
    float z = c * 1.44269504088896341f;
    int32_t n = (int32_t)(z + (z < 0.0f ? -0.5f : 0.5f));
    float fn = (float)n;
    float p = ck_exp_rest(c, fn);
    int32_t half = n >> 1;
    float result = p * ck_bits_to_float((half + 127) << 23) * ck_bits_to_float((n - half + 127) << 23);
    return x == x ? result : x;
}

// exp(x) of what is not above 0, as in a softmax; 0 below −87.
CK_INLINE float ck_exp_falling(float x) {
    CK_EXACT
    const float shift = 12582912.0f;
    float c = x < -87.0f ? -87.0f : x;
    float z = c * 1.44269504088896341f + shift;
    float fn = z - shift;
    float p = ck_exp_rest(c, fn);
    uint32_t bits;
    memcpy(&bits, &z, 4);
    // The lowest bits of the shifted number are those of n, which go to where the exponent of 2ⁿ is.
    float result = p * ck_bits_to_float((int32_t)((bits + 127u) << 23));
    return x < -87.0f ? 0.0f : result;
}

// log(x) = e · ln 2 + log(m), m in [√½, √2).
CK_INLINE float ck_logf(float x) {
    CK_EXACT
    float tiny = x < 1.17549435e-38f ? 1.0f : 0.0f;
    float scaled = tiny > 0.0f ? x * 8388608.0f : x;
    int32_t bits = ck_float_to_bits(scaled);
    int32_t offset = bits - 0x3f3504f3;
    int32_t e = offset >> 23;
    float m = ck_bits_to_float(bits - (e << 23));
    float fe = (float)e - tiny * 23.0f;
    float f = m - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float f2 = f * f;
    float y = p * f * f2;
    y = y - fe * 2.12194440e-4f;
    y = y - 0.5f * f2;
    float result = f + y + fe * 0.693359375f;
    result = x == 0.0f ? -__builtin_inff() : result;
    result = x < 0.0f ? __builtin_nanf("") : result;
    result = x == __builtin_inff() ? x : result;
    return x == x ? result : x;
}

CK_INLINE float ck_log1pf(float x) {
    CK_EXACT
    float u = 1.0f + x;
    float d = u - 1.0f;
    float ratio = x / (d == 0.0f ? 1.0f : d);
    float full = ck_logf(u) * ratio;
    float result = d == 0.0f ? x : full;
    return u == __builtin_inff() ? u : result;
}

CK_INLINE float ck_sigmoidf(float x) {
    CK_EXACT
    return 1.0f / (1.0f + ck_expf(-x));
}

CK_INLINE float ck_tanhf(float x) {
    CK_EXACT
    float a = x < 0.0f ? -x : x;
    float s = x * x;
    float p = -5.70498872745e-3f;
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    float small = x + x * s * p;
    float big = 1.0f - 2.0f / (ck_expf(2.0f * a) + 1.0f);
    big = x < 0.0f ? -big : big;
    float result = a < 0.625f ? small : big;
    return x == x ? result : x;
}

CK_INLINE float ck_softplusf(float x) {
    CK_EXACT
    float a = x < 0.0f ? -x : x;
    float positive = x < 0.0f ? 0.0f : x;
    return positive + ck_log1pf(ck_expf(-a));
}

// The tanh form of GELU.
CK_INLINE float ck_geluf(float x) {
    float inner = 0.7978845608028654f * (x + 0.044715f * x * x * x);
    return 0.5f * x * (1.0f + ck_tanhf(inner));
}

CK_INLINE float ck_gelu_slope(float x) {
    float t = ck_tanhf(0.7978845608028654f * (x + 0.044715f * x * x * x));
    float inner = 0.7978845608028654f * (1.0f + 3.0f * 0.044715f * x * x);
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner;
}

CK_INLINE float ck_silu_slope(float x) {
    float s = ck_sigmoidf(x);
    return s * (1.0f + x * (1.0f - s));
}

typedef struct {
    float cosine, sine;
} ck_wave;

// cos 2πt and sin 2πt. t − q/4 is exact and lies within ⅛, where two polynomials in its square are near the best. From
// 2²² on a float holds no phase: there it is 0. Rounding adds and takes away 1.5·2²³, which vectorises everywhere.
CK_INLINE ck_wave ck_wave_at(float t) {
    CK_EXACT
    float size = t < 0.0f ? -t : t;
    float u = size < 4194304.0f ? t : 0.0f;
    float whole = (u + 12582912.0f) - 12582912.0f;
    u = u - whole;
    float quarters = (4.0f * u + 12582912.0f) - 12582912.0f;
    float r = u - 0.25f * quarters, z = r * r;
    int32_t q = (int32_t)quarters;
    float s = -75.4018402f;
    s = s * z + 81.5925446f;
    s = s * z - 41.3416634f;
    s = r * (s * z + 6.28318548f);
    float c = 59.2202873f;
    c = c * z - 85.4428482f;
    c = c * z + 64.9393158f;
    c = c * z - 19.7392082f;
    c = c * z + 1.0f;
    float cosine = q & 1 ? s : c, sine = q & 1 ? c : s;
    cosine = (q + 1) & 2 ? -cosine : cosine;
    sine = q & 2 ? -sine : sine;
    // Zero, or NaN where t is none of the numbers.
    float strange = t - t;
    return (ck_wave){cosine + strange, sine + strange};
}

// A position hash: two rounds of multiply and shift over a keyed counter.
CK_INLINE uint32_t ck_hash32(uint32_t position, uint32_t key) {
    uint32_t x = (position * 0x9E3779B1u) ^ key;
    x ^= x >> 16;
    x *= 0x85EBCA6Bu;
    x ^= x >> 13;
    x *= 0xC2B2AE35u;
    x ^= x >> 16;
    return x;
}

// splitmix64 at a position.
CK_INLINE uint64_t ck_hash64(uint64_t position, uint64_t seed) {
    uint64_t x = seed + (position + 1) * 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}
