package import CascadeCore
import CascadeFeatures

/// Runs over the same data that are compared: what differs, which seeds, what is measured.
package struct Experiment: Sendable {
    /// Which held-out part the figures are of. Readings of a test part are kept in a log, since each is a temptation.
    package enum Part: String, Sendable, ChosenWord {
        case validation
        case test
    }

    /// One row of the comparison.
    package struct Variant: Sendable {
        package let name: String
        package let settings: TrainingSettings

        package init(name: String, settings: TrainingSettings) {
            self.name = name
            self.settings = settings
        }
    }

    package var name: String
    package var part: Part
    /// What is trained on.
    package var period: Period
    /// The last share of each user's interactions in the period, held out in place of what comes behind it; 0: none.
    package var lastShare = 0.0
    /// Where the measured stretch behind the period ends; nil takes all.
    package var evaluateUntil: Timestamp?
    package var signal: String?
    package var seeds: [UInt64]
    package var baselines: [Baseline]
    /// Names as `EvaluationReport.numbers` has them.
    package var metrics: [String]
    /// Epochs between two points of the measured curves; 0 measures at the end only.
    package var evaluateEvery: Int
    package var variants: [Variant]
    /// Candidates of each source that the ranker orders for `slate.` figures.
    package var candidates = 400
    /// Items that training is not shown although the catalog has them, and that alone are to be found then.
    package var hidden = HiddenItems()
    /// Whose retrieval is measured.
    package var measured = MeasuredUsers.all
    /// The file with the interests of the generated world, which lists are held against; training gets nothing of them.
    package var planted: String?

    package init(
        name: String, part: Part, period: Period, evaluateUntil: Timestamp?, signal: String?, seeds: [UInt64],
        baselines: [Baseline], metrics: [String], evaluateEvery: Int, variants: [Variant]
    ) {
        self.name = name
        self.part = part
        self.period = period
        self.evaluateUntil = evaluateUntil
        self.signal = signal
        self.seeds = seeds
        self.baselines = baselines
        self.metrics = metrics
        self.evaluateEvery = evaluateEvery
        self.variants = variants
    }

    /// Whether a ranker is trained: only where something is measured of it.
    var needsRanker: Bool { metrics.contains { $0.hasPrefix("ranker.") } || ranksSlates || measuresRolling }

    /// Whether the ranker is measured with rows that see all before them, beside the frozen pasts.
    var measuresRolling: Bool { metrics.contains { $0.hasPrefix("rolling.ranker.") } }

    /// Whether retrieval is trained: not where all that is measured is of the ranker's heads.
    var needsRetrieval: Bool { metrics.contains { !$0.hasPrefix("ranker.") && !$0.hasPrefix("rolling.ranker.") } }

    /// What training does not get, and figures are of.
    var heldOut: HeldOut {
        lastShare > 0
            ? .last(share: lastShare) : .period(Period(from: period.until, until: evaluateUntil))
    }

    /// Whether slates are measured.
    var ranksSlates: Bool { metrics.contains { $0.hasPrefix("slate.") } }

    /// What is wrong with the experiment; empty when it can be run.
    package func problems() -> [String] {
        var found: [String] = []
        if period.until == nil { found.append("data.until: name where training ends and measuring begins") }
        if !(0..<1).contains(lastShare) { found.append("data.last_share must be 0 (none) to below 1") }
        if lastShare > 0, evaluateUntil != nil {
            found.append(
                "data.evaluate_until ends what comes behind data.until; data.last_share measures what is before it")
        }
        if lastShare > 0, variants.contains(where: { $0.settings.features.countsWindows }) {
            found.append("data.last_share is for logs without true times, features.windows counts by them")
        }
        if hidden.share > 0, variants.contains(where: { $0.settings.features.countsWindows }) {
            found.append("hidden_items would be counted by features.windows; take one of both away")
        }
        if lastShare > 0, variants.contains(where: { $0.settings.features.times }) {
            found.append("data.last_share is for logs without true times, features.times reads them")
        }
        if lastShare > 0, measured == .new {
            found.append(
                "data.users: with data.last_share every user has a past; measure all, or what comes behind data.until")
        }
        if lastShare > 0, hidden.share > 0 { found.append("data.last_share and hidden_items do not go together") }
        if let until = period.until, let end = evaluateUntil, end <= until {
            found.append("data.evaluate_until must be after data.until")
        }
        if seeds.isEmpty || Set(seeds).count < seeds.count { found.append("seeds must be a list of different numbers") }
        if variants.isEmpty { found.append("runs: name at least one") }
        if Set(variants.map(\.name)).count < variants.count { found.append("runs: two have the same name") }
        if metrics.isEmpty { found.append("metrics: name at least one, such as recall@50") }
        if planted == nil, metrics.contains(where: { $0.contains(".planted") }) {
            found.append(
                "data.planted: name the truth.ndjson of the generated world that 'planted' metrics are held against")
        }
        if !(0..<1).contains(hidden.share) { found.append("hidden_items.share must be 0 to below 1") }
        if !SlateEvaluation.allowed.contains(candidates) { found.append("candidates must be 20 to 1000") }
        if evaluateEvery < 0 { found.append("evaluate_every must be 0 (at the end only) or more") }
        for variant in variants { found += variant.settings.problems().map { "run '\(variant.name)': \($0)" } }
        return found
    }
}
