import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// Starts the rows of identifiers in an embedding table at vectors of implicit matrix factorization.
///
/// In the retrieval table an identifier's vector is the sum of its rows, so each row gets an equal part; in the ranker's
/// they stand side by side, so each row gets a stretch. A row that several identifiers share gets the mean of theirs. All
/// are brought to the size that rows start at otherwise.
struct FactorizedStart {
    private let data: TrainingData
    private let seed: UInt64
    /// Root mean square of a component of an identifier's vector: two rows of deviation .05.
    private static let size: Float = 0.07

    init(_ data: TrainingData, seed: UInt64) {
        self.data = data
        self.seed = seed
    }

    /// Factorizes what users met, and writes the vectors of items, and of users where they are told apart.
    func write(to store: ParameterStore) throws {
        guard let table = store.tables.first(where: { $0.name == TwoTowerModel.tableName }) else { return }
        let past = past(signal: nil)
        let model = try factors(past, dimension: table.dimension)
        var rows = StartingRows(dimension: table.dimension, size: Self.size)
        rows.add(model.itemVectors, of: data.retrievalItems, data.map.retrieval.table, layout: .summed)
        let users = try parallelMap(past.count) { try model.userVector(past[$0]) }.flatMap { $0 }
        rows.add(users, of: data.retrievalUsers, data.map.retrieval.table, layout: .summed)
        rows.write(to: store.weights(table))
    }

    /// Factorizes what users gave the main signal to; returns the rows of items' identifiers in the ranker's table, none
    /// where the identifier is no feature.
    func rankerRows() throws -> StartingRows {
        let table = data.map.ranker.table
        var rows = StartingRows(dimension: table.dimension, size: RankingModel.tableDeviation)
        let width = StartingRows.width(data.map.ranker.items, table)
        guard width > 0 else { return rows }
        let model = try factors(past(signal: data.map.mainSignalBit), dimension: width)
        rows.add(model.itemVectors, of: data.rankerItems, table, layout: .sideBySide)
        return rows
    }

    private func past(signal: Int?) -> [[Int32]] {
        data.rows.users.indices.map {
            data.log.distinctItems(of: $0, end: Int(data.log.userStart[$0 + 1]), signal: signal)
        }
    }

    private func factors(_ past: [[Int32]], dimension: Int) throws -> ImplicitALS {
        var settings = ImplicitALS.Settings()
        settings.dimension = dimension
        settings.seed = seed
        return try ImplicitALS(itemsOfUsers: past, items: data.rows.items.count, settings: settings)
    }
}
