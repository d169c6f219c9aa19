// The rows of an index as a walk of its graph sees them: scored against one query, in the form that they are stored in.
//
// A form has `size_t count`, `void prefetch(int32_t row)` and `void score(const int32_t* rows, size_t count, float*
// scores)`. Scores of different forms are not to be compared.
#pragma once

#include "code_kernels.hpp"
#include "vector_table.hpp"

#include <algorithm>

namespace cfaiss {

/// Starts loading the first 256 bytes at an address, without waiting for them.
inline void prefetchBytes(const void* address, size_t bytes) {
    const char* begin = static_cast<const char*>(address);
    for (size_t offset = 0; offset < std::min<size_t>(bytes, 256); offset += 64) __builtin_prefetch(begin + offset);
}

/// The vectors themselves.
struct FloatRows {
    const float* base;
    size_t count;
    size_t stride;
    const float* query;

    FloatRows(const VectorTable& table, const float* query)
        : base(table.base), count(table.count), stride(table.stride), query(query) {}

    void prefetch(int32_t row) const {
        prefetchBytes(base + static_cast<size_t>(row) * stride, stride * sizeof(float));
    }
    void score(const int32_t* rows, size_t listed, float* scores) const {
        kernels().rows(query, base, stride, rows, listed, scores);
    }
};

/// Codes of two bytes a component; the query is padded as they are.
struct Bfloat16Rows {
    const uint16_t* base;
    size_t count;
    size_t stride;
    const float* query;

    void prefetch(int32_t row) const {
        prefetchBytes(base + static_cast<size_t>(row) * stride, stride * sizeof(uint16_t));
    }
    void score(const int32_t* rows, size_t listed, float* scores) const {
        codeKernels().bfloat16(query, base, stride, rows, listed, scores);
    }
};

/// Codes of one byte a component, and the query as weights of them.
struct Int8Rows {
    const uint8_t* base;
    size_t count;
    size_t stride;
    const int8_t* weights;

    void prefetch(int32_t row) const { prefetchBytes(base + static_cast<size_t>(row) * stride, stride); }
    void score(const int32_t* rows, size_t listed, float* scores) const {
        codeKernels().int8(weights, base, stride, rows, listed, scores);
    }
};

}  // namespace cfaiss
