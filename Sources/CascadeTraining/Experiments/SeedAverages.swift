/// The figures of what several seeds of a variant's ranker foretell on the mean: how much of a figure is the chance of one training.
struct SeedAverages {
    private let metrics: [RankerMetric]
    private var name: String?
    private var seeds: [UInt64] = []
    private var heads: [String: HeadRows] = [:]

    /// - Parameter metrics: of the experiment; those that are no figure of a ranker which can be compared are passed over.
    init(metrics: [String]) { self.metrics = metrics.compactMap(RankerMetric.init) }

    /// Takes in what the ranker of a training gave; the trainings of a variant come one after another.
    ///
    /// - Returns: the figures of the mean over the variant's seeds so far; none for the first one.
    mutating func add(_ variant: String, seed: UInt64, _ impressions: ScoredImpressions) throws -> [String: Double] {
        if metrics.isEmpty { return [:] }
        if name != variant { (name, seeds, heads) = (variant, [], [:]) }
        seeds.append(seed)
        for (place, head) in impressions.heads.enumerated() where metrics.contains(where: { $0.head == head }) {
            try add(impressions.rows(of: place), to: head)
        }
        return seeds.count > 1 ? figures : [:]
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

    private var figures: [String: Double] {
        var result: [String: Double] = [:]
        for metric in metrics {
            guard var rows = heads[metric.head] else { continue }
            for row in rows.scores.indices { rows.scores[row] /= Float(seeds.count) }
            let users = UserBootstrap(users: rows.users, options: .init())
            let weighted = WeightedRows(
                scores: rows.scores, labels: rows.labels, users: users.userOf, userCount: users.users)
            result[metric.name] = metric.figure.value(weighted, [Double](repeating: 1, count: users.users))
        }
        return result
    }
}

/// A metric of an experiment that is a figure of a ranker's head, such as `ranker.long_view.auc`.
struct RankerMetric {
    let name: String
    let head: String
    let figure: PairedBootstrap.Figure

    /// Nil for any other metric.
    init?(_ metric: String) {
        guard metric.hasPrefix("ranker.") else { return nil }
        let rest = metric.dropFirst("ranker.".count)
        // `grouped_auc` ends in no point before `auc`, so one figure at most fits.
        guard let figure = PairedBootstrap.Figure.allCases.first(where: { rest.hasSuffix(".\($0.rawValue)") }) else {
            return nil
        }
        name = metric
        head = String(rest.dropLast(figure.rawValue.count + 1))
        self.figure = figure
    }
}
