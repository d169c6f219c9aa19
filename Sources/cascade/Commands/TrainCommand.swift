import ArgumentParser
import CascadeCore
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
            let release = try await TrainingRun(
                catalog: session.storage.catalog, feedback: session.storage.feedback,
                releases: session.storage.releases, directory: session.releaseDirectory, settings: settings,
                report: { TrainingText.show($0) }
            ).run(period, evaluateUntil: measured, activate: !noActivate)
            Terminal.out("release \(release.id) is \(release.state.rawValue)")
        }
    }
}
