#include "build_codes.hpp"

#include <numeric>

namespace cfaiss {

namespace {

/// What a form is tried on: of so many rows, spread over all, the nearest to each of some of them.
constexpr size_t kSample = 4096;
constexpr size_t kQueries = 64;
constexpr size_t kNearest = 32;
/// Among so many of the nearest by codes those of the vectors are looked for: a build's walk keeps more than it needs, too.
constexpr size_t kNearestByCodes = 48;
/// The share of them that has to be there. Vectors around centres have 1.00 in int8; a component that is far larger in one
/// row than in all others takes nearly all of int8's steps, and vectors far from zero and close together look alike in bfloat16.
constexpr double kLeastShare = 0.99;

AlignedFloats encoded(const VectorTable& table, const RowEncoder& encoder) {
    size_t bytes = codeBytes(encoder.storage(), table.dimension);
    AlignedFloats codes((table.count * bytes + sizeof(float) - 1) / sizeof(float));
    for (size_t i = 0; i < table.count; i++) {
        encoder.encode(table.row(i), reinterpret_cast<char*>(codes.data()) + i * bytes);
    }
    return codes;
}

/// The vectors of the sample.
struct Sample {
    AlignedFloats vectors;
    VectorTable table;

    explicit Sample(const VectorTable& all) : table(all) {
        table.count = std::min(all.count, kSample);
        vectors = AlignedFloats(table.count * all.stride);
        for (size_t i = 0; i < table.count; i++) {
            std::memcpy(
                vectors.data() + i * all.stride, all.row(i * all.count / table.count), all.stride * sizeof(float));
        }
        table.base = vectors.data();
    }
};

/// Each row's place in descending order of the scores.
std::vector<int32_t> nearest(const std::vector<float>& scores, size_t count) {
    std::vector<int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), [&](int a, int b) {
        return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
    });
    order.resize(count);
    return order;
}

/// The share of a query's nearest by the vectors that is among its nearest by codes; rows of equal score stand for each other.
double shareFound(const std::vector<float>& scores, const std::vector<float>& byCodes) {
    size_t count = std::min(scores.size(), kNearest);
    float least = scores[static_cast<size_t>(nearest(scores, count).back())];
    std::vector<int32_t> found = nearest(byCodes, std::min(scores.size(), kNearestByCodes));
    auto hits = std::count_if(
        found.begin(), found.end(), [&](int32_t row) { return scores[static_cast<size_t>(row)] >= least; });
    return std::min(1.0, double(hits) / double(count));
}

/// Whether the codes of a form order the sample as its vectors do. The scale is that of all rows.
bool ordersAlike(const Sample& sample, const RowEncoder& encoder) {
    const VectorTable& table = sample.table;
    AlignedFloats codes = encoded(table, encoder);
    CodedRows rows = {table, encoder.storage(), codes.data(), encoder.steps()};
    size_t queries = std::min(table.count, kQueries);
    std::vector<int32_t> all(table.count);
    std::iota(all.begin(), all.end(), 0);
    std::vector<float> scores(table.count), byCodes(table.count);
    Scratch scratch;
    double sum = 0;
    for (size_t i = 0; i < queries; i++) {
        const float* query = paddedQuery(table, i * table.count / queries, rows.storage, scratch);
        FloatRows(table, query).score(all.data(), all.size(), scores.data());
        rows.seenFrom(query, scratch, [&](auto form) { form.score(all.data(), all.size(), byCodes.data()); });
        sum += shareFound(scores, byCodes);
    }
    return sum >= kLeastShare * double(queries);
}

RowEncoder chosenEncoder(const VectorTable& table) {
    if (table.count > 0) {
        Sample sample(table);
        for (uint32_t storage : {CFAISS_INT8, CFAISS_BFLOAT16}) {
            RowEncoder encoder(storage, table);
            if (ordersAlike(sample, encoder)) return encoder;
        }
    }
    return RowEncoder(CFAISS_FLOAT32, table);
}

}  // namespace

BuildCodes::BuildCodes(const VectorTable& table)
    : table_(table), encoder_(chosenEncoder(table)), codes_(encoded(table, encoder_)) {}

}  // namespace cfaiss
