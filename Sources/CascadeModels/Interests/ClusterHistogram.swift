package import CascadeFeatures
import Foundation

/// How the clusters of what a user took lately are spread, smoothed by how those of what all users took are:
///
///     p_k = (n_k + s g_k) / (n + s)
///
/// with n takes among the newest `steps` of a past, n_k of them of cluster k, and its share g_k of the takes of all users.
/// Training, evaluation and serving ask here, so that the intent stands on the same numbers everywhere.
package struct ClusterHistogram: Hashable, Sendable {
    /// s: takes that the shares of all users stand for.
    package static let smoothing: Float = 10
    /// Newest steps of a past that count: as many as a service reads where `pipeline.history_limit` is not set.
    package static let steps = 200

    /// [K] g, all above 0, together 1.
    package let shares: [Float]

    package init(shares: [Float]) { self.shares = shares }

    /// Counts the takes of all users, one more for each cluster, so that none is impossible.
    ///
    /// - Parameter takes: the cluster of each.
    package init(clusters: Int, takes: some Sequence<Int32>) {
        var counts = [Double](repeating: 1, count: clusters)
        for cluster in takes { counts[Int(cluster)] += 1 }
        let total = counts.reduce(0, +)
        shares = counts.map { Float($0 / total) }
    }

    /// Appends `ln p` of every cluster: K numbers.
    ///
    /// - Parameters:
    ///   - excluded: an item whose steps are left out.
    ///   - cluster: that of an item; steps of items that are in none are left out.
    /// - Complexity: O(`steps` + K).
    package func appendLogs(
        of history: HistorySlice, without excluded: Int32 = -1, to logs: inout [Float], cluster: (Int32) -> Int32?
    ) {
        let first = logs.count
        for share in shares { logs.append(Self.smoothing * share) }
        var taken: Float = 0
        Self.forEachTake(of: history, without: excluded, cluster: cluster) {
            logs[first + Int($0)] += 1
            taken += 1
        }
        let scale = 1 / (taken + Self.smoothing)
        for index in first..<logs.count { logs[index] = log(logs[index] * scale) }
    }

    /// p of every cluster: [K].
    package func probabilities(of history: HistorySlice, cluster: (Int32) -> Int32?) -> [Float] {
        var logs: [Float] = []
        appendLogs(of: history, to: &logs, cluster: cluster)
        return logs.map { exp($0) }
    }

    /// p of one cluster.
    package func probability(of wanted: Int32, _ history: HistorySlice, cluster: (Int32) -> Int32?) -> Float {
        var taken: Float = 0
        var own = Self.smoothing * shares[Int(wanted)]
        Self.forEachTake(of: history, without: -1, cluster: cluster) {
            taken += 1
            if $0 == wanted { own += 1 }
        }
        return own / (taken + Self.smoothing)
    }

    private static func forEachTake(
        of history: HistorySlice, without excluded: Int32, cluster: (Int32) -> Int32?, _ body: (Int32) -> Void
    ) {
        for step in max(0, history.count - steps)..<history.count {
            let item = history.items[step]
            // What was shown and passed over is in the past too, without a feedback.
            guard history.codes[step] & history.feedbackBits != 0, item != excluded, let cluster = cluster(item) else {
                continue
            }
            body(cluster)
        }
    }
}
