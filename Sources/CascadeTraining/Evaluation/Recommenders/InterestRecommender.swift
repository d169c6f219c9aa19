import CascadeFeatures
import CascadeModels

/// The release's model of interests, every chosen cluster scored exactly and merged by quota.
struct InterestRecommender: CandidateRecommender {
    let name = "interests"
    private let data: EvaluationData
    private let model: InterestModel
    private let members: [[Int32]]
    private let vectors: [Float]

    /// Places of the merged list; what it does not hold is not found.
    static let listed = 1000

    init(_ data: EvaluationData, _ model: InterestModel) throws {
        self.data = data
        self.model = model
        members = model.clusters.members
        vectors = try model.inference.itemVectors(rows: 0..<data.bundle.rows.items.count)
    }

    var clusters: ItemClusters { model.clusters }

    /// The probabilities of the clusters for a user at the end of the past.
    func intent(of task: RetrievalTask) throws -> [Float] {
        try read(task) { try model.intent(users: $0, row: 0, history: $1) }
    }

    /// The same by the histogram of the past alone.
    func histogram(of task: RetrievalTask) -> [Float] {
        data.log.withHistory(user: task.user, end: task.historyEnd) { model.histogram(of: $0) }
    }

    func scores(for task: RetrievalTask) throws -> [Float] {
        let intent = try intent(of: task)
        let quotas = model.settings.quotas
        let shown = Set(task.shown)
        let left = members.map { $0.filter { !shown.contains($0) } }
        let chosen = quotas.chosen(intent, counts: left.map(\.count))
        let queries = try read(task) {
            try model.inference.userVectors(users: $0, row: 0, history: $1, clusters: chosen)
        }
        let lists = chosen.enumerated().map { place, cluster in ranked(left[Int(cluster)], queries, place) }
        let places = quotas.merged(
            chosen.map { intent[Int($0)] }, counts: lists.map(\.count), limit: Self.listed)
        var scores = [Float](repeating: -.infinity, count: members.reduce(0) { $0 + $1.count })
        // The order alone counts; keys of neighbours could be equal as floats.
        for (position, place) in places.enumerated() {
            scores[Int(lists[place.list][place.rank])] = Float(places.count - position)
        }
        return scores
    }

    private func read<Result>(
        _ task: RetrievalTask, _ body: (EncodedEntities, HistorySlice) throws -> Result
    ) rethrows -> Result {
        let encoded = data.bundle.retrievalUsers.encode([data.users[task.user]])
        return try data.log.withHistory(user: task.user, end: task.historyEnd) { try body(encoded, $0) }
    }

    /// Rows by inner product with a query, best first, at most as many as are listed.
    private func ranked(_ rows: [Int32], _ queries: [Float], _ place: Int) -> [Int32] {
        let d = model.inference.dimension
        let scores = VectorScores.all(vectors, Array(queries[(place * d)..<((place + 1) * d)]), rows: rows)
        let scored = zip(rows, scores)
        return scored.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.prefix(Self.listed).map(\.0)
    }
}
