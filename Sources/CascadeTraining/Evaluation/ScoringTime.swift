import CascadeFeatures
import CascadeModels

/// How long a release's ranker takes for a request's candidates.
package enum ScoringTime {
    /// Candidates of the request.
    package static let candidates = 500
    /// It is tried so often, or until so much time has passed, and three times at least.
    private static let repetitions = 30
    private static let patience: Duration = .milliseconds(500)

    /// The least of several times, the user's part included, on the calling thread, in milliseconds; nil without a ranker or
    /// without anyone who was shown something.
    static func milliseconds(_ data: EvaluationData) throws -> Double? {
        guard data.bundle.ranker != nil,
            let user = data.users.indices.max(by: { data.pastCount(of: $0) < data.pastCount(of: $1) })
        else { return nil }
        let rows = data.bundle.rows.items.count
        guard rows > 0, data.pastCount(of: user) > 0 else { return nil }
        let items = (0..<candidates).map { Int32($0 * 7919 % rows) }
        let end = data.evaluatedRows(of: user).lowerBound
        let begun = ContinuousClock.now
        var least: Duration?
        for repetition in 0..<repetitions where repetition < 3 || ContinuousClock.now - begun < patience {
            let start = ContinuousClock.now
            _ = try data.probabilities(of: items, user: user, historyEnd: end, row: end)
            least = min(least ?? .seconds(3600), ContinuousClock.now - start)
        }
        return least.map { $0 / .milliseconds(1) }
    }
}

extension EvaluationData {
    fileprivate func pastCount(of user: Int) -> Int { evaluatedRows(of: user).lowerBound - Int(log.userStart[user]) }
}
