/// Whether what is foretold with a probability happens as often: rows in the order of their probability, cut into bins of
/// as many rows each.
package struct Reliability: Sendable, Codable, Equatable {
    /// A stretch of rows.
    package struct Bin: Sendable, Codable, Equatable {
        package let rows: Int
        package let meanPrediction: Double
        package let rate: Double
    }

    /// In rising order of the probability; rows with equal probabilities lie in one bin, so there may be fewer than asked for.
    package let bins: [Bin]
    /// The expected calibration error: Σ over bins of (rows of the bin / all rows) · |mean prediction − rate|; 0 for no rows.
    ///
    /// Chance alone gives about Σ (rows / all) · √(2/π · rate (1 − rate) / rows) where every probability is true.
    package let error: Double

    /// Bins of the tables.
    package static let binCount = 15

    package init(scores: [Float], labels: [Bool], bins count: Int = binCount) {
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        var bins: [Bin] = []
        var start = 0
        for bin in 1...count {
            var end = max(start, order.count * bin / count)
            while end > start, end < order.count, scores[order[end]] == scores[order[end - 1]] { end += 1 }
            guard end > start else { continue }
            let rows = Double(end - start)
            bins.append(
                Bin(
                    rows: end - start,
                    meanPrediction: order[start..<end].reduce(0) { $0 + Double(scores[$1]) } / rows,
                    rate: Double(order[start..<end].count { labels[$0] }) / rows))
            start = end
        }
        self.bins = bins
        error =
            bins.reduce(0) { $0 + Double($1.rows) * abs($1.meanPrediction - $1.rate) } / Double(max(1, scores.count))
    }
}
