import CascadeCore
import CascadeFeatures
import CascadeModels

extension EvaluationData {
    /// What each head gives for items as it is served, value heads last, at the end of a user's past: [items × heads]; nil
    /// without a ranker. They are asked for when the user's next interaction was.
    func servedProbabilities(of items: [Int32], user: Int, historyEnd: Int) throws -> [Float]? {
        try probabilities(of: items, user: user, historyEnd: historyEnd, row: historyEnd).map {
            bundle.served($0)
        }
    }

    /// The same before they are calibrated.
    ///
    /// - Parameters:
    ///   - row: the row of the log in whose moment they are asked for.
    ///   - rolling: the row of the log that the only item is of, to be seen as it was shown; nil counts over windows of
    ///     time up to where the evaluated period begins.
    func probabilities(
        of items: [Int32], user: Int, historyEnd: Int, row: Int, rolling: Int? = nil
    ) throws -> [Float]? {
        guard let ranker = bundle.ranker else { return nil }
        let encoded = bundle.rankerUsers.encode([users[user]])
        let moment = moment(of: row)
        return try log.withHistory(user: user, end: historyEnd) { history in
            let past = bundle.counters.past(history)
            return try ranker.probabilities(
                context: try ranker.context(
                    users: encoded, row: 0, history: history, at: moment,
                    tower: try bundle.tower(of: users[user], history: history)), items: items,
                columns: bundle.map.counterLayout.columns,
                counters: { writeCounters(past, user: user, item: $0, at: moment, rolling: rolling, into: $1) },
                check: {})
        }
    }

    /// Writes all counters of a row, those over windows of time too; `rolling` as in `probabilities`.
    func writeCounters(
        _ past: CountedPast, user: Int, item: Int32, at moment: Timestamp, rolling: Int?,
        into output: UnsafeMutablePointer<Float>
    ) {
        bundle.counters.write(past: past, item: item, at: moment, into: output)
        guard let windows else { return }
        let values =
            rolling.map { windows.rolling(row: $0) }
            ?? windows.frozen(user: users[user], item: bundle.rows.items[Int(item)])
        let offset = bundle.map.counterLayout.windowOffset
        for (column, value) in values.enumerated() { output[offset + column] = value }
    }
}
