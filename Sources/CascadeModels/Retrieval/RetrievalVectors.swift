package import CascadeCore
package import CascadeFeatures

/// The vectors that a release retrieves by: those of the towers and, where it has a linear autoencoder, its columns behind
/// them, so that `score = cos(user, item) + w · (deviations of the linear score)`.
package struct RetrievalVectors: Sendable {
    package let towers: RetrievalInference
    package let linear: LinearAutoencoder?
    /// Deviation of a user's linear scores over the catalog, in cosines.
    private let weight: Float
    /// The row that the release has an item in.
    private let row: @Sendable (ItemID) -> Int32?

    package init(
        towers: RetrievalInference, linear: LinearAutoencoder? = nil, weight: Double = 0,
        row: @escaping @Sendable (ItemID) -> Int32? = { _ in nil }
    ) {
        self.towers = towers
        self.linear = linear
        self.weight = Float(weight)
        self.row = row
    }

    package var dimension: Int { towers.dimension + (linear?.rank ?? 0) }

    /// The vector of a user with a past: [dimension]; the towers' part has length one.
    ///
    /// - Parameter later: items behind the catalog that the past may hold.
    /// - Throws: `ModelError.badSettings` where the model tells users by several vectors.
    package func userVector(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems? = nil
    ) throws -> [Float] {
        try towers.userVector(users: encoded, row: row, history: history, later: later) + columns(history)
    }

    /// The towers' part of a user's vector, which a ranker is told of.
    package func towerPart(of vector: [Float]) -> [Float] {
        linear == nil ? vector : Array(vector.prefix(towers.dimension))
    }

    /// All vectors of a user with a past: [k × dimension]; one for a model of a single vector. An item's score is its best
    /// inner product with them.
    package func userVectors(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems? = nil
    ) throws -> [Float] {
        let vectors = try towers.userVectors(users: encoded, row: row, history: history, later: later)
        guard linear != nil else { return vectors }
        let columns = columns(history)
        return stride(from: 0, to: vectors.count, by: towers.dimension).flatMap {
            vectors[$0..<($0 + towers.dimension)] + columns
        }
    }

    /// The vectors of catalog rows: [rows × dimension].
    ///
    /// - Parameter later: items behind the catalog that `rows` may reach into; one that the catalog has too keeps its linear
    ///   part, another has none.
    package func itemVectors(rows: Range<Int>, later: LaterItems? = nil) throws -> [Float] {
        let vectors = try towers.itemVectors(rows: rows, later: later)
        guard let linear else { return vectors }
        let width = towers.dimension
        var result: [Float] = []
        result.reserveCapacity(rows.count * dimension)
        for (place, item) in rows.enumerated() {
            result += vectors[(place * width)..<((place + 1) * width)]
            let known = item < linear.items ? Int32(item) : later.flatMap { row($0.items[item - $0.firstRow].id) }
            result += linear.item(known)
        }
        return result
    }

    /// The lengths of the items' embeddings in the towers before their vectors are made as long as each other: [rows].
    package func itemNorms(rows: Range<Int>) throws -> [Float] { try towers.itemNorms(rows: rows) }

    private func columns(_ history: HistorySlice) -> [Float] { linear?.user(history).map { weight * $0 } ?? [] }
}
