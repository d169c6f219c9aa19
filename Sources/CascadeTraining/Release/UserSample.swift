import CascadeCore
import CascadeFeatures
import CascadeModels

/// Users spread over those with feedback, with their pasts: what an index is measured with where no training data is at hand.
struct UserSample: Sendable {
    private let users: [(user: User, history: [HistoryEntry])]

    /// Steps of a past that are read.
    private static let steps = 100

    /// Users with feedback among whom the sample is spread.
    private static let population = 50_000

    static func read(
        _ count: Int, catalog: any CatalogStore, feedback: any FeedbackStore & FeedbackUserList
    ) async throws -> UserSample {
        let users = try await feedback.usersWithFeedback(limit: max(count, population))
        var result: [(user: User, history: [HistoryEntry])] = []
        for index in stride(from: 0, to: users.count, by: max(1, users.count / max(1, count))).prefix(count) {
            let history = try await feedback.history(of: users[index], before: nil, limit: steps)
            result.append((try await catalog.user(users[index]) ?? User(id: users[index]), history))
        }
        return UserSample(users: result)
    }

    /// The likeliest interest of those with a past that the release knows, with their vector for it.
    func interests(_ bundle: ModelBundle, _ model: InterestModel) throws -> [(cluster: Int32, vector: [Float])] {
        try users.compactMap { user, history in
            let encoded = EncodedHistory(history, bundle: bundle)
            guard encoded.count > 0 else { return nil }
            let users = bundle.retrievalUsers.encode([user])
            return try encoded.lend { slice in
                let intent = try model.intent(users: users, row: 0, history: slice)
                guard let likeliest = InterestQuotas.order(intent).first else { return nil }
                let vector = try model.inference.userVectors(
                    users: users, row: 0, history: slice, clusters: [likeliest])
                return (likeliest, vector)
            }
        }
    }

    /// The vectors of those with a past that the release knows, as requests search for no others: `[count × dimension]`.
    func vectors(_ bundle: ModelBundle) throws -> [Float] {
        try users.flatMap { user, history -> [Float] in
            let encoded = EncodedHistory(history, bundle: bundle)
            guard encoded.count > 0 else { return [] }
            return try encoded.lend { slice in
                try bundle.retrieval.userVector(users: bundle.retrievalUsers.encode([user]), row: 0, history: slice)
            }
        }
    }
}
