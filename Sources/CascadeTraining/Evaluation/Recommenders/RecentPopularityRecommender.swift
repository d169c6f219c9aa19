import CascadeCore
import CascadeFeatures
import CascadeModels

/// Items by the users who gave the signal in the last days before the period; then by those of all time.
struct RecentPopularityRecommender: CandidateRecommender {
    static let days = 7

    let name = "popular_last_days"
    private let counts: [Float]

    /// - Parameter ever: [items] the users who gave the signal at any time before.
    init(_ data: EvaluationData, signal: Int, ever: [Float]) {
        let bit = UInt8(1) << UInt8(signal)
        let ends = data.users.indices.map { data.evaluatedRows(of: $0).lowerBound }
        let newest =
            data.users.indices.lazy.filter { ends[$0] > Int(data.log.userStart[$0]) }
            .map { data.log.time[ends[$0] - 1] }.max() ?? 0
        let start = newest - Int64(Self.days) * 86_400_000_000
        let most = (ever.max() ?? 0) + 1
        var counts = ever.map { $0 / most }
        for user in data.users.indices {
            let rows = min(ends[user], data.log.firstRow(of: user, at: start))..<ends[user]
            for item in Set(rows.filter { data.log.code[$0] & bit != 0 }.map { data.log.item[$0] }) {
                counts[Int(item)] += 1
            }
        }
        self.counts = counts
    }

    func scores(for task: RetrievalTask) -> [Float] { counts }
}
