import CascadeCore
import CascadeFeatures
import CascadeModels

/// What the ranker makes of as many candidates of one source or of two: the first of each user's slate.
package struct SlateMetrics: Sendable, Codable, Equatable {
    /// `two_tower`, `interests`, or `both`: half of each.
    package let name: String
    /// NDCG of the first 20 of the slate.
    package let ndcg: Double
    /// Recall of the first 20 of the slate.
    package let recall: Double
    /// How much more NDCG than candidates of the two towers alone give, with half the width of the 95 % confidence interval of
    /// that difference over the same users.
    package let gain: Double
    package let gainMargin: Double
}

/// Measures slates: candidates are ordered by the ranker's probability of the signal that is to be found.
enum SlateEvaluation {
    static let length = 20
    /// Candidates that can be asked for.
    static let allowed = length...InterestRecommender.listed
    /// Users that are ranked for; more are drawn from.
    private static let most = 3000

    private struct User: Sendable {
        let ndcg: [Double]
        let recall: [Double]
    }

    /// One a source; of the two towers alone without interests.
    ///
    /// - Parameters:
    ///   - interests: nil without any.
    ///   - candidates: of each user, whatever they come from; 20 to 1000.
    /// - Throws: `TrainingError.badArgument` where the ranker has no head for the signal.
    static func run(
        _ data: EvaluationData, _ tasks: [RetrievalTask], towers: TwoTowerRecommender,
        interests: InterestRecommender?, signal: String, candidates: Int
    ) throws -> [SlateMetrics] {
        guard allowed.contains(candidates) else {
            throw TrainingError.badArgument(
                "\(candidates) candidates cannot be ranked; name \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        guard let head = data.bundle.map.heads.firstIndex(of: signal) else {
            throw TrainingError.badArgument(
                "the ranker has no head '\(signal)' to order candidates by; it has \(data.bundle.map.heads.joined(separator: ", "))"
            )
        }
        let heads = data.bundle.map.outputs.count
        let order = shuffled(tasks.indices.map { Int32($0) }, seed: 1).prefix(most).map { Int($0) }
        let users = try parallelMap(order.count) { index -> User in
            let task = tasks[order[index]]
            func first(_ member: any CandidateRecommender) throws -> [Int32] {
                var scores = try member.scores(for: task)
                for item in task.shown { scores[Int(item)] = -.infinity }
                return RetrievalRanks.first(candidates, of: scores)
            }
            var lists = [try first(towers)]
            if let several = try interests.map({ try first($0) }) {
                lists += [several, turns(lists[0], several, candidates)]
            }
            let all = Set(lists.joined()).sorted()
            let probabilities =
                try data.servedProbabilities(of: all, user: task.user, historyEnd: task.historyEnd) ?? []
            let ranks = lists.map { list in
                var scores = [Float](repeating: -.infinity, count: data.bundle.rows.items.count)
                let members = Set(list)
                for (place, item) in all.enumerated() where members.contains(item) {
                    scores[Int(item)] = probabilities[place * heads + head]
                }
                return RetrievalRanks(scores: scores, targets: task.targets)
            }
            return User(ndcg: ranks.map { $0.ndcg(at: length) }, recall: ranks.map { $0.recall(at: length) })
        }
        let names = ["two_tower", "interests", "both"].prefix(users.first?.ndcg.count ?? 0)
        return names.enumerated().map { place, name in metrics(name, place, users) }
    }

    /// The items of two lists by turns, each once, until there are `count`.
    static func turns(_ left: [Int32], _ right: [Int32], _ count: Int) -> [Int32] {
        var taken = Set<Int32>()
        var items: [Int32] = []
        for place in 0..<max(left.count, right.count) {
            for list in [left, right] where place < list.count && items.count < count {
                if taken.insert(list[place]).inserted { items.append(list[place]) }
            }
        }
        return items
    }

    private static func metrics(_ name: String, _ place: Int, _ users: [User]) -> SlateMetrics {
        let count = Double(max(1, users.count))
        func mean(_ value: (User) -> Double) -> Double { users.reduce(0) { $0 + value($1) } / count }
        let gain = mean { $0.ndcg[place] - $0.ndcg[0] }
        let squares = mean { ($0.ndcg[place] - $0.ndcg[0] - gain) * ($0.ndcg[place] - $0.ndcg[0] - gain) }
        return SlateMetrics(
            name: name, ndcg: mean { $0.ndcg[place] }, recall: mean { $0.recall[place] }, gain: gain,
            gainMargin: 1.96 * (squares / count).squareRoot())
    }
}
