#include "graph_build.hpp"

namespace cfaiss {

namespace {

/// As many lists without a link.
AlignedFloats emptyLists(size_t count, int width) {
    static_assert(sizeof(float) == sizeof(int32_t), "links lie where floats were allocated");
    AlignedFloats lists(count * static_cast<size_t>(width));
    if (lists.data() != nullptr) std::memset(lists.data(), 0xff, count * static_cast<size_t>(width) * sizeof(int32_t));
    return lists;
}

}  // namespace

LinkTable::LinkTable(faiss::HNSW& graph) {
    // As large as the ones here, and not needed before these are full.
    std::vector<faiss::HNSW::storage_idx_t>().swap(graph.neighbors);
    links_.level0Width = graph.nb_neighbors(0);
    links_.upperWidth = graph.nb_neighbors(1);
    upperStarts_.reserve(graph.levels.size() + 1);
    upperStarts_.push_back(0);
    for (int levels : graph.levels) upperStarts_.push_back(upperStarts_.back() + static_cast<uint32_t>(levels - 1));
    level0_ = emptyLists(graph.levels.size(), links_.level0Width);
    upperLinks_ = emptyLists(upperStarts_.back(), links_.upperWidth);
    links_.level0 = reinterpret_cast<const int32_t*>(level0_.data());
    links_.upperStarts = upperStarts_.data();
    links_.upperLinks = reinterpret_cast<const int32_t*>(upperLinks_.data());
}

void LinkTable::fill(faiss::HNSW& graph) const {
    graph.neighbors.assign(graph.offsets.back(), -1);
    for (size_t row = 0; row < graph.levels.size(); row++) {
        for (int level = 0; level < graph.levels[row]; level++) {
            LinkList list = links_.at(static_cast<int32_t>(row), level);
            size_t begin = graph.offsets[row] + static_cast<size_t>(graph.cum_nneighbor_per_level[static_cast<size_t>(level)]);
            std::memcpy(graph.neighbors.data() + begin, list.rows, static_cast<size_t>(list.width) * sizeof(int32_t));
        }
    }
}

}  // namespace cfaiss
