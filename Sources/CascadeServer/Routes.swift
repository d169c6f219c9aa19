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
        let feedback = FeedbackController(
            feedback: dependencies.feedback, types: dependencies.settings.eventTypes, metrics: metrics,
            now: dependencies.now)
        let catalog = CatalogController(catalog: dependencies.catalog)
        let similar = SimilarItemsController(
            similar: dependencies.similar, catalog: dependencies.catalog,
            maximum: dependencies.recommender.settings.resultSize.max)
        let follows = FollowController(relations: dependencies.relations, now: dependencies.now)
        let inspection = InspectionController(
            recommender: dependencies.recommender, releases: dependencies.releases,
            readiness: dependencies.readiness, registry: dependencies.metrics, now: dependencies.now)
        return [
            Route(.post, "/v1/recommendations", .recommendation, recommendations.post),
            Route(.get, "/v1/users/{user_id}/recommendations", .recommendation, recommendations.get),
            Route(.post, "/v1/events", .write, feedback.postEvents),
            Route(.post, "/v1/impressions", .write, feedback.postImpressions),
            Route(.put, "/v1/items/{item_id}", .write, catalog.putItem),
            Route(.get, "/v1/items/{item_id}", .read, catalog.getItem),
            Route(.get, "/v1/items/{item_id}/similar", .read, similar.get),
            Route(.put, "/v1/users/{user_id}", .write, catalog.putUser),
            Route(.get, "/v1/users/{user_id}", .read, catalog.getUser),
            Route(.get, "/v1/users/{user_id}/follows", .read, follows.list),
            Route(.put, "/v1/users/{user_id}/follows/{creator_id}", .write, follows.put, body: .empty),
            Route(.delete, "/v1/users/{user_id}/follows/{creator_id}", .write, follows.delete),
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
        self.body = body ?? (method == .post || method == .put ? .json : .empty)
        self.method = method
        self.template = template
        self.kind = kind
        self.handler = handler
    }
}
