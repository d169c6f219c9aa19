package import CascadeCore

/// The past of a user in columns, oldest first, as both training (a stretch of the log) and serving hand it over.
package struct HistorySlice {
    package let items: UnsafePointer<Int32>
    package let codes: UnsafePointer<UInt8>
    /// Microseconds since 1970.
    package let times: UnsafePointer<Int64>
    package let count: Int
    /// The bits of a code that tell feedback.
    package let feedbackBits: UInt8

    package init(
        items: UnsafePointer<Int32>, codes: UnsafePointer<UInt8>, times: UnsafePointer<Int64>, count: Int,
        feedbackBits: UInt8 = .max
    ) {
        self.feedbackBits = feedbackBits
        self.items = items
        self.codes = codes
        self.times = times
        self.count = count
    }

    /// Lends arrays of steps, oldest first, for the duration of `body`; all are as long.
    ///
    /// - Parameter times: microseconds; nil, where they are not read, gives zeros.
    package static func lend<Result>(
        items: [Int32], codes: [UInt8], times: [Int64]? = nil, feedbackBits: UInt8 = .max,
        _ body: (HistorySlice) throws -> Result
    ) rethrows -> Result {
        // One step more, so that an empty past has an address too.
        try (items + [0]).withUnsafeBufferPointer { item in
            try (codes + [0]).withUnsafeBufferPointer { code in
                try ((times ?? items.map { _ in 0 }) + [0]).withUnsafeBufferPointer { time in
                    try body(
                        HistorySlice(
                            items: item.baseAddress!, codes: code.baseAddress!, times: time.baseAddress!,
                            count: items.count, feedbackBits: feedbackBits))
                }
            }
        }
    }
}

