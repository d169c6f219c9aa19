import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeStorage
import Foundation

/// `cascade replay`: what another policy would have made of the logged slates.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Order logged slates anew with other factors of heads, diversity, filters or sources.",
        discussion: """
            Nothing is retrieved or scored again. Without options every slate comes out as it was. What a
            trace does not hold cannot be replayed; such slates are left out and counted by the reason.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var changes: ReplayPolicyOptions
    @Option(name: .shortAndLong, help: "Newest traces to read at most.") var number = 10_000
    @Option(help: "Write the report to this file as JSON too.") var json: String?

    func run() async throws {
        guard number > 0 else { throw ValidationError("--number must be 1 or more") }
        _ = try HeadFactor.dictionary(changes.factors)
        let period = try period.period()
        try await Session.with(options) { session in
            let policy = try await changes.policy(session)
            let report = try await Self.report(session, period, policy, limit: number)
            if let json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try encoder.encode(report).write(to: URL(fileURLWithPath: json), options: .atomic)
            }
            Terminal.out(String(ReplayText.render(report).dropLast()))
        }
    }

    private static func report(
        _ session: Session, _ period: Period, _ policy: ReplayPolicy, limit: Int
    ) async throws -> ReplayReport {
        var report = ReplayReport()
        var heads: Set<String> = []
        var left = limit
        let decoder = JSONDecoder()
        try await session.storage.traces.visit(in: period) { json in
            if let trace = try? decoder.decode(PipelineTrace.self, from: Data(json.utf8)) {
                heads.formUnion(trace.heads ?? [])
                do throws(SlateReplay.Obstacle) {
                    report.add(try SlateReplay(trace, policy))
                } catch {
                    report.skip(error)
                }
            } else {
                report.skip(.olderVersion)
            }
            left -= 1
            return left > 0
        }
        try ReplayPolicyOptions.check(policy, heads: heads)
        return report
    }
}
