// The C entries of an index to search.

#include "coded_rows.hpp"
#include "flat_scan.hpp"
#include "index_file.hpp"

using namespace cfaiss;

/// Vectors that are either mapped or owned, with links and codes where there is a graph.
struct cfaiss_index {
    std::unique_ptr<Mapping> mapping;
    AlignedFloats ownedVectors;
    AlignedFloats ownedLinks;
    AlignedFloats ownedCodes;
    VectorTable table;
    GraphShape shape;
    MappedLinks links;
    uint32_t storage = CFAISS_FLOAT32;
    const void* codes = nullptr;
    const float* codeScale = nullptr;
    int32_t entryPoint = -1;
    int32_t maxLevel = -1;
};

namespace {

/// What a walk reads is copied out of files from this size on: a file is mapped in small pages, and then every second
/// row costs a page walk (a million rows are searched a tenth faster from large pages). Smaller files fit in the
/// processor's caches with their pages.
constexpr size_t kCopiedBytes = size_t(16) << 20;

template <class Element>
void copyToLargePages(const Element*& section, size_t bytes, AlignedFloats& owner) {
    owner = AlignedFloats((bytes + sizeof(float) - 1) / sizeof(float));
    std::memcpy(owner.data(), section, bytes);
    section = reinterpret_cast<const Element*>(owner.data());
}

void copyWhatIsWalked(cfaiss_index& index, const FileHeader& header) {
    bool hasCodes = index.storage != CFAISS_FLOAT32;
    size_t links = header.sections[kLevel0].bytes, rows = header.sections[hasCodes ? kCodes : kVectors].bytes;
    if (links + rows < kCopiedBytes) return;
    copyToLargePages(index.links.level0, links, index.ownedLinks);
    if (hasCodes) copyToLargePages(index.codes, rows, index.ownedCodes);
    else copyToLargePages(index.table.base, rows, index.ownedVectors);
}

std::unique_ptr<cfaiss_index> opened(const char* path, FilePart part = {}) {
    auto index = std::make_unique<cfaiss_index>();
    index->mapping = std::make_unique<Mapping>(path, part);
    const FileHeader& header = checkedHeader(*index->mapping, path);
    const char* vectors = sectionData(*index->mapping, header, kVectors);
    index->table = {
        reinterpret_cast<const float*>(vectors), static_cast<size_t>(header.count), header.dimension, header.stride};
    index->shape = {
        header.dimension, static_cast<int32_t>(header.m), static_cast<int32_t>(header.efConstruction),
        static_cast<int32_t>(header.efSearch), header.largestNorm};
    if (header.m > 0) {
        index->links = mappedLinks(*index->mapping, header);
        index->entryPoint = header.entryPoint;
        index->maxLevel = header.maxLevel;
        index->storage = header.storage;
        index->codes = sectionData(*index->mapping, header, kCodes);
        index->codeScale = reinterpret_cast<const float*>(sectionData(*index->mapping, header, kCodeScale));
        copyWhatIsWalked(*index, header);
    }
    return index;
}

/// Checks a query and copies it, padded, to where it lies aligned.
void takeQuery(const cfaiss_index& index, const float* query, float* target) {
    double length = norm(query, index.table.dimension);
    if (!std::isfinite(length)) throw Failure(CFAISS_UNUSABLE_VECTOR, "the query holds a value that is not finite");
    // |<q, x>| <= |q| |x|, and so is each partial sum: below this no score overflows into an infinity or a NaN.
    if (length * index.shape.largestNorm > 1e38) {
        throw Failure(CFAISS_UNUSABLE_VECTOR, "the query is so long that scores overflow; scale it down");
    }
    std::memcpy(target, query, index.table.dimension * sizeof(float));
}

/// Whether scoring all allowed rows costs less than walking the graph: the walk expands about ef / selectivity rows of
/// about m new neighbours each, and a row reached through a link costs about three times one reached in order.
bool isScanCheaper(const cfaiss_index& index, size_t allowed, size_t ef) {
    double count = double(index.table.count);
    return double(allowed) * double(allowed) <= 3.0 * index.shape.m * double(ef) * count;
}

/// Takes the k best of the pool, in which equal scores lie in the order in which they were found.
void takeResults(cfaiss_scratch& scratch, size_t k) {
    std::vector<cfaiss_neighbor>& results = scratch.results;
    results.clear();
    for (size_t i = 0; i < scratch.pool.size(); i++) {
        cfaiss_neighbor found = {scratch.pool[i].row(), scratch.pool[i].score};
        if (i >= k && found.score < results[k - 1].score) break;
        size_t place = results.size();
        results.push_back(found);
        while (place > 0 && results[place - 1].score == found.score && results[place - 1].row > found.row) {
            results[place] = results[place - 1];
            place -= 1;
        }
        results[place] = found;
    }
    if (results.size() > k) results.resize(k);
}

template <class Rows>
void walk(const cfaiss_index& index, const Rows& rows, size_t ef, const RowFilter* filter, cfaiss_scratch& scratch) {
    scratch.reserveRows(2 * static_cast<size_t>(std::max(index.links.level0Width, index.links.upperWidth)));
    Entry entry = {0, static_cast<uint32_t>(index.entryPoint)};
    rows.score(&index.entryPoint, 1, &entry.score);
    entry = descend(index.links, index.maxLevel, 0, rows, entry, scratch);
    if (filter == nullptr) bestFirst(index.links, 0, rows, entry, ef, scratch);
    else bestFirstFiltered(index.links, 0, rows, entry, ef, *filter, scratch);
}

/// How many of the best rows by their codes are scored with their vectors for the k that are given. On a million int8
/// rows twice as many, or all candidates, changed recall@10 and recall@100 by less than 0.0002 and took longer.
size_t rescored(size_t k) { return std::max<size_t>(2 * k, 32); }

void searchGraph(
    const cfaiss_index& index, const float* query, size_t k, size_t ef, const RowFilter* filter,
    cfaiss_scratch& scratch) {
    const float* steps =
        index.storage == CFAISS_INT8 ? index.codeScale + paddedTo16(index.table.dimension) : nullptr;
    CodedRows rows = {index.table, index.storage, index.codes, steps};
    rows.seenFrom(query, scratch, [&](auto form) { walk(index, form, ef, filter, scratch); });
    if (rows.hasCodes()) rows.rescore(query, std::min(scratch.pool.size(), rescored(k)), scratch);
}

void scanAny(
    const cfaiss_index& index, const float* query, size_t k, const RowFilter* filter, cfaiss_scratch& scratch) {
    if (filter == nullptr) scan(index.table, query, k, scratch);
    else scanFiltered(index.table, query, k, *filter, scratch);
}

/// The k best by their codes are not quite the k best: with codes an eighth more is kept.
size_t leastCandidates(const cfaiss_index& index, size_t k) {
    return index.storage == CFAISS_FLOAT32 ? k : k + k / 8;
}

/// The graph where it pays; the scan where the filter is narrow, where nearly all rows are asked for, and where the
/// graph gives fewer rows than there are (rows that no link leads to).
void search(
    const cfaiss_index& index, const float* query, size_t k, size_t ef, const RowFilter* filter,
    cfaiss_scratch& scratch) {
    size_t allowed = filter == nullptr ? index.table.count : filter->allowed();
    ef = std::max(ef, leastCandidates(index, k));
    bool scans = index.shape.m == 0 || ef >= allowed || (filter != nullptr && isScanCheaper(index, allowed, ef));
    if (!scans) {
        searchGraph(index, query, k, ef, filter, scratch);
        takeResults(scratch, k);
        scans = scratch.results.size() < std::min(k, allowed);
    }
    if (scans) scanAny(index, query, k, filter, scratch);
}

void checkSearch(const cfaiss_index& index, int32_t k, const cfaiss_filter* filter) {
    require(k >= 1, "k must be at least 1");
    require(
        filter == nullptr || filter->count == static_cast<int64_t>(index.table.count),
        "the filter is for another number of rows");
}

template <class Run>
cfaiss_status answer(
    const cfaiss_index* index, cfaiss_scratch* scratch, const float* query, int32_t k, const cfaiss_filter* filter,
    const cfaiss_neighbor** out, int32_t* found, Run&& run) {
    return guarded([&] {
        checkSearch(*index, k, filter);
        // bfloat16 codes are padded further than vectors are.
        size_t floats = std::max(index->table.stride, codeStride(index->storage, index->table.dimension));
        float* padded = scratch->zeroedQuery(floats);
        takeQuery(*index, query, padded);
        if (filter == nullptr) {
            run(padded, nullptr);
        } else {
            RowFilter rows(*filter);
            run(padded, &rows);
        }
        *out = scratch->results.data();
        *found = static_cast<int32_t>(scratch->results.size());
    });
}

}  // namespace

