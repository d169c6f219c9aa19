package import CascadeCore

/// A share of the items, drawn by a seed and their identifiers: the new items of a measurement of cold starts.
package struct HiddenItems: Hashable, Sendable, Codable {
    /// 0: none.
    package var share = 0.0
    package var seed: UInt64 = 1

    package init() {}

    /// Whether the item is one of them.
    package func contains(_ id: ItemID) -> Bool {
        guard share > 0 else { return false }
        let place = StableHash.mix(StableHash.hash(id.rawValue, seed: seed))
        return Double(place >> 11) / Double(UInt64(1) << 53) < share
    }

    /// The log without their interactions.
    func withheld(from log: InteractionLog) -> InteractionLog {
        guard share > 0 else { return log }
        let isHidden = log.items.map(contains)
        return log.rows { !isHidden[Int(log.itemIndex[$0])] }
    }
}

extension InteractionLog {
    /// The log without the interactions of hidden items before a moment: what was hidden from training is in no past.
    func withoutEarlier(_ hidden: HiddenItems, than moment: Timestamp?) -> InteractionLog {
        guard hidden.share > 0, let moment else { return self }
        let isHidden = items.map(hidden.contains)
        return rows { time[$0] >= moment.microseconds || !isHidden[Int(itemIndex[$0])] }
    }
}
