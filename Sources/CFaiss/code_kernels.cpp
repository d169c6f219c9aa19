#include "code_kernels.hpp"

#include "CFaiss.h"
#include "kernel_folds.hpp"
#include "kernels.hpp"
#include "row_codes.hpp"

#include <cstring>

namespace cfaiss {

namespace scalar {

float asFloat(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

float one(const float* query, const uint16_t* codes, size_t stride) {
    float sums[kLanes] = {};
    for (size_t i = 0; i < stride; i += kBfloat16Block) {
        for (size_t lane = 0; lane < kLanes; lane++) {
            sums[lane] += query[i + lane] * asFloat(uint32_t(codes[i + 2 * lane]) << 16);
            sums[lane] += query[i + lane + kLanes] * asFloat(uint32_t(codes[i + 2 * lane + 1]) << 16);
        }
    }
    for (size_t half = kLanes / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    }
    return sums[0];
}

void four(const float* query, const uint16_t* const codes[4], size_t stride, float* out) {
    for (size_t i = 0; i < 4; i++) out[i] = one(query, codes[i], stride);
}

float one(const int8_t* weights, const uint8_t* codes, size_t stride) {
    int32_t sum = 0;
    for (size_t i = 0; i < stride; i++) sum += int32_t(weights[i]) * int32_t(codes[i]);
    return static_cast<float>(sum);
}

void four(const int8_t* weights, const uint8_t* const codes[4], size_t stride, float* out) {
    for (size_t i = 0; i < 4; i++) out[i] = one(weights, codes[i], stride);
}

#define KERNEL_TARGET
#define KERNEL_BFLOAT16
#define KERNEL_INT8
#include "code_kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr CodeKernels codeKernels = {"scalar", bfloat16Loop, int8Loop};

}  // namespace scalar

#if defined(__x86_64__)

namespace avx2 {

#define KERNEL_TARGET __attribute__((target("avx2,fma")))

KERNEL_TARGET inline __m128 sums(const float* query, const uint16_t* codes, size_t stride) {
    const __m256i highHalf = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (size_t i = 0; i < stride; i += kBfloat16Block) {
        __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + i));
        __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + i + 16));
        low = _mm256_fmadd_ps(
            _mm256_loadu_ps(query + i), _mm256_castsi256_ps(_mm256_slli_epi32(first, 16)), low);
        high = _mm256_fmadd_ps(
            _mm256_loadu_ps(query + i + 8), _mm256_castsi256_ps(_mm256_slli_epi32(second, 16)), high);
        low = _mm256_fmadd_ps(
            _mm256_loadu_ps(query + i + 16), _mm256_castsi256_ps(_mm256_and_si256(first, highHalf)), low);
        high = _mm256_fmadd_ps(
            _mm256_loadu_ps(query + i + 24), _mm256_castsi256_ps(_mm256_and_si256(second, highHalf)), high);
    }
    return fold(_mm256_add_ps(low, high));
}

KERNEL_TARGET inline float one(const float* query, const uint16_t* codes, size_t stride) {
    return last(sums(query, codes, stride));
}

KERNEL_TARGET inline void four(const float* query, const uint16_t* const codes[4], size_t stride, float* out) {
    __m128 s0 = sums(query, codes[0], stride), s1 = sums(query, codes[1], stride);
    __m128 s2 = sums(query, codes[2], stride), s3 = sums(query, codes[3], stride);
    _mm_storeu_ps(out, lastOfFour(s0, s1, s2, s3));
}

/// Widened to 16 bits before they are multiplied: pairs of 8-bit products added in 16 bits saturate.
KERNEL_TARGET inline __m128i sums(const int8_t* weights, const uint8_t* codes, size_t stride) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < stride; i += 16) {
        __m256i code = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i)));
        __m256i weight = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + i)));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(code, weight));
    }
    return fold(sum);
}

