// Insertion of vectors into a graph of Faiss's levels (Malkov and Yashunin, "Efficient and robust approximate nearest
// neighbor search using Hierarchical Navigable Small World graphs", 2018, algorithms 1, 2 and 4).
#pragma once

#include "best_first.hpp"
#include "coded_rows.hpp"

#include <atomic>
#include <faiss/impl/HNSW.h>
#include <thread>

namespace cfaiss {

/// The links of a graph in the making, in arrays of their own: in Faiss's, which lists of a row begin where is looked up first,
/// and a walk waits for that at every step.
class LinkTable {
  public:
    /// Takes the place of the links of a graph whose levels are prepared.
    explicit LinkTable(faiss::HNSW& graph);

    GrowingLinks growing() const { return links_; }

    /// Copies the links into the graph's own arrays.
    void fill(faiss::HNSW& graph) const;

  private:
    AlignedFloats level0_;
    std::vector<uint32_t> upperStarts_;
    AlignedFloats upperLinks_;
    GrowingLinks links_;
};

class GraphBuilder {
  public:
    /// The graph has its levels prepared, and the links are empty; there is one row for each of its nodes.
    GraphBuilder(faiss::HNSW& graph, const GrowingLinks& links, const CodedRows& rows, size_t efConstruction);

    /// Inserts all rows. One thread gives the same graph every time.
    void insertAll(int threads, int64_t seed);

  private:
    faiss::HNSW& graph_;
    GrowingLinks links_;
    CodedRows rows_;
    size_t efConstruction_;
    std::unique_ptr<std::atomic<bool>[]> locks_;

    /// What one thread works with. Its lists have their final capacity, so nothing throws while a row is locked.
    struct Worker {
        Scratch scratch;
        std::vector<int32_t> kept;
        std::vector<std::vector<Entry>> chosen;
        std::vector<Entry> replaced;

        explicit Worker(const faiss::HNSW& graph);
    };

    /// Rows with the vector of another row, which is inserted for all of them.
    struct EqualRows {
        int32_t first;
        std::vector<int32_t> others;
    };

    std::vector<int32_t> insertionOrder(int64_t seed) const;
    std::vector<EqualRows> takeOutEqualRows(std::vector<int32_t>& order) const;
    void hangOn(const EqualRows& group) const;
    void insert(int32_t row, Worker& worker);
    template <class Rows>
    void chooseLinks(int32_t row, const Rows& rows, Worker& worker);
    void choose(
        const Entry* candidates, size_t count, size_t limit, std::vector<int32_t>& kept,
        std::vector<Entry>& chosen) const;
    void writeList(int32_t row, int level, const std::vector<Entry>& chosen) const;
    void addReverse(int32_t row, int level, Entry from, Worker& worker);
    void replaceList(int32_t row, LinkList list, int level, Entry from, Worker& worker);
    void lock(int32_t row) {
        while (locks_[row].exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    }
    void unlock(int32_t row) { locks_[row].store(false, std::memory_order_release); }
};

}  // namespace cfaiss
