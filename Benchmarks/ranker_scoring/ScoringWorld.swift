import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// A ranker of the reference shape with weights from a seed, a catalog for it, and one request.
///
/// A row has 580 columns: 34 categorical lookups of 14 (24 of the user, 10 of the item), 7 numbers of 8 columns (4 and 3),
/// and 48 of attention (4 heads) over 50 steps. `full` has three full cross layers, `default` the two of rank 64 that
/// `cascade train` takes. The deep network is 256-128, with 4 heads.
struct ScoringWorld {
    static let users = 200
    static let items = 5_000
    static let candidates = 500
    static let steps = 50
    static let moment = Timestamp(microseconds: 86_400_000_000)

    let map: FeatureMap
    let rows: EntityRows
    let settings: RankerSettings
    let store = ParameterStore()
    let model: RankingModel
    let ranker: RankerInference
    let encodedUsers: EncodedEntities
    let encodedItems: EncodedEntities
    let pastItems: [Int32]
    let pastCodes: [UInt8]
    let candidateRows: [Int32]

    init(full: Bool, itemBytes: Int, products: ProductPrecision, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let catalog = (0..<Self.items).map { number in
            Item(
                id: ItemID("i\(number)"), creatorID: "creator \(number % 900)",
                attributes: Self.attributes(texts: 6, numbers: 3, &random))
        }
        let people = (0..<Self.users).map {
            User(id: UserID("u\($0)"), attributes: Self.attributes(texts: 24, numbers: 4, &random))
        }
        let log = Self.log(people, catalog, &random)
        rows = EntityRows(users: people, items: catalog, log: log)
        var features = FeatureSettings()
        features.tableDimension = 14
        features.historyLength = Self.steps
        features.minimumPositives = 1
        features.schema = Self.schema
        map = try FeatureMapFitting(settings: features, retrieval: RetrievalFeatures(dimension: 64))
            .fit(log: log, rows: rows, definitions: Self.definitions)
        var settings = RankerSettings()
        settings.historyWidth = 48
        settings.historyHeads = 4
        if full { (settings.crossLayers, settings.crossRank) = (3, 0) }
        self.settings = settings
        model = try RankingModel(settings: settings, map: map, store: store)
        try store.allocate(seed: seed)
        (encodedUsers, encodedItems) = map.ranker.encode(rows)
        ranker = try RankerInference(
            model: model, map: map, store: store, catalog: encodedItems,
            options: InferenceOptions(itemBytes: itemBytes, products: products))
        pastItems = (0..<Self.steps).map { _ in Int32(random.below(Self.items)) }
        pastCodes = (0..<Self.steps).map { _ in UInt8(random.below(4)) }
        candidateRows = Array(0..<Int32(Self.items)).shuffled(using: &random).prefix(Self.candidates).map { $0 }
    }

    /// What a request computes: the context's part, then all candidates.
    func score() throws -> [Float] {
        let context = try withPast { try ranker.context(users: encodedUsers, row: 0, history: $0, at: Self.moment) }
        return try ranker.probabilities(
            context: context, items: candidateRows, columns: 0, counters: { _, _ in }, check: {})
    }

    func withPast<Result>(_ body: (HistorySlice) throws -> Result) rethrows -> Result {
        try HistorySlice.lend(items: pastItems, codes: pastCodes, body)
    }

    private static func attributes(texts: Int, numbers: Int, _ random: inout SeededRandom) -> [String: AttributeValue] {
        var values: [String: AttributeValue] = [:]
        for index in 0..<texts { values["t\(index)"] = .text("v\(random.below(40))") }
        for index in 0..<numbers { values["n\(index)"] = .number(random.uniform() * 100) }
        return values
    }

    private static func attributes(of entity: Entity, texts: Int, numbers: Int) -> [AttributeDefinition] {
        (0..<texts).map { AttributeDefinition(entity: entity, name: "t\($0)", kind: .categorical) }
            + (0..<numbers).map { AttributeDefinition(entity: entity, name: "n\($0)", kind: .numeric) }
    }

    private static let definitions =
        attributes(of: .user, texts: 24, numbers: 4) + attributes(of: .item, texts: 6, numbers: 3)

    private static var schema: FeatureSchema {
        var schema = FeatureSchema(
            categorical: [
                CategoricalFeature(entity: .item, source: .id, lookups: 2),
                CategoricalFeature(entity: .item, source: .creator, lookups: 2),
            ], numeric: [], counters: [])
        for definition in definitions {
            let source = FeatureSource.attribute(definition.name)
            if definition.kind == .numeric {
                schema.numeric.append(NumericFeature(entity: definition.entity, source: source))
            } else {
                schema.categorical.append(
                    CategoricalFeature(entity: definition.entity, source: source, lookups: 1))
            }
        }
        return schema
    }

    private static func log(_ users: [User], _ items: [Item], _ random: inout SeededRandom) -> InteractionLog {
        var log = InteractionLog()
        log.users = users.map(\.id)
        log.items = items.map(\.id)
        log.signals = ["click", "like", "share", "view"]
        for row in 0..<20_000 {
            log.userIndex.append(Int32(row * users.count / 20_000))
            log.itemIndex.append(Int32(random.below(items.count)))
            log.time.append(Int64(row) * 1_000_000)
            log.feedback.append(UInt32(random.below(16)))
            log.observed.append(15)
            log.isImpression.append(true)
        }
        return log
    }
}
