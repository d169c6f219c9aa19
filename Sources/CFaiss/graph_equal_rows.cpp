// Rows of equal vectors. More of them than a list has room for would fill each other's lists and cut themselves, and
// whatever is behind them, off from the graph (items without an embedding are such a case: all zero). So one of them is
// inserted, and the others hang on it as a tree on the lowest level.

#include "graph_build.hpp"

namespace cfaiss {

namespace {

uint64_t hashOf(const float* row, size_t stride) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < stride; i += 2) {
        uint64_t word;
        std::memcpy(&word, row + i, sizeof(word));
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

}  // namespace

/// Leaves the first row of each vector in the order, which has the highest level of its equals.
std::vector<GraphBuilder::EqualRows> GraphBuilder::takeOutEqualRows(std::vector<int32_t>& order) const {
    std::vector<std::pair<uint64_t, size_t>> hashes(order.size());
    for (size_t i = 0; i < order.size(); i++) {
        hashes[i] = {hashOf(rows_.table.row(static_cast<size_t>(order[i])), rows_.table.stride), i};
    }
    std::sort(hashes.begin(), hashes.end());
    std::vector<EqualRows> groups;
    std::vector<bool> isTaken(order.size(), false);
    for (size_t begin = 0, end; begin < hashes.size(); begin = end) {
        EqualRows group = {order[hashes[begin].second], {}};
        const float* first = rows_.table.row(static_cast<size_t>(group.first));
        for (end = begin + 1; end < hashes.size() && hashes[end].first == hashes[begin].first; end++) {
            int32_t row = order[hashes[end].second];
            // A row that only hashes alike stays in the order.
            if (std::memcmp(first, rows_.table.row(static_cast<size_t>(row)), rows_.table.stride * sizeof(float)) != 0) continue;
            group.others.push_back(row);
            isTaken[hashes[end].second] = true;
        }
        if (!group.others.empty()) groups.push_back(std::move(group));
    }
    size_t kept = 0;
    for (size_t i = 0; i < order.size(); i++) {
        if (!isTaken[i]) order[kept++] = order[i];
    }
    order.resize(kept);
    return groups;
}

/// Each row of the tree leads to its children and back to the inserted row; that one gives up its last link for the
/// root.
void GraphBuilder::hangOn(const EqualRows& group) const {
    const std::vector<int32_t>& others = group.others;
    LinkList list = links_.at(group.first, 0);
    int used = 0;
    while (used < list.width - 1 && list.rows[used] >= 0) used += 1;
    links_.store(list.rows + used, others[0]);
    size_t children = static_cast<size_t>(list.width) - 1;
    for (size_t i = 0; i < others.size(); i++) {
        const int32_t* entry = links_.at(others[i], 0).rows;
        links_.store(entry++, group.first);
        for (size_t child = i * children + 1; child <= (i + 1) * children && child < others.size(); child++) {
            links_.store(entry++, others[child]);
        }
    }
}

}  // namespace cfaiss
