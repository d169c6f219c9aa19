/// Holds the rankers of an experiment against those of its first variant, on the same rows, seed by seed.
struct RankerComparison {
    private let metrics: [RankerMetric]
    private var firstName: String?
    /// By seed, of the first variant.
    private var first: [UInt64: ScoredImpressions] = [:]
    /// Of the variant that is under way: seeds that were compared, with what was scored.
    private var pending: (name: String, seeds: [(seed: UInt64, impressions: ScoredImpressions)]) = ("", [])
    private var finished: [ExperimentResult.Comparison] = []

    /// - Parameter metrics: of the experiment; those that are no figure of a ranker which can be compared are passed over.
    init(metrics: [String]) {
        self.metrics = metrics.compactMap(RankerMetric.init)
    }

    /// Takes in what the ranker of a training gave; the trainings of a variant come one after another.
    mutating func add(_ name: String, seed: UInt64, _ impressions: ScoredImpressions) throws {
        if metrics.isEmpty { return }
        let isFirst = firstName == nil || firstName == name
        if isFirst {
            firstName = name
            first[seed] = impressions
            return
        }
        if pending.name != name {
            try finish()
            pending = (name, [])
        }
        pending.seeds.append((seed, impressions))
    }

    /// By variant, then by seed with the mean last, then by metric.
    var results: [ExperimentResult.Comparison] {
        mutating get throws {
            try finish()
            return finished
        }
    }

    private mutating func finish() throws {
        defer { pending.seeds = [] }
        guard !pending.seeds.isEmpty else { return }
        for one in pending.seeds { try compare([one], seed: one.seed) }
        if pending.seeds.count > 1 { try compare(pending.seeds, seed: nil) }
    }

    private mutating func compare(
        _ seeds: [(seed: UInt64, impressions: ScoredImpressions)], seed: UInt64?
    ) throws {
        var heads: [String] = []
        for metric in metrics where !heads.contains(metric.head) { heads.append(metric.head) }
        for head in heads {
            var pairs: [(first: [Float], second: [Float])] = []
            var rows: HeadRows?
            for one in seeds {
                // A head may be missing where variants ask for different numbers of positives.
                guard let former = first[one.seed], let before = former.heads.firstIndex(of: head),
                    let after = one.impressions.heads.firstIndex(of: head)
                else { continue }
                let left = former.rows(of: before)
                let right = one.impressions.rows(of: after)
                guard left.labels == right.labels, left.users == right.users else {
                    throw TrainingError.differentRows(left.count, right.count)
                }
                pairs.append((left.scores, right.scores))
                rows = right
            }
            guard let rows, rows.count > 0 else { continue }
            let differences = try PairedBootstrap(labels: rows.labels, users: rows.users).differences(pairs)
            for metric in metrics where metric.head == head {
                guard let difference = differences[metric.figure] else { continue }
                finished.append(
                    .init(name: pending.name, seed: seed, metric: metric.name, difference: difference))
            }
        }
    }
}
