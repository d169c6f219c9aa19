import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeStorage
import Foundation

/// `cascade ab`: A/B tests of what is served. (`cascade experiment` compares trainings offline.)
struct ABCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ab", abstract: "Report on A/B tests of what is served (the `experiments` of the configuration).",
        discussion: "Not to be taken for `cascade experiment`, which compares trainings without serving them.",
        subcommands: [List.self, Arm.self, Report.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tests of the configuration.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let tests = try options.load().experiments
            for test in tests.running {
                Terminal.out("\(test.name)  \(test.share > 0 ? "\(100 * test.share) % of the users" : "ended")")
                for arm in test.arms {
                    var parts = ["weight \(arm.weight)"] + arm.pipeline.keys.sorted()
                    if let release = arm.release { parts.append(release) }
                    Terminal.out("  \(arm.name)  \(parts.joined(separator: ", "))")
                }
            }
            if tests.running.isEmpty { Terminal.out("none; see experiments.running in the configuration") }
        }
    }

    struct Arm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell which arms serve a user.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The user.") var user: String

        func run() async throws {
            let tests = try options.load().experiments
            for test in tests.running {
                let place = test.arm(of: UserID(user), seed: tests.seed)
                Terminal.out("\(test.name)  \(place.map { test.arms[$0].name } ?? "takes no part")")
            }
        }
    }

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell users, impressions and rates of each arm, and the differences to the control.")
        @OptionGroup var options: GlobalOptions
        @OptionGroup var period: PeriodOptions
        @Argument(help: "The test; one that ended stays in the configuration with a share of 0.") var name: String
        @Option(help: "A signal to tell; may be given again. All without it.") var signal: [String] = []
        @Option(help: "Write the report to this file as JSON too.") var json: String?

        func run() async throws {
            let configuration = try options.load()
            let period = try period.period()
            guard let test = configuration.experiments.running.first(where: { $0.name == name }) else {
                let known = configuration.experiments.running.map(\.name).joined(separator: ", ")
                throw ValidationError(
                    "experiments.running has no test '\(name)'" + (known.isEmpty ? "" : "; it has \(known)"))
            }
            let report = try await Session.with(configuration) { session in
                try await Self.report(session.storage, test, signals: signal, period)
            }
            if let json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try encoder.encode(report).write(to: URL(fileURLWithPath: json), options: .atomic)
            }
            Terminal.out(ExperimentText.render(report))
        }

        /// - Parameter signals: all without one.
        static func report(
            _ storage: Storage, _ test: ExperimentSettings, signals: [String], _ period: Period
        ) async throws -> ExperimentReport {
            let names = signals.isEmpty ? try await storage.experiments.signals() : signals
            let rows = try await storage.experiments.users(of: test.name, signals: names, in: period)
            let users = rows.map { row in
                ExperimentUser(
                    user: row.user, arm: row.arm, impressions: row.impressions,
                    signals: zip(row.recorded, row.given).map { .init(recorded: $0, given: $1) })
            }
            return ExperimentReport(test, users, signals: names)
        }
    }
}
