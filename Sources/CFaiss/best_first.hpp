// Best-first search of one level of a graph, shared by the build (links still change) and by serving (links are
// mapped).
//
// Links: `List at(int32_t row, int level)` gives {const int32_t* rows; int width}, ended by -1 or by the width, and
// `int32_t load(const int32_t*)` reads one entry.
#pragma once

#include "scratch.hpp"

namespace cfaiss {

using Scratch = cfaiss_scratch;

struct LinkList {
    const int32_t* rows;
    int width;
};

inline void prefetchRow(const VectorTable& table, int32_t row) {
    const char* address = reinterpret_cast<const char*>(table.row(row));
    size_t bytes = std::min<size_t>(table.stride * sizeof(float), 256);
    for (size_t offset = 0; offset < bytes; offset += 64) __builtin_prefetch(address + offset);
}

/// Puts the neighbours of a row that this search has not seen into scratch.rows and scores them; returns their number.
/// All are gathered before the first is scored, so that their loads overlap.
template <class Links>
size_t scoreUnseen(
    const Links& links, int level, const VectorTable& table, const float* query, int32_t row, Scratch& scratch) {
    LinkList list = links.at(row, level);
    int32_t* rows = scratch.rows.data();
    size_t count = 0;
    for (int i = 0; i < list.width; i++) {
        int32_t neighbor = links.load(list.rows + i);
        if (neighbor < 0) break;
        if (!scratch.visited.insert(neighbor)) continue;
        prefetchRow(table, neighbor);
        rows[count++] = neighbor;
    }
    kernels().rows(query, table.base, table.stride, rows, count, scratch.scores.data());
    return count;
}

/// Fills scratch.pool with the best `ef` rows that can be reached from `start` on this level.
/// The caller has begun scratch.visited.
template <class Links>
void bestFirst(
    const Links& links, int level, const VectorTable& table, const float* query, Entry start, size_t ef,
    Scratch& scratch) {
    Pool& pool = scratch.pool;
    pool.begin(ef);
    scratch.visited.insert(start.row());
    pool.insert(start.score, start.row());
    for (int32_t row = pool.takeNext(); row >= 0; row = pool.takeNext()) {
        size_t count = scoreUnseen(links, level, table, query, row, scratch);
        for (size_t i = 0; i < count; i++) pool.insert(scratch.scores[i], scratch.rows[i]);
        int32_t next = pool.peekNext();
        if (next >= 0) __builtin_prefetch(links.at(next, level).rows);
    }
}

/// Walks from `start` to the nearest row of each level above `level`, one level after another.
template <class Links>
Entry descend(
    const Links& links, int from, int level, const VectorTable& table, const float* query, Entry start,
    Scratch& scratch) {
    for (int current = from; current > level; current--) {
        scratch.visited.begin(table.count);
        bestFirst(links, current, table, query, start, 1, scratch);
        start = {scratch.pool[0].score, static_cast<uint32_t>(scratch.pool[0].row())};
    }
    return start;
}

inline bool worseFirst(const Entry& a, const Entry& b) { return a.score < b.score; }

/// As bestFirst, but the pool takes only rows that `isAllowed`; the others are walked through. The queue is unbounded
/// and the search ends when no row left to expand beats the pool's worst, so a narrow filter is searched more widely.
template <class Links, class IsAllowed>
void bestFirstFiltered(
    const Links& links, int level, const VectorTable& table, const float* query, Entry start, size_t ef,
    const IsAllowed& isAllowed, Scratch& scratch) {
    Pool& pool = scratch.pool;
    std::vector<Entry>& queue = scratch.queue;
    pool.begin(ef);
    queue.clear();
    scratch.visited.insert(start.row());
    if (isAllowed(start.row())) pool.insert(start.score, start.row());
    queue.push_back(start);
    while (!queue.empty()) {
        std::pop_heap(queue.begin(), queue.end(), worseFirst);
        Entry best = queue.back();
        queue.pop_back();
        if (pool.isFull() && !(best.score >= pool.worst())) break;
        size_t count = scoreUnseen(links, level, table, query, best.row(), scratch);
        for (size_t i = 0; i < count; i++) {
            float score = scratch.scores[i];
            if (pool.isFull() && !(score > pool.worst())) continue;
            queue.push_back({score, static_cast<uint32_t>(scratch.rows[i])});
            std::push_heap(queue.begin(), queue.end(), worseFirst);
            if (isAllowed(scratch.rows[i])) pool.insert(score, scratch.rows[i]);
        }
        if (!queue.empty()) __builtin_prefetch(links.at(queue.front().row(), level).rows);
    }
}

}  // namespace cfaiss
