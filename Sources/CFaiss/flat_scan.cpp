#include "flat_scan.hpp"

namespace cfaiss {

namespace {

constexpr size_t kBlockRows = 256;

bool nearer(const cfaiss_neighbor& a, const cfaiss_neighbor& b) {
    return a.score > b.score || (a.score == b.score && a.row < b.row);
}

/// The k best of the rows offered in ascending order: a heap with the worst on top, in memory of the caller's.
class TopRows {
  public:
    TopRows(cfaiss_neighbor* memory, size_t k) : heap_(memory), k_(k) {}

    void offer(int32_t row, float score) {
        if (size_ < k_) {
            heap_[size_++] = {row, score};
            std::push_heap(heap_, heap_ + size_, nearer);
        } else if (score > heap_[0].score) {
            // An equal score loses: its row is higher than any before it.
            std::pop_heap(heap_, heap_ + size_, nearer);
            heap_[size_ - 1] = {row, score};
            std::push_heap(heap_, heap_ + size_, nearer);
        }
    }

    /// Offers consecutive rows. Most blocks hold nothing good enough, which one comparison of sixteen shows.
    void offerAll(size_t first, const float* scores, size_t rows) {
        size_t i = 0;
        for (; i + 16 <= rows; i += 16) {
            if (size_ == k_) {
                float worst = heap_[0].score;
                int better = 0;
                for (size_t lane = 0; lane < 16; lane++) better |= scores[i + lane] > worst;
                if (better == 0) continue;
            }
            for (size_t lane = 0; lane < 16; lane++) offer(static_cast<int32_t>(first + i + lane), scores[i + lane]);
        }
        for (; i < rows; i++) offer(static_cast<int32_t>(first + i), scores[i]);
    }

    size_t sort() {
        std::sort_heap(heap_, heap_ + size_, nearer);
        return size_;
    }

  private:
    cfaiss_neighbor* heap_;
    size_t k_;
    size_t size_ = 0;
};

}  // namespace

void scan(const VectorTable& table, const float* query, size_t k, cfaiss_scratch& scratch) {
    scratch.reserveRows(kBlockRows);
    scratch.results.resize(std::min(k, table.count));
    TopRows best(scratch.results.data(), scratch.results.size());
    for (size_t begin = 0; begin < table.count; begin += kBlockRows) {
        size_t rows = std::min(kBlockRows, table.count - begin);
        kernels().scan(query, table.row(begin), table.stride, rows, scratch.scores.data());
        best.offerAll(begin, scratch.scores.data(), rows);
    }
    best.sort();
}

void scanFiltered(
    const VectorTable& table, const float* query, size_t k, const RowFilter& filter, cfaiss_scratch& scratch) {
    scratch.reserveRows(kBlockRows + 64);
    scratch.results.resize(std::min(k, table.count));
    TopRows best(scratch.results.data(), scratch.results.size());
    size_t gathered = 0;
    auto offerGathered = [&] {
        kernels().rows(query, table.base, table.stride, scratch.rows.data(), gathered, scratch.scores.data());
        for (size_t i = 0; i < gathered; i++) best.offer(scratch.rows[i], scratch.scores[i]);
        gathered = 0;
    };
    for (size_t index = 0; index * 64 < table.count; index++) {
        for (uint64_t bits = filter.word(index); bits != 0; bits &= bits - 1) {
            size_t row = index * 64 + static_cast<size_t>(__builtin_ctzll(bits));
            if (row >= table.count) break;
            scratch.rows[gathered++] = static_cast<int32_t>(row);
        }
        if (gathered >= kBlockRows) offerGathered();
    }
    offerGathered();
    scratch.results.resize(best.sort());
}

void scanBatch(const VectorTable& table, const float* queries, size_t count, size_t k, cfaiss_scratch& scratch) {
    size_t width = std::min(k, table.count);
    scratch.reserveRows(4 * kBlockRows);
    scratch.results.resize(count * width);
    std::vector<TopRows> best;
    for (size_t i = 0; i < count; i++) best.emplace_back(scratch.results.data() + i * width, width);
    // A block of rows stays in the cache while all queries pass over it.
    for (size_t begin = 0; begin < table.count; begin += kBlockRows) {
        size_t rows = std::min(kBlockRows, table.count - begin);
        const float* block = table.row(begin);
        float* scores = scratch.scores.data();
        for (size_t q = 0; q < count; q += 4) {
            size_t group = std::min<size_t>(4, count - q);
            const float* first = queries + q * table.stride;
            if (group == 4) {
                kernels().scanFour(first, block, table.stride, rows, scores, kBlockRows);
            } else {
                for (size_t j = 0; j < group; j++) {
                    kernels().scan(first + j * table.stride, block, table.stride, rows, scores + j * kBlockRows);
                }
            }
            for (size_t j = 0; j < group; j++) best[q + j].offerAll(begin, scores + j * kBlockRows, rows);
        }
    }
    for (TopRows& top : best) top.sort();
}

}  // namespace cfaiss
