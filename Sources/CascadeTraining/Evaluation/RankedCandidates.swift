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
    ///
    /// - Parameter rolling: the row of the log that the only item is of, to be seen as it was shown; nil counts over
    ///   windows of time up to where the evaluated period begins.
    func probabilities(of items: [Int32], user: Int, historyEnd: Int, rolling: Int? = nil) throws -> [Float]? {
        guard let ranker = bundle.ranker else { return nil }
        let encoded = bundle.rankerUsers.encode([users[user]])
        let offset = bundle.map.counterLayout.windowOffset
        return try log.withHistory(user: user, end: historyEnd) { history in
            try ranker.probabilities(
                context: try ranker.context(users: encoded, row: 0, history: history), items: items,
                columns: bundle.map.counterLayout.columns,
                counters: { item, output in
                    bundle.counters.write(history: history, item: item, fold: nil, into: output)
                    guard let windows else { return }
                    let values =
                        rolling.map { windows.rolling(row: $0) }
                        ?? windows.frozen(user: users[user], item: bundle.rows.items[Int(item)])
                    for (column, value) in values.enumerated() { output[offset + column] = value }
                }, check: {})
        }
    }
}
