package import CascadeCore
import CascadeFeatures
package import CascadeModels
import Foundation

/// Makes a new release of an existing one whose probabilities are those with which things happened in a stretch.
///
/// Models, catalog and index stay as they are, file by file; the new release has another `calibration.json`.
package struct CalibrationRun: Sendable {
    package let catalog: any CatalogStore
    package let feedback: any FeedbackStore
    package let releases: any ReleaseStore
    /// The folder of all releases.
    package let artifacts: any ArtifactStore

    package init(
        catalog: any CatalogStore, feedback: any FeedbackStore, releases: any ReleaseStore, artifacts: any ArtifactStore
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.releases = releases
        self.artifacts = artifacts
    }

    /// What is to be done.
    package struct Wish: Sendable {
        /// Both ends must be there. It should lie behind what the models were trained on.
        package var period: Period
        package var method = CalibrationMethod.platt
        /// The heads to calibrate; nil: all.
        package var heads: [String]?
        /// What the rows of the stretch see of the past; services see all of it.
        package var history = HistoryMode.rolling

        package init(period: Period) { self.period = period }
    }

    /// The figures of one head on the rows that it was fitted on.
    package struct HeadResult: Sendable {
        package let head: String
        package let rows: Int
        package let positives: Int
        package let raw: CalibrationFigures
        package let calibrated: CalibrationFigures
    }

    /// The new release.
    package struct Result: Sendable {
        package let release: Release
        package let heads: [HeadResult]
    }

    /// Scores the stretch, fits, writes the release, registers it, and activates it unless told not to.
    ///
    /// - Parameter release: whose models and index are taken; nil: the active one.
    package func run(_ wish: Wish, of release: Release? = nil, activate: Bool = true) async throws -> Result {
        guard let from = wish.period.from, let until = wish.period.until else {
            throw TrainingError.badArgument("a calibration needs --from and --until: the stretch that it is fitted on")
        }
        guard from < until else { throw TrainingError.badArgument("--from must be before --until") }
        var source = release
        if source == nil { source = try await releases.activeRelease() }
        guard let source else { throw TrainingError.noActiveRelease }
        guard source.rankerModelID != nil else { throw TrainingError.noRanker(release: source.id) }
        let log = try await feedback.interactions(in: Period(until: until), timed: source.windows != nil)
        let users = try await catalog.users()
        let compute = ComputePool(threads: 1, name: "calibrate")
        defer { compute.shutdown() }
        let made = try await compute.run { _ in try make(wish, (from, until), of: source, log, users) }
        try await releases.register(made.release, models: [])
        if activate { try await releases.activate(made.release.id) }
        return Result(release: try await releases.release(made.release.id) ?? made.release, heads: made.heads)
    }

    /// The part that computes, on a thread of its own.
    private func make(
        _ wish: Wish, _ stretch: (from: Timestamp, until: Timestamp), of source: Release, _ log: InteractionLog,
        _ users: [User]
    ) throws -> Result {
        let (folder, former) = try artifacts.open(source)
        let files = former.files.keys
        let bundle = try ModelBundle(folder: folder)
        guard bundle.ranker != nil else { throw TrainingError.noRanker(release: source.id) }
        guard stretch.from.microseconds > bundle.map.fittedUntil else {
            throw TrainingError.badArgument(
                "--from is in what the release was trained on, which ends at "
                    + "\(Timestamp(microseconds: bundle.map.fittedUntil).rfc3339): its probabilities there are too good. "
                    + "Choose a later stretch, or train with an earlier --until.")
        }
        let data = try EvaluationData(bundle: bundle, log: log, users: users, heldOut: .period(wish.period))
        let impressions = try ScoredImpressions(data, history: wish.history)
        guard impressions.count > 0 else {
            throw TrainingError.noImpressions(from: stretch.from.rfc3339, until: stretch.until.rfc3339)
        }
        let calibration = RankerCalibration(
            heads: try fit(wish, impressions), from: stretch.from.rfc3339, until: stretch.until.rfc3339)
        let heads = impressions.heads.indices.map { head in
            let rows = impressions.rows(of: head, isRaw: true)
            let calibrator = calibration.heads[head].calibrator
            return HeadResult(
                head: impressions.heads[head], rows: rows.count, positives: rows.positives,
                raw: CalibrationFigures(rows), calibrated: CalibrationFigures(rows.calibrated(calibrator)))
        }
        let now = Timestamp.now
        var random = SystemRandomNumberGenerator()
        let manifest = Manifest(
            releaseID: ReleaseNames.make("rel", at: now, random: random.next()),
            retrievalModelID: source.retrievalModelID, rankerModelID: source.rankerModelID, builtAt: now.rfc3339)
        let (_, checksum, _) = try artifacts.publish(manifest) { building in
            for name in files.sorted() where name != RankerCalibration.fileName {
                try FileManager.default.copyItem(atPath: folder.path(name), toPath: building.path(name))
            }
            try calibration.encoded().write(
                to: URL(fileURLWithPath: building.path(RankerCalibration.fileName)), options: .atomic)
            // What cannot be loaded is not registered.
            _ = try ModelBundle(folder: building)
        }
        // The index is the same, so what it was tuned to holds for it.
        let release = try ReleaseRecord.release(
            manifest, checksum: checksum, createdAt: now, configJSON: source.configJSON,
            metrics: Self.metrics(source, heads), windows: source.windows, efSearch: source.efSearch)
        return Result(release: release, heads: heads)
    }

    /// One a head of the ranker, in its order.
    private func fit(_ wish: Wish, _ impressions: ScoredImpressions) throws -> [RankerCalibration.Head] {
        for head in wish.heads ?? [] where impressions.valueHeads.contains(where: { $0.name == head }) {
            throw TrainingError.badArgument(
                "'\(head)' is a value and no probability, so nothing of it can be calibrated; leave it out of --heads")
        }
        for head in wish.heads ?? [] where !impressions.heads.contains(head) {
            throw TrainingError.badArgument(
                "the ranker has no head '\(head)'; it has \(impressions.heads.joined(separator: ", "))")
        }
        return try impressions.heads.enumerated().map { head, name in
            guard wish.heads?.contains(name) ?? true else {
                return RankerCalibration.Head(head: name, calibrator: IdentityCalibrator())
            }
            // A row whose score is no number tells nothing of how scores are to be read.
            let all = impressions.rows(of: head, isRaw: true)
            let finite = Set(all.scores.indices.filter { all.scores[$0].isFinite }.map { Int(all.places[$0]) })
            let rows = all.filter { finite.contains($0) }
            do throws(CalibrationError) {
                let calibrator = try wish.method.calibrator.init(
                    logOdds: rows.scores.map(RankerCalibration.logOdds), labels: rows.labels)
                return RankerCalibration.Head(head: name, calibrator: calibrator)
            } catch {
                throw TrainingError.uncalibratable(head: name, reason: "\(error)")
            }
        }
    }

    private static func metrics(_ source: Release, _ heads: [HeadResult]) -> [String: Double] {
        let former = (try? JSONDecoder().decode([String: Double].self, from: Data(source.metricsJSON.utf8))) ?? [:]
        // The figures of the former release are of its probabilities; those of its index and its lists still hold.
        var metrics = former.filter { !$0.key.hasPrefix("ranker.") && !$0.key.hasPrefix("calibration.") }
        for head in heads {
            metrics["calibration.\(head.head).logloss"] = head.calibrated.logLoss
            metrics["calibration.\(head.head).ece"] = head.calibrated.reliability.error
            metrics["calibration.\(head.head).raw.logloss"] = head.raw.logLoss
            metrics["calibration.\(head.head).raw.ece"] = head.raw.reliability.error
        }
        return metrics
    }
}

extension HeadRows {
    /// The rows with other probabilities.
    func calibrated(_ calibrator: any Calibrator) -> HeadRows {
        var result = self
        result.scores = scores.map { RankerCalibration.probability($0, by: calibrator) }
        return result
    }
}
