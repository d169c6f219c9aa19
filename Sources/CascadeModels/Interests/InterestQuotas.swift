import Foundation

/// How the candidates of a request are shared out among clusters: the quota of cluster k is in proportion to p_kᵅ.
///
/// One order says everything: the item at rank r (from 0) of cluster k stands by `α ln p_k − ln(r + ½)`, scores of
/// different clusters never meet. The first M items of that order are Webster's apportionment of M seats to p_kᵅ, so every
/// beginning of the list keeps the proportions too. The best items of the `least` most probable clusters that have any come
/// first.
package struct InterestQuotas: Hashable, Sendable {
    package let alpha: Double
    package let least: Int
    package let most: Int

    package init(alpha: Double, least: Int, most: Int) {
        self.alpha = alpha
        self.least = least
        self.most = most
    }

    /// An item of the merged list.
    package struct Place: Hashable, Sendable {
        /// Which of the lists.
        package let list: Int
        /// Place in it, from 0.
        package let rank: Int
        /// What the merged list is sorted by, finite; more is earlier.
        package let score: Float
    }

    /// The `most` likeliest clusters of those that have something to give, likeliest first.
    ///
    /// - Parameters:
    ///   - probabilities: [K]
    ///   - counts: [K] items that each cluster can give.
    package func chosen(_ probabilities: [Float], counts: [Int]) -> [Int32] {
        Array(Self.order(probabilities).lazy.filter { counts[Int($0)] > 0 }.prefix(most))
    }

    /// All clusters, likeliest first, ties by number.
    package static func order(_ probabilities: [Float]) -> [Int32] {
        probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }.map { Int32($0) }
    }

    /// The first `limit` places of the merged order over lists of `counts` items.
    ///
    /// - Parameters:
    ///   - probabilities: of each list, likeliest first.
    ///   - counts: items of each list.
    /// - Complexity: O(limit · lists).
    package func merged(_ probabilities: [Float], counts: [Int], limit: Int) -> [Place] {
        let lists = probabilities.map { alpha * log(max(Double($0), 1e-30)) }
        // An empty list takes no one's place among those that come first.
        let leading = counts.indices.filter { counts[$0] > 0 }.prefix(least).last ?? -1
        var next = [Int](repeating: 0, count: lists.count)
        var places: [Place] = []
        while places.count < limit {
            var best = -1
            var key = -Double.infinity
            for list in lists.indices where next[list] < counts[list] {
                let own = self.key(lists[list], list: list, rank: next[list], isLeading: list <= leading)
                if own > key { (best, key) = (list, own) }
            }
            guard best >= 0 else { break }
            places.append(Place(list: best, rank: next[best], score: Float(key)))
            next[best] += 1
        }
        return places
    }

    private func key(_ share: Double, list: Int, rank: Int, isLeading: Bool) -> Double {
        // Keys of others are at most ln 2.
        if rank == 0, isLeading { return 1e6 - Double(list) }
        return share - log(Double(rank) + 0.5)
    }
}
