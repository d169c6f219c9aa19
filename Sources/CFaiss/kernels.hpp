// Inner products, the only arithmetic that search and build do. Rows are padded with zeros to a multiple of 16 floats,
// so no kernel has a tail. All kernels keep 16 partial sums and add them up in the same tree; the two with fused
// multiply-add therefore give the same bits, and a pair's score does not depend on which rows are computed beside it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cfaiss {

constexpr size_t kLanes = 16;

inline size_t paddedTo16(size_t dimension) { return (dimension + kLanes - 1) / kLanes * kLanes; }

struct Kernels {
    const char* name;
    /// scores[i] = <query, base[rows[i]]>.
    void (*rows)(
        const float* query, const float* base, size_t stride, const int32_t* rows, size_t count, float* scores);
    /// scores[i] = <query, base[i]>.
    void (*scan)(const float* query, const float* base, size_t stride, size_t count, float* scores);
    /// scores[j * pitch + i] = <queries[j], base[i]> for j in 0..<4.
    void (*scanFour)(const float* queries, const float* base, size_t stride, size_t count, float* scores, size_t pitch);
    /// Whether a listed row has an inner product with the query above the threshold.
    bool (*anyAbove)(
        const float* query, const float* base, size_t stride, const int32_t* rows, size_t count, float threshold);
};

/// The fastest kernels that this processor runs.
const Kernels& kernels();

/// Kernels by number: 0 is the scalar twin, the others what this processor runs.
int kernelCount();
const Kernels& kernel(int number);

}  // namespace cfaiss
