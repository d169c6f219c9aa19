// The ends of the sums that the kernels keep: the same tree of additions for every instruction set, so that kernels
// with fused multiply-add give the same bits. The target of the including file's kernels must cover these.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

namespace cfaiss {

namespace avx2 {

#define FOLD_TARGET __attribute__((target("avx2,fma")))

/// 8 partial sums to 4, the first step of the tree that all kernels share.
FOLD_TARGET inline __m128 fold(__m256 v) {
    return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
}

FOLD_TARGET inline __m128i fold(__m256i v) {
    return _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

FOLD_TARGET inline float last(__m128 v) {
    __m128 two = _mm_add_ps(v, _mm_movehl_ps(v, v));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

/// last() of four vectors at once, with the same additions.
FOLD_TARGET inline __m128 lastOfFour(__m128 a, __m128 b, __m128 c, __m128 d) {
    _MM_TRANSPOSE4_PS(a, b, c, d);
    return _mm_add_ps(_mm_add_ps(a, c), _mm_add_ps(b, d));
}

FOLD_TARGET inline __m128i lastOfFour(__m128i a, __m128i b, __m128i c, __m128i d) {
    return _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
}

#undef FOLD_TARGET

}  // namespace avx2

namespace avx512 {

#define FOLD_TARGET __attribute__((target("avx512f,avx2,fma")))

FOLD_TARGET inline __m128 fold(__m512 v) {
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1));
    return avx2::fold(_mm256_add_ps(_mm512_castps512_ps256(v), high));
}

FOLD_TARGET inline __m128i fold(__m512i v) {
    return avx2::fold(_mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1)));
}

#undef FOLD_TARGET

}  // namespace avx512

}  // namespace cfaiss

#endif
