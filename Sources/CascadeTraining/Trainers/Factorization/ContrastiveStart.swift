import CascadeCore
import CascadeFeatures
import CascadeModels

/// Starts the rows of identifiers in the ranker's table at vectors of a first stage: users and items told by nothing but
/// their identifiers, so that a user finds each item that he gave the main signal to among those of the batch and drawn
/// ones.
///
/// The first of the two stages of identifier embeddings for ranking, where the second one keeps what the first found
/// (`ranker.table_frozen_epochs`) or tunes it. The loss is the sampled softmax of the retrieval model, corrected for how
/// often an item is a column.
struct ContrastiveStart {
    private let data: TrainingData
    private let seed: UInt64
    private let workers: Int

    /// Rows that a token of the first stage is the sum of, and rows of its table a token.
    private static let lookups = 2
    private static let rowsPerToken = 8

    init(_ data: TrainingData, seed: UInt64, workers: Int) {
        self.data = data
        self.seed = seed
        self.workers = workers
    }

    /// The rows of items' identifiers in the ranker's table, and of users' where it knows them; none where identifiers are
    /// no feature.
    ///
    /// Where the identifiers of users and items are not as wide, the narrower ones take the first columns.
    ///
    /// - Throws: `TrainingError.badArgument` for identifiers too narrow to tell anything apart.
    func rankerRows(progress: ProgressHandler? = nil) throws -> StartingRows {
        let space = data.map.ranker
        let table = space.table
        var rows = StartingRows(dimension: table.dimension, size: RankingModel.tableDeviation)
        let (users, items) = (StartingRows.width(space.users, table), StartingRows.width(space.items, table))
        let dimension = max(users, items)
        guard dimension > 0 else { return rows }
        let settings = settings(dimension)
        guard settings.problems().isEmpty else {
            throw TrainingError.badArgument(
                "ranker.initial contrastive needs identifiers of 4 to 1024 numbers, these have \(dimension); set "
                    + "features.table_dimension and features.lookups to it")
        }
        let bit = data.map.mainSignalBit.map { UInt8(1) << UInt8($0) }
        let pairs = data.forRetrieval(in: identifiers(dimension)) { row in
            bit.map { data.log.code[row] & $0 != 0 } ?? true
        }
        guard pairs.log.count > 0 else { return rows }
        let trained = try RetrievalTrainer(settings: settings, seed: seed, workers: workers)
            .train(pairs, name: "contrastive start", progress: progress)
        let model = RetrievalInference(
            model: trained.model, map: pairs.map, store: trained.store, catalog: pairs.retrievalItems)
        rows.add(
            try Self.itemVectors(pairs, model, width: items), of: data.rankerItems, table, layout: .sideBySide)
        rows.add(
            try Self.userVectors(pairs, model, width: users), of: data.rankerUsers, table, layout: .sideBySide)
        return rows
    }

    private func settings(_ dimension: Int) -> RetrievalSettings {
        var settings = RetrievalSettings()
        settings.userTower = "features"
        settings.userID = true
        settings.dimension = dimension
        settings.idDropout = 0
        settings.epochs = 10
        settings.learningRate = 0.01
        return settings
    }

    /// Users and items told by their identifiers alone.
    private func identifiers(_ dimension: Int) -> EntitySpace {
        func layout(_ entity: Entity) -> EntityLayout {
            EntityLayout(
                entity: entity,
                single: [CategoricalFeature(entity: entity, source: .id, lookups: Self.lookups)], multi: [],
                numeric: [], bins: [], historyLookups: entity == .item ? 1 : 0)
        }
        let tokens = data.rows.users.count + data.rows.items.count
        return EntitySpace(
            table: UnifiedTable(rows: max(1000, Self.rowsPerToken * tokens), dimension: dimension),
            users: layout(.user), items: layout(.item), historyLength: 1)
    }

    /// [items × width] zeros for an item that nobody gave the signal to.
    private static func itemVectors(_ pairs: TrainingData, _ model: RetrievalInference, width: Int) throws -> [Float] {
        let met = Set(pairs.log.item)
        let vectors = try model.itemVectors(rows: 0..<pairs.rows.items.count)
        return pairs.rows.items.indices.flatMap { item -> [Float] in
            guard met.contains(Int32(item)) else { return [Float](repeating: 0, count: width) }
            return Array(vectors[(item * model.dimension)...].prefix(width))
        }
    }

    /// [users × width] zeros for a user who gave the signal to nothing.
    private static func userVectors(_ pairs: TrainingData, _ model: RetrievalInference, width: Int) throws -> [Float] {
        guard width > 0 else { return [] }
        return try parallelMap(pairs.rows.users.count) { user -> [Float] in
            guard pairs.log.userStart[user] < pairs.log.userStart[user + 1] else {
                return [Float](repeating: 0, count: width)
            }
            return try HistorySlice.lend(items: [], codes: []) {
                Array(try model.userVector(users: pairs.retrievalUsers, row: user, history: $0).prefix(width))
            }
        }.flatMap { $0 }
    }
}
