import ArgumentParser
import CascadeCore
import CascadeJobs
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade train`: a training run from the database to an active release.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train retrieval and ranker, build the index, activate the release.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Option(help: "The first moment after what the release is measured on (default: all that came after the period).")
    var evaluateUntil: String?
    @Option(help: "Fixes everything that is trained (default: training.seed).") var seed: UInt64?
    @Flag(help: "Register the release without serving it.") var noActivate = false
    @Flag(help: "Go on with a training with the same settings and period that was killed, where one is left.")
    var resume = false
    @Flag(help: "Go on from the models of the active release, and learn from what came since alone.") var warm = false

    func run() async throws {
        let period = try period.period()
        let measured = try PeriodOptions.time(evaluateUntil, "--evaluate-until")
        if let measured {
            guard let until = period.until, until < measured else {
                throw ValidationError("--evaluate-until needs a --until before it: what lies between is measured")
            }
        }
        try await Session.with(options) { session in
            var settings = session.configuration.trainingSettings
            if let seed { settings.seed = seed }
            try await forgetErased(session)
            if warm { try await refuseErased(session) }
            let release = try await TrainingRun(
                catalog: session.storage.catalog, feedback: session.storage.feedback,
                releases: session.storage.releases, directory: session.releaseDirectory, settings: settings,
                codeVersion: CodeVersion.current(),
                report: { TrainingText.show($0) }
            ).run(
                period, evaluateUntil: measured, activate: !noActivate, resume: resume, warm: warm,
                owner: ProcessInfo.processInfo.environment[JobProcess.variable])
            Terminal.out("release \(release.id) is \(release.state.rawValue)")
        }
    }

    /// The weights of the active release, and of those that it goes on from, may have learned of a user that was erased since: going on from
    /// them would carry that along for ever.
    private func refuseErased(_ session: Session) async throws {
        guard let erased = try await session.storage.eraser.latestErasure(),
            let active = try await session.storage.releases.activeRelease(),
            let trained = try await session.storage.releases.coldStart(of: active.retrievalModelID)
        else { return }
        // That training had read before it ended: a day at most.
        guard erased < trained.adding(seconds: -86_400) else {
            throw CommandFailure(
                "a user was erased on \(erased.rfc3339), and the models of release \(active.id) may have learned of that user: "
                    + "train anew, without --warm")
        }
    }

    /// Deletes what killed trainings kept before a user was erased: they may have read of the user.
    private func forgetErased(_ session: Session) async throws {
        guard let erased = try await session.storage.eraser.latestErasure() else { return }
        // An erasure is seen by others a little after its time.
        let moment = erased.adding(seconds: 3600)
        for folder in TrainingCheckpoints.abandoned(in: session.releaseDirectory, before: moment) {
            try FileManager.default.removeItem(at: folder)
        }
    }
}
