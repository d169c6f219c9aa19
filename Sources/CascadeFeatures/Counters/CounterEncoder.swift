package import CascadeCore

/// Turns counts into the numbers of a row, from the counters over everybody and the user's own past.
///
/// What a user did is counted in the past that the row sees (its last `window` steps), never from stored state; so the
/// numbers of a training row are those that serving would have given at that moment. What everybody did with an item
/// is counted, in training, without the users of the row's own fold, so that no row sees its own label.
package struct CounterEncoder: Sendable {
    package private(set) var counters: ItemCounters
    /// One a fold; empty in serving.
    let folds: [CounterFold]
    /// One list a fold, the last over everybody: [items] expected rate of the first head.
    let expected: [[Float]]
    /// The same over everybody for items that came later.
    private var laterExpected: [Float] = []
    let headBits: [UInt8]

    /// Steps of a past that are counted.
    package static let window = 200

    /// For serving, and for rows outside the training period.
    package init(counters: ItemCounters) { self.init(counters: counters, folds: []) }

    /// For training: counts the impressions that `include` marks by fold of their user.
    package init(
        counters: ItemCounters, log: EncodedLog, include: Column<Bool>, userFolds: [UInt8], folds: Int
    ) {
        let heads = counters.map.counterHeads
        let stride = 1 + 2 * heads
        var counts = (0..<folds).map { _ in counters.tables.map { [Float](repeating: 0, count: $0.keys.count * stride) }
        }
        for row in 0..<log.count where include[row] && log.isImpression[row] {
            let fold = Int(userFolds[Int(log.user[row])])
            for key in counters.tables.indices {
                let slot = Int(counters.slots[key][Int(log.item[row])])
                guard slot >= 0 else { continue }
                CounterTable.add(
                    &counts[fold][key], base: slot * stride, heads: heads, observed: log.observed[row],
                    positives: log.positives[row])
            }
        }
        self.init(counters: counters, folds: counts.map { CounterFold(counts: $0, stride: stride) })
    }

    private init(counters: ItemCounters, folds: [CounterFold]) {
        self.counters = counters
        self.folds = folds
        expected = folds.map { counters.expectedRates(without: $0) } + [counters.expectedRates(without: nil)]
        let map = counters.map
        headBits = map.heads.prefix(map.counterHeads).map { head in
            map.historySignals.firstIndex(of: head).map { 1 << UInt8($0) } ?? 0
        }
    }

    /// Takes in items that came after the release; their rows follow the last one.
    package mutating func append(_ items: [Item]) {
        counters.append(items)
        laterExpected += counters.expectedLaterRates(from: laterExpected.count)
    }

    /// The fold of each user: a hash of the identifier, so it does not change when other users come or go.
    package static func folds(of users: [User], count: Int) -> [UInt8] {
        users.map {
            UInt8(StableHash.hash($0.id.rawValue, seed: 0x666F_6C64).multipliedFullWidth(by: UInt64(count)).high)
        }
    }

    /// Writes the numbers of a row, but for those of the windows.
    ///
    /// - Parameters:
    ///   - history: the whole past, oldest first.
    ///   - fold: the fold of the row's user in training, nil in serving and evaluation.
    ///   - moment: when the row is asked for.
    package func write(
        history: HistorySlice, item: Int32, fold: UInt8?, at moment: Timestamp,
        into output: UnsafeMutablePointer<Float>
    ) {
        let layout = counters.map.counterLayout
        guard layout.columns > 0 else { return }
        if layout.isCounting { writeCounts(history, item: Int(item), fold: fold, layout, into: output) }
        if layout.timeColumns > 0 {
            counters.writeTimes(history: history, item: Int(item), at: moment, into: output + layout.timeOffset)
        }
    }

    private func writeCounts(
        _ history: HistorySlice, item: Int, fold: UInt8?, _ layout: CounterLayout,
        into output: UnsafeMutablePointer<Float>
    ) {
        counters.write(item: item, without: fold.map { folds[Int($0)] }, into: output)
        let rates = writeUser(
            history, expected: expected[fold.map(Int.init) ?? folds.count], output + layout.userOffset)
        writePairs(history, item: item, rates: rates, output + layout.pairOffset)
        writeSums(layout, output)
    }

    /// Writes the user's part and returns the smoothed rate of each head.
    func writeUser(
        _ history: HistorySlice, expected: [Float], _ output: UnsafeMutablePointer<Float>
    ) -> (Float, Float) {
        let map = counters.map
        let heads = map.counterHeads
        let start = max(0, history.count - Self.window)
        let steps = Float(history.count - start)
        var given: (Float, Float) = (0, 0)
        var recent: (Float, Float) = (0, 0)
        var hoped: Float = 0
        for index in start..<max(start, history.count) {
            let code = history.codes[index]
            let item = Int(history.items[index])
            hoped += item < expected.count ? expected[item] : laterExpected[item - expected.count]
            if heads > 1, code & headBits[1] != 0 { given.1 += 1 }
            guard code & headBits[0] != 0 else { continue }
            given.0 += 1
            if index >= history.count - 15 { recent.1 += 1 }
            if index >= history.count - 5 { recent.0 += 1 }
        }
        func smoothed(_ count: Float, _ head: Int) -> Float {
            let prior = Float(map.headRates[head])
            let smoothing = CounterSmoothing.user(rate: prior)
            return (count + smoothing * prior) / (steps + smoothing)
        }
        let rates = (smoothed(given.0, 0), heads > 1 ? smoothed(given.1, 1) : 0)
        output[0] = CounterSmoothing.logOdds(rates.0)
        if heads > 1 { output[1] = CounterSmoothing.logOdds(rates.1) }
        let prior = Float(map.headRates[0])
        let smoothing = CounterSmoothing.user(rate: prior)
        output[heads] = CounterSmoothing.logCount(steps)
        output[heads + 1] = (given.0 - hoped) / (steps + smoothing)
        output[heads + 2] = (hoped + smoothing * prior) / (steps + smoothing)
        output[heads + 3] = (recent.0 + 3 * rates.0) / (min(steps, 5) + 3)
        output[heads + 4] = (recent.1 + 3 * rates.0) / (min(steps, 15) + 3)
        return rates
    }

    private func writePairs(
        _ history: HistorySlice, item: Int, rates: (Float, Float), _ output: UnsafeMutablePointer<Float>
    ) {
        let start = max(0, history.count - Self.window)
        for key in counters.slots.indices {
            var met = PairCount()
            withSlots(key) { slots, later in
                func slot(_ item: Int) -> Int32 { item < slots.count ? slots[item] : later[item - slots.count] }
                let own = slot(item)
                guard own >= 0 else { return }
                for index in start..<max(start, history.count) where slot(Int(history.items[index])) == own {
                    met.add(code: history.codes[index], headBits)
                }
            }
            write(met, steps: Float(history.count - start), rates: rates, key: key, output)
        }
    }

    private func withSlots(
        _ key: Int, _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Int32>) -> Void
    ) {
        counters.slots[key].withUnsafeBufferPointer { slots in
            counters.laterSlots[key].withUnsafeBufferPointer { later in body(slots, later) }
        }
    }

    /// What the user did with what has one token of a key.
    func write(
        _ met: PairCount, steps: Float, rates: (Float, Float), key: Int, _ output: UnsafeMutablePointer<Float>
    ) {
        let heads = counters.map.counterHeads
        let base = output + key * (heads + 2)
        let smoothing = CounterSmoothing.pair
        let first = (met.given.0 + smoothing * rates.0) / (met.steps + smoothing)
        base[0] = CounterSmoothing.logOdds(first) - CounterSmoothing.logOdds(rates.0)
        if heads > 1 {
            let second = (met.given.1 + smoothing * rates.1) / (met.steps + smoothing)
            base[1] = CounterSmoothing.logOdds(second) - CounterSmoothing.logOdds(rates.1)
        }
        base[heads] = CounterSmoothing.logCount(met.steps)
        base[heads + 1] = met.steps / (steps + smoothing)
    }
}