extern "C" cfaiss_status cfaiss_index_from_vectors(
    const float* vectors, int64_t count, int32_t dimension, cfaiss_index** out) {
    return guarded([&] {
        checkShape(vectors, count, dimension);
        auto index = std::make_unique<cfaiss_index>();
        size_t rows = static_cast<size_t>(count), width = static_cast<size_t>(dimension), stride = paddedTo16(width);
        index->shape.dimension = width;
        index->shape.largestNorm = largestNorm(vectors, rows, width);
        index->ownedVectors = AlignedFloats(rows * stride);
        for (size_t i = 0; i < rows; i++) {
            std::memcpy(index->ownedVectors.data() + i * stride, vectors + i * width, width * sizeof(float));
        }
        index->table = {index->ownedVectors.data(), rows, width, stride};
        *out = index.release();
    });
}

extern "C" cfaiss_status cfaiss_index_open(const char* path, cfaiss_index** out) {
    return guarded([&] { *out = opened(path).release(); });
}

extern "C" cfaiss_status cfaiss_index_open_part(
    const char* path, uint64_t offset, uint64_t bytes, cfaiss_index** out) {
    return guarded([&] { *out = opened(path, {offset, bytes}).release(); });
}

extern "C" cfaiss_status cfaiss_index_save_vectors(const cfaiss_index* index, const char* path) {
    return guarded([&] { writeVectorFile(path, index->table, index->shape); });
}

