import CascadeFeatures
import CascadeModels

/// Vectors of users to measure an index with.
enum RecallQueries {
    private static let count = 300

    /// The vectors of users spread over the training data: `[count × dimension]`.
    static func users(of data: TrainingData, bundle: ModelBundle) throws -> [Float] {
        let users = data.rows.users.count
        let step = max(1, users / count)
        return try stride(from: 0, to: users, by: step).prefix(count).flatMap { user in
            try data.log.withHistory(user: user, end: Int(data.log.userStart[user + 1])) {
                try bundle.retrieval.userVector(users: data.retrievalUsers, row: user, history: $0)
            }
        }
    }
}
