import Foundation

/// Where the targets of one user stand among all items.
package struct RetrievalRanks: Sendable {
    /// From 0, in the order of the targets.
    private let ranks: [Int]

    /// A target's rank is the number of items that score higher, or as high in an earlier row; there is none for one that
    /// scores −∞.
    ///
    /// - Parameters:
    ///   - scores: [items]
    ///   - targets: rows of items, each once; at least one.
    package init(scores: [Float], targets: [Int32]) {
        ranks = targets.map { target in
            let own = scores[Int(target)]
            guard own > -.infinity else { return .max }
            var rank = 0
            for (row, score) in scores.enumerated() where score > own || (score == own && row < Int(target)) {
                rank += 1
            }
            return rank
        }
    }

    /// The share of the targets among the first `cutoff`.
    package func recall(at cutoff: Int) -> Double { Double(ranks.count { $0 < cutoff }) / Double(ranks.count) }

    /// Σ 1 / log₂(rank + 2) over the targets among the first `cutoff`, over what the best order gives.
    package func ndcg(at cutoff: Int) -> Double {
        Self.gain(ranks.filter { $0 < cutoff }) / Self.gain(Array(0..<min(cutoff, ranks.count)))
    }

    /// The `count` items with the highest scores above −∞, best first, equal ones by row.
    package static func first(_ count: Int, of scores: [Float]) -> [Int32] {
        var best: [Int32] = []
        for (row, score) in scores.enumerated() where score > -.infinity {
            if best.count == count, score <= scores[Int(best[count - 1])] { continue }
            let place = best.firstIndex { scores[Int($0)] < score } ?? best.count
            best.insert(Int32(row), at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }

    private static func gain(_ ranks: [Int]) -> Double { ranks.reduce(0) { $0 + 1 / log2(Double($1 + 2)) } }
}
