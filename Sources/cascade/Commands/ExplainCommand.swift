import ArgumentParser
import CascadePipeline
import CascadeStorage
import Foundation

/// `cascade explain`: why and why not, from the trace of a recommendation.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell how a slate came to be, and why items are in it or not.",
        discussion: """
            Traces are kept of a share of the recommendations: pipeline.trace_sample_rate. Of an item that no source brought the trace \
            knows nothing: while the release that made the slate is active, it is computed again how far from the cut the item is.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The recommendation (rec_…).") var recommendation: String
    @Option(name: .customLong("item"), help: "An item, whether it was recommended or not; may be given several times.")
    var items: [String] = []
    @Option(name: .shortAndLong, help: "Items of the slate to print with their scores.") var number = 20
    @Flag(help: "Print the trace, or the explanations, as JSON.") var json = false

    func validate() throws {
        guard number >= 0 else { throw ValidationError("--number must be 0 or more") }
    }

    func run() async throws {
        try await Session.with(options) { session in
            guard let trace = try await StoredTraces(store: session.storage.traces).trace(recommendation) else {
                throw CommandFailure(
                    "no trace of \(recommendation) is kept: look at the identifier, and at pipeline.trace_sample_rate")
            }
            let explanations = try await explain(trace, session)
            if json {
                Terminal.out(try items.isEmpty ? Self.text(trace) : Self.text(explanations))
            } else if items.isEmpty {
                Terminal.out(String(FunnelText.render(trace, candidates: number).dropLast()))
            } else {
                for explanation in explanations { for line in Self.lines(explanation) { Terminal.out(line) } }
            }
        }
    }

    /// By the trace, and for items that no source brought by the release that is served.
    private func explain(_ trace: PipelineTrace, _ session: Session) async throws -> [Explanation] {
        let kept = items.map { trace.explanation(of: $0) }
        guard kept.contains(where: { $0.verdict == .notRetrieved }) else { return kept }
        do {
            return try await PipelineService.byHand(session) { service in
                var explanations: [Explanation] = []
                for item in items { explanations.append(await service.pipeline.explanation(of: item, in: trace)) }
                return explanations
            }
        } catch {
            Terminal.note("what no source brought is not computed again: \(error)")
            return kept
        }
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func lines(_ explanation: Explanation) -> [String] {
        var lines = ["\(explanation.itemID)  \(explanation.verdict.rawValue): \(explanation.detail)"]
        let heads = (explanation.candidate?.heads.entries ?? []).sorted { $0.name < $1.name }
        if !heads.isEmpty {
            lines.append(
                "    " + heads.map { "\($0.name) \(Terminal.number(Double($0.value)))" }.joined(separator: ", "))
        }
        return lines
    }
}
