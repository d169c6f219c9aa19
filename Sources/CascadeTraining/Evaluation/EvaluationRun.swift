package import CascadeCore
import CascadeFeatures
package import CascadeModels

/// The figures of a release over a period.
package struct EvaluationReport: Sendable {
    package let history: HistoryMode
    package let heads: [HeadMetrics]
    /// The same with rows that see all before them, where that was asked for beside a frozen evaluation.
    package let rollingHeads: [HeadMetrics]
    package let retrieval: RetrievalEvaluation

    /// The figures by name, such as `ranker.long_view.auc` and `retrieval.two_tower.recall@100`.
    package var numbers: [String: Double] {
        var result: [String: Double] = [:]
        for (prefix, heads) in [("ranker", heads), ("rolling.ranker", rollingHeads)] {
            for head in heads {
                result["\(prefix).\(head.head).auc"] = head.auc
                result["\(prefix).\(head.head).logloss"] = head.logLoss
                result["\(prefix).\(head.head).grouped_auc"] = head.groupedAUC
            }
        }
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
    ///   - wanted: which items are to be found; nil: all. They stand among all others.
    ///   - alsoRolling: measures the ranker with rows that see all before them too.
    package static func evaluate(
        _ bundle: ModelBundle, log: InteractionLog, users: [User], period: Period, history: HistoryMode,
        signal: String? = nil, baselines: [Baseline] = Baseline.quick,
        planted: PlantedInterests? = nil, candidates: Int? = nil, wanted: ((Item) -> Bool)? = nil,
        alsoRolling: Bool = false
    ) throws -> EvaluationReport {
        let known = bundle.map.historySignals
        guard !known.isEmpty else { throw TrainingError.nothingToEvaluate }
        let name = signal ?? bundle.map.mainSignal ?? known[0]
        guard let target = known.firstIndex(of: name) else {
            throw TrainingError.badArgument(
                "the release knows no signal '\(name)'; it has \(known.joined(separator: ", "))")
        }
        let data = try EvaluationData(bundle: bundle, log: log, users: users, period: period)
        guard data.users.indices.contains(where: { !data.evaluatedRows(of: $0).isEmpty }) else {
            throw TrainingError.nothingToEvaluate
        }
        return EvaluationReport(
            history: history, heads: try RankerEvaluation.run(data, history: history),
            rollingHeads: alsoRolling ? try RankerEvaluation.run(data, history: .rolling) : [],
            retrieval: try RetrievalEvaluation(
                data, log: log, signal: target, baselines: baselines, planted: planted, candidates: candidates,
                wanted: wanted))
    }
}
