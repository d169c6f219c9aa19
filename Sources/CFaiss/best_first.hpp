// Best-first search of one level of a graph, shared by the build (links still change) and by serving (links are
// mapped).
//
// Links: `List at(int32_t row, int level)` gives {const int32_t* rows; int width}, ended by -1 or by the width, and
// `int32_t load(const int32_t*)` reads one entry. Rows: see rows.hpp.
#pragma once

#include "links.hpp"
#include "rows.hpp"
#include "scratch.hpp"

namespace cfaiss {

template <class Links>
void prefetchList(const Links& links, int32_t row, int level) {
    LinkList list = links.at(row, level);
    prefetchBytes(list.rows, static_cast<size_t>(list.width) * sizeof(int32_t));
}

/// Puts the neighbours of a row that this search has not seen into `unseen` and starts loading them; gives their number.
template <class Links, class Rows>
size_t gatherUnseen(
    const Links& links, int level, const Rows& rows, int32_t row, VisitedRows& visited, int32_t* unseen) {
    LinkList list = links.at(row, level);
    size_t count = 0;
    for (int i = 0; i < list.width; i++) {
        int32_t neighbor = links.load(list.rows + i);
        if (neighbor < 0) break;
        // Every second neighbour has been seen, in no order: a branch here would be mispredicted every other time.
        unseen[count] = neighbor;
        count += visited.insert(neighbor);
        rows.prefetch(neighbor);
    }
    visited.remember(unseen, count);
    return count;
}

/// Fills scratch.pool with the best `ef` rows that can be reached from `start` on this level.
/// The caller has made room for two lists of rows.
///
/// Nearly every step waits for memory, so three rows are under way at once: while the neighbours of one are scored,
/// those of the next are being loaded, and the links of the one after. What is expanded therefore lags two rows behind
/// what is known; a pool expands all that stays in it, so few rows are looked at that would not have been.
template <class Links, class Rows>
void bestFirst(const Links& links, int level, const Rows& rows, Entry start, size_t ef, Scratch& scratch) {
    Pool& pool = scratch.pool;
    pool.begin(ef);
    scratch.visited.begin(rows.count, start.row());
    pool.insert(start.score, start.row());
    int32_t* loaded = scratch.rows.data();
    int32_t* loading = loaded + scratch.rows.size() / 2;
    size_t loadedCount = 0;
    int32_t chosen = pool.takeNext();
    while (chosen >= 0 || loadedCount > 0) {
        int32_t following = pool.takeNext();
        if (following >= 0) prefetchList(links, following, level);
        size_t loadingCount = chosen < 0 ? 0 : gatherUnseen(links, level, rows, chosen, scratch.visited, loading);
        rows.score(loaded, loadedCount, scratch.scores.data());
        for (size_t i = 0; i < loadedCount; i++) pool.insert(scratch.scores[i], loaded[i]);
        chosen = following >= 0 ? following : pool.takeNext();
        std::swap(loaded, loading);
        loadedCount = loadingCount;
    }
}

/// Candidates on the levels above the one that is searched. With a single one the walk ends in the wrong cluster too
/// often, and the lowest level has to make up for it: on a million rows two reach recall@10 0.95 with a fifth less
/// effort; four find no more than two.
constexpr size_t kDescentCandidates = 2;

/// Walks from `start` to the nearest row of each level above `level`, one level after another.
template <class Links, class Rows>
Entry descend(const Links& links, int from, int level, const Rows& rows, Entry start, Scratch& scratch) {
    for (int current = from; current > level; current--) {
        bestFirst(links, current, rows, start, kDescentCandidates, scratch);
        start = {scratch.pool[0].score, static_cast<uint32_t>(scratch.pool[0].row())};
    }
    return start;
}

inline bool worseFirst(const Entry& a, const Entry& b) { return a.score < b.score; }

/// As bestFirst, but the pool takes only rows that `isAllowed`; the others are walked through. The queue is unbounded
/// and the search ends when no row left to expand beats the pool's worst, so a narrow filter is searched more widely.
template <class Links, class Rows, class IsAllowed>
void bestFirstFiltered(
    const Links& links, int level, const Rows& rows, Entry start, size_t ef, const IsAllowed& isAllowed,
    Scratch& scratch) {
    Pool& pool = scratch.pool;
    std::vector<Entry>& queue = scratch.queue;
    pool.begin(ef);
    queue.clear();
    scratch.visited.begin(rows.count, start.row());
    if (isAllowed(start.row())) pool.insert(start.score, start.row());
    queue.push_back(start);
    while (!queue.empty()) {
        std::pop_heap(queue.begin(), queue.end(), worseFirst);
        Entry best = queue.back();
        queue.pop_back();
        if (pool.isFull() && !(best.score >= pool.worst())) break;
        size_t count = gatherUnseen(links, level, rows, best.row(), scratch.visited, scratch.rows.data());
        rows.score(scratch.rows.data(), count, scratch.scores.data());
        for (size_t i = 0; i < count; i++) {
            float score = scratch.scores[i];
            if (pool.isFull() && !(score > pool.worst())) continue;
            queue.push_back({score, static_cast<uint32_t>(scratch.rows[i])});
            std::push_heap(queue.begin(), queue.end(), worseFirst);
            if (isAllowed(scratch.rows[i])) pool.insert(score, scratch.rows[i]);
        }
        if (!queue.empty()) prefetchList(links, queue.front().row(), level);
    }
}

}  // namespace cfaiss
