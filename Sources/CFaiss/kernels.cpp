#include "kernels.hpp"

#include "CFaiss.h"
#include "kernel_folds.hpp"

namespace cfaiss {

namespace scalar {

float one(const float* a, const float* b, size_t stride) {
    float sums[kLanes] = {};
    for (size_t i = 0; i < stride; i += kLanes) {
        for (size_t lane = 0; lane < kLanes; lane++) sums[lane] += a[i + lane] * b[i + lane];
    }
    for (size_t half = kLanes / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    }
    return sums[0];
}

void four(const float* a, const float* const b[4], size_t stride, float* out) {
    for (size_t i = 0; i < 4; i++) out[i] = one(a, b[i], stride);
}

#define KERNEL_TARGET
#include "kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr Kernels kernels = {"scalar", rowsLoop, scanLoop, scanFourLoop, anyAboveLoop};

}  // namespace scalar

#if defined(__x86_64__)

namespace avx2 {

#define KERNEL_TARGET __attribute__((target("avx2,fma")))

KERNEL_TARGET inline __m128 sums(const float* a, const float* b, size_t stride) {
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (size_t i = 0; i < stride; i += kLanes) {
        low = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
        high = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), high);
    }
    return fold(_mm256_add_ps(low, high));
}

KERNEL_TARGET inline float one(const float* a, const float* b, size_t stride) { return last(sums(a, b, stride)); }

KERNEL_TARGET inline void four(const float* a, const float* const b[4], size_t stride, float* out) {
    __m128 s0 = sums(a, b[0], stride), s1 = sums(a, b[1], stride);
    __m128 s2 = sums(a, b[2], stride), s3 = sums(a, b[3], stride);
    _mm_storeu_ps(out, lastOfFour(s0, s1, s2, s3));
}

#include "kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr Kernels kernels = {"avx2", rowsLoop, scanLoop, scanFourLoop, anyAboveLoop};

}  // namespace avx2

namespace avx512 {

#define KERNEL_TARGET __attribute__((target("avx512f,avx2,fma")))

KERNEL_TARGET inline float one(const float* a, const float* b, size_t stride) {
    __m512 sums = _mm512_setzero_ps();
    for (size_t i = 0; i < stride; i += kLanes) {
        sums = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sums);
    }
    return avx2::last(fold(sums));
}

KERNEL_TARGET inline void four(const float* a, const float* const b[4], size_t stride, float* out) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < stride; i += kLanes) {
        __m512 q = _mm512_loadu_ps(a + i);
        s0 = _mm512_fmadd_ps(q, _mm512_loadu_ps(b[0] + i), s0);
        s1 = _mm512_fmadd_ps(q, _mm512_loadu_ps(b[1] + i), s1);
        s2 = _mm512_fmadd_ps(q, _mm512_loadu_ps(b[2] + i), s2);
        s3 = _mm512_fmadd_ps(q, _mm512_loadu_ps(b[3] + i), s3);
    }
    _mm_storeu_ps(out, avx2::lastOfFour(fold(s0), fold(s1), fold(s2), fold(s3)));
}

#include "kernel_loops.hpp"

/// Four rows against four queries: sixteen sums in registers, so that each load serves four products.
KERNEL_TARGET void scanFourByFour(
    const float* queries, const float* base, size_t stride, size_t count, float* scores, size_t pitch) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const float* rows = base + i * stride;
        __m512 sums[4][4];
        for (auto& query : sums) {
            for (__m512& sum : query) sum = _mm512_setzero_ps();
        }
        for (size_t at = 0; at < stride; at += kLanes) {
            __m512 row[4];
            for (size_t r = 0; r < 4; r++) row[r] = _mm512_loadu_ps(rows + r * stride + at);
            for (size_t q = 0; q < 4; q++) {
                __m512 query = _mm512_loadu_ps(queries + q * stride + at);
                for (size_t r = 0; r < 4; r++) sums[q][r] = _mm512_fmadd_ps(query, row[r], sums[q][r]);
            }
        }
        for (size_t q = 0; q < 4; q++) {
            const __m512* s = sums[q];
            _mm_storeu_ps(scores + q * pitch + i, avx2::lastOfFour(fold(s[0]), fold(s[1]), fold(s[2]), fold(s[3])));
        }
    }
    if (i < count) scanFourLoop(queries, base + i * stride, stride, count - i, scores + i, pitch);
}

#undef KERNEL_TARGET

constexpr Kernels kernels = {"avx512", rowsLoop, scanLoop, scanFourByFour, anyAboveLoop};

}  // namespace avx512

#endif

namespace {

struct Available {
    const Kernels* list[3];
    int count = 0;

    Available() {
        list[count++] = &scalar::kernels;
#if defined(__x86_64__)
        __builtin_cpu_init();
        bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        if (fused) list[count++] = &avx2::kernels;
        if (fused && __builtin_cpu_supports("avx512f")) list[count++] = &avx512::kernels;
#endif
    }
};

const Available& available() {
    static const Available found;
    return found;
}

}  // namespace

int kernelCount() { return available().count; }
const Kernels& kernel(int number) { return *available().list[number]; }
const Kernels& kernels() { return kernel(kernelCount() - 1); }

}  // namespace cfaiss

extern "C" int32_t cfaiss_kernel_count(void) { return cfaiss::kernelCount(); }

extern "C" const char* cfaiss_kernel_name(int32_t kernel) { return cfaiss::kernel(kernel).name; }

extern "C" void cfaiss_kernel_scores(
    int32_t kernel, const float* query, const float* base, int64_t stride, const int32_t* rows, int64_t count,
    float* scores) {
    cfaiss::kernel(kernel).rows(query, base, static_cast<size_t>(stride), rows, static_cast<size_t>(count), scores);
}
