package import CascadeCore
import CascadeFeatures
package import CascadeModels

/// Compares a release with the active one on the same interactions, which neither was trained on.
///
/// The ranker's main head by a paired bootstrap over users, and recall of the first 100 by one over the users who have targets;
/// items that one of the two does not know are left out of what is measured. Pasts are frozen.
package struct PromotionGate: Sendable {
    static let cutoff = 100

    package let settings: PromotionSettings

    package init(settings: PromotionSettings) { self.settings = settings }

    /// - Parameters:
    ///   - log: everything up to the end of `period`, read with what both count over windows of time.
    ///   - period: where both are measured; it begins behind what they were trained on.
    /// - Throws: `badArgument` where the period is not behind the training of both, `nothingToEvaluate` where nothing in it can
    ///   be compared.
    package func judge(
        _ candidate: ModelBundle, against active: ModelBundle, log: InteractionLog, users: [User], period: Period
    ) throws -> PromotionVerdict {
        guard let from = period.from else {
            throw TrainingError.badArgument("--from is needed: where both releases are measured begins there")
        }
        for bundle in [candidate, active] where bundle.map.fittedUntil >= from.microseconds {
            throw TrainingError.badArgument(
                "a release was trained on what happened until \(Timestamp(microseconds: bundle.map.fittedUntil).rfc3339), "
                    + "so figures from \(from.rfc3339) on would be too good. Choose a later --from, or train with --until."
            )
        }
        let shared = log.rows { row in
            guard log.time[row] >= from.microseconds else { return true }
            let item = log.items[Int(log.itemIndex[row])]
            return candidate.rows.itemRow[item] != nil && active.rows.itemRow[item] != nil
        }
        let data = try [active, candidate].map {
            try EvaluationData(bundle: $0, log: shared, users: users, heldOut: .period(period))
        }
        let checks = [try ranker(data[0], data[1]), try recall(data[0], data[1])].compactMap(\.self)
        guard !checks.isEmpty else { throw TrainingError.nothingToEvaluate }
        return PromotionVerdict(margin: settings.margin, checks: checks)
    }

    /// Nil where one of the two has no ranker for the candidate's main signal, or no row tells of it.
    private func ranker(_ active: EvaluationData, _ candidate: EvaluationData) throws -> PromotionVerdict.Check? {
        guard let head = candidate.bundle.map.heads.first else { return nil }
        let scored = try [active, candidate].map { try ScoredImpressions($0, history: .frozen) }
        let rows = scored.compactMap { impressions in
            impressions.heads.firstIndex(of: head).map { impressions.rows(of: $0) }
        }
        guard rows.count == 2, rows[0].count > 0 else { return nil }
        guard rows[0].labels == rows[1].labels, rows[0].users == rows[1].users else {
            throw TrainingError.differentRows(rows[0].count, rows[1].count)
        }
        let bootstrap = try PairedBootstrap(labels: rows[0].labels, users: rows[0].users)
        guard let difference = try bootstrap.differences(of: rows[1].scores, from: rows[0].scores)[settings.figure]
        else {
            return nil
        }
        let values = rows.map { bootstrap.figure(settings.figure, of: $0.scores) ?? 0 }
        return check(
            "ranker.\(head).\(settings.figure.rawValue)", values[1], values[0],
            settings.figure == .logLoss ? difference.negated : difference)
    }

    /// Nil where nobody has anything to be found.
    private func recall(_ active: EvaluationData, _ candidate: EvaluationData) throws -> PromotionVerdict.Check? {
        let name = candidate.bundle.map.mainSignal ?? candidate.bundle.map.historySignals.first
        guard let name else { return nil }
        let found = try [active, candidate].map { data -> [Int: Double] in
            guard let signal = data.bundle.map.historySignals.firstIndex(of: name) else { return [:] }
            return try Self.recalls(data, signal: signal)
        }
        let users = found[0].keys.filter { found[1][$0] != nil }.sorted()
        guard !users.isEmpty else { return nil }
        let pairs = users.map { (active: found[0][$0] ?? 0, candidate: found[1][$0] ?? 0) }
        let count = Double(pairs.count)
        return check(
            "retrieval.two_tower.recall@\(Self.cutoff)", pairs.reduce(0) { $0 + $1.candidate } / count,
            pairs.reduce(0) { $0 + $1.active } / count,
            try PairedBootstrap.mean(pairs.map { $0.candidate - $0.active }))
    }

    /// Recall of each user that has targets.
    private static func recalls(_ data: EvaluationData, signal: Int) throws -> [Int: Double] {
        let tasks = RetrievalTask.all(data, signal: signal)
        let recalls = try RetrievalEvaluation.eachUser(
            tasks, of: TwoTowerRecommender(data), items: data.bundle.rows.items.count
        ) { ranks, _ in ranks.recall(at: cutoff) }
        return Dictionary(uniqueKeysWithValues: zip(tasks.map(\.user), recalls))
    }

    private func check(
        _ name: String, _ candidate: Double, _ active: Double, _ gain: RankerDifference
    ) -> PromotionVerdict.Check {
        PromotionVerdict.Check(
            name: name, candidate: candidate, active: active, gain: gain,
            passes: gain.interval.low >= -settings.margin)
    }
}
