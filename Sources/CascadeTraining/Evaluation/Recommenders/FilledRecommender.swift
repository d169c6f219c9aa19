/// A member whose zeros, the items it knows nothing of, are ordered by popularity behind all others.
struct FilledRecommender: CandidateRecommender {
    private let member: any CandidateRecommender
    /// [items] below zero, the most popular nearest to it.
    private let behind: [Float]

    /// - Parameter popularity: [items] counts.
    init(_ member: any CandidateRecommender, popularity: [Float]) {
        self.member = member
        let most = (popularity.max() ?? 0) + 1
        behind = popularity.map { $0 / most - 1 }
    }

    var name: String { member.name }

    func scores(for task: RetrievalTask) throws -> [Float] { filled(try member.scores(for: task)) }

    func scores(for tasks: ArraySlice<RetrievalTask>) throws -> [[Float]] {
        try member.scores(for: tasks).map(filled)
    }

    private func filled(_ scores: [Float]) -> [Float] { zip(scores, behind).map { $0 == 0 ? $1 : $0 } }
}
