import CascadeCore
import CascadePipeline
import Hummingbird

/// `GET /v1/recommendations/{recommendation_id}/explain`: how a slate came to be, and why an item is in it or not.
struct ExplanationController: Sendable {
    let traces: any TraceReader
    let explainer: any Explaining

    func get(_ call: Call) async throws -> Response {
        let problems = Problems()
        let id = call.identifier("recommendation_id", problems)
        let query = QueryReader(call.query, problems: problems)
        let item = query.text("item_id")
        if let item, let problem = IdentifierRules.problem(with: item) {
            problems.add(query.place("item_id"), "invalid_identifier", problem)
        }
        query.refuseUnknown()
        try problems.check()
        guard let trace = try await traces.trace(id) else {
            throw RequestFailure.missing("trace of recommendation '\(id)'")
        }
        guard let item else { return .json(try TraceDocument.json(explaining: trace)) }
        let explanation = await explainer.explanation(of: item, in: trace)
        return .json(try TraceDocument.json(explaining: trace, by: explanation))
    }
}
