/// The figures of what several seeds of a variant's ranker foretell on the mean: how much of a figure is the chance of one training.
struct SeedAverages {
    private let metrics: [RankerMetric]
    private var seeds = 0
    /// By head: the rows with the sums of what was foretold.
    private var heads: [String: HeadRows] = [:]

    /// - Parameter metrics: of the experiment; those that are no figure of a ranker which can be compared are passed over.
    init(metrics: [String]) { self.metrics = metrics.compactMap(RankerMetric.init) }

    /// Takes in what the ranker of one seed gave.
    mutating func add(_ impressions: ScoredImpressions) throws {
        seeds += 1
        for (place, head) in impressions.heads.enumerated() where metrics.contains(where: { $0.head == head }) {
            try add(impressions.rows(of: place), to: head)
        }
    }

    private mutating func add(_ rows: HeadRows, to head: String) throws {
        guard var sum = heads[head] else {
            heads[head] = rows
            return
        }
        guard sum.labels == rows.labels, sum.users == rows.users else {
            throw TrainingError.differentRows(sum.count, rows.count)
        }
        for row in sum.scores.indices { sum.scores[row] += rows.scores[row] }
        heads[head] = sum
    }

    /// The figures of the mean by metric; none for fewer than two seeds.
    func figures() throws -> [String: Double] {
        guard seeds > 1 else { return [:] }
        var result: [String: Double] = [:]
        for metric in metrics {
            guard let rows = heads[metric.head] else { continue }
            result[metric.name] = try PairedBootstrap(labels: rows.labels, users: rows.users)
                .figure(metric.figure, of: rows.scores.map { $0 / Float(seeds) })
        }
        return result
    }
}