extern "C" cfaiss_index_info cfaiss_index_describe(const cfaiss_index* index) {
    return {
        static_cast<int64_t>(index->table.count), static_cast<int32_t>(index->table.dimension), index->shape.m,
        index->shape.efConstruction, index->shape.efSearch, static_cast<int32_t>(index->storage)};
}

extern "C" const float* cfaiss_index_vector(const cfaiss_index* index, int64_t row) {
    return index->table.row(static_cast<size_t>(row));
}

extern "C" void cfaiss_index_free(cfaiss_index* index) { delete index; }

extern "C" cfaiss_status cfaiss_scratch_create(cfaiss_scratch** out) {
    return guarded([&] { *out = new cfaiss_scratch; });
}

extern "C" void cfaiss_scratch_free(cfaiss_scratch* scratch) { delete scratch; }

extern "C" cfaiss_status cfaiss_index_search(
    const cfaiss_index* index, cfaiss_scratch* scratch, const float* query, int32_t k, int32_t ef,
    const cfaiss_filter* filter, const cfaiss_neighbor** out, int32_t* found) {
    return answer(index, scratch, query, k, filter, out, found, [&](const float* padded, const RowFilter* rows) {
        require(ef >= 1, "ef must be at least 1");
        search(*index, padded, static_cast<size_t>(k), static_cast<size_t>(ef), rows, *scratch);
    });
}

extern "C" cfaiss_status cfaiss_index_scan(
    const cfaiss_index* index, cfaiss_scratch* scratch, const float* query, int32_t k, const cfaiss_filter* filter,
    const cfaiss_neighbor** out, int32_t* found) {
    return answer(index, scratch, query, k, filter, out, found, [&](const float* padded, const RowFilter* rows) {
        scanAny(*index, padded, static_cast<size_t>(k), rows, *scratch);
    });
}

extern "C" cfaiss_status cfaiss_index_scan_batch(
    const cfaiss_index* index, cfaiss_scratch* scratch, const float* query, int32_t queries, int32_t k,
    const cfaiss_neighbor** out, int32_t* found) {
    return guarded([&] {
        checkSearch(*index, k, nullptr);
        require(queries >= 0, "the number of queries must not be negative");
        const VectorTable& table = index->table;
        size_t count = static_cast<size_t>(queries);
        float* padded = scratch->zeroedQuery(count * table.stride);
        for (size_t i = 0; i < count; i++) takeQuery(*index, query + i * table.dimension, padded + i * table.stride);
        scanBatch(table, padded, count, static_cast<size_t>(k), *scratch);
        *out = scratch->results.data();
        *found = static_cast<int32_t>(std::min(static_cast<size_t>(k), table.count));
    });
}
