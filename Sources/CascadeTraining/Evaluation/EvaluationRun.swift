package import CascadeCore
import CascadeFeatures
package import CascadeModels

/// The figures of a release over a period.
package struct EvaluationReport: Sendable {
    package let history: HistoryMode
    package let ranker: RankerMeasures
    /// The same with rows that see all before them, where that was asked for beside a frozen evaluation.
    package let rolling: RankerMeasures
    /// Nil where only the ranker was asked for.
    package let retrieval: RetrievalEvaluation?
    /// Nil where it was not asked for, or without a ranker.
    package let importance: FeatureImportance?
    /// What the ranker takes for a request's candidates on one thread (`ScoringTime`); nil where it was not asked for.
    package let scoringMilliseconds: Double?
    /// What the figures of the heads are of.
    package let impressions: ScoredImpressions
    /// What the rows of its users and items are of.
    let users: [User]
    let items: [Item]

    package var heads: [HeadMetrics] { ranker.heads }
    package var values: [ValueMetrics] { ranker.values }

    /// Gives what was foretold of each row by each head, and then by each value head, to `body`.
    package func forEachPrediction(_ body: (Prediction) throws -> Void) rethrows {
        try impressions.forEachPrediction(users: users, items: items, body)
    }

    /// The figures by name, such as `ranker.long_view.auc` and `retrieval.two_tower.recall@100`.
    package var numbers: [String: Double] {
        var result: [String: Double] = [:]
        for (prefix, measures) in [("ranker", ranker), ("rolling.ranker", rolling)] {
            for head in measures.values {
                for (name, number) in head.figures.numbers { result["\(prefix).\(head.head).\(name)"] = number }
            }
            for head in measures.heads {
                let figures = head.figures
                result["\(prefix).\(head.head).auc"] = figures.auc
                result["\(prefix).\(head.head).auc.low"] = figures.aucInterval?.low
                result["\(prefix).\(head.head).auc.high"] = figures.aucInterval?.high
                result["\(prefix).\(head.head).logloss"] = figures.logLoss
                result["\(prefix).\(head.head).grouped_auc"] = figures.groupedAUC
                result["\(prefix).\(head.head).grouped_auc.low"] = figures.groupedAUCInterval?.low
                result["\(prefix).\(head.head).grouped_auc.high"] = figures.groupedAUCInterval?.high
                if figures.rows > 0 { result["\(prefix).\(head.head).ece"] = figures.reliability.error }
                result["\(prefix).\(head.head).raw.logloss"] = head.raw?.logLoss
                if figures.rows > 0 { result["\(prefix).\(head.head).raw.ece"] = head.raw?.reliability.error }
            }
        }
        if let retrieval { result.merge(Self.numbers(retrieval)) { _, new in new } }
        return result
    }

    private static func numbers(_ retrieval: RetrievalEvaluation) -> [String: Double] {
        var result: [String: Double] = [:]
        for member in retrieval.results where retrieval.users > 0 {
            for (cutoff, recall) in zip(RetrievalEvaluation.cutoffs, member.recall) {
                result["retrieval.\(member.name).recall@\(cutoff)"] = recall
            }
            for (cutoff, gain) in zip(RetrievalEvaluation.gainCutoffs, member.ndcg) {
                result["retrieval.\(member.name).ndcg@\(cutoff)"] = gain
            }
            let names =
                RetrievalEvaluation.cutoffs.map { "recall@\($0)" }
                + RetrievalEvaluation.gainCutoffs.map { "ndcg@\($0)" }
            for (name, margin) in zip(names, member.margins) {
                result["retrieval.\(member.name).\(name).margin"] = margin
            }
            let listed = RetrievalEvaluation.listed
            result["retrieval.\(member.name).coverage@\(listed)"] = member.popularity.coverage
            result["retrieval.\(member.name).gini@\(listed)"] = member.popularity.gini
            result["retrieval.\(member.name).most_popular_tenth@\(listed)"] = member.popularity.deciles.first
            if let planted = member.planted {
                for (place, cutoff) in PlantedReach.cutoffs.enumerated() {
                    result["retrieval.\(member.name).planted@\(cutoff)"] = planted.reached[place]
                    result["retrieval.\(member.name).planted_share@\(cutoff)"] = planted.shares[place]
                }
            }
            result["retrieval.\(member.name).norm_popularity_correlation"] = member.popularity.norms?.correlation
        }
        for slate in retrieval.slates {
            result["slate.\(slate.name).ndcg@\(SlateEvaluation.length)"] = slate.ndcg
            result["slate.\(slate.name).recall@\(SlateEvaluation.length)"] = slate.recall
            result["slate.\(slate.name).gain"] = slate.gain
            result["slate.\(slate.name).gain.margin"] = slate.gainMargin
        }
        if let intent = retrieval.intent, retrieval.users > 0 {
            for (name, figures) in [("model", intent.model), ("histogram", intent.histogram)] {
                result["interests.intent.\(name).logloss"] = figures.logLoss
                result["interests.intent.\(name).calibration_error"] = figures.calibrationError
            }
        }
        return result
    }
}

