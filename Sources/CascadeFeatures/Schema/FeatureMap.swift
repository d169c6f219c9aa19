package import Foundation

package import CascadeCore

/// What was fitted on the training period: how every value becomes numbers. Part of a release.
///
/// A batch is a pure function of the map, the counters, the entities and the histories; training and serving build it
/// through the same `BatchAssembler`.
package struct FeatureMap: Hashable, Sendable, Codable {
    /// How the retrieval model sees users and items.
    package var retrieval: EntitySpace
    /// How the ranker sees users and items.
    package var ranker: EntitySpace
    /// What impressions and feedback are counted by.
    package var counters: [FeatureSource]
    /// Heads that are counted: the first ones of `heads`.
    package var counterHeads: Int
    /// One encoder a counter column, in the order of `CounterLayout`.
    package var counterBins: [NumberEncoder]
    /// The signals that the ranker predicts, most frequent first.
    package var heads: [String]
    /// The rate of each head over all impressions of the period: the prior of the counters.
    package var headRates: [Double]
    /// The signals that a step of a history tells apart; bit `k` of a step's code is `historySignals[k]`.
    package var historySignals: [String]
    /// The surfaces that a step tells apart, in the bits of its code above those of the signals: 0 for another, or none, k + 1
    /// for `historySurfaces[k]`; nil for none.
    package var historySurfaces: [String]?
    /// The most columns of a number's encoding; a number is `bins + 1` columns wide, the last tells "missing".
    package var bins: Int
    /// The newest interaction the map was fitted on, in microseconds since 1970.
    package var fittedUntil: Int64
    /// What is counted over windows of time, in training and while the release is served; nil for nothing.
    package var windows: WindowedCounters?
    /// The value heads of the ranker, by name; nil for none.
    package var values: [ValueHead]?

    /// The most signals a history step tells apart; its code has two to the power of it values.
    package static let maximumHistorySignals = 6

    /// Columns of one encoded number.
    package var numericWidth: Int { bins + 1 }

    /// Where the counters' numbers lie in a row.
    package var counterLayout: CounterLayout {
        CounterLayout(
            keys: counters.count, heads: counterHeads, windowColumns: windows?.columns ?? 0,
            timeColumns: ranker.times == nil ? 0 : TimeFeatures.columns)
    }

    /// Values that the feedback code of a history step takes.
    package var historyCodes: Int { (1 + (historySurfaces?.count ?? 0)) << historySignals.count }

    /// Reads a map from JSON; `problems` of a damaged one are told by name.
    package static func decode(_ data: Data) throws(FeatureError) -> FeatureMap {
        do {
            let map = try JSONDecoder().decode(FeatureMap.self, from: data)
            guard map.counterBins.count == map.counterLayout.columns, map.heads.count == map.headRates.count,
                map.counterBins.allSatisfy({ $0.isUsable(columns: map.bins) }),
                map.windows.map({ $0.heads == Array(map.heads.prefix(map.counterHeads)) }) ?? true,
                map.historyCodes <= 256, map.valueHeads.allSatisfy(\.isUsable),
                Set(map.outputs).count == map.outputs.count,
                [map.retrieval, map.ranker].allSatisfy(\.isConsistent),
                [map.retrieval, map.ranker].flatMap({ $0.users.bins + $0.items.bins })
                    .allSatisfy({ $0.isUsable(columns: map.bins) })
            else { throw FeatureError.badMap(reason: "its parts do not fit together") }
            return map
        } catch let error as FeatureError {
            throw error
        } catch {
            throw .badMap(reason: "it is not readable JSON (\(error))")
        }
    }

    /// The map as JSON with sorted keys, so that equal maps are equal bytes.
    package func encoded() throws(FeatureError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return try encoder.encode(self)
        } catch {
            throw .badMap(reason: "\(error)")
        }
    }

    /// The code of a step with a set of signals on a surface.
    package func historyCode(of signals: Set<String>, on surface: String? = nil) -> UInt8 {
        let place = surface.flatMap { historySurfaces?.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        var code = UInt8(truncatingIfNeeded: place << historySignals.count)
        for (bit, name) in historySignals.enumerated() where signals.contains(name) { code |= 1 << UInt8(bit) }
        return code
    }
}

/// One embedding table, which the features share or divide, with the layouts of the users and items that are looked up in it.
package struct EntitySpace: Hashable, Sendable, Codable {
    package var table: UnifiedTable
    package var users: EntityLayout
    package var items: EntityLayout
    /// Steps of a past that the model reads.
    package var historyLength: Int
    /// What the model is told of the time of a request; nil for nothing, as of the retrieval model.
    package var times: TimeFeatures?

    package init(
        table: UnifiedTable, users: EntityLayout, items: EntityLayout, historyLength: Int, times: TimeFeatures? = nil
    ) {
        self.historyLength = historyLength
        self.times = times
        self.table = table
        self.users = users
        self.items = items
    }

    var isConsistent: Bool {
        table.rows > 0 && table.dimension > 0 && users.bins.count == users.numeric.count
            && items.bins.count == items.numeric.count && users.vectors.isEmpty
            && users.hasSoundTables(in: table) && items.hasSoundTables(in: table)
            && items.vectors.allSatisfy { !$0.centre.isEmpty && $0.centre.allSatisfy(\.isFinite) }
            && (items.vectors.isEmpty || items.vectorColumns > 0)
            && times.map {
                (1...8).contains($0.lookups) && FeatureSettings.utcOffsets.contains($0.utcOffsetHours)
                    && ($0.first.map { [ownRows = $0.ownRows] in $0 >= 0 && Int($0) + ownRows <= table.rows } ?? true)
            } ?? true
    }

    /// Encodes the entities of a run, in their row order.
    ///
    /// - Parameters:
    ///   - vectors: the content vectors of the items, by the same rows.
    ///   - knows: whether the identifier of an item is learned; see `EntityEncoder.encode`.
    package func encode(
        _ rows: EntityRows, vectors: ItemVectors = .none, knows: (Item) -> Bool = { _ in true }
    ) -> (users: EncodedEntities, items: EncodedEntities) {
        (
            EntityEncoder(layout: users, table: table).encode(rows.users),
            EntityEncoder(layout: items, table: table).encode(rows.items, vectors: vectors, knows: knows)
        )
    }
}

