package import CascadeCore

/// What the retrieval model asks of the features.
package struct RetrievalFeatures: Hashable, Sendable {
    /// Floats a row of its unified table.
    package var dimension: Int
    /// Whether steps of a past are items with all their features, rather than rows of their own.
    package var readsItems: Bool
    /// Whether users are told apart by their identifiers.
    package var userID: Bool

    package init(dimension: Int, readsItems: Bool = false, userID: Bool = false) {
        self.dimension = dimension
        self.readsItems = readsItems
        self.userID = userID
    }
}

/// Fits a feature map on the interactions of the training period and nothing else.
package struct FeatureMapFitting: Sendable {
    package let settings: FeatureSettings
    package let retrieval: RetrievalFeatures
    /// The value heads of the ranker, by name.
    package let values: [String: ValueHeadSettings]

    package init(
        settings: FeatureSettings, retrieval: RetrievalFeatures, values: [String: ValueHeadSettings] = [:]
    ) {
        self.settings = settings
        self.retrieval = retrieval
        self.values = values
    }

    /// Rows a token of the retrieval table is spread over; they are summed.
    private static let retrievalLookups = 2
    /// Rows of the retrieval table a token: what two tokens share there costs recall (a tenth of it on Gowalla at two rows a
    /// token), since a token's vector is a sum of rows and no layer behind it can tell them apart.
    private static let retrievalRowsPerToken = 8

    /// Fits everything but the counters' bins, which need the encoded log (`withCounterBins`).
    ///
    /// - Parameter vectors: the content vectors of the items, by the rows of `rows`.
    /// - Throws: `FeatureError.noTrainingRows` for an empty log, `.badSchema` for one that contradicts itself, `.badValues`
    ///   where a value head has nothing to learn.
    package func fit(
        log: InteractionLog, rows: EntityRows, definitions: [AttributeDefinition], vectors: ItemVectors = .none
    ) throws(FeatureError) -> FeatureMap {
        guard log.count > 0 else { throw .noTrainingRows }
        let schema =
            settings.schema
            ?? .automatic(
                definitions, lookups: settings.lookups,
                vectors: vectors.kinds.filter { $0.present > 0 }.map(\.definition.name))
        let problems =
            settings.problems() + schema.problems() + Self.problems(of: schema, vectors)
            + Self.problems(of: settings.windows, definitions)
        guard problems.isEmpty else { throw .badSchema(problems) }

        let counts = SignalCounts(log)
        let heads = counts.heads(minimum: settings.minimumPositives)
        let valueHeads = ValueHeadFitting(settings: values, minimum: settings.minimumPositives)
            .fit(log, heads: heads.map(\.name))
        guard valueHeads.problems.isEmpty else { throw .badValues(valueHeads.problems) }
        let targets = EntityTargets(log, rows, signal: log.mask(of: heads.first?.name ?? ""))
        let users = layout(.user, schema, targets.users) { .user(rows.users[$0]) }
        var items = layout(.item, schema, targets.items) { .item(rows.items[$0]) }
        items.vectors = schema.vectors.compactMap { vectors.kind($0) }.map { VectorFeature.fit(vectors, kind: $0) }
        items.vectorColumns = items.vectors.isEmpty ? 0 : settings.vectorColumns
        let signals = heads.map(\.name) + counts.bySize.filter { name in !heads.contains { $0.name == name } }
        let counted = Array(heads.prefix(CounterLayout.maximumHeads).map(\.name))
        let retrievalUsers = summedUsers(users)
        let rankerRows = tableRows(2, rows, users, items, others: settings.times ? TimeFeatures.tokens : 0)
        let retrievalRows = tableRows(Self.retrievalRowsPerToken, rows, retrievalUsers, items)
        let ranker = TableDivision(settings: settings).divide(
            EntitySpace(
                table: UnifiedTable(rows: rankerRows, dimension: settings.tableDimension), users: users, items: items,
                historyLength: settings.historyLength,
                times: settings.times
                    ? TimeFeatures(utcOffsetHours: settings.utcOffsetHours, lookups: max(1, settings.lookups / 2)) : nil
            ),
            log: log, rows: rows)
        return FeatureMap(
            retrieval: EntitySpace(
                table: UnifiedTable(rows: retrievalRows, dimension: retrieval.dimension),
                users: retrievalUsers,
                items: Self.summed(items, historyLookups: retrieval.readsItems ? 0 : Self.retrievalLookups),
                historyLength: settings.retrievalHistoryLength),
            ranker: ranker,
            counters: CounterKeyChoice.choose(
                schema.counters, most: settings.counterKeys, log: log, rows: rows, bins: items),
            counterHeads: counted.count, counterBins: [], heads: heads.map(\.name),
            headRates: heads.map(\.rate),
            historySignals: Array(signals.prefix(FeatureMap.maximumHistorySignals)), bins: columns(users, items),
            fittedUntil: log.time.max() ?? 0,
            windows: settings.windows.isEmpty || counted.isEmpty
                ? nil : WindowedCounters(counters: settings.windows, heads: counted),
            values: valueHeads.fitted.isEmpty ? nil : valueHeads.fitted
        ).reading(log.frequentSurfaces(most: settings.surfaces))
    }

    /// Encoders of the counters' values as training rows see them: `samples` is [rows × columns].
    ///
    /// - Parameter outcomes: [rows] of the main signal, nil where it was not recorded; empty where none is known.
    package func withCounterBins(_ map: FeatureMap, samples: [Float], outcomes: [Bool?] = []) -> FeatureMap {
        var result = map
        let columns = map.counterLayout.columns
        result.counterBins = (0..<columns).map { column in
            var own = NumberSamples()
            for (row, place) in stride(from: column, to: samples.count, by: max(1, columns)).enumerated() {
                let outcome = row < outcomes.count ? outcomes[row] : nil
                own.append(samples[place], recorded: outcome == nil ? 0 : 1, given: outcome == true ? 1 : 0)
            }
            return settings.numbers.fit(own, bins: settings.bins)
        }
        return result
    }

    /// The most columns that any number is encoded in.
    private func columns(_ users: EntityLayout, _ items: EntityLayout) -> Int {
        ([settings.numbers] + (users.numeric + items.numeric).compactMap(\.encoding))
            .map { $0.columns(bins: settings.bins) }.max() ?? 1
    }

    private static func problems(of schema: FeatureSchema, _ vectors: ItemVectors) -> [String] {
        schema.vectors.filter { vectors.kind($0) == nil }.map {
            FeatureSchema.noVectors($0, declared: vectors.kinds.map(\.definition.name))
        }
    }

    /// Only what has tokens can be counted by.
    private static func problems(of windows: [WindowedCounter], _ definitions: [AttributeDefinition]) -> [String] {
        let known = definitions.filter { $0.entity == .item && [.categorical, .multi].contains($0.kind) }.map(\.name)
        return windows.enumerated().flatMap { place, counter in
            counter.by.compactMap { part in
                guard case .attribute(let name) = part, !known.contains(name) else { return nil }
                let choice = (["user", "item", "creator", "categories"] + known.sorted()).joined(separator: ", ")
                return
                    "features.windows[\(place)]: '\(name)' is no categorical attribute of items (there are: \(choice))"
            }
        }
    }

    private func layout(
        _ entity: Entity, _ schema: FeatureSchema, _ targets: EntityTargets.Counts, _ values: (Int) -> EntityValues
    ) -> EntityLayout {
        let categorical = schema.categorical.filter { $0.entity == entity }
        let numeric = schema.numeric.filter { $0.entity == entity }
        var samples = numeric.map { _ in NumberSamples() }
        for index in targets.recorded.indices {
            let value = values(index)
            for (feature, position) in zip(numeric, 0...) {
                guard let number = value.number(feature.source) else { continue }
                samples[position].append(
                    Float(number), recorded: targets.recorded[index], given: targets.given[index])
            }
        }
        return EntityLayout(
            entity: entity, single: categorical.filter { !$0.multi }, multi: categorical.filter(\.multi),
            numeric: numeric,
            bins: zip(numeric, samples).map { feature, samples in
                (feature.encoding ?? settings.numbers).fit(samples, bins: settings.bins)
            })
    }

    /// Users as the retrieval model sees them: without their identifier unless it is asked for, since the past says it
    /// better, and a user who came after training has one too.
    private func summedUsers(_ layout: EntityLayout) -> EntityLayout {
        var users = Self.summed(layout)
        users.single.removeAll { $0.source == .id }
        if retrieval.userID {
            users.single.append(.init(entity: .user, source: .id, lookups: Self.retrievalLookups))
        }
        return users
    }

    /// The layout of the retrieval model, where the rows of all features are summed and so have the same lookups.
    private static func summed(_ layout: EntityLayout, historyLookups: Int = 0) -> EntityLayout {
        var result = layout
        result.historyLookups = historyLookups
        func plain(_ feature: CategoricalFeature) -> CategoricalFeature {
            .init(entity: feature.entity, source: feature.source, lookups: retrievalLookups, multi: feature.multi)
        }
        result.single = layout.single.map(plain)
        result.multi = layout.multi.map(plain)
        return result
    }

    /// The configured rows, or `each` a distinct token of all features: at least a thousand, and above four million no more
    /// than two a token.
    ///
    /// - Parameter others: tokens of no entity.
    private func tableRows(
        _ each: Int, _ rows: EntityRows, _ users: EntityLayout, _ items: EntityLayout, others: Int = 0
    ) -> Int {
        guard settings.tableRows == 0 else { return settings.tableRows }
        var tokens = Set<UInt64>()
        func collect(_ layout: EntityLayout, count: Int, _ values: (Int) -> EntityValues) {
            for (number, feature) in layout.categorical.enumerated() {
                for index in 0..<count {
                    for token in values(index).tokens(feature.source) {
                        tokens.insert(UnifiedTable.hash(token) &+ UInt64(number))
                    }
                }
            }
        }
        collect(users, count: rows.users.count) { .user(rows.users[$0]) }
        collect(items, count: rows.items.count) { .item(rows.items[$0]) }
        let count = tokens.count + others
        return min(max(1000, each * count), max(4_000_000, 2 * count))
    }
}

/// How often each signal was recorded and given.
private struct SignalCounts {
    private let names: [String]
    private var given: [Int]
    private var recorded: [Int]

    init(_ log: InteractionLog) {
        names = log.signals
        given = names.map { _ in 0 }
        recorded = given
        for row in 0..<log.count {
            for signal in names.indices {
                let bit = UInt32(1) << UInt32(signal)
                if log.feedback[row] & bit != 0 { given[signal] += 1 }
                if log.isImpression[row], log.observed[row] & bit != 0 { recorded[signal] += 1 }
            }
        }
    }

    /// Signals that were given at all, most frequent first.
    var bySize: [String] {
        names.indices.filter { given[$0] > 0 }.sorted { (given[$0], names[$1]) > (given[$1], names[$0]) }
            .map { names[$0] }
    }

    /// The signals that a head can learn: enough positives and enough negatives among impressions that recorded them.
    func heads(minimum: Int) -> [(name: String, rate: Double)] {
        bySize.compactMap { name in
            guard let signal = names.firstIndex(of: name) else { return nil }
            let positives = min(given[signal], recorded[signal])
            guard positives >= minimum, recorded[signal] - positives >= minimum else { return nil }
            return (name, Double(positives) / Double(recorded[signal]))
        }
    }
}
