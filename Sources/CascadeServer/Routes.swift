import CascadeCore
import CascadePipeline
import HTTPTypes
import Hummingbird

/// Every path of the server, on one page.
enum Routes {
    /// Paths whose log lines are quiet.
    static let quiet: Set<String> = ["/health/live", "/health/ready", "/metrics"]

    static func all(_ dependencies: ServerDependencies, _ metrics: HTTPMetrics) -> [Route] {
        let pager = SlatePager(
            pages: dependencies.pages, lifetime: dependencies.settings.nextPageSeconds, now: dependencies.now)
        let recommendations = RecommendationController(recommender: dependencies.recommender, pager: pager)
        let rank = RankController(ranker: dependencies.ranker)
        let types = dependencies.settings.eventTypes.isEmpty ? nil : Set(dependencies.settings.eventTypes)
        let feedback = FeedbackController(
            feedback: dependencies.feedback, eventTypes: types, metrics: metrics, now: dependencies.now)
        let items = ItemController(catalog: dependencies.catalog)
        let users = UserController(
            catalog: dependencies.catalog, feedback: dependencies.feedback, eraser: dependencies.eraser,
            eventTypes: types)
        let similar = SimilarItemsController(
            similar: dependencies.similar, catalog: dependencies.catalog,
            maximum: dependencies.recommender.settings.resultSize.max)
        let follows = FollowController(relations: dependencies.relations, now: dependencies.now)
        let hidden = HiddenItemController(hidden: dependencies.hidden, now: dependencies.now)
        let explanations = ExplanationController(traces: dependencies.traces, explainer: dependencies.explainer)
        return [
            Route(.post, "/v1/recommendations", .recommendation, .recommend, recommendations.post),
            Route(
                .post, "/v1/recommendations/{recommendation_id}/next", .recommendation, .recommend,
                recommendations.next, body: .empty),
            Route(.post, "/v1/rank", .recommendation, .recommend, rank.post),
            Route(.get, "/v1/recommendations/{recommendation_id}/explain", .read, .inspect, explanations.get),
            Route(.get, "/v1/users/{user_id}/recommendations", .recommendation, .recommend, recommendations.get),
            Route(.post, "/v1/events", .write, .feedback, feedback.postEvents),
            Route(.post, "/v1/impressions", .write, .feedback, feedback.postImpressions),
            Route(.get, "/v1/items", .read, .catalog, items.list),
            Route(.post, "/v1/items", .write, .catalog, items.post, body: .batch),
            Route(.put, "/v1/items/{item_id}", .write, .catalog, items.put),
            Route(.patch, "/v1/items/{item_id}", .write, .catalog, items.patch),
            Route(.get, "/v1/items/{item_id}", .read, .catalog, items.get, isRevalidated: true),
            Route(.delete, "/v1/items/{item_id}", .write, .catalog, items.delete),
            Route(.get, "/v1/items/{item_id}/similar", .read, .recommend, similar.get),
            Route(.get, "/v1/users", .read, .catalog, users.list),
            Route(.post, "/v1/users", .write, .catalog, users.post, body: .batch),
            Route(.put, "/v1/users/{user_id}", .write, .catalog, users.put),
            Route(.patch, "/v1/users/{user_id}", .write, .catalog, users.patch),
            Route(.get, "/v1/users/{user_id}", .read, .catalog, users.get, isRevalidated: true),
            Route(.delete, "/v1/users/{user_id}", .write, .catalog, users.delete),
            Route(.get, "/v1/users/{user_id}/events", .read, .feedback, users.events),
            Route(.get, "/v1/users/{user_id}/follows", .read, .feedback, follows.list),
            Route(.put, "/v1/users/{user_id}/follows/{creator_id}", .write, .feedback, follows.put, body: .empty),
            Route(.delete, "/v1/users/{user_id}/follows/{creator_id}", .write, .feedback, follows.delete),
            Route(.get, "/v1/users/{user_id}/hidden", .read, .feedback, hidden.list),
            Route(.put, "/v1/users/{user_id}/hidden/{item_id}", .write, .feedback, hidden.put, body: .empty),
            Route(.delete, "/v1/users/{user_id}/hidden/{item_id}", .write, .feedback, hidden.delete),
        ] + operation(dependencies)
    }

    /// What operators and programs that watch ask for.
    private static func operation(_ dependencies: ServerDependencies) -> [Route] {
        let releases = ReleaseController(releases: dependencies.releases, control: dependencies.releaseControl)
        let jobs = JobController(jobs: dependencies.jobs)
        let inspection = InspectionController(
            recommender: dependencies.recommender, statistics: dependencies.statistics,
            readiness: dependencies.readiness, registry: dependencies.metrics, now: dependencies.now)
        return [
            Route(.get, "/v1/pipeline", .read, .inspect, inspection.getPipeline),
            Route(.get, "/v1/stats", .read, .inspect, inspection.getStatistics),
            Route(.get, "/v1/releases", .read, .inspect, releases.list, isRevalidated: true),
            // Before the path with a parameter, which it would match as well.
            Route(.post, "/v1/releases/rollback", .administration, .admin, releases.rollback, body: .empty),
            Route(.get, "/v1/releases/{release_id}", .read, .inspect, releases.get, isRevalidated: true),
            Route(
                .post, "/v1/releases/{release_id}/activate", .administration, .admin, releases.activate, body: .empty),
            Route(.get, "/v1/jobs", .read, .inspect, jobs.list),
            Route(.post, "/v1/jobs", .write, .admin, jobs.post),
            Route(.get, "/v1/jobs/{job_id}", .read, .inspect, jobs.get),
            Route(.post, "/v1/jobs/{job_id}/cancel", .write, .admin, jobs.cancel, body: .empty),
            Route(.get, "/v1/openapi.json", .read, .inspect, inspection.getOpenAPI, isRevalidated: true),
            Route(.get, "/health/live", .probe, nil, inspection.getLive),
            Route(.get, "/health/ready", .probe, nil, inspection.getReady),
            Route(.get, "/metrics", .probe, .inspect, inspection.getMetrics),
        ]
    }
}

/// A path with a method and what answers it.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let template: String
    let kind: EndpointKind
    /// What an API key must allow; nil where none is asked for.
    let scope: APIScope?
    let handler: EndpointRunner.Handler
    let body: EndpointBody
    /// Whether callers may ask by `If-None-Match` whether the answer has changed.
    let isRevalidated: Bool

    /// Whether a write can be named, so that a repeated one is not done again; others come out the same when they are repeated.
    var takesIdempotencyKey: Bool { method == .post && (kind == .write || kind == .administration) }

    /// - Parameters:
    ///   - body: nil takes what the method usually has.
    ///   - isRevalidated: for answers that clients keep, made of what is stored.
    init(
        _ method: HTTPRequest.Method, _ template: String, _ kind: EndpointKind, _ scope: APIScope?,
        _ handler: @escaping EndpointRunner.Handler, body: EndpointBody? = nil, isRevalidated: Bool = false
    ) {
        self.isRevalidated = isRevalidated
        self.body = body ?? Self.usualBody(method)
        self.method = method
        self.template = template
        self.kind = kind
        self.scope = scope
        self.handler = handler
    }

    private static func usualBody(_ method: HTTPRequest.Method) -> EndpointBody {
        switch method {
        case .post, .put: .json
        case .patch: .patch
        default: .empty
        }
    }
}