/// Builds batches; the one way from users, pasts and items to the numbers of a model, in training and in serving.
///
/// Belongs to one thread. Contexts are added with their users and pasts, then rows that point at them.
package final class BatchAssembler {
    package private(set) var batch: Batch
    private let map: FeatureMap
    private let items: EncodedEntities
    private var later: EncodedEntities?
    private let historyLookups: Int
    private let historyLength: Int32
    private let encodesCounters: Bool
    /// Nil where the model reads no times.
    private let times: TimeLookups?
    private var place: [Int32]
    private var stamp: [UInt32]
    private var generation: UInt32 = 0

    /// - Parameters:
    ///   - space: how the model that reads the batches sees users and items.
    ///   - items: the encoded catalog; rows of batches point into it.
    ///     Where their layout has history lookups, a step is those; elsewhere it is an item with all its features.
    ///   - encodesCounters: false leaves the counters of rows plain numbers.
    package init(map: FeatureMap, space: EntitySpace, items: EncodedEntities, encodesCounters: Bool = true) {
        self.map = map
        self.encodesCounters = encodesCounters
        self.items = items
        historyLookups = items.layout.historyLookups
        historyLength = Int32(space.historyLength)
        times = space.times.map { TimeLookups($0, table: space.table) }
        batch = Batch(users: space.users, items: items.layout)
        place = [Int32](repeating: 0, count: items.count)
        stamp = [UInt32](repeating: 0, count: items.count)
        begin()
    }

    /// Puts entities of the same layout behind those of the catalog, at rows from `items.count` on; nil takes them away.
    ///
    /// The batch that was begun is forgotten.
    package func extend(by later: EncodedEntities?) {
        self.later = later
        let count = items.count + (later?.count ?? 0)
        if count > stamp.count {
            stamp += [UInt32](repeating: 0, count: count - stamp.count)
            place += [Int32](repeating: 0, count: count - place.count)
        }
        begin()
    }

    /// Starts a new batch in the memory of the last.
    package func begin() {
        batch.removeAll()
        generation &+= 1
        if generation == 0 {
            stamp = [UInt32](repeating: 0, count: stamp.count)
            generation = 1
        }
    }

    /// Adds a user with the newest steps of a past; `without` is an item whose steps are left out (a leave-one-out
    /// target). Returns the place of the context.
    ///
    /// - Parameters:
    ///   - moment: when it is asked for; nothing to a model that reads no times.
    ///   - hidden: steps of so many microseconds before the moment are left out, but for the newest one where all would.
    ///   - reading: which of several readings of the past a model is asked for.
    @discardableResult
    package func addContext(
        users: EncodedEntities, row: Int, history: HistorySlice, at moment: Timestamp = Timestamp(microseconds: 0),
        hiding hidden: Int64 = 0, without excluded: Int32 = -1, reading: Int32 = 0
    ) -> Int32 {
        batch.contextReading.append(reading)
        batch.users.append(users, row: row, numericWidth: map.numericWidth)
        times?.append(moment, to: &batch.contextLookups)
        var age: Int32 = 0
        let steps = steps(history, before: moment, hiding: hidden)
        var index = steps.upperBound - 1
        while index >= steps.lowerBound, age < historyLength {
            let item = history.items[index]
            if item != excluded, tells(item) {
                appendStep(item)
                batch.historyCode.append(Int32(history.codes[index]))
                batch.historyAge.append(age)
                if times != nil {
                    batch.historySeconds.append(
                        TimeFeatures.seconds(from: history.times[index], to: moment.microseconds))
                }
                age += 1
            }
            index -= 1
        }
        batch.historyOffsets.append(Int32(batch.steps))
        return Int32(batch.contexts - 1)
    }

    /// The steps that are not hidden; the newest one where all would be.
    private func steps(_ history: HistorySlice, before moment: Timestamp, hiding hidden: Int64) -> Range<Int> {
        guard hidden > 0, history.count > 0 else { return 0..<history.count }
        var end = history.count
        while end > 0, history.times[end - 1] > moment.microseconds - hidden { end -= 1 }
        return end > 0 ? 0..<end : (history.count - 1)..<history.count
    }

    /// Adds a row: a context with an item and the plain values of its counters (`CounterLayout.columns` of them).
    package func addRow(context: Int32, item: Int32, counters: UnsafePointer<Float>?) {
        addRow(context: context, place: itemPlace(item), counters: counters)
    }

    /// The same for an item that is not encoded here: `place` says where the model finds it.
    package func addRow(context: Int32, place: Int32, counters: UnsafePointer<Float>?) {
        batch.rowContext.append(context)
        batch.rowItem.append(place)
        guard let counters else { return }
        let width = map.numericWidth
        let columns = map.counterBins.count
        guard encodesCounters else {
            batch.counters.append(contentsOf: UnsafeBufferPointer(start: counters, count: columns))
            return
        }
        let start = batch.counters.count
        batch.counters.append(contentsOf: repeatElement(0, count: columns * width))
        batch.counters.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            for column in 0..<columns {
                map.counterBins[column].encode(counters[column], into: base + start + column * width, width: width)
            }
        }
    }

    /// Takes the identifiers of a share of the batch's items away, so that a model learns what the rest of an item tells.
    ///
    /// - Parameter missing: what stands for having none, of the encoder of the items.
    package func dropIdentifiers(
        _ rate: Double, _ missing: (columns: Range<Int>, rows: [Int32]), random: inout SeededRandom
    ) {
        let width = batch.items.layout.lookupWidth
        for item in 0..<batch.items.count where random.uniform() < rate {
            for (column, row) in zip(missing.columns, missing.rows) { batch.items.lookups[item * width + column] = row }
        }
    }

    /// Adds an item that no row asks for: a negative, or one of a catalog that is encoded whole. Returns its place.
    @discardableResult
    package func addItem(_ row: Int32) -> Int32 { itemPlace(row) }

    /// Whether an item says something as a step of a past; see `EncodedEntities.historyLookups`.
    private func tells(_ item: Int32) -> Bool {
        guard historyLookups > 0 else { return true }
        let row = Int(item)
        if row >= items.count, let later { return later.historyLookups[(row - items.count) * historyLookups] >= 0 }
        return items.historyLookups[row * historyLookups] >= 0
    }

    private func appendStep(_ item: Int32) {
        let row = Int(item)
        if historyLookups == 0 {
            batch.historyItem.append(itemPlace(item))
        } else if row >= items.count, let later {
            appendLookups(of: later, row: row - items.count)
        } else {
            appendLookups(of: items, row: row)
        }
    }

    /// Copies the lookups one at a time: a slice, or a copy of the entities, would count references of arrays that all
    /// threads share.
    private func appendLookups(of entities: borrowing EncodedEntities, row: Int) {
        let start = row * historyLookups
        for index in start..<(start + historyLookups) { batch.historyLookups.append(entities.historyLookups[index]) }
    }

    private func itemPlace(_ row: Int32) -> Int32 {
        let index = Int(row)
        if stamp[index] == generation { return place[index] }
        stamp[index] = generation
        place[index] = Int32(batch.items.count)
        if index >= items.count, let later {
            batch.items.append(later, row: index - items.count, numericWidth: map.numericWidth)
        } else {
            batch.items.append(items, row: index, numericWidth: map.numericWidth)
        }
        batch.catalogRow.append(row)
        return place[index]
    }
}
