import CascadeFeatures
import CascadeModels

extension EvaluationData {
    /// The probabilities of each head for items as they are served, at the end of a user's past: [items × heads]; nil without
    /// a ranker.
    func servedProbabilities(of items: [Int32], user: Int, historyEnd: Int) throws -> [Float]? {
        try probabilities(of: items, user: user, historyEnd: historyEnd).map {
            bundle.calibration?.calibrated($0) ?? $0
        }
    }

    /// The same before they are calibrated.
    func probabilities(of items: [Int32], user: Int, historyEnd: Int) throws -> [Float]? {
        guard let ranker = bundle.ranker else { return nil }
        let encoded = bundle.rankerUsers.encode([users[user]])
        return try log.withHistory(user: user, end: historyEnd) { history in
            try ranker.probabilities(
                context: try ranker.context(users: encoded, row: 0, history: history), items: items,
                columns: bundle.map.counterLayout.columns,
                counters: { bundle.counters.write(history: history, item: $0, fold: nil, into: $1) }, check: {})
        }
    }
}
