import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// Untrained models over a small fitted map: what they compute matters here, not how well.
struct ModelFixture {
    let map: FeatureMap
    let rows: EntityRows
    let log: EncodedLog
    let counters: CounterEncoder
    let counterSet: CounterSet
    /// Content vectors of the items, where the fixture was asked for some.
    let vectors: ItemVectors
    var settings = ModelSettings()

    /// Half a day behind the last row of the log.
    static let moment = Timestamp(microseconds: 43_200_000_000)

    static let definitions = [
        AttributeDefinition(entity: .item, name: "length", kind: .numeric),
        AttributeDefinition(entity: .user, name: "city", kind: .categorical),
    ]

    init(
        seed: UInt64 = 1, definitions: [AttributeDefinition] = definitions, minimumPositives: Int = 5,
        hasVectors: Bool = false, times: Bool = false,
        retrieval: (inout RetrievalSettings) -> Void = { _ in }, ranker: (inout RankerSettings) -> Void = { _ in },
        features change: (inout FeatureSettings) -> Void = { _ in }
    ) throws {
        var random = SeededRandom(seed: seed)
        var raw = InteractionLog()
        raw.users = (0..<20).map { UserID("u\($0 + 10)") }
        raw.items = (0..<30).map { ItemID("i\($0 + 10)") }
        raw.signals = ["view", "like"]
        for user in 0..<20 {
            for step in 0..<25 {
                raw.userIndex.append(Int32(user))
                raw.itemIndex.append(Int32(random.below(30)))
                raw.time.append(Int64(step) * 60_000_000)
                let mask: UInt32 = random.uniform() < 0.4 ? (random.uniform() < 0.3 ? 3 : 1) : 0
                raw.feedback.append(mask)
                raw.observed.append(3)
                raw.isImpression.append(true)
            }
        }
        raw.values["view"] = Column(
            raw.feedback.enumerated().map { row, given in
                given & 1 == 0 ? .nan : Float(row % 4) / 4 + 0.25
            })
        let items = (0..<30).map { (number: Int) -> Item in
            let categories = number % 4 == 0 ? [] : ["k\(number % 3)", "m\(number % 5)"]
            let attributes: [String: AttributeValue] = number % 5 == 0 ? [:] : ["length": .number(Double(number))]
            // The time when every third came to be is not known.
            let born = number % 3 == 0 ? nil : Timestamp(microseconds: Int64(number) * 40_000_000)
            return Item(
                id: ItemID("i\(number + 10)"), creatorID: "c\(number % 7)", categories: categories,
                attributes: attributes, createdAt: born)
        }
        let users = (0..<20).map { User(id: UserID("u\($0 + 10)"), attributes: ["city": .text("x\($0 % 3)")]) }
        var features = FeatureSettings()
        features.minimumPositives = minimumPositives
        features.historyLength = 8
        features.times = times
        change(&features)
        rows = EntityRows(users: users, items: items, log: raw)
        vectors = hasVectors ? Self.vectors(rows) : .none
        settings.retrieval.dimension = 16
        settings.ranker.numericWidth = 4
        settings.ranker.historyWidth = 16
        settings.ranker.crossRank = 8
        settings.ranker.deep = [24, 12]
        ranker(&settings.ranker)
        retrieval(&settings.retrieval)
        let fitting = FeatureMapFitting(
            settings: features, retrieval: settings.retrieval.features, values: settings.ranker.values)
        let fitted = try fitting.fit(log: raw, rows: rows, definitions: definitions, vectors: vectors)
        let columns = fitted.counterLayout.columns
        map = fitting.withCounterBins(
            fitted, samples: (0..<(columns * 40)).map { _ in Float(random.uniform() * 4 - 2) })
        log = EncodedLog(
            raw, catalog: rows, heads: map.heads, historySignals: map.historySignals,
            values: map.valueHeads)
        let tables =
            ItemCounters(
                map: map, log: log, include: Column(repeating: true, count: log.count), items: rows.items
            ).tables
        counterSet = CounterSet(tables: tables, log: log, items: rows.items)
        counters = CounterEncoder(counters: ItemCounters(map: map, tables: tables, items: rows.items))
    }

    func ranker(seed: UInt64 = 5) throws -> (model: RankingModel, store: ParameterStore) {
        let store = ParameterStore()
        let model = try RankingModel(settings: settings.ranker, map: map, store: store)
        try store.allocate(seed: seed)
        return (model, store)
    }

    func retrieval(seed: UInt64 = 6) throws -> (model: any RetrievalModel, store: ParameterStore) {
        let store = ParameterStore()
        let model = try RetrievalModels.make(settings: settings.retrieval, map: map, store: store)
        try store.allocate(seed: seed)
        return (model, store)
    }

    func bundle(itemBytes: Int = 0, products: ProductPrecision = .float32) throws -> ModelBundle {
        try ModelBundle(
            map: map, settings: settings, rows: rows, counters: counterSet, retrieval: try retrieval(),
            rankers: [try ranker()], vectors: vectors,
            options: InferenceOptions(itemBytes: itemBytes, products: products))
    }

    /// All items but every seventh have an image, every other one a text.
    private static func vectors(_ rows: EntityRows) -> ItemVectors {
        var random = SeededRandom(seed: 11)
        let kinds = [VectorDefinition(name: "image", width: 6), VectorDefinition(name: "text", width: 3)]
        var vectors = ItemVectors(kinds: kinds, count: rows.items.count)
        for (row, item) in rows.items.enumerated() {
            for (kind, every) in zip(kinds, [row % 7, row % 2]) where every > 0 {
                let values = (0..<kind.width).map { _ in Float(random.uniform() * 2 - 1) }
                vectors.set(ItemVector(itemID: item.id, name: kind.name, values: values), row: row)
            }
        }
        return vectors
    }

    /// The past of `user` in the order of the log.
    func withHistory<Result>(of user: Int, _ body: (HistorySlice) throws -> Result) rethrows -> Result {
        let start = Int(log.userStart[user])
        let count = Int(log.userStart[user + 1]) - start
        return try log.item.withUnsafeBufferPointer { items in
            try log.code.withUnsafeBufferPointer { codes in
                try log.time.withUnsafeBufferPointer { times in
                    try body(
                        HistorySlice(
                            items: items.baseAddress! + start, codes: codes.baseAddress! + start,
                            times: times.baseAddress! + start, count: count))
                }
            }
        }
    }
}
