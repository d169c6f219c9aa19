import CascadeCore
import CascadeFeatures
import Foundation

/// The features of items as codes that can be counted: a category by its rows of the table, several of them by the set, a
/// number by its tenth of the items, content vectors by the axis that they lie nearest to.
struct FeatureCodes {
    /// One a feature, each [items]: categories, then each number, then the content vectors.
    let codes: [[UInt64]]
    private static let quantiles = 10

    /// - Parameter rows: the items that are counted.
    init(_ items: EncodedEntities, rows: [Int]) {
        let layout = items.layout
        var codes: [[UInt64]] = []
        var start = 0
        for feature in layout.single {
            let columns = start..<(start + feature.lookups)
            start = columns.upperBound
            codes.append(
                rows.map { row in
                    columns.reduce(0) { StableHash.mix($0 ^ UInt64(items.lookups[row * layout.lookupWidth + $1]) &+ 1) }
                })
        }
        for (index, feature) in layout.multi.enumerated() {
            codes.append(
                rows.map { row in
                    let tokens = Int(items.tokenOffsets[index][row])..<Int(items.tokenOffsets[index][row + 1])
                    return tokens.reduce(0) { sum, token in
                        sum &+ StableHash.mix(UInt64(items.tokens[index][token * feature.lookups]) &+ 1)
                    }
                })
        }
        for feature in layout.numeric.indices {
            codes.append(Self.quantiles(rows.map { items.numeric[$0 * layout.numeric.count + feature] }))
        }
        if !layout.vectors.isEmpty { codes.append(rows.map { Self.axis(items, $0) }) }
        self.codes = codes
    }

    /// The entropy of a feature, in nats.
    func entropy(of feature: Int) -> Double { Self.entropy(codes[feature]) }

    /// What is left of the entropy of `feature` for whom `other` is known, in nats.
    func entropy(of feature: Int, with other: Int) -> Double {
        Self.entropy(zip(codes[feature], codes[other]).map { StableHash.mix($0 &+ 1) &+ $1 }) - entropy(of: other)
    }

    /// Sorted, so that the sum is of the same order in every process.
    private static func entropy(_ codes: [UInt64]) -> Double {
        let sorted = codes.sorted()
        var result = 0.0
        var start = 0
        for index in 1...max(1, sorted.count) where index >= sorted.count || sorted[index] != sorted[start] {
            let share = Double(index - start) / Double(max(1, sorted.count))
            if share > 0 { result -= share * log(share) }
            start = index
        }
        return result
    }

    private static func quantiles(_ values: [Float]) -> [UInt64] {
        let sorted = values.filter(\.isFinite).sorted()
        let edges = (1..<quantiles).map { sorted.isEmpty ? 0 : sorted[$0 * sorted.count / quantiles] }
        return values.map { value in
            value.isFinite ? UInt64(edges.count { $0 <= value }) : UInt64(quantiles)
        }
    }

    private static func axis(_ items: EncodedEntities, _ row: Int) -> UInt64 {
        var vector = [Float](repeating: 0, count: items.layout.vectorWidth)
        vector.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { items.encodeVectors(of: row, into: base) }
        }
        let longest = vector.indices.max { abs(vector[$0]) < abs(vector[$1]) } ?? 0
        guard let value = vector.indices.contains(longest) ? vector[longest] : nil, value != 0 else { return 0 }
        return UInt64(2 * longest + (value > 0 ? 1 : 2))
    }
}