KERNEL_TARGET inline void four(const int8_t* weights, const uint8_t* const codes[4], size_t stride, float* out) {
    __m128i s0 = sums(weights, codes[0], stride), s1 = sums(weights, codes[1], stride);
    __m128i s2 = sums(weights, codes[2], stride), s3 = sums(weights, codes[3], stride);
    _mm_storeu_ps(out, _mm_cvtepi32_ps(lastOfFour(s0, s1, s2, s3)));
}

KERNEL_TARGET inline float one(const int8_t* weights, const uint8_t* codes, size_t stride) {
    __m128i sum = sums(weights, codes, stride);
    return static_cast<float>(_mm_cvtsi128_si32(lastOfFour(sum, sum, sum, sum)));
}

#include "code_kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr CodeKernels codeKernels = {"avx2", bfloat16Loop, int8Loop};

}  // namespace avx2

namespace avx512 {

#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,avx2,fma")))

KERNEL_TARGET inline __m512 added(__m512 sum, __m512 low, __m512 high, const uint16_t* codes) {
    const __m512i highHalf = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
    __m512i pairs = _mm512_loadu_si512(codes);
    sum = _mm512_fmadd_ps(low, _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16)), sum);
    return _mm512_fmadd_ps(high, _mm512_castsi512_ps(_mm512_and_si512(pairs, highHalf)), sum);
}

KERNEL_TARGET inline float one(const float* query, const uint16_t* codes, size_t stride) {
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < stride; i += kBfloat16Block) {
        sum = added(sum, _mm512_loadu_ps(query + i), _mm512_loadu_ps(query + i + 16), codes + i);
    }
    return avx2::last(fold(sum));
}

KERNEL_TARGET inline void four(const float* query, const uint16_t* const codes[4], size_t stride, float* out) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < stride; i += kBfloat16Block) {
        __m512 low = _mm512_loadu_ps(query + i), high = _mm512_loadu_ps(query + i + 16);
        s0 = added(s0, low, high, codes[0] + i);
        s1 = added(s1, low, high, codes[1] + i);
        s2 = added(s2, low, high, codes[2] + i);
        s3 = added(s3, low, high, codes[3] + i);
    }
    _mm_storeu_ps(out, avx2::lastOfFour(fold(s0), fold(s1), fold(s2), fold(s3)));
}

KERNEL_TARGET inline __m128i sums(const int8_t* weights, const uint8_t* codes, size_t stride) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 32) {
        __m512i code = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + i)));
        __m512i weight = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + i)));
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(code, weight));
    }
    return fold(sum);
}

KERNEL_TARGET inline void four(const int8_t* weights, const uint8_t* const codes[4], size_t stride, float* out) {
    __m128i s0 = sums(weights, codes[0], stride), s1 = sums(weights, codes[1], stride);
    __m128i s2 = sums(weights, codes[2], stride), s3 = sums(weights, codes[3], stride);
    _mm_storeu_ps(out, _mm_cvtepi32_ps(avx2::lastOfFour(s0, s1, s2, s3)));
}

KERNEL_TARGET inline float one(const int8_t* weights, const uint8_t* codes, size_t stride) {
    __m128i sum = sums(weights, codes, stride);
    return static_cast<float>(_mm_cvtsi128_si32(avx2::lastOfFour(sum, sum, sum, sum)));
}

#include "code_kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr CodeKernels codeKernels = {"avx512", bfloat16Loop, int8Loop};

}  // namespace avx512

namespace avx512vnni {

#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,avx512vnni,avx2,fma")))

KERNEL_TARGET inline __m512i added(__m512i sum, __m512i weights, const uint8_t* codes) {
    return _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(codes), weights);
}

KERNEL_TARGET inline void four(const int8_t* weights, const uint8_t* const codes[4], size_t stride, float* out) {
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < stride; i += kInt8Block) {
        __m512i block = _mm512_loadu_si512(weights + i);
        s0 = added(s0, block, codes[0] + i);
        s1 = added(s1, block, codes[1] + i);
        s2 = added(s2, block, codes[2] + i);
        s3 = added(s3, block, codes[3] + i);
    }
    __m128i sums = avx2::lastOfFour(avx512::fold(s0), avx512::fold(s1), avx512::fold(s2), avx512::fold(s3));
    _mm_storeu_ps(out, _mm_cvtepi32_ps(sums));
}

