import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeStorage
import Foundation

/// `cascade off-policy`: what another policy would have earned, from what was served with chance.
struct OffPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off-policy", abstract: "Estimate what another policy would have earned.",
        subcommands: [Estimate.self, Coverage.self], defaultSubcommand: Estimate.self)

    struct Estimate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Estimate the signals a slate of another policy, from logged slates that left something to chance.",
            discussion: """
                Slates count whose trace is kept and that impressions name. The intervals are for 95 %, over
                users. A target of which too much was never possible in the log is refused.
                """)

        @OptionGroup var options: GlobalOptions
        @OptionGroup var period: PeriodOptions
        @OptionGroup var changes: ReplayPolicyOptions
        @Option(help: "The signal that earns 1.") var signal = "click"
        @Option(help: "How the places of a slate weigh: sequential or slate.") var weighting = SlateWeighting.sequential
        @Option(help: "The share of the target's choices without a chance in the log that is borne, 0 to 1.")
        var unsupported = OffPolicyLog.unsupportedLimit
        @Option(name: .shortAndLong, help: "Newest traces to read at most.") var number = 10_000

        func validate() throws {
            guard number > 0 else { throw ValidationError("--number must be 1 or more") }
            guard (0...1).contains(unsupported) else { throw ValidationError("--unsupported must be from 0 to 1") }
            guard weighting != .independent else {
                throw ValidationError(
                    "--weighting must be sequential or slate: traces tell probabilities given the places before")
            }
        }

        func run() async throws {
            let period = try period.period()
            try await Session.with(options) { session in
                let policy = try await changes.policy(session)
                let read = try await TracedSlates.read(session.storage, period, policy, signal: signal, limit: number)
                try ReplayPolicyOptions.check(policy, heads: read.heads)
                for (obstacle, count) in read.skipped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    Terminal.out("left out         \(count) \(obstacle.rawValue)")
                }
                if read.unseen > 0 { Terminal.out("left out         \(read.unseen) that no impression names") }
                let log = OffPolicyLog(slates: read.slates, weighting: weighting)
                try log.check(unsupportedLimit: unsupported)
                Terminal.out(
                    OffPolicyText.render(
                        log, OffPolicyEstimators.all(model: ScaledFeatureModel()), signal: signal,
                        unsupportedLimit: unsupported))
            }
        }
    }

    struct Coverage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try the estimators in generated worlds of known value: how often intervals hold it.")
        @Option(help: "Worlds.") var worlds = 1000
        @Option(help: "Users of each log, with three slates on average.") var users = 1000
        @Option(help: "Fixes the worlds and logs.") var seed: UInt64 = 1

        func run() async throws {
            guard worlds > 0, users > 1 else { throw ValidationError("--worlds must be 1 or more, --users 2 or more") }
            let trials = try CoverageTrial.run(worlds: worlds, users: users, seed: seed)
            Terminal.out(OffPolicyText.render(trials))
        }
    }
}

extension SlateWeighting: ExpressibleByArgument {}
