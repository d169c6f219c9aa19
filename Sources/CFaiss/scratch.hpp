// What one search needs besides the index. A scratch serves one search at a time and grows to the largest it has seen,
// so a warm one allocates nothing.
#pragma once

#include "CFaiss.h"
#include "vector_table.hpp"

#include <algorithm>
#include <vector>

namespace cfaiss {

/// Which rows this search has seen: a bit a row, so that those of ten million rows still lie in the caches beside what is
/// read of them. The next search clears the words that the last one has set.
class VisitedRows {
  public:
    /// Begins a search that has seen one of `count` rows.
    void begin(size_t count, int32_t start) {
        if (isOverfull()) std::fill(words_.begin(), words_.end(), 0);
        else for (int32_t row : seen_) words_[word(row)] = 0;
        seen_.clear();
        if (words_.size() * 64 < count) {
            words_.resize((count + 63) / 64, 0);
            // All that is ever noted, so that nothing throws between a bit and its note.
            seen_.reserve(words_.size() + kLongestList + 1);
        }
        insert(start);
        remember(&start, 1);
    }

    /// False where the row was seen before; those that were not are to be remembered.
    bool insert(int32_t row) {
        uint64_t& bits = words_[word(row)];
        uint64_t bit = uint64_t(1) << (row % 64);
        bool isNew = (bits & bit) == 0;
        bits |= bit;
        return isNew;
    }

    /// Notes which rows `insert` was the first to see. Of more rows than there are words nothing is noted: all are cleared then.
    void remember(const int32_t* rows, size_t count) {
        if (!isOverfull()) seen_.insert(seen_.end(), rows, rows + count);
    }

  private:
    /// Links of a row on the lowest level, twice the largest m.
    static constexpr size_t kLongestList = 1024;
    std::vector<uint64_t> words_;
    std::vector<int32_t> seen_;

    static size_t word(int32_t row) { return static_cast<uint32_t>(row) / 64; }
    bool isOverfull() const { return seen_.size() > words_.size(); }
};

/// A row with its score; the sign bit of `tagged` marks a row whose neighbours have been looked at.
struct Entry {
    float score;
    uint32_t tagged;

    int32_t row() const { return static_cast<int32_t>(tagged & 0x7fffffffu); }
    bool isExpanded() const { return (tagged >> 31) != 0; }
};

/// The best `capacity` rows seen so far in descending order of score. It is the result list and the queue of rows to
/// expand at once: a row that falls off the end could not have been expanded any more either.
class Pool {
  public:
    void begin(size_t capacity) {
        if (entries_.size() < capacity) entries_.resize(capacity);
        capacity_ = capacity;
        size_ = 0;
        cursor_ = 0;
    }

    size_t size() const { return size_; }
    bool isFull() const { return size_ == capacity_; }
    float worst() const { return entries_[size_ - 1].score; }
    const Entry& operator[](size_t index) const { return entries_[index]; }

    void insert(float score, int32_t row) {
        if (isFull() && !(score > worst())) return;
        // Halving without branches: which half it is cannot be predicted.
        size_t low = 0;
        for (size_t rest = size_; rest > 0;) {
            size_t half = (rest + 1) / 2;
            size_t isBehind = entries_[low + half - 1].score >= score ? 1 : 0;
            low += half & (size_t(0) - isBehind);
            rest -= half;
        }
        size_t moved = (isFull() ? size_ - 1 : size_) - low;
        std::memmove(entries_.data() + low + 1, entries_.data() + low, moved * sizeof(Entry));
        entries_[low] = {score, static_cast<uint32_t>(row)};
        if (!isFull()) size_ += 1;
        if (low < cursor_) cursor_ = low;
    }

    /// The best row not expanded yet, marked as expanded; -1 when there is none.
    int32_t takeNext() {
        while (cursor_ < size_ && entries_[cursor_].isExpanded()) cursor_ += 1;
        if (cursor_ == size_) return -1;
        int32_t row = entries_[cursor_].row();
        entries_[cursor_].tagged |= 0x80000000u;
        cursor_ += 1;
        return row;
    }

  private:
    std::vector<Entry> entries_;
    size_t capacity_ = 0;
    size_t size_ = 0;
    size_t cursor_ = 0;
};

}  // namespace cfaiss

/// The C handle. Results stay in `results` until the next search.
struct cfaiss_scratch {
    cfaiss::VisitedRows visited;
    cfaiss::Pool pool;
    std::vector<cfaiss::Entry> queue;
    std::vector<int32_t> rows;
    std::vector<float> scores;
    std::vector<int8_t> weights;
    std::vector<cfaiss_neighbor> results;
    cfaiss::AlignedFloats query;
    size_t queryCapacity = 0;

    void reserveRows(size_t count) {
        if (rows.size() < count) rows.resize(count);
        if (scores.size() < count) scores.resize(count);
    }

    /// Room for a query of `stride` floats, all zero.
    float* zeroedQuery(size_t floats) {
        if (queryCapacity < floats) {
            query = cfaiss::AlignedFloats(floats);
            queryCapacity = floats;
        }
        std::memset(query.data(), 0, floats * sizeof(float));
        return query.data();
    }
};

namespace cfaiss {

using Scratch = ::cfaiss_scratch;

}  // namespace cfaiss
