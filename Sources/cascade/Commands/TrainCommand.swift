import ArgumentParser
import CascadeCore
import CascadeJobs
import CascadeModels
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
            if warm {
                try await ErasedUsers(storage: session.storage, directory: session.releaseDirectory).refuseWarmStart()
            }
            let release = try await TrainingRun(
                catalog: session.storage.catalog, feedback: try await session.cachedFeedback(),
                releases: session.storage.releases, artifacts: session.artifacts, settings: settings,
                codeVersion: CodeVersion.current(),
                report: { TrainingText.show($0) }
            ).run(
                period, evaluateUntil: measured, activate: !noActivate, resume: resume, warm: warm,
                owner: ProcessInfo.processInfo.environment[JobProcess.variable])
            Terminal.out("release \(release.id) is \(release.state.rawValue)")
        }
    }
}
