import CascadePipeline
import HTTPTypes
import Hummingbird

/// Every path of the server, on one page.
enum Routes {
    /// Paths that need no API key, and whose log lines are quiet.
    static let probes: Set<String> = ["/health/live", "/health/ready"]
    static let quiet: Set<String> = probes.union(["/metrics"])

    static func all(_ dependencies: ServerDependencies, _ metrics: HTTPMetrics) -> [Route] {
        let recommendations = RecommendationController(recommender: dependencies.recommender)
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
        let explanations = ExplanationController(traces: dependencies.traces)
        let inspection = InspectionController(
            recommender: dependencies.recommender, releases: dependencies.releases,
            readiness: dependencies.readiness, registry: dependencies.metrics, now: dependencies.now)
        return [
            Route(.post, "/v1/recommendations", .recommendation, recommendations.post),
            Route(.get, "/v1/recommendations/{recommendation_id}/explain", .read, explanations.get),
            Route(.get, "/v1/users/{user_id}/recommendations", .recommendation, recommendations.get),
            Route(.post, "/v1/events", .write, feedback.postEvents),
            Route(.post, "/v1/impressions", .write, feedback.postImpressions),
            Route(.get, "/v1/items", .read, items.list),
            Route(.post, "/v1/items", .write, items.post, body: .batch),
            Route(.put, "/v1/items/{item_id}", .write, items.put),
            Route(.patch, "/v1/items/{item_id}", .write, items.patch),
            Route(.get, "/v1/items/{item_id}", .read, items.get),
            Route(.delete, "/v1/items/{item_id}", .write, items.delete),
            Route(.get, "/v1/items/{item_id}/similar", .read, similar.get),
            Route(.get, "/v1/users", .read, users.list),
            Route(.post, "/v1/users", .write, users.post, body: .batch),
            Route(.put, "/v1/users/{user_id}", .write, users.put),
            Route(.patch, "/v1/users/{user_id}", .write, users.patch),
            Route(.get, "/v1/users/{user_id}", .read, users.get),
            Route(.delete, "/v1/users/{user_id}", .write, users.delete),
            Route(.get, "/v1/users/{user_id}/events", .read, users.events),
            Route(.get, "/v1/users/{user_id}/follows", .read, follows.list),
            Route(.put, "/v1/users/{user_id}/follows/{creator_id}", .write, follows.put, body: .empty),
            Route(.delete, "/v1/users/{user_id}/follows/{creator_id}", .write, follows.delete),
            Route(.get, "/v1/users/{user_id}/hidden", .read, hidden.list),
            Route(.put, "/v1/users/{user_id}/hidden/{item_id}", .write, hidden.put, body: .empty),
            Route(.delete, "/v1/users/{user_id}/hidden/{item_id}", .write, hidden.delete),
            Route(.get, "/v1/pipeline", .read, inspection.getPipeline),
            Route(.get, "/v1/releases", .read, inspection.getReleases),
            Route(.get, "/v1/releases/{release_id}", .read, inspection.getRelease),
            Route(.get, "/v1/openapi.json", .read, inspection.getOpenAPI),
            Route(.get, "/health/live", .probe, inspection.getLive),
            Route(.get, "/health/ready", .probe, inspection.getReady),
            Route(.get, "/metrics", .probe, inspection.getMetrics),
        ]
    }
}

/// A path with a method and what answers it.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let template: String
    let kind: EndpointKind
    let handler: EndpointRunner.Handler
    let body: EndpointBody

    /// - Parameter body: nil takes what the method usually has.
    init(
        _ method: HTTPRequest.Method, _ template: String, _ kind: EndpointKind,
        _ handler: @escaping EndpointRunner.Handler, body: EndpointBody? = nil
    ) {
        self.body = body ?? Self.usualBody(method)
        self.method = method
        self.template = template
        self.kind = kind
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
