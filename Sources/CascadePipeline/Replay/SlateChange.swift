import Foundation

/// How far one slate is from another of the same candidates, in figures between which no order is lost.
struct SlateChange: Hashable {
    /// The share of the logged items that are in the other slate.
    let overlap: Double
    /// Rank-biased overlap; 1 for the same items in the same order.
    let rankBiasedOverlap: Double

    /// How likely a reader goes on from one place to the next; nine tenths of the weight lie on the first ten or so.
    static let persistence = 0.9

    init(_ logged: [String], _ other: [String]) {
        overlap = logged.isEmpty ? 1 : Double(Set(logged).intersection(other).count) / Double(logged.count)
        rankBiasedOverlap = Self.rankBiasedOverlap(logged, other, persistence: Self.persistence)
    }

    /// The extrapolated rank-biased overlap of two lists without repetitions, which may differ in length: equation 32 of
    /// Webber, Moffat and Zobel, "A similarity measure for indefinite rankings" (TOIS 2010). 1 for two empty lists.
    ///
    /// - Parameter persistence: in 0..<1, exclusive of 0.
    static func rankBiasedOverlap(_ left: [String], _ right: [String], persistence p: Double) -> Double {
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        if short.isEmpty { return long.isEmpty ? 1 : 0 }
        let (s, l) = (Double(short.count), Double(long.count))
        var seen: (short: Set<String>, long: Set<String>) = ([], [])
        var common = 0.0
        var commonAtShort = 0.0
        var sum = 0.0
        for depth in 1...long.count {
            let d = Double(depth)
            let item = long[depth - 1]
            if seen.short.contains(item) { common += 1 }
            seen.long.insert(item)
            if depth <= short.count {
                let other = short[depth - 1]
                if seen.long.contains(other) { common += 1 }
                seen.short.insert(other)
            }
            if depth == short.count { commonAtShort = common }
            sum += common / d * pow(p, d)
            if depth > short.count { sum += commonAtShort * (d - s) / (s * d) * pow(p, d) }
        }
        return (1 - p) / p * sum + ((common - commonAtShort) / l + commonAtShort / s) * pow(p, l)
    }
}
