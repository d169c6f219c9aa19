import CascadeCore
package import CascadeFeatures
package import CascadeNN

/// A trained retrieval model in use: users and items to vectors, from any thread.
package final class RetrievalInference: Sendable {
    package let dimension: Int
    private let map: FeatureMap
    /// Rows of the catalog.
    private let count: Int
    private let users: WorkspacePool<UserWorkspace>
    private let items: WorkspacePool<ItemWorkspace>

    /// Items that are encoded at a time.
    private static let itemCapacity = 2048

    private struct UserWorkspace {
        let plan: Plan
        let tower: UserTower
        let assembler: BatchAssembler
    }

    private struct ItemWorkspace {
        let plan: Plan
        let tower: ItemTower
        let assembler: BatchAssembler
    }

    /// - Parameters:
    ///   - catalog: the encoded items of the release, in row order.
    package init(model: any RetrievalModel, map: FeatureMap, store: ParameterStore, catalog: EncodedEntities) {
        dimension = map.retrieval.table.dimension
        self.map = map
        count = catalog.count
        users = WorkspacePool {
            let plan = Plan(store: store, mode: .inference)
            let tower = model.recordUsers(plan, capacity: 1, steps: nil, items: nil)
            plan.keep(tower.vectors)
            try plan.seal()
            let assembler = BatchAssembler(map: map, space: map.retrieval, items: catalog)
            return UserWorkspace(plan: plan, tower: tower, assembler: assembler)
        }
        items = WorkspacePool {
            let plan = Plan(store: store, mode: .inference)
            let tower = model.recordItems(plan, capacity: Self.itemCapacity)
            plan.keep(tower.vectors)
            plan.keep(tower.embeddings)
            try plan.seal()
            let assembler = BatchAssembler(map: map, space: map.retrieval, items: catalog)
            return ItemWorkspace(plan: plan, tower: tower, assembler: assembler)
        }
    }

    /// The vector of a user with a past: [d], of length one.
    ///
    /// - Parameter later: items behind the catalog that the past may hold.
    /// - Throws: `ModelError.badSettings` where the model tells users by several vectors.
    package func userVector(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems? = nil
    ) throws -> [Float] {
        try users.lend { workspace in
            guard workspace.tower.interests == nil else {
                throw ModelError.badSettings(["the retrieval model tells a user by several vectors, not by one"])
            }
            try Self.encode(encoded, row, history, later, workspace)
            return workspace.plan.values(of: workspace.tower.vectors)
        }
    }

    /// All vectors of a user with a past: [k × d], each of length one; one for a model of a single vector. An item's
    /// score is its best inner product with them.
    package func userVectors(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems? = nil
    ) throws -> [Float] {
        try users.lend { workspace in
            try Self.encode(encoded, row, history, later, workspace)
            let vectors = workspace.plan.values(of: workspace.tower.vectors)
            guard let interests = workspace.tower.interests else { return vectors }
            return Array(vectors.prefix(dimension * interests.inUse(workspace.assembler.batch.steps)))
        }
    }

    private static func encode(
        _ encoded: EncodedEntities, _ row: Int, _ history: HistorySlice, _ later: LaterItems?,
        _ workspace: UserWorkspace
    ) throws {
        workspace.assembler.extend(by: later?.retrieval)
        workspace.assembler.addContext(users: encoded, row: row, history: history)
        try workspace.tower.load(workspace.assembler.batch, workspace.plan)
        try workspace.plan.forward()
    }

    /// The vectors of catalog rows: [rows × d].
    ///
    /// - Parameter later: items behind the catalog that `rows` may reach into.
    package func itemVectors(rows: Range<Int>, later: LaterItems? = nil) throws -> [Float] {
        try encode(rows, later, \.vectors)
    }

    /// The vectors of some rows in their order: [rows × d]; zeros for a row of which the model knows nothing.
    package func itemVectors(of rows: some Collection<Int32>, later: LaterItems? = nil) throws -> [Float] {
        let known = count + (later?.retrieval.count ?? 0)
        var vectors: [Float] = []
        vectors.reserveCapacity(rows.count * dimension)
        try items.lend { workspace in
            workspace.assembler.extend(by: later?.retrieval)
            var rest = rows[...]
            while !rest.isEmpty {
                workspace.assembler.begin()
                let places = rest.prefix(Self.itemCapacity).map { row in
                    Int(row) < known ? Int(workspace.assembler.addItem(row)) : -1
                }
                rest = rest.dropFirst(places.count)
                try workspace.tower.load(workspace.assembler.batch, workspace.plan)
                try workspace.plan.forward()
                let found = workspace.plan.values(of: workspace.tower.vectors)
                for place in places {
                    if place < 0 {
                        vectors.append(contentsOf: repeatElement(0, count: dimension))
                    } else {
                        vectors.append(contentsOf: found[(place * dimension)..<((place + 1) * dimension)])
                    }
                }
            }
        }
        return vectors
    }

    /// The lengths of the items' embeddings before their vectors are made as long as each other: [rows].
    package func itemNorms(rows: Range<Int>) throws -> [Float] {
        let embeddings = try encode(rows, nil, \.embeddings)
        return (0..<rows.count).map { row in
            embeddings[(row * dimension)..<((row + 1) * dimension)].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }

    private func encode(
        _ rows: Range<Int>, _ later: LaterItems?, _ output: KeyPath<ItemTower, Value>
    ) throws -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(rows.count * dimension)
        try items.lend { workspace in
            workspace.assembler.extend(by: later?.retrieval)
            var start = rows.lowerBound
            while start < rows.upperBound {
                let end = min(start + Self.itemCapacity, rows.upperBound)
                workspace.assembler.begin()
                for row in start..<end { workspace.assembler.addItem(Int32(row)) }
                try workspace.tower.load(workspace.assembler.batch, workspace.plan)
                try workspace.plan.forward()
                vectors.append(contentsOf: workspace.plan.values(of: workspace.tower[keyPath: output]))
                start = end
            }
        }
        return vectors
    }
}
