import CascadeCore
import CascadePipeline
import Hummingbird

/// `POST /v1/recommendations`, its short form, and the pages that follow.
struct RecommendationController: Sendable {
    let recommender: any Recommending
    let pager: SlatePager

    func post(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let request = RecommendRequest(try call.object(problems))
        return try await answer(request, problems, call)
    }

    func get(_ call: Call) async throws -> Response {
        let problems = Problems()
        let user = UserID(call.identifier("user_id", problems))
        let query = QueryReader(call.query, problems: problems)
        var request = RecommendRequest(userID: user)
        request.limit = query.integer("limit", in: 1...recommender.settings.resultSize.max)
        request.debug = query.flag("debug") ?? false
        request.filters.excludeSeen = query.flag("exclude_seen") ?? true
        if let words = query.text("include") {
            request.include = Set(
                words.split(separator: ",").compactMap {
                    .named(String($0), at: query.place("include"), problems)
                })
        }
        query.refuseUnknown()
        return try await answer(request, problems, call)
    }

    func next(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = call.identifier("recommendation_id", problems)
        try problems.check()
        return try await answer(try await pager.next(after: id), problems, call)
    }

    private func answer(_ request: RecommendRequest, _ problems: Problems, _ call: Call) async throws -> Response {
        // What the readers refused is absent or known, so that no member is reported twice.
        let known = Set(
            problems.list.map { $0.pointer.hasPrefix("/path") ? String($0.pointer.dropFirst(5)) : $0.pointer })
        for problem in request.problems(under: recommender.settings) where !known.contains(problem.pointer) {
            problems.add(problem.pointer, problem.code, problem.detail)
        }
        try problems.check()
        let context = CascadePipeline.RequestContext(
            requestID: call.requestID, timeout: call.remaining, traceID: call.traceID)
        var response = try await recommender.recommend(request, context: context)
        response.next = pager.keep(request, response)
        return .json(try RecommendationDocument.json(of: response))
    }
}
