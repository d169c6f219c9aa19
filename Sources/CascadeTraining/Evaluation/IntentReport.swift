import CascadeFeatures
import CascadeModels
import Foundation

/// How well the clusters of what users took next are foretold, by the model and by what users took before.
package struct IntentReport: Sendable, Codable, Equatable {
    /// One way to foretell.
    package struct Figures: Sendable, Codable, Equatable {
        /// Mean over users of −ln p of their targets' clusters.
        package let logLoss: Double
        /// Σ over bins of p of |Σ p − Σ share of targets| a user: the probability that lies in the wrong bin. Bins end at
        /// .01, .02, .05, .1, .2, .5 and 1.
        package let calibrationError: Double
    }

    package let model: Figures
    /// Shares of the past with a prior of the shares of all pasts that weighs `priorWeight` items.
    package let histogram: Figures

    /// Items of the past that the prior of the histogram is worth.
    package static let priorWeight = 10.0

    init(_ data: EvaluationData, _ interests: InterestRecommender, _ tasks: [RetrievalTask]) throws {
        let clusters = interests.clusters
        var prior = [Double](repeating: 1, count: clusters.count)
        @Sendable func count(_ user: Int, _ end: Int, into counts: inout [Double]) {
            for row in Int(data.log.userStart[user])..<end where data.log.isTaken(row) {
                counts[Int(clusters.assignments[Int(data.log.item[row])])] += 1
            }
        }
        for user in data.users.indices { count(user, data.evaluatedRows(of: user).lowerBound, into: &prior) }
        let total = prior.reduce(0, +)
        let shares = prior.map { $0 / total }
        let users = try parallelUsers(tasks.count) {
            index -> (model: [Double], histogram: [Double], wanted: [Double]) in
            let task = tasks[index]
            var wanted = [Double](repeating: 0, count: clusters.count)
            for item in task.targets { wanted[Int(clusters.assignments[Int(item)])] += 1 / Double(task.targets.count) }
            var counts = shares.map { $0 * Self.priorWeight }
            count(task.user, task.historyEnd, into: &counts)
            let sum = counts.reduce(0, +)
            return (try interests.intent(of: task).map(Double.init), counts.map { $0 / sum }, wanted)
        }
        model = Self.figures(users.map { ($0.model, $0.wanted) })
        histogram = Self.figures(users.map { ($0.histogram, $0.wanted) })
    }

    /// - Parameter users: of each the foretold and the true shares of the clusters.
    static func figures(_ users: [(foretold: [Double], wanted: [Double])]) -> Figures {
        var loss = 0.0
        let ends = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
        var bins = [Double](repeating: 0, count: ends.count + 1)
        for (foretold, wanted) in users {
            for (p, share) in zip(foretold, wanted) {
                if share > 0 { loss -= share * log(max(p, 1e-12)) }
                bins[ends.firstIndex { p < $0 } ?? ends.count] += p - share
            }
        }
        let error = bins.reduce(0) { $0 + abs($1) } / Double(max(1, users.count))
        return Figures(logLoss: loss / Double(max(1, users.count)), calibrationError: error)
    }
}
