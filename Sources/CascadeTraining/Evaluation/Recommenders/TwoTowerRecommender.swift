import CascadeFeatures
import CascadeModels

/// The release's retrieval model, every item scored exactly.
struct TwoTowerRecommender: CandidateRecommender {
    let name = "two_tower"
    private let data: EvaluationData
    private let vectors: [Float]

    init(_ data: EvaluationData) throws {
        self.data = data
        vectors = try data.bundle.retrieval.itemVectors(rows: 0..<data.bundle.rows.items.count)
    }

    func scores(for task: RetrievalTask) throws -> [Float] {
        let bundle = data.bundle
        let encoded = bundle.retrievalUsers.encode([data.users[task.user]])
        let query = try data.log.withHistory(user: task.user, end: task.historyEnd) {
            try bundle.retrieval.userVector(users: encoded, row: 0, history: $0)
        }
        let dimension = query.count
        return vectors.withUnsafeBufferPointer { vectors in
            query.withUnsafeBufferPointer { query in
                (0..<(vectors.count / dimension)).map { item in
                    var sum: Float = 0
                    for column in 0..<dimension { sum += vectors[item * dimension + column] * query[column] }
                    return sum
                }
            }
        }
    }
}
