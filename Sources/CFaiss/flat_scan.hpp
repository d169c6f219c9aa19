// Exact search: every row that the filter lets through is scored.
#pragma once

#include "scratch.hpp"

namespace cfaiss {

/// Which rows a filter lets through; rows beyond the bitmap are unset.
struct RowFilter {
    const uint64_t* words;
    size_t count;
    size_t setRows;
    bool allows;

    explicit RowFilter(const cfaiss_filter& filter)
        : words(filter.words),
          count(static_cast<size_t>(filter.count)),
          setRows(static_cast<size_t>(filter.set_rows)),
          allows(filter.allows != 0) {}

    bool operator()(int32_t row) const {
        size_t index = static_cast<size_t>(row);
        bool isSet = index < count && ((words[index / 64] >> (index % 64)) & 1) != 0;
        return isSet == allows;
    }

    /// The rows 64 * index ..< 64 * index + 64 that it lets through, as bits.
    uint64_t word(size_t index) const {
        uint64_t bits = index * 64 < count ? words[index] : 0;
        if (index * 64 < count && count - index * 64 < 64) bits &= (uint64_t(1) << (count - index * 64)) - 1;
        return allows ? bits : ~bits;
    }

    /// How many rows it lets through.
    size_t allowed() const { return allows ? setRows : count - std::min(setRows, count); }
};

/// The k best rows in descending order of score, of equal ones the lower rows. Results go to scratch.results.
void scan(const VectorTable& table, const float* query, size_t k, cfaiss_scratch& scratch);
void scanFiltered(
    const VectorTable& table, const float* query, size_t k, const RowFilter& filter, cfaiss_scratch& scratch);
/// For several queries (`stride` floats apart): query i's neighbours begin at i * min(k, count).
void scanBatch(const VectorTable& table, const float* queries, size_t count, size_t k, cfaiss_scratch& scratch);

}  // namespace cfaiss
