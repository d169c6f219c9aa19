import CascadeCore
package import CascadeFeatures
package import CascadeNN

/// A trained model of interests in use: users to a vector a cluster and to the probabilities of the clusters, from any thread.
package final class InterestInference: Sendable {
    package let dimension: Int
    /// How many clusters there are.
    package let clusters: Int
    /// What the intent stands on.
    package let histogram: ClusterHistogram
    private let intentReading: Int32
    private let users: WorkspacePool<Workspace>
    private let items: RetrievalInference

    /// Contexts of one pass through the tower; more clusters take further passes.
    private let capacity: Int
    private static let mostContexts = 64

    private struct Workspace {
        let plan: Plan
        let tower: UserTower
        let intent: Value
        /// [contexts × K] logarithms of histograms.
        let pasts: Value
        let assembler: BatchAssembler
    }

    /// - Parameter catalog: the encoded items of the release, in row order.
    package init(towers: InterestTowers, map: FeatureMap, store: ParameterStore, catalog: EncodedEntities) {
        dimension = map.retrieval.table.dimension
        clusters = towers.clusters
        histogram = towers.histogram(store)
        intentReading = towers.intentReading
        let capacity = min(towers.clusters, Self.mostContexts)
        self.capacity = capacity
        items = RetrievalInference(model: towers.base, map: map, store: store, catalog: catalog)
        users = WorkspacePool {
            let plan = Plan(store: store, mode: .inference)
            let tower = towers.recordUsers(plan, capacity: capacity, steps: nil, items: nil)
            let pasts = plan.input(tower.vectors.dimension, columns: towers.clusters, name: "intent.pasts")
            let intent = plan.softmax(towers.intent(plan, tower.vectors, pasts: pasts))
            plan.keep(tower.vectors)
            plan.keep(intent)
            try plan.seal()
            return Workspace(
                plan: plan, tower: tower, intent: intent, pasts: pasts,
                assembler: BatchAssembler(map: map, space: map.retrieval, items: catalog))
        }
    }

    /// The probability of each cluster for the user's next positive: [K].
    ///
    /// - Parameters:
    ///   - later: items behind the catalog that the past may hold.
    ///   - cluster: that of an item of the past, nil for one that is in none.
    package func intent(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems? = nil,
        cluster: (Int32) -> Int32?
    ) throws -> [Float] {
        var past: [Float] = []
        histogram.appendLogs(of: history, to: &past, cluster: cluster)
        return try read(encoded, row, history, [intentReading], later, past: past) { $0.plan.values(of: $0.intent) }
    }

    /// The vectors of a user, one a cluster: [clusters × d], each of length one; up to 64 clusters in one pass
    /// through the tower.
    package func userVectors(
        users encoded: EncodedEntities, row: Int, history: HistorySlice, clusters: [Int32],
        later: LaterItems? = nil
    ) throws -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(clusters.count * dimension)
        for start in stride(from: 0, to: clusters.count, by: capacity) {
            let some = clusters[start..<min(clusters.count, start + capacity)]
            vectors += try read(encoded, row, history, some, later) { $0.plan.values(of: $0.tower.vectors) }
        }
        return vectors
    }

    /// The vectors of catalog rows: [rows × d].
    ///
    /// - Parameter later: items behind the catalog that `rows` may reach into.
    package func itemVectors(rows: Range<Int>, later: LaterItems? = nil) throws -> [Float] {
        try items.itemVectors(rows: rows, later: later)
    }

    private func read(
        _ encoded: EncodedEntities, _ row: Int, _ history: HistorySlice, _ readings: some Sequence<Int32>,
        _ later: LaterItems?, past: [Float] = [], _ output: (Workspace) -> [Float]
    ) throws -> [Float] {
        try users.lend { workspace in
            workspace.assembler.extend(by: later?.retrieval)
            for reading in readings {
                workspace.assembler.addContext(users: encoded, row: row, history: history, reading: reading)
            }
            try workspace.tower.load(workspace.assembler.batch, workspace.plan)
            workspace.plan.floats(workspace.pasts).copy(past)
            try workspace.plan.forward()
            return output(workspace)
        }
    }
}
