// Insertion of vectors into Faiss's graph arrays (Malkov and Yashunin, "Efficient and robust approximate nearest
// neighbor search using Hierarchical Navigable Small World graphs", 2018, algorithms 1, 2 and 4).
#pragma once

#include "best_first.hpp"

#include <atomic>
#include <faiss/impl/HNSW.h>
#include <thread>

namespace cfaiss {

/// The graph's arrays while several threads change them: entries are read without a lock. A reader may see a list half
/// replaced; every entry of it is still a row of the graph, which is all that a search needs.
struct GrowingLinks {
    faiss::HNSW* graph;

    LinkList at(int32_t row, int level) const {
        int before = graph->cum_nneighbor_per_level[level];
        int width = graph->cum_nneighbor_per_level[level + 1] - before;
        return {graph->neighbors.data() + graph->offsets[row] + static_cast<size_t>(before), width};
    }
    int32_t load(const int32_t* entry) const { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }
    void store(const int32_t* entry, int32_t row) const {
        __atomic_store_n(const_cast<int32_t*>(entry), row, __ATOMIC_RELEASE);
    }
};

class GraphBuilder {
  public:
    /// The graph has its levels prepared and no links; the table holds one row for each of its nodes.
    GraphBuilder(faiss::HNSW& graph, const VectorTable& table, size_t efConstruction);

    /// Inserts all rows. One thread gives the same graph every time.
    void insertAll(int threads, int64_t seed);

  private:
    faiss::HNSW& graph_;
    GrowingLinks links_;
    VectorTable table_;
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
