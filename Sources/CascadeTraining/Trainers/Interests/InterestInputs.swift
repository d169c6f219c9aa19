import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// The rows of a step that are to be found, sorted by cluster, with the columns of each cluster beside each other.
struct SearchInputs {
    private let queries: Indices
    private let columns: Indices
    private let positives: Indices
    private let weights: Value
    private let logQ: Value
    private let groups: ContrastGroups

    init(_ plan: Plan, rows: Int, columns most: Int, clusters: Int) {
        let row = plan.dimension("search", capacity: rows)
        let column = plan.dimension("columns", capacity: most)
        let cluster = plan.fixed(clusters)
        queries = plan.indices(row, name: "search.queries")
        columns = plan.indices(column, name: "columns.items")
        positives = plan.indices(row, name: "search.positives")
        weights = plan.input(row, columns: 1, name: "search.weights")
        logQ = plan.input(column, columns: 1, name: "columns.logq")
        groups = ContrastGroups(
            rows: plan.offsets(segments: cluster, of: row, maximumLength: rows, name: "search"),
            columns: plan.offsets(segments: cluster, of: column, maximumLength: most, name: "columns"))
    }

    func record(_ plan: Plan, _ users: Value, _ items: Value, temperature: Float) -> Value {
        plan.sampledSoftmax(
            ContrastInputs(
                queries: plan.take(users, queries), items: plan.take(items, columns), positives: positives, logQ: logQ,
                weights: weights, groups: groups),
            temperature: .constant(temperature), options: .init(positiveCorrected: false))
    }

    /// What each row counts. The loss is divided by the rows that are there, so what they stand for is brought to a mean of
    /// one.
    static func weights(of rows: [InterestRows.Search]) -> [Float] {
        let shares = rows.reduce(Float(0)) { $0 + $1.share }
        let scale = shares > 0 ? Float(rows.count) / shares : 1
        return rows.map { $0.weight * $0.share * scale }
    }

    /// Loads rows in any order and adds the columns of their clusters to the batch.
    func load(
        _ rows: [InterestRows.Search], _ columns: InterestColumns, into plan: Plan, _ assembler: BatchAssembler,
        random: inout SeededRandom
    ) throws {
        var byCluster = [[InterestRows.Search]](repeating: [], count: columns.pools.count)
        for row in rows { byCluster[Int(row.cluster)].append(row) }
        var sorted: [InterestRows.Search] = []
        var positives: [Int32] = []
        var places: [Int32] = []
        var corrections: [Float] = []
        var rowStarts: [Int32] = [0]
        var columnStarts: [Int32] = [0]
        for (cluster, members) in byCluster.enumerated() {
            if !members.isEmpty {
                let items = columns.items(of: cluster, targets: members.map(\.item), random: &random)
                let place = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1, Int32($0)) })
                for member in members { positives.append(place[member.item] ?? -1) }
                for item in items {
                    places.append(assembler.addItem(item))
                    corrections.append(columns.correction(of: item))
                }
                sorted += members
            }
            rowStarts.append(Int32(sorted.count))
            columnStarts.append(Int32(places.count))
        }
        try plan.setCount(queries.dimension, sorted.count)
        try plan.setCount(self.columns.dimension, places.count)
        plan.integers(queries).copy(sorted.map(\.query))
        plan.integers(self.positives).copy(positives)
        plan.floats(weights).copy(Self.weights(of: sorted))
        plan.integers(self.columns).copy(places)
        plan.floats(logQ).copy(corrections)
        plan.integers(groups.rows).copy(rowStarts)
        plan.integers(groups.columns).copy(columnStarts)
    }
}

/// The rows of a step whose cluster is to be foretold.
struct IntentInputs {
    private let queries: Indices
    private let clusters: Indices
    private let weights: Value
    private let pasts: Value

    init(_ plan: Plan, rows: Int, clusters count: Int) {
        let row = plan.dimension("intent", capacity: rows)
        queries = plan.indices(row, name: "intent.queries")
        clusters = plan.indices(row, name: "intent.clusters")
        weights = plan.input(row, columns: 1, name: "intent.weights")
        pasts = plan.input(row, columns: count, name: "intent.pasts")
    }

    /// - Parameter logits: of the vectors of the queries and the histograms of their pasts, [rows × K].
    func record(_ plan: Plan, logits: (Indices, _ pasts: Value) -> Value) -> Value {
        plan.softmaxCrossEntropy(logits: logits(queries, pasts), targets: clusters, weights: weights)
    }

    func load(_ rows: InterestRows, into plan: Plan) throws {
        try plan.setCount(queries.dimension, rows.intent.count)
        plan.integers(queries).copy(rows.intent.map(\.query))
        plan.integers(clusters).copy(rows.intent.map(\.cluster))
        plan.floats(weights).copy(rows.intent.map(\.weight))
        plan.floats(pasts).copy(rows.pasts)
    }
}
