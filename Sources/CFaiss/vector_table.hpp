// Vectors in rows of `stride` floats, zero-padded, and an owner for them that begins at a 64-byte boundary.
#pragma once

#include "error.hpp"
#include "kernels.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <sys/mman.h>

namespace cfaiss {

constexpr int32_t kMaxDimension = 65536;

/// A view of `count` rows; whoever made it keeps the memory.
struct VectorTable {
    const float* base = nullptr;
    size_t count = 0;
    size_t dimension = 0;
    size_t stride = 0;

    const float* row(size_t index) const { return base + index * stride; }
};

/// Zeroed floats at a 64-byte boundary, so that a row of 16 never straddles two cache lines; large ones on large pages,
/// because a graph visits rows in no order and each visit would cost a page walk.
class AlignedFloats {
  public:
    explicit AlignedFloats(size_t count = 0) {
        constexpr size_t kLargePage = size_t(2) << 20;
        size_t bytes = count * sizeof(float);
        if (bytes == 0) return;
        size_t alignment = bytes >= 4 * kLargePage ? kLargePage : 64;
        bytes = (bytes + alignment - 1) / alignment * alignment;
        data_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
        if (!data_) throw std::bad_alloc();
        if (alignment == kLargePage) madvise(data_.get(), bytes, MADV_HUGEPAGE);
        std::memset(data_.get(), 0, bytes);
    }

    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }

  private:
    struct Free {
        void operator()(float* pointer) const { std::free(pointer); }
    };
    std::unique_ptr<float, Free> data_;
};

/// Euclidean norm in double precision; infinite or NaN where a component is.
inline double norm(const float* vector, size_t dimension) {
    double sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += double(vector[i]) * double(vector[i]);
    return std::sqrt(sum);
}

inline void checkShape(const float* vectors, int64_t count, int32_t dimension) {
    require(dimension >= 1 && dimension <= kMaxDimension, "the dimension must be from 1 to 65536");
    require(count >= 0 && count < std::numeric_limits<int32_t>::max(), "an index holds at most 2^31 - 2 vectors");
    require(count == 0 || vectors != nullptr, "no vectors were given");
}

/// The largest norm of the vectors. A component that is not finite is an error that names its row: one NaN in a graph
/// spoils every search that passes it.
inline double largestNorm(const float* vectors, size_t count, size_t dimension) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double length = norm(vectors + i * dimension, dimension);
        if (!std::isfinite(length)) {
            throw Failure(CFAISS_UNUSABLE_VECTOR, "vector " + std::to_string(i) + " holds a value that is not finite");
        }
        if (length > largest) largest = length;
    }
    // Then no inner product of two rows, nor a part of one, leaves the range of a float.
    if (largest > 1e18) throw Failure(CFAISS_UNUSABLE_VECTOR, "a vector is longer than 1e18; scale the vectors down");
    return largest;
}

}  // namespace cfaiss
