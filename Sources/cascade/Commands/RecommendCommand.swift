import ArgumentParser
import CascadeCore
import CascadePipeline
import CascadeServing
import CascadeTraining
import Foundation
import Logging

/// `cascade recommend`: one slate, made in this process from the active release.
struct RecommendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend", abstract: "Recommend to a user, with every stage on request.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The user.") var user: String
    @Option(name: .shortAndLong, help: "Items in the slate.") var number = 20
    @Flag(help: "Print what every stage did.") var trace = false

    func run() async throws {
        try await Session.with(options) { session in
            let response = try await PipelineService.byHand(session) { service in
                guard service.holder.current != nil else { throw TrainingError.noActiveRelease }
                var request = RecommendRequest(userID: UserID(user), limit: number)
                request.debug = trace
                return try await service.pipeline.recommend(
                    request, context: RequestContext(requestID: "cli", timeout: .seconds(60)))
            }
            Self.show(response)
            if trace, let report = response.trace { Terminal.out("\n" + FunnelText.render(report)) }
        }
    }

    private static func show(_ response: RecommendResponse) {
        for item in response.items {
            let heads = (item.heads ?? [:]).sorted { $0.key < $1.key }
                .map { "\($0.key) \(Terminal.number(Double($0.value)))" }.joined(separator: ", ")
            let sources = (item.sources ?? []).map(\.name).joined(separator: "+")
            Terminal.out(
                "\(item.position + 1). \(item.itemID)  \(Terminal.number(item.score.map { Double($0) }))  [\(sources)]  \(heads)"
            )
        }
        if response.items.isEmpty { Terminal.out("no items") }
        if let reason = response.fallback.reason { Terminal.note("fallback: \(reason.rawValue)") }
        if let cause = response.underfilled.cause {
            Terminal.note(
                "short: \(response.underfilled.returned) of \(response.underfilled.requested) items (\(cause.rawValue))"
            )
        }
    }
}
