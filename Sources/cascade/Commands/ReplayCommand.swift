import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeStorage
import Foundation

/// `cascade replay`: what other factors of heads would have made of the logged slates.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Order logged slates anew with other factors of heads.",
        discussion: """
            Nothing is retrieved or scored again. Without factors the logged ones are used, and every slate
            comes out as it was.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @Argument(help: "What heads would count for, such as like=2 click=0.5; others count as they did.")
    var factors: [HeadFactor] = []
    @Option(help: "Take the factors of this version first; see `cascade weights list`.") var version: Int?
    @Option(name: .shortAndLong, help: "Newest traces to read at most.") var number = 10_000
    @Option(help: "Write the report to this file as JSON too.") var json: String?

    func run() async throws {
        guard number > 0 else { throw ValidationError("--number must be 1 or more") }
        let own = try HeadFactor.dictionary(factors)
        let period = try period.period()
        try await Session.with(options) { session in
            var factors: [String: Double] = [:]
            if let version { factors = try await WeightsCommand.version(version, session).factors }
            factors.merge(own) { $1 }
            let report = try await Self.report(session, period, factors, limit: number)
            if let json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try encoder.encode(report).write(to: URL(fileURLWithPath: json), options: .atomic)
            }
            Terminal.out(String(ReplayText.render(report).dropLast()))
        }
    }

    private static func report(
        _ session: Session, _ period: Period, _ factors: [String: Double], limit: Int
    ) async throws -> ReplayReport {
        var report = ReplayReport()
        var heads: Set<String> = []
        var left = limit
        let decoder = JSONDecoder()
        try await session.storage.traces.visit(in: period) { json in
            if let trace = try? decoder.decode(PipelineTrace.self, from: Data(json.utf8)) {
                heads.formUnion(trace.heads ?? [])
                do throws(SlateReplay.Obstacle) {
                    report.add(try SlateReplay(trace, factors: factors))
                } catch {
                    report.skip(error)
                }
            } else {
                report.skip(.olderVersion)
            }
            left -= 1
            return left > 0
        }
        if let unknown = factors.keys.filter({ !heads.contains($0) }).min(), !heads.isEmpty {
            throw ValidationError(
                "no logged slate has the head '\(unknown)'; they have \(heads.sorted().joined(separator: ", "))")
        }
        return report
    }
}
