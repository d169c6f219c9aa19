package import CascadeCore

/// Steps of a past and the feedback that they gave, of the first two heads.
struct PairCount {
    var steps: Float = 0
    var given: (Float, Float) = (0, 0)

    mutating func add(code: UInt8, _ headBits: [UInt8]) {
        steps += 1
        if code & headBits[0] != 0 { given.0 += 1 }
        if headBits.count > 1, code & headBits[1] != 0 { given.1 += 1 }
    }
}

/// A past as the counters of many rows read it outside of training: what depends on no item is counted once, and the steps
/// that share a token with an item are found by its slot. Valid as long as the past is lent.
package struct CountedPast {
    let history: HistorySlice
    /// [heads + 5] the user's part of a row; empty where nothing is counted.
    let user: [Float]
    /// One a key: the numbers of a token that the past has steps of, by slot.
    let pairs: [[Int32: [Float]]]
    /// The same of a token that it has none of.
    let unmet: [Float]
}

extension CounterEncoder {
    /// Counts a past for rows that see all of it.
    package func past(_ history: HistorySlice) -> CountedPast {
        let layout = counters.map.counterLayout
        guard layout.isCounting else { return CountedPast(history: history, user: [], pairs: [], unmet: []) }
        var rates: (Float, Float) = (0, 0)
        let user = [Float](unsafeUninitializedCapacity: layout.heads + 5) { buffer, count in
            count = layout.heads + 5
            buffer.update(repeating: 0)
            guard let base = buffer.baseAddress else { return }
            rates = writeUser(history, expected: expected[folds.count], base)
        }
        let pairs = counters.slots.indices.map { key in
            var found: [Int32: PairCount] = [:]
            for index in max(0, history.count - Self.window)..<max(0, history.count) {
                let slot = counters.slot(key, Int(history.items[index]))
                if slot >= 0 { found[Int32(slot), default: PairCount()].add(code: history.codes[index], headBits) }
            }
            return found
        }
        let steps = Float(min(history.count, Self.window))
        func numbers(_ met: PairCount) -> [Float] {
            [Float](unsafeUninitializedCapacity: layout.heads + 2) { buffer, count in
                count = layout.heads + 2
                if let base = buffer.baseAddress { write(met, steps: steps, rates: rates, key: 0, base) }
            }
        }
        return CountedPast(
            history: history, user: user, pairs: pairs.map { $0.mapValues(numbers) }, unmet: numbers(PairCount()))
    }

    /// The same as `write(history:item:fold:at:into:)` without a fold, for a past that was counted.
    package func write(
        past: CountedPast, item: Int32, at moment: Timestamp, into output: UnsafeMutablePointer<Float>
    ) {
        let layout = counters.map.counterLayout
        guard layout.columns > 0 else { return }
        if layout.isCounting {
            counters.write(item: Int(item), without: nil, into: output)
            for (column, number) in past.user.enumerated() { output[layout.userOffset + column] = number }
            for key in past.pairs.indices {
                let numbers = past.pairs[key][Int32(counters.slot(key, Int(item)))] ?? past.unmet
                let base = output + layout.pairOffset + key * numbers.count
                for (column, number) in numbers.enumerated() { base[column] = number }
            }
            writeSums(layout, output)
        }
        if layout.timeColumns > 0 {
            counters.writeTimes(history: past.history, item: Int(item), at: moment, into: output + layout.timeOffset)
        }
    }

    func writeSums(_ layout: CounterLayout, _ output: UnsafeMutablePointer<Float>) {
        for head in 0..<layout.heads {
            output[layout.sumOffset + head] = output[head] + output[layout.userOffset + head]
        }
    }
}
