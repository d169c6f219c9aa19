// Rows with the codes that walks read instead of them.
#pragma once

#include "row_codes.hpp"
#include "rows.hpp"
#include "scratch.hpp"

namespace cfaiss {

/// A view of vectors and their codes; whoever made it keeps the memory.
struct CodedRows {
    VectorTable table;
    uint32_t storage = CFAISS_FLOAT32;
    /// codeBytes() a row; none of float32.
    const void* codes = nullptr;
    /// Of int8, what weighInt8() takes.
    const float* steps = nullptr;

    bool hasCodes() const { return storage != CFAISS_FLOAT32; }

    /// Calls `body` with the rows in their form, scored against a query that is padded as vectors and codes are.
    template <class Body>
    void seenFrom(const float* query, Scratch& scratch, Body&& body) const {
        size_t stride = codeStride(storage, table.dimension);
        if (storage == CFAISS_FLOAT32) {
            body(FloatRows(table, query));
        } else if (storage == CFAISS_BFLOAT16) {
            body(Bfloat16Rows{static_cast<const uint16_t*>(codes), table.count, stride, query});
        } else {
            scratch.weights.resize(stride);
            weighInt8(query, steps, table.dimension, stride, scratch.weights.data());
            body(Int8Rows{static_cast<const uint8_t*>(codes), table.count, stride, scratch.weights.data()});
        }
    }

    /// Scores the first `count` of the pool with the vectors and leaves these alone in it, in their order.
    void rescore(const float* query, size_t count, Scratch& scratch) const {
        FloatRows vectors(table, query);
        scratch.reserveRows(count);
        for (size_t i = 0; i < count; i++) {
            scratch.rows[i] = scratch.pool[i].row();
            vectors.prefetch(scratch.rows[i]);
        }
        vectors.score(scratch.rows.data(), count, scratch.scores.data());
        scratch.pool.begin(count);
        for (size_t i = 0; i < count; i++) scratch.pool.insert(scratch.scores[i], scratch.rows[i]);
    }
};

/// A row as a query: padded as the codes of a form are, which can be further than the row is.
inline const float* paddedQuery(const VectorTable& table, size_t row, uint32_t storage, Scratch& scratch) {
    if (codeStride(storage, table.dimension) <= table.stride) return table.row(row);
    float* query = scratch.zeroedQuery(codeStride(storage, table.dimension));
    std::memcpy(query, table.row(row), table.dimension * sizeof(float));
    return query;
}

}  // namespace cfaiss
