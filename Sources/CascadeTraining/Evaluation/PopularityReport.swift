/// How recommendations are spread over the catalog: whether a way to retrieve shows the same few items to everybody.
package struct PopularityReport: Sendable, Codable, Equatable {
    /// Share of the catalog that was recommended to anybody.
    package let coverage: Double
    /// Gini coefficient of the recommendations an item got: 0 when all items got as many, near 1 when one got all.
    package let gini: Double
    /// Share of the recommendations that went to each tenth of the catalog, the most popular tenth first.
    package let deciles: [Double]

    /// - Parameters:
    ///   - recommended: [items] how often each item was recommended.
    ///   - popularity: [items] how often users gave it the signal before; equal ones are ordered by row.
    package init(recommended: [Int], popularity: [Float]) {
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
    }
}