KERNEL_TARGET inline float one(const int8_t* weights, const uint8_t* codes, size_t stride) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += kInt8Block) sum = added(sum, _mm512_loadu_si512(weights + i), codes + i);
    __m128i folded = avx512::fold(sum);
    return static_cast<float>(_mm_cvtsi128_si32(avx2::lastOfFour(folded, folded, folded, folded)));
}

#undef KERNEL_BFLOAT16
#include "code_kernel_loops.hpp"
#undef KERNEL_TARGET

constexpr CodeKernels codeKernels = {"avx512vnni", avx512::bfloat16Loop, int8Loop};

}  // namespace avx512vnni

#endif

namespace {

struct Available {
    const CodeKernels* list[4];
    int count = 0;

    Available() {
        list[count++] = &scalar::codeKernels;
#if defined(__x86_64__)
        __builtin_cpu_init();
        bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        bool wide = fused && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
        if (fused) list[count++] = &avx2::codeKernels;
        if (wide) list[count++] = &avx512::codeKernels;
        if (wide && __builtin_cpu_supports("avx512vnni")) list[count++] = &avx512vnni::codeKernels;
#endif
    }
};

const Available& available() {
    static const Available found;
    return found;
}

}  // namespace

int codeKernelCount() { return available().count; }
const CodeKernels& codeKernel(int number) { return *available().list[number]; }
const CodeKernels& codeKernels() { return codeKernel(codeKernelCount() - 1); }

}  // namespace cfaiss

extern "C" int32_t cfaiss_code_kernel_count(void) { return cfaiss::codeKernelCount(); }

extern "C" const char* cfaiss_code_kernel_name(int32_t kernel) { return cfaiss::codeKernel(kernel).name; }

extern "C" cfaiss_status cfaiss_code_scores(
    int32_t kernel, int32_t storage, const float* query, const float* vectors, int64_t count, int32_t dimension,
    float* scores) {
    return cfaiss::guarded([&] {
        cfaiss::checkShape(vectors, count, dimension);
        cfaiss::require(kernel >= 0 && kernel < cfaiss::codeKernelCount(), "there is no such kernel");
        cfaiss::require(storage == CFAISS_BFLOAT16 || storage == CFAISS_INT8, "the storage has no codes");
        size_t rows = static_cast<size_t>(count), width = static_cast<size_t>(dimension);
        uint32_t form = static_cast<uint32_t>(storage);
        size_t stride = cfaiss::codeStride(form, width), bytes = cfaiss::codeBytes(form, width);
        // Rows of a table are not padded here: the encoder reads `dimension` of each only.
        cfaiss::RowEncoder encoder(form, {vectors, rows, width, width});
        std::vector<char> codes(rows * bytes);
        std::vector<int32_t> listed(rows);
        for (size_t i = 0; i < rows; i++) {
            encoder.encode(vectors + i * width, codes.data() + i * bytes);
            listed[i] = static_cast<int32_t>(i);
        }
        const cfaiss::CodeKernels& kernels = cfaiss::codeKernel(kernel);
        if (storage == CFAISS_BFLOAT16) {
            std::vector<float> padded(stride, 0.0f);
            std::memcpy(padded.data(), query, width * sizeof(float));
            const uint16_t* base = reinterpret_cast<const uint16_t*>(codes.data());
            kernels.bfloat16(padded.data(), base, stride, listed.data(), rows, scores);
        } else {
            std::vector<int8_t> weights(stride);
            cfaiss::weighInt8(query, encoder.steps(), width, stride, weights.data());
            const uint8_t* base = reinterpret_cast<const uint8_t*>(codes.data());
            kernels.int8(weights.data(), base, stride, listed.data(), rows, scores);
        }
    });
}
