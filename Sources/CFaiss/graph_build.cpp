#include "graph_build.hpp"

#include <numeric>
#include <random>

namespace cfaiss {

namespace {

/// Rows inserted before the other threads join: the few top nodes must find each other.
constexpr size_t kSequentialStart = 512;

bool nearerFirst(const Entry& a, const Entry& b) {
    return a.score > b.score || (a.score == b.score && a.row() < b.row());
}

}  // namespace

GraphBuilder::GraphBuilder(
    faiss::HNSW& graph, const GrowingLinks& links, const CodedRows& rows, size_t efConstruction)
    : graph_(graph),
      links_(links),
      rows_(rows),
      efConstruction_(efConstruction),
      locks_(new std::atomic<bool>[rows.table.count]()) {}

GraphBuilder::Worker::Worker(const faiss::HNSW& graph) : chosen(static_cast<size_t>(graph.max_level) + 1) {
    size_t width = static_cast<size_t>(std::max(graph.nb_neighbors(0), graph.nb_neighbors(1)));
    scratch.reserveRows(2 * width);
    scratch.queue.reserve(width + 1);
    kept.reserve(width);
    replaced.reserve(width);
    for (std::vector<Entry>& list : chosen) list.reserve(width);
}

/// Highest level first, so that the entry point is there from the start, and shuffled within a level, because rows
/// often come sorted by something and a graph grown in such an order is worse.
std::vector<int32_t> GraphBuilder::insertionOrder(int64_t seed) const {
    std::vector<int32_t> shuffled(rows_.table.count), order;
    std::iota(shuffled.begin(), shuffled.end(), 0);
    // Not std::shuffle: it differs between standard libraries.
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    for (size_t i = shuffled.size(); i > 1; i--) std::swap(shuffled[i - 1], shuffled[random() % i]);
    int highest = 0;
    for (int level : graph_.levels) highest = std::max(highest, level);
    order.reserve(shuffled.size());
    for (int level = highest; level > 0; level--) {
        for (int32_t row : shuffled) {
            if (graph_.levels[row] == level) order.push_back(row);
        }
    }
    return order;
}

void GraphBuilder::insertAll(int threads, int64_t seed) {
    std::vector<int32_t> order = insertionOrder(seed);
    if (order.empty()) return;
    std::vector<EqualRows> groups = takeOutEqualRows(order);
    graph_.entry_point = order[0];
    graph_.max_level = graph_.levels[order[0]] - 1;
    std::atomic<size_t> next{1};
    std::atomic<bool> failed{false};
    std::exception_ptr failure;
    auto work = [&](size_t end) {
        try {
            Worker worker(graph_);
            for (size_t i = next++; i < end && !failed; i = next++) insert(order[i], worker);
        } catch (...) {
            if (!failed.exchange(true)) failure = std::current_exception();
        }
    };
    size_t start = std::min(order.size(), kSequentialStart);
    work(start);
    next = start;
    std::vector<std::thread> helpers;
    for (int i = 1; i < threads && !failed; i++) helpers.emplace_back(work, order.size());
    work(order.size());
    for (std::thread& helper : helpers) helper.join();
    if (failed) std::rethrow_exception(failure);
    for (const EqualRows& group : groups) hangOn(group);
}

/// All levels are searched before the first link is written: once a row can be reached on one level, another thread may
/// enter through it the level below, where it must not be without links.
void GraphBuilder::insert(int32_t row, Worker& worker) {
    const float* query = paddedQuery(rows_.table, static_cast<size_t>(row), rows_.storage, worker.scratch);
    rows_.seenFrom(query, worker.scratch, [&](auto form) { chooseLinks(row, form, worker); });
    int top = graph_.levels[row] - 1;
    for (int level = top; level >= 0; level--) writeList(row, level, worker.chosen[level]);
    for (int level = top; level >= 0; level--) {
        for (const Entry& near : worker.chosen[level]) {
            addReverse(near.row(), level, {near.score, static_cast<uint32_t>(row)}, worker);
        }
    }
}

/// Chooses the links of a row on each of its levels.
template <class Rows>
void GraphBuilder::chooseLinks(int32_t row, const Rows& rows, Worker& worker) {
    Scratch& scratch = worker.scratch;
    int top = graph_.levels[row] - 1;
    Entry entry = {0, static_cast<uint32_t>(graph_.entry_point)};
    rows.score(&graph_.entry_point, 1, &entry.score);
    entry = descend(links_, graph_.max_level, top, rows, entry, scratch);
    for (int level = top; level >= 0; level--) {
        bestFirst(links_, level, rows, entry, efConstruction_, scratch);
        entry = {scratch.pool[0].score, static_cast<uint32_t>(scratch.pool[0].row())};
        if (rows_.hasCodes()) rows_.rescore(rows_.table.row(static_cast<size_t>(row)), scratch.pool.size(), scratch);
        size_t limit = static_cast<size_t>(graph_.nb_neighbors(level));
        choose(&scratch.pool[0], scratch.pool.size(), limit, worker.kept, worker.chosen[level]);
    }
}

/// Algorithm 4: of the candidates, nearest first, keeps each that is nearer to the new row than to all kept before it.
void GraphBuilder::choose(
    const Entry* candidates, size_t count, size_t limit, std::vector<int32_t>& kept,
    std::vector<Entry>& chosen) const {
    chosen.clear();
    kept.clear();
    for (size_t i = 0; i < count && chosen.size() < limit; i++) {
        int32_t row = candidates[i].row();
        float score = candidates[i].score;
        if (kernels().anyAbove(rows_.table.row(row), rows_.table.base, rows_.table.stride, kept.data(), kept.size(), score)) continue;
        kept.push_back(row);
        chosen.push_back({score, static_cast<uint32_t>(row)});
    }
}

void GraphBuilder::writeList(int32_t row, int level, const std::vector<Entry>& chosen) const {
    LinkList list = links_.at(row, level);
    for (int i = 0; i < list.width; i++) {
        links_.store(list.rows + i, i < static_cast<int>(chosen.size()) ? chosen[i].row() : -1);
    }
}

void GraphBuilder::addReverse(int32_t row, int level, Entry from, Worker& worker) {
    LinkList list = links_.at(row, level);
    lock(row);
    int used = 0;
    while (used < list.width && list.rows[used] >= 0) used += 1;
    if (used < list.width) links_.store(list.rows + used, from.row());
    else replaceList(row, list, level, from, worker);
    unlock(row);
}

/// Chooses a full list anew from its rows and one more.
void GraphBuilder::replaceList(int32_t row, LinkList list, int level, Entry from, Worker& worker) {
    size_t width = static_cast<size_t>(list.width);
    float* scores = worker.scratch.scores.data();
    kernels().rows(rows_.table.row(row), rows_.table.base, rows_.table.stride, list.rows, width, scores);
    std::vector<Entry>& candidates = worker.scratch.queue;
    candidates.assign(1, from);
    for (size_t i = 0; i < width; i++) candidates.push_back({scores[i], static_cast<uint32_t>(list.rows[i])});
    std::sort(candidates.begin(), candidates.end(), nearerFirst);
    choose(candidates.data(), candidates.size(), width, worker.kept, worker.replaced);
    writeList(row, level, worker.replaced);
}

}  // namespace cfaiss
