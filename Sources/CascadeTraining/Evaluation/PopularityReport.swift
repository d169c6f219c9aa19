/// How recommendations are spread over the catalog: whether a way to retrieve shows the same few items to everybody.
package struct PopularityReport: Sendable, Codable, Equatable {
    /// Share of the catalog that was recommended to anybody.
    package let coverage: Double
    /// Gini coefficient of the recommendations an item got: 0 when all items got as many, near 1 when one got all.
    package let gini: Double
    /// Share of the recommendations that went to each tenth of the catalog, the most popular tenth first.
    package let deciles: [Double]
    /// How the lengths of embeddings follow popularity; nil for what has none.
    package let norms: NormReport?

    /// - Parameters:
    ///   - recommended: [items] how often each item was recommended.
    ///   - popularity: [items] how often users gave it the signal before; equal ones are ordered by row.
    ///   - norms: [items] lengths of the items' embeddings.
    package init(recommended: [Int], popularity: [Float], norms: [Float]? = nil) {
        let items = Double(max(1, recommended.count))
        let total = Double(max(1, recommended.reduce(0, +)))
        coverage = Double(recommended.count { $0 > 0 }) / items
        let rising = recommended.sorted().enumerated().reduce(0.0) { $0 + Double($1.offset + 1) * Double($1.element) }
        gini = recommended.contains { $0 > 0 } ? 2 * rising / (items * total) - (items + 1) / items : 0
        let order = popularity.indices.sorted { (popularity[$0], $1) > (popularity[$1], $0) }
        var shares = [Double](repeating: 0, count: 10)
        for (place, item) in order.enumerated() {
            shares[place * 10 / order.count] += Double(recommended[item]) / total
        }
        deciles = shares
        self.norms = norms.map { NormReport($0, order: order, popularity: popularity) }
    }
}

/// Lengths of item embeddings against popularity. Gradients of a cosine are orthogonal to the vector, so the embeddings of
/// items that are updated often grow, and with them the inertia of what is popular.
package struct NormReport: Sendable, Codable, Equatable {
    /// Pearson's correlation of the length with log(1 + popularity); 0 where either does not vary.
    package let correlation: Double
    /// Mean length of each tenth of the catalog, the most popular tenth first; 0 for an empty one.
    package let deciles: [Double]

    /// - Parameter order: rows of items, the most popular first.
    init(_ norms: [Float], order: [Int], popularity: [Float]) {
        var sums = [Double](repeating: 0, count: 10)
        var counts = sums
        for (place, item) in order.enumerated() {
            sums[place * 10 / order.count] += Double(norms[item])
            counts[place * 10 / order.count] += 1
        }
        deciles = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
        let x = norms.map(Double.init)
        let y = popularity.map { naturalLog(1 + Double($0)) }
        let count = Double(max(1, x.count))
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            xy += (a - meanX) * (b - meanY)
            xx += (a - meanX) * (a - meanX)
            yy += (b - meanY) * (b - meanY)
        }
        correlation = xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
    }
}