/// The sizes and choices that a fit of features takes from the configuration.
package struct FeatureSettings: Hashable, Sendable, Codable {
    /// Rows of each table; 0 takes two a distinct token for the ranker, eight for retrieval.
    package var tableRows = 0
    /// Floats a row of the ranker's table.
    package var tableDimension = 8
    /// Rows of the ranker's table an identifier is spread over; other tokens take half as many.
    package var lookups = 2
    /// How tokens become rows of the ranker's table, where the schema does not say it of a feature.
    package var tables = TableEncoding.unified
    /// Rows of a feature's width that `multi_hash_sum` sums.
    package var hashes = 2
    /// Tokens with fewer impressions in the training period share what stands for rare ones; 0: none is rare.
    package var minimumCount = 0
    /// How wide categorical features of the ranker are.
    package var widths = TableWidths.fixed
    /// How numbers are encoded, where the schema does not say it of one.
    package var numbers = NumberEncodingKind.log1p
    /// Columns of an encoding that cuts the range, at most.
    package var bins = 16
    /// Steps of a past that the ranker reads.
    package var historyLength = 30
    /// Steps of a past that the retrieval model reads.
    package var retrievalHistoryLength = 100
    /// Signals with fewer positive impressions in the training period get no head.
    package var minimumPositives = 100
    /// Most keys that feedback is counted by; those whose rates differ most are taken.
    package var counterKeys = 6
    /// Folds of users in training: the counts of items that a row sees leave out its user's fold.
    package var counterFolds = 10
    /// What is counted over windows of time, in training as in service; none by default.
    package var windows: [WindowedCounter] = []
    /// Surfaces that the steps of a past tell apart at most: the most frequent ones.
    package var surfaces = 0
    /// Whether the ranker is told the hour, the weekday, and how long ago steps and items were; needs true times.
    package var times = false
    /// Hours from UTC to the clock of hour and weekday.
    package var utcOffsetHours = 0.0
    /// Columns that the ranker makes of an item's content vectors, all kinds together.
    package var vectorColumns = 16
    /// Features by name, or none for all that the catalog declares.
    package var schema: FeatureSchema?

    private enum CodingKeys: String, CodingKey {
        case tableRows = "table_rows"
        case tableDimension = "table_dimension"
        case lookups
        case tables
        case hashes
        case minimumCount = "minimum_count"
        case widths
        case numbers
        case bins
        case historyLength = "history_length"
        case retrievalHistoryLength = "retrieval_history_length"
        case minimumPositives = "minimum_positives"
        case counterKeys = "counter_keys"
        case counterFolds = "counter_folds"
        case windows
        case surfaces
        case times
        case utcOffsetHours = "utc_offset_hours"
        case vectorColumns = "vector_columns"
        case schema
    }

    package init() {}

    /// Whether feedback is counted over windows of time, for which its times must be known.
    package var countsWindows: Bool { !windows.isEmpty }

    /// The clocks of the earth, in hours from UTC.
    static let utcOffsets = -12.0...14.0

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if tableRows < 0 { found.append("features.table_rows must be 0 (automatic) or more") }
        if !(1...256).contains(tableDimension) { found.append("features.table_dimension must be 1 to 256") }
        if !(1...8).contains(lookups) { found.append("features.lookups must be 1 to 8") }
        if !(2...8).contains(hashes) { found.append("features.hashes must be 2 to 8") }
        if minimumCount < 0 { found.append("features.minimum_count must be 0 (none is rare) or more") }
        if !(2...256).contains(bins) { found.append("features.bins must be 2 to 256") }
        for (name, value) in [("history_length", historyLength), ("retrieval_history_length", retrievalHistoryLength)]
        where !(1...1000).contains(value) {
            found.append("features.\(name) must be 1 to 1000")
        }
        if !(0...255).contains(surfaces) { found.append("features.surfaces must be 0 (none) to 255") }
        if minimumPositives < 1 { found.append("features.minimum_positives must be 1 or more") }
        if !(0...64).contains(counterKeys) { found.append("features.counter_keys must be 0 to 64") }
        if !(2...100).contains(counterFolds) { found.append("features.counter_folds must be 2 to 100") }
        if !(1...256).contains(vectorColumns) { found.append("features.vector_columns must be 1 to 256") }
        if !Self.utcOffsets.contains(utcOffsetHours) { found.append("features.utc_offset_hours must be -12 to 14") }
        found += WindowedCounters.problems(of: windows, under: "features.windows")
        return found + (schema?.problems() ?? [])
    }
}
