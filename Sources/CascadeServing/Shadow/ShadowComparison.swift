package import CascadePipeline
import Logging

/// What two releases made of one request: the slate that was shown and the one of the shadow.
package struct ShadowComparison: Hashable, Sendable {
    /// Items of the slate that was shown.
    package let shown: Int
    /// Items of the shadow's slate.
    package let shadow: Int
    /// Items that are in both.
    package let shared: Int
    /// Whether both begin with the same item; false where one is empty.
    package let sameFirst: Bool
    /// Mean distance between the places of a shared item; nil where none is shared.
    package let meanShift: Double?
    /// Sums over the slates of what each release foretells, by head; only heads that both foretell.
    package let heads: [String: Sums]

    /// The sum of a head over either slate, each foretold by its own release.
    package struct Sums: Hashable, Sendable {
        package let shown: Double
        package let shadow: Double
    }

    package init(shown: RecommendResponse, shadow: RecommendResponse) {
        let places = Dictionary(
            shadow.items.map { ($0.itemID, $0.position) }, uniquingKeysWith: { first, _ in first })
        let shifts = shown.items.compactMap { item in places[item.itemID].map { abs($0 - item.position) } }
        self.shown = shown.items.count
        self.shadow = shadow.items.count
        shared = shifts.count
        sameFirst = shown.items.first.map { $0.itemID == shadow.items.first?.itemID } ?? false
        meanShift = shifts.isEmpty ? nil : Double(shifts.reduce(0, +)) / Double(shifts.count)
        let (left, right) = (Self.sums(shown), Self.sums(shadow))
        heads = left.reduce(into: [:]) { heads, head in
            if let other = right[head.key] { heads[head.key] = Sums(shown: head.value, shadow: other) }
        }
    }

    /// The share of the larger slate that both hold, in 0...1; 1 for two empty ones.
    package var overlap: Double {
        let size = max(shown, shadow)
        return size == 0 ? 1 : Double(shared) / Double(size)
    }

    /// The fields of a log line.
    var metadata: Logger.Metadata {
        var fields: Logger.Metadata = [
            "shown": .stringConvertible(shown), "shadow": .stringConvertible(shadow),
            "shared": .stringConvertible(shared), "overlap": .stringConvertible(overlap),
            "same_first": .stringConvertible(sameFirst),
        ]
        if let meanShift { fields["mean_shift"] = .stringConvertible(meanShift) }
        if !heads.isEmpty {
            fields["heads"] = .dictionary(
                heads.mapValues { sums in
                    ["shown": .stringConvertible(sums.shown), "shadow": .stringConvertible(sums.shadow)]
                })
        }
        return fields
    }

    /// The sums of the heads that every item of a slate has.
    private static func sums(_ response: RecommendResponse) -> [String: Double] {
        guard let names = response.items.first?.heads?.keys else { return [:] }
        return names.reduce(into: [:]) { sums, name in
            let values = response.items.compactMap { $0.heads?[name].map(Double.init) }
            if values.count == response.items.count { sums[name] = values.reduce(0, +) }
        }
    }
}
