import CascadeCore
import CascadeFeatures
import CascadeModels

/// How well clusters foretell what users take next.
///
/// Every item that a user takes from `split` on and did not take before is a target, if the user took anything in an earlier
/// second. Its past are all earlier takes, those after `split` too, as in service.
package struct ClusterFit: Hashable, Sendable {
    package let targets: Int
    package let users: Int
    /// [levels] share of the targets that lie in the n clusters that the user took most from, the latest of equals first.
    package let coverage: [Double]
    /// Mean of `−ln p_k` of the targets' clusters by `ClusterHistogram`, with the shares of all takes before `split`.
    package let historyLoss: Double
    /// The same of the shares alone.
    package let shareLoss: Double

    /// - Parameters:
    ///   - log: interactions of the items that `assignments` speaks of.
    ///   - split: microseconds since 1970.
    ///   - levels: the n of `coverage`.
    init(_ assignments: [Int32], count: Int, log: EncodedLog, split: Int64, levels: [Int]) throws {
        let histogram = ClusterHistogram(
            assignments, count: count, log, rows: (0..<log.count).lazy.filter { log.time[$0] < split })
        let parts = try parallelMap(log.userStart.count - 1) { user in
            Part(user: user, assignments: assignments, histogram: histogram, log: log, split: split, levels: levels)
        }
        // In the order of users, so that the sums do not depend on timing.
        var all = Part(levels: levels.count)
        var users = 0
        for part in parts where part.targets > 0 {
            all.add(part)
            users += 1
        }
        let number = Double(max(1, all.targets))
        self.users = users
        targets = all.targets
        coverage = all.covered.map { Double($0) / number }
        historyLoss = all.historyLoss / number
        shareLoss = all.shareLoss / number
    }

    /// What the targets of one user, or of several, sum up to.
    private struct Part {
        var targets = 0
        var covered: [Int]
        var historyLoss = 0.0
        var shareLoss = 0.0

        init(levels: Int) { covered = [Int](repeating: 0, count: levels) }

        init(
            user: Int, assignments: [Int32], histogram: ClusterHistogram, log: EncodedLog, split: Int64,
            levels: [Int]
        ) {
            self.init(levels: levels.count)
            let rows = Int(log.userStart[user])..<Int(log.userStart[user + 1])
            guard let last = rows.last, log.time[last] >= split else { return }
            var past = Past()
            var added = rows.lowerBound
            for row in rows where log.isTaken(row) && log.time[row] >= split {
                let end = log.historyEnd(of: row)
                for earlier in added..<max(added, end) where log.isTaken(earlier) {
                    past.add(log.item[earlier], cluster: assignments[Int(log.item[earlier])], row: earlier)
                }
                added = max(added, end)
                guard past.count > 0, !past.items.contains(log.item[row]) else { continue }
                let cluster = assignments[Int(log.item[row])]
                let probability = log.withHistory(user: user, end: end) {
                    histogram.probability(of: cluster, $0) { assignments[Int($0)] }
                }
                historyLoss -= naturalLog(Double(probability))
                shareLoss -= naturalLog(Double(histogram.shares[Int(cluster)]))
                count(cluster, past, levels)
            }
        }

        private mutating func count(_ cluster: Int32, _ past: Past, _ levels: [Int]) {
            targets += 1
            guard let own = past.clusters[cluster] else { return }
            let before = past.clusters.values.count { ($0.count, $0.latest) > (own.count, own.latest) }
            for (place, level) in levels.enumerated() where before < level { covered[place] += 1 }
        }

        mutating func add(_ other: Part) {
            targets += other.targets
            historyLoss += other.historyLoss
            shareLoss += other.shareLoss
            for place in covered.indices { covered[place] += other.covered[place] }
        }
    }

    /// What a user took so far.
    private struct Past {
        var items = Set<Int32>()
        var clusters: [Int32: (count: Int, latest: Int)] = [:]
        var count = 0

        mutating func add(_ item: Int32, cluster: Int32, row: Int) {
            items.insert(item)
            count += 1
            clusters[cluster] = ((clusters[cluster]?.count ?? 0) + 1, row)
        }
    }
}

extension ItemSpace {
    /// The mean inner product of each vector with the direction of its cluster's mean; `assignments` is by row of the space.
    func similarity(_ assignments: [Int32], count: Int) -> Double {
        var sums = [Double](repeating: 0, count: count * dimension)
        var sizes = [Int](repeating: 0, count: count)
        for (row, cluster) in assignments.enumerated() {
            sizes[Int(cluster)] += 1
            for column in 0..<dimension {
                sums[Int(cluster) * dimension + column] += Double(vectors[row * dimension + column])
            }
        }
        // Σ over a cluster of ⟨x, m / |m|⟩ is |Σ x|.
        let lengths = (0..<count).map { cluster in
            sums[(cluster * dimension)..<((cluster + 1) * dimension)].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        return lengths.reduce(0, +) / Double(max(1, sizes.reduce(0, +)))
    }
}
