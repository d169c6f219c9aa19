import CascadeCore
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
    /// The histogram of the past that the model stands on.
    package let histogram: Figures

    init(_ interests: InterestRecommender, _ tasks: [RetrievalTask]) throws {
        let clusters = interests.clusters
        let users = try parallelMap(tasks.count) {
            index -> (model: [Double], histogram: [Double], wanted: [Double]) in
            let task = tasks[index]
            var wanted = [Double](repeating: 0, count: clusters.count)
            for item in task.targets { wanted[Int(clusters.assignments[Int(item)])] += 1 / Double(task.targets.count) }
            return (
                try interests.intent(of: task).map(Double.init), interests.histogram(of: task).map(Double.init), wanted
            )
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
