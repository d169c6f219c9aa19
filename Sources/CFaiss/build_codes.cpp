#include "build_codes.hpp"

#include <numeric>

namespace cfaiss {

namespace {

/// So many rows, spread over all, are what a form is tried with.
constexpr size_t kQueries = 16;
/// The share of the rows nearest to them, a third of what a walk keeps, that has to be among what it keeps. Vectors around centres have
/// all of them there in int8; a component that is far larger in one row than in all others takes nearly all of int8's steps, rows that are
/// nearly the same have the same codes, and vectors far from zero and close together look alike in bfloat16.
constexpr double kLeastShare = 0.99;

AlignedFloats encoded(const VectorTable& table, const RowEncoder& encoder) {
    size_t bytes = codeBytes(encoder.storage(), table.dimension);
    AlignedFloats codes((table.count * bytes + sizeof(float) - 1) / sizeof(float));
    for (size_t i = 0; i < table.count; i++) {
        encoder.encode(table.row(i), reinterpret_cast<char*>(codes.data()) + i * bytes);
    }
    return codes;
}

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

/// The share of the `kept / 3` nearest by the vectors that is among the `kept` nearest by codes; rows of equal score stand for each
/// other.
double shareFound(const std::vector<float>& scores, const std::vector<float>& byCodes, size_t kept) {
    size_t count = std::min(scores.size(), std::max<size_t>(1, kept / 3));
    float least = scores[static_cast<size_t>(nearest(scores, count).back())];
    std::vector<int32_t> found = nearest(byCodes, std::min(scores.size(), kept));
    auto hits = std::count_if(
        found.begin(), found.end(), [&](int32_t row) { return scores[static_cast<size_t>(row)] >= least; });
    return std::min(1.0, double(hits) / double(count));
}

/// Whether the codes order all rows as the vectors do, from where some of them are: of a sample of the rows, the few of a small cluster
/// would hide that its rows have the same codes.
bool ordersAlike(const CodedRows& rows, size_t kept) {
    const VectorTable& table = rows.table;
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
        sum += shareFound(scores, byCodes, kept);
    }
    return sum >= kLeastShare * double(queries);
}

}  // namespace

BuildCodes::BuildCodes(const VectorTable& table, size_t kept) : table_(table), encoder_(CFAISS_FLOAT32, table) {
    if (table.count == 0) return;
    for (uint32_t storage : {CFAISS_INT8, CFAISS_BFLOAT16}) {
        encoder_ = RowEncoder(storage, table);
        codes_ = encoded(table, encoder_);
        if (ordersAlike(rows(), kept)) return;
    }
    encoder_ = RowEncoder(CFAISS_FLOAT32, table);
    codes_ = AlignedFloats();
}

}  // namespace cfaiss
