import ArgumentParser
import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade calibrate`: a release of the same models whose probabilities are those with which things happened in a stretch.
struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Make a new release whose ranker's probabilities fit what happened in a stretch, and serve it.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Option(
        help:
            "How: \(CalibrationMethod.allCases.map(\.rawValue).joined(separator: ", ")); none takes a calibration away."
    )
    var method = CalibrationMethod.platt
    @Option(help: "The heads to calibrate, by commas (default: all).") var heads: String?
    @Option(help: "frozen: pasts end where the stretch begins; rolling: a row sees all before it, as in service.")
    var history = HistoryMode.rolling
    @Option(help: "The release whose models are taken (default: the active one).") var release: String?
    @Flag(help: "Register the release without serving it.") var noActivate = false

    func run() async throws {
        var wish = CalibrationRun.Wish(period: try period.period())
        wish.method = method
        wish.heads = heads.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        wish.history = history
        try await Session.with(options) { [wish] session in
            var source: Release?
            if let release { source = try await session.release(release) }
            let made = try await CalibrationRun(
                catalog: session.storage.catalog, feedback: try await session.cachedFeedback(),
                releases: session.storage.releases, artifacts: session.artifacts
            ).run(wish, of: source, activate: !noActivate)
            for line in CalibrationText.lines(of: made) { Terminal.out(line) }
            Terminal.out("release \(made.release.id) is \(made.release.state.rawValue)")
        }
    }
}

extension CalibrationMethod: ExpressibleByArgument {}
