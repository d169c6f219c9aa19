import ArgumentParser
import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade evaluate`: the figures of a release on any imported period.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a release on a period, beside baselines.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Option(help: "frozen: pasts end where the period begins; rolling: a row sees all before it.")
    var history = HistoryMode.frozen
    @Option(help: "The release (default: the active one).") var release: String?
    @Option(help: "The feedback whose items are to be retrieved (default: the most frequent).") var signal: String?
    @Option(
        help:
            "Which baselines: \(Baseline.allCases.map(\.rawValue).joined(separator: ", ")); quick (seconds) or all, by commas."
    )
    var baselines = "quick"
    @Option(help: "The truth.ndjson of the imported generated world: how many of a user's interests lists reach.")
    var planted: String?
    @Option(help: "Also rank so many candidates of the two towers, of the interests, and of both.")
    var candidates: Int?
    @Flag(help: "Also tell what each feature is worth to the ranker: its values are permuted among rows.")
    var importance = false
    @Option(help: "Impressions that the features are permuted among.") var importanceRows = 20_000
    @Option(help: "Numbers that the ranker multiplies in, as `serving.ranker_products`.")
    var products = ProductChoice.float32
    @Option(help: "Draws of users for the intervals of the ranker's figures; 0: none.") var draws = 400
    @Option(help: "Fixes the draws and the permutations.") var seed: UInt64 = 1
    @Option(help: "Write the whole report as JSON into this file; -: to standard output instead of the text.")
    var json: String?
    @Option(help: "Write what was foretold of each row, and what happened, as CSV into this file.")
    var predictions: String?
    @Option(help: "Write reliability diagrams, and bars of the importance, as SVG into this folder.") var plots: String?

    func validate() throws {
        if importanceRows < 1 { throw ValidationError("--importance-rows must be 1 or more") }
        if predictions == ExportFile.standardOutput { throw ValidationError("--predictions must name a file") }
        if draws < 0 { throw ValidationError("--draws must be 0 or more") }
    }

    func run() async throws {
        let period = try period.period()
        let members = try Baseline.parse(baselines)
        let measured = measured
        try await Session.with(options) { session in
            let chosen = try await session.releaseOrActive(release)
            let evaluated = try await session.heldOut(period, of: chosen)
            let isOpen = period.from == nil
            let compute = ComputePool(threads: 1, name: "evaluate")
            defer { compute.shutdown() }
            let bundle = try await compute.run { [products] _ in
                try session.artifacts.bundle(of: chosen, options: InferenceOptions(products: products.precision))
            }
            let log = try await session.cachedFeedback().interactions(
                in: Period(until: evaluated.until), timed: chosen.windows != nil, values: bundle.map.valueSignals)
            let users = try await session.storage.catalog.users()
            let (report, measuredPeriod) = try await compute.run { [history, signal, planted, candidates] _ in
                let fitted = bundle.calibration.flatMap { Timestamp(rfc3339: $0.until) }
                // What the probabilities were calibrated on tells nothing of how good they are.
                let start = isOpen ? [evaluated.from, fitted].compactMap(\.self).max() : evaluated.from
                let period = Period(from: start, until: evaluated.until)
                let report = try EvaluationRun.evaluate(
                    bundle, log: log, users: users, heldOut: .period(period), history: history, signal: signal,
                    baselines: members, planted: try planted.map { try PlantedInterests(truth: $0) },
                    candidates: candidates, ranker: measured)
                return (report, period)
            }
            Terminal.note(
                "release \(chosen.id), period from \(measuredPeriod.from?.rfc3339 ?? "–"), products \(products)")
            try write(report, of: chosen, measuredPeriod)
        }
    }

    /// What is measured of the ranker.
    private var measured: RankerEvaluationOptions {
        var options = RankerEvaluationOptions()
        (options.bootstrap.draws, options.bootstrap.seed) = (draws, seed)
        guard importance else { return options }
        var permuted = ImportanceOptions()
        (permuted.rows, permuted.seed) = (importanceRows, seed)
        options.importance = permuted
        return options
    }

    private func write(_ report: EvaluationReport, of release: Release, _ period: Period) throws {
        if let plots {
            let folder = URL(fileURLWithPath: plots)
            let names = try EvaluationPlots.write(report, to: folder)
            Terminal.note("\(names.joined(separator: ", ")) are in \(folder.path)")
        }
        if let predictions {
            let lines = try PredictionFile.write(report, to: predictions)
            Terminal.note("\(lines) predictions are in \(predictions)")
        }
        guard let json else { return Terminal.out(TrainingText.text(of: report)) }
        let data = try EvaluationDocument(report, release: release.id, period: period).json()
        if json == "-" { return Terminal.out(String(decoding: data, as: UTF8.self)) }
        Terminal.out(TrainingText.text(of: report))
        try data.write(to: URL(fileURLWithPath: json), options: .atomic)
    }
}

extension HistoryMode: ExpressibleByArgument {}

extension ProductChoice: ExpressibleByArgument {}
