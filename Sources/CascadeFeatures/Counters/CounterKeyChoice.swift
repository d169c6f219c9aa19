import CascadeCore

/// Chooses what to count by: the keys whose rates of feedback differ most between their tokens.
enum CounterKeyChoice {
    /// The `most` keys of `candidates` by the variance of the shrunken rates between tokens, identifiers first.
    ///
    /// The variance of key k is `Σ_tokens n (r − r̄)² / N` with `r = (s + m r̄) / (n + m)`, m = 20, over the most frequent
    /// signal of the impressions. Keys with a single token are never chosen.
    static func choose(
        _ candidates: [FeatureSource], most: Int, log: InteractionLog, rows: EntityRows, bins: EntityLayout
    ) -> [FeatureSource] {
        guard most > 0, let signal = mostFrequentSignal(log) else { return [] }
        let itemRow = log.items.map { rows.itemRow[$0] ?? -1 }
        let spread = candidates.map { key in
            (key: key, value: key == .id ? .infinity : variance(of: key, signal: signal, log, itemRow, rows, bins))
        }
        let order = spread.enumerated().filter { $0.element.value > 0 }
            .sorted { ($0.element.value, -$0.offset) > ($1.element.value, -$1.offset) }
        return order.prefix(most).map(\.element.key)
    }

    private static func mostFrequentSignal(_ log: InteractionLog) -> UInt32? {
        var given = [Int](repeating: 0, count: log.signals.count)
        for row in 0..<log.count where log.isImpression[row] {
            for signal in given.indices where log.feedback[row] >> UInt32(signal) & 1 == 1 { given[signal] += 1 }
        }
        guard let best = given.indices.max(by: { (given[$0], $1) < (given[$1], $0) }), given[best] > 0 else {
            return nil
        }
        return 1 << UInt32(best)
    }

    private static func variance(
        of key: FeatureSource, signal: UInt32, _ log: InteractionLog, _ itemRow: [Int32], _ rows: EntityRows,
        _ bins: EntityLayout
    ) -> Double {
        let hashes = rows.items.map { CounterKeys.hash(key, .item($0), bins: bins) }
        guard Set(hashes).count > 1 else { return 0 }
        var table = CounterTable(heads: 1)
        for row in 0..<log.count where log.isImpression[row] {
            let item = itemRow[Int(log.itemIndex[row])]
            guard item >= 0 else { continue }
            table.add(
                hashes[Int(item)], observed: log.observed[row] & signal == 0 ? 0 : 1,
                positives: log.feedback[row] & signal == 0 ? 0 : 1)
        }
        var recorded = 0.0
        var given = 0.0
        for slot in table.keys.indices {
            recorded += Double(table.counts[slot * 3 + 1])
            given += Double(table.counts[slot * 3 + 2])
        }
        guard recorded > 0 else { return 0 }
        let mean = given / recorded
        var total = 0.0
        for slot in table.keys.indices {
            let n = Double(table.counts[slot * 3 + 1])
            let rate = (Double(table.counts[slot * 3 + 2]) + 20 * mean) / (n + 20)
            total += n * (rate - mean) * (rate - mean)
        }
        return total / recorded
    }
}