/// Evaluates a release on any period, also on one that was imported after it was trained.
package enum EvaluationRun {
    /// - Parameters:
    ///   - log: all interactions before the end of the period, the past included.
    ///   - signal: the feedback whose items are to be retrieved; nil takes the first head, or the most frequent signal of
    ///     a release without heads.
    ///   - baselines: what is printed beside the model.
    ///   - planted: the interests of a generated world, which lists are held against.
    ///   - candidates: how many of each source are ranked for the slates; nil ranks none.
    ///   - retrieves: false measures the ranker only.
    ///   - wanted: which items are to be found; nil: all. They stand among all others.
    ///   - measured: whose retrieval is measured.
    ///   - ranker: what is measured of the ranker beyond the figures of its heads.
    ///   - timesScoring: measures how long the ranker takes too.
    ///   - alsoRolling: measures the ranker with rows that see all before them too.
    package static func evaluate(
        _ bundle: ModelBundle, log: InteractionLog, users: [User], heldOut: HeldOut, history: HistoryMode,
        signal: String? = nil, baselines: [Baseline] = Baseline.quick,
        planted: PlantedInterests? = nil, candidates: Int? = nil, wanted: ((Item) -> Bool)? = nil,
        of measured: MeasuredUsers = .all, ranker options: RankerEvaluationOptions = .plain, timesScoring: Bool = false,
        alsoRolling: Bool = false,
        retrieves: Bool = true
    ) throws -> EvaluationReport {
        let known = bundle.map.historySignals
        guard !known.isEmpty else { throw TrainingError.nothingToEvaluate }
        let name = signal ?? bundle.map.mainSignal ?? known[0]
        guard let target = known.firstIndex(of: name) else {
            throw TrainingError.badArgument(
                "the release knows no signal '\(name)'; it has \(known.joined(separator: ", "))")
        }
        let data = try EvaluationData(bundle: bundle, log: log, users: users, heldOut: heldOut)
        guard data.users.indices.contains(where: { !data.evaluatedRows(of: $0).isEmpty }) else {
            throw TrainingError.nothingToEvaluate
        }
        let impressions = try ScoredImpressions(data, history: history)
        return EvaluationReport(
            history: history, ranker: try RankerEvaluation.metrics(impressions, data, options: options),
            rolling: alsoRolling
                ? try RankerEvaluation.metrics(
                    try ScoredImpressions(data, history: .rolling), data, options: .plain) : RankerMeasures(),
            retrieval: retrieves
                ? try RetrievalEvaluation(
                    data, log: log, signal: target, baselines: baselines, planted: planted, candidates: candidates,
                    wanted: wanted, of: measured) : nil,
            importance: bundle.ranker == nil
                ? nil
                : try options.importance.map {
                    try ImportanceSample(data, history: history, options: $0).importance()
                },
            scoringMilliseconds: timesScoring ? try ScoringTime.milliseconds(data) : nil,
            impressions: impressions, users: data.users, items: bundle.rows.items)
    }
}
