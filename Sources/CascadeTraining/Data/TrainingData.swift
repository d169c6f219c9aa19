package import CascadeCore
package import CascadeFeatures
package import CascadeModels

/// The interactions of a training period with everything fitted on them.
package struct TrainingData: Sendable {
    package let period: Period
    package let rows: EntityRows
    package private(set) var map: FeatureMap
    package private(set) var log: EncodedLog
    /// The content vectors of the items, by row.
    package let vectors: ItemVectors
    /// Users and items as the retrieval model sees them.
    package private(set) var retrievalUsers: EncodedEntities
    package private(set) var retrievalItems: EncodedEntities
    /// Users and items as the ranker sees them.
    package let rankerUsers: EncodedEntities
    package let rankerItems: EncodedEntities
    /// Counts that leave out the fold of a row's user.
    package let counters: CounterEncoder
    /// What the counters over windows of time held for each row; nil where there are none.
    package private(set) var windows: WindowedValues?
    package let userFolds: [UInt8]
    /// [rows] the first row that is not in the past of a row.
    package private(set) var historyEnd: Column<Int32>
    /// Rows up to this time, in microseconds, were learned from before: they are pasts, and nothing else. Nil: none was.
    private(set) var learned: Int64?
    /// What the ranker's rows are told of towers that did not learn from their users; nil where they are told nothing.
    private(set) var towers: TowerRows?

    /// Rows whose counters fit the quantile bins.
    private static let sampleRows = 100_000

    /// Fits features on `log` and encodes it; nothing outside `log` and the catalog is looked at.
    ///
    /// - Parameters:
    ///   - vectors: the content vectors of `items`, by their places.
    ///   - values: the value heads of the ranker, whose signals' values `log` must hold.
    ///   - fitted: takes the place of what would be fitted.
    ///   - learned: rows up to this time, in microseconds, are pasts alone; nil: there are none of these.
    package init(
        period: Period, log: InteractionLog, users: [User], items: [Item], definitions: [AttributeDefinition],
        vectors: ItemVectors = .none, settings: FeatureSettings, retrieval: RetrievalSettings,
        values: [String: ValueHeadSettings] = [:], map fitted: FeatureMap? = nil,
        learned: Int64? = nil
    ) throws {
        self.period = period
        let rows = EntityRows(users: users, items: items, log: log)
        guard !rows.items.isEmpty else { throw TrainingError.emptyCatalog }
        let fitting = FeatureMapFitting(settings: settings, retrieval: retrieval.features, values: values)
        let vectors = vectors.renumbered(count: rows.items.count) { rows.itemRow[items[$0].id] }
        let map = try fitted ?? fitting.fit(log: log, rows: rows, definitions: definitions, vectors: vectors)
        let encoded = EncodedLog(
            log, catalog: rows, heads: map.heads, historySignals: map.historySignals,
            surfaces: map.historySurfaces ?? [], values: map.valueHeads)
        let everything = Column(repeating: true, count: encoded.count, at: encoded.place)
        let folds = CounterEncoder.folds(of: rows.users, count: settings.counterFolds)
        let counters = CounterEncoder(
            counters: ItemCounters(map: map, log: encoded, include: everything, items: rows.items), log: encoded,
            include: everything, userFolds: folds, folds: settings.counterFolds)
        let ends = encoded.historyEnds
        let windows = map.windowedLayout.map { WindowedValues($0, log: log, rows: rows) }
        self.rows = rows
        self.vectors = vectors
        self.learned = learned
        if var fitted {
            fitted.fittedUntil = max(fitted.fittedUntil, log.time.max() ?? 0)
            self.map = fitted
        } else {
            let (samples, outcomes) = Self.sampleCounters(encoded, counters, windows, folds, ends)
            self.map = fitting.withCounterBins(map, samples: samples, outcomes: outcomes)
        }
        self.log = encoded
        (retrievalUsers, retrievalItems) = Self.retrieved(map.retrieval, rows, vectors, log: encoded)
        (rankerUsers, rankerItems) = map.ranker.encode(rows, vectors: vectors)
        self.counters = counters
        self.windows = windows
        userFolds = folds
        historyEnd = ends
    }

    /// Users and items as a retrieval model sees them that learns from `log`: it knows the items that are met there.
    private static func retrieved(
        _ space: EntitySpace, _ rows: EntityRows, _ vectors: ItemVectors, log: EncodedLog
    ) -> (users: EncodedEntities, items: EncodedEntities) {
        let met = Set(log.item)
        return space.encode(rows, vectors: vectors) { met.contains(rows.itemRow[$0.id] ?? -1) }
    }

    /// What a retrieval model is trained on that shall learn from the rows alone that `isWanted`: the features stay as
    /// fitted, and other items count as not met. Not for a ranker, whose counters would be those of all rows.
    ///
    /// - Parameter space: how it sees users and items; nil: as they are seen.
    func forRetrieval(in space: EntitySpace? = nil, rows isWanted: (Int) -> Bool) -> TrainingData {
        var result = self
        result.log = log.rows(isWanted)
        result.historyEnd = result.log.historyEnds
        result.windows = nil
        result.towers = nil
        if let space { result.map.retrieval = space }
        (result.retrievalUsers, result.retrievalItems) = Self.retrieved(
            result.map.retrieval, rows, vectors, log: result.log)
        return result
    }

    /// Whether a row is one to learn from.
    func isExample(_ row: Int) -> Bool { learned.map { log.time[row] > $0 } ?? true }

    /// The same, to learn from every row.
    func withoutWhatWasLearned() -> TrainingData {
        var result = self
        result.learned = nil
        return result
    }

    /// The same with what the ranker's rows are told of towers.
    func with(towers: TowerRows) -> TrainingData {
        var result = self
        result.towers = towers
        return result
    }

    /// The counters of some rows, [rows × columns], with what became of the main signal in each.
    private static func sampleCounters(
        _ log: EncodedLog, _ counters: CounterEncoder, _ windows: WindowedValues?, _ folds: [UInt8],
        _ ends: Column<Int32>
    ) -> (samples: [Float], outcomes: [Bool?]) {
        let layout = counters.counters.map.counterLayout
        let columns = layout.columns
        let step = max(1, log.count / sampleRows)
        var samples: [Float] = []
        var outcomes: [Bool?] = []
        samples.reserveCapacity(columns * (log.count / step + 1))
        var values = [Float](repeating: 0, count: max(1, columns))
        for row in stride(from: 0, to: log.count, by: step) where columns > 0 {
            log.withHistory(user: Int(log.user[row]), end: Int(ends[row])) { history in
                values.withUnsafeMutableBufferPointer {
                    counters.write(
                        history: history, item: log.item[row], fold: folds[Int(log.user[row])],
                        at: Timestamp(microseconds: log.time[row]), into: $0.baseAddress!)
                    windows?.write(row: row, into: $0.baseAddress! + layout.windowOffset)
                }
            }
            samples.append(contentsOf: values)
            let isKnown = log.isImpression[row] && log.observed[row] & 1 != 0
            outcomes.append(isKnown ? log.positives[row] & 1 != 0 : nil)
        }
        return (samples, outcomes)
    }
}

extension EncodedLog {
    /// [rows] the first row that is not in the past of each.
    var historyEnds: Column<Int32> {
        Column((0..<count).lazy.map { Int32(historyEnd(of: $0)) }, at: place)
    }

    /// Lends the past of `user` before row `end`, oldest first.
    package func withHistory<Result>(user: Int, end: Int, _ body: (HistorySlice) throws -> Result) rethrows -> Result {
        try withRows(Int(userStart[user])..<max(Int(userStart[user]), end), body)
    }

    /// Lends the steps of `rows`, which are of one user, oldest first.
    func withRows<Result>(_ rows: Range<Int>, _ body: (HistorySlice) throws -> Result) rethrows -> Result {
        try item.withUnsafeBufferPointer { items in
            try code.withUnsafeBufferPointer { codes in
                try time.withUnsafeBufferPointer { times in
                    guard let item = items.baseAddress, let code = codes.baseAddress, let time = times.baseAddress,
                        !rows.isEmpty
                    else { return try HistorySlice.lend(items: [], codes: [], body) }
                    let first = rows.lowerBound
                    return try body(
                        HistorySlice(
                            items: item + first, codes: code + first, times: time + first, count: rows.count,
                            feedbackBits: feedbackBits))
                }
            }
        }
    }
}
