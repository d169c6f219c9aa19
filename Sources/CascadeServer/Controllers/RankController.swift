import CascadeCore
import CascadePipeline
import Hummingbird

/// `POST /v1/rank`: a caller's list in the order that suits a user.
struct RankController: Sendable {
    let ranker: any Ranking

    func post(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let request = RankRequest(try call.object(problems))
        // What could not be read is not there to be looked at.
        try problems.check()
        for problem in request.problems() { problems.add(problem.pointer, problem.code, problem.detail) }
        try problems.check()
        let context = CascadePipeline.RequestContext(
            requestID: call.requestID, timeout: call.remaining, traceID: call.traceID)
        return .json(try RankDocument.json(of: try await ranker.rank(request, context: context)))
    }
}
