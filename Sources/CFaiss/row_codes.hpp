// The forms in which rows are stored for the walk of the graph, beside the vectors themselves.
//
//   float32    no codes: the walk reads the vectors
//   bfloat16   the upper half of each float, rounded to nearest; 2 bytes a component
//   int8       a number from 0 to 255: how many steps a component lies above the least one of all rows, 255 steps
//              leading to the greatest; 1 byte a component
//
// What int8 leaves out of a product (the least components times the query) is the same for all rows, so the walk goes
// the same way without it. The codes choose the way only; what is found is scored with the vectors.
#pragma once

#include "CFaiss.h"
#include "code_kernels.hpp"
#include "vector_table.hpp"

#include <vector>

namespace cfaiss {

/// Components in a row of codes, with the padding; 0 where there are none.
size_t codeStride(uint32_t storage, size_t dimension);

/// Bytes in a row of codes; 0 where there are none.
size_t codeBytes(uint32_t storage, size_t dimension);

/// Floats in the scale of the codes: for int8 the least components, then the steps, each padded to 16.
size_t codeScaleFloats(uint32_t storage, size_t dimension);

/// Makes the codes of rows.
class RowEncoder {
  public:
    /// Fits the scale to the rows.
    RowEncoder(uint32_t storage, const VectorTable& table);
    /// Takes a scale that was fitted before.
    RowEncoder(uint32_t storage, size_t dimension, const float* scale);

    /// Writes codeBytes() of codes for a vector; the padding is zero.
    void encode(const float* vector, void* codes) const;

    uint32_t storage() const { return storage_; }
    /// codeScaleFloats() of scale.
    const std::vector<float>& scale() const { return scale_; }
    /// The part of the scale that weighInt8() takes; null where there is none.
    const float* steps() const { return scale_.empty() ? nullptr : scale_.data() + paddedTo16(dimension_); }

  private:
    uint32_t storage_;
    size_t dimension_;
    std::vector<float> scale_;

    void encodeBfloat16(const float* vector, uint16_t* codes) const;
    void encodeInt8(const float* vector, uint8_t* codes) const;
};

/// The weights of int8 codes for a query: proportional to the query times the steps, the greatest 127, zero in the
/// padding.
void weighInt8(const float* query, const float* steps, size_t dimension, size_t stride, int8_t* weights);

}  // namespace cfaiss
