import CascadeFeatures
import CascadeModels

/// The release's retrieval model, every item scored exactly: by the user's vector, or by the best of several.
struct TwoTowerRecommender: CandidateRecommender {
    let name = "two_tower"
    private let data: EvaluationData
    private let vectors: [Float]
    let norms: [Float]?

    init(_ data: EvaluationData) throws {
        self.data = data
        let rows = 0..<data.bundle.rows.items.count
        vectors = try data.bundle.retrieval.itemVectors(rows: rows)
        norms = try data.bundle.retrieval.itemNorms(rows: rows)
    }

    func scores(for task: RetrievalTask) throws -> [Float] { try scores(for: [task])[0] }

    func scores(for tasks: ArraySlice<RetrievalTask>) throws -> [[Float]] {
        VectorScores.best(vectors, users: try tasks.map(queries), data.bundle.retrieval.dimension)
    }

    private func queries(of task: RetrievalTask) throws -> [Float] {
        let encoded = data.bundle.retrievalUsers.encode([data.users[task.user]])
        return try data.log.withHistory(user: task.user, end: task.historyEnd) {
            try data.bundle.retrieval.userVectors(users: encoded, row: 0, history: $0)
        }
    }
}
