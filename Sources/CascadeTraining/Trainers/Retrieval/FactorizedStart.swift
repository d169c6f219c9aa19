import CascadeFeatures
import CascadeModels
import CascadeNN

/// Starts the rows of identifiers in the retrieval table at vectors of implicit matrix factorization.
///
/// An identifier's vector is the sum of its rows, so each row gets an equal part; a row that several identifiers share gets
/// the mean of theirs. All are brought to the size that rows start at otherwise.
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
        var settings = ImplicitALS.Settings()
        settings.dimension = table.dimension
        settings.seed = seed
        let past = data.rows.users.indices.map {
            data.log.distinctItems(of: $0, end: Int(data.log.userStart[$0 + 1]), signal: nil)
        }
        let model = try ImplicitALS(itemsOfUsers: past, items: data.rows.items.count, settings: settings)
        var rows = RowMeans(dimension: table.dimension)
        rows.add(model.itemVectors, of: data.retrievalItems, data.map.retrieval.table)
        let users = try parallelUsers(past.count) { try model.userVector(past[$0]) }.flatMap { $0 }
        rows.add(users, of: data.retrievalUsers, data.map.retrieval.table)
        rows.write(to: store.weights(table), size: Self.size)
    }
}

/// Vectors for rows of a table, averaged where several fall on one.
private struct RowMeans {
    let dimension: Int
    private var sums: [Int32: (vector: [Float], count: Float)] = [:]

    init(dimension: Int) { self.dimension = dimension }

    /// Adds the vectors [entities × d] of `encoded` to the rows of their identifiers; zeros say nothing and are left out.
    mutating func add(_ vectors: [Float], of encoded: EncodedEntities, _ table: UnifiedTable) {
        guard let columns = EntityEncoder(layout: encoded.layout, table: table).missingIdentifier?.columns else {
            return
        }
        let parts = Float(columns.count)
        let size = Self.rootMeanSquare(vectors)
        guard size > 0 else { return }
        for entity in 0..<encoded.count {
            let vector = vectors[(entity * dimension)..<((entity + 1) * dimension)].map { $0 / size / parts }
            guard vector.contains(where: { $0 != 0 }) else { continue }
            for column in columns {
                let row = encoded.lookups[entity * encoded.layout.lookupWidth + column]
                let former = sums[row] ?? ([Float](repeating: 0, count: dimension), 0)
                sums[row] = (zip(former.vector, vector).map(+), former.count + 1)
            }
        }
    }

    func write(to weights: UnsafeMutableBufferPointer<Float>, size: Float) {
        for (row, (vector, count)) in sums {
            for column in 0..<dimension { weights[Int(row) * dimension + column] = vector[column] / count * size }
        }
    }

    private static func rootMeanSquare(_ values: [Float]) -> Float {
        let nonzero = values.lazy.filter { $0 != 0 }
        let (sum, count) = nonzero.reduce((0.0, 0)) { ($0.0 + Double($1) * Double($1), $0.1 + 1) }
        return count > 0 ? Float((sum / Double(count)).squareRoot()) : 0
    }
}
