// Inner products of a query with codes: what a walk of the graph does over rows that are stored smaller than they are.
// Codes are padded with zeros, so no kernel has a tail. Sums of int8 codes are whole numbers, the same from every
// kernel; those of bfloat16 codes are kept in 16 lanes like the ones of float rows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cfaiss {

/// A stride of bfloat16 codes is a multiple of this many; within each block code i lies beside code i + 16, so that
/// one 32-bit lane holds both and each is a float after a shift or a mask.
constexpr size_t kBfloat16Block = 32;
/// A stride of int8 codes is a multiple of this many, one cache line.
constexpr size_t kInt8Block = 64;

struct CodeKernels {
    const char* name;
    /// scores[i] = <query, base[rows[i]]>; the query is in its own order.
    void (*bfloat16)(
        const float* query, const uint16_t* base, size_t stride, const int32_t* rows, size_t count, float* scores);
    /// scores[i] = the sum of weights[j] * base[rows[i]][j].
    void (*int8)(
        const int8_t* weights, const uint8_t* base, size_t stride, const int32_t* rows, size_t count, float* scores);
};

/// The fastest kernels that this processor runs.
const CodeKernels& codeKernels();

/// Kernels by number: 0 is the scalar twin, the others what this processor runs.
int codeKernelCount();
const CodeKernels& codeKernel(int number);

}  // namespace cfaiss
