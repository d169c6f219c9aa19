extension CascadeClient {
    /// Every operation of the interface by its `operationId`.
    package enum Operation: String, CaseIterable, Sendable {
        case recommend, nextPage, rank, explainRecommendation, recommendForUser
        case postEvents, postImpressions
        case listItems, postItems, putItem, patchItem, getItem, deleteItem, similarItems
        case listUsers, postUsers, putUser, patchUser, getUser, deleteUser, listEvents
        case listFollows, putFollow, deleteFollow, listHidden, putHidden, deleteHidden
        case listReleases, getRelease, activateRelease, rollbackRelease
        case listJobs, postJob, getJob, cancelJob
        case getPipeline, getStatistics, getOpenAPI, getLive, getReady, getMetrics
    }

    /// The method and the path of an operation.
    package struct Endpoint: Sendable {
        package enum Method: String, Sendable {
            case get = "GET"
            case post = "POST"
            case put = "PUT"
            case patch = "PATCH"
            case delete = "DELETE"
        }

        package let method: Method
        /// Names in braces stand for one segment each.
        package let path: String
        /// Whether the write can be named, so that a repeated one is not done again.
        package let takesKey: Bool

        init(_ method: Method, _ path: String, takesKey: Bool = false) {
            self.method = method
            self.path = path
            self.takesKey = takesKey
        }
    }
}

extension CascadeClient.Operation {
    /// The whole interface on one page.
    package var endpoint: CascadeClient.Endpoint {
        switch self {
        case .recommend: .init(.post, "/v1/recommendations")
        case .nextPage: .init(.post, "/v1/recommendations/{recommendation_id}/next")
        case .rank: .init(.post, "/v1/rank")
        case .explainRecommendation: .init(.get, "/v1/recommendations/{recommendation_id}/explain")
        case .recommendForUser: .init(.get, "/v1/users/{user_id}/recommendations")
        case .postEvents: .init(.post, "/v1/events", takesKey: true)
        case .postImpressions: .init(.post, "/v1/impressions", takesKey: true)
        case .listItems: .init(.get, "/v1/items")
        case .postItems: .init(.post, "/v1/items", takesKey: true)
        case .putItem: .init(.put, "/v1/items/{item_id}")
        case .patchItem: .init(.patch, "/v1/items/{item_id}")
        case .getItem: .init(.get, "/v1/items/{item_id}")
        case .deleteItem: .init(.delete, "/v1/items/{item_id}")
        case .similarItems: .init(.get, "/v1/items/{item_id}/similar")
        case .listUsers: .init(.get, "/v1/users")
        case .postUsers: .init(.post, "/v1/users", takesKey: true)
        case .putUser: .init(.put, "/v1/users/{user_id}")
        case .patchUser: .init(.patch, "/v1/users/{user_id}")
        case .getUser: .init(.get, "/v1/users/{user_id}")
        case .deleteUser: .init(.delete, "/v1/users/{user_id}")
        case .listEvents: .init(.get, "/v1/users/{user_id}/events")
        case .listFollows: .init(.get, "/v1/users/{user_id}/follows")
        case .putFollow: .init(.put, "/v1/users/{user_id}/follows/{creator_id}")
        case .deleteFollow: .init(.delete, "/v1/users/{user_id}/follows/{creator_id}")
        case .listHidden: .init(.get, "/v1/users/{user_id}/hidden")
        case .putHidden: .init(.put, "/v1/users/{user_id}/hidden/{item_id}")
        case .deleteHidden: .init(.delete, "/v1/users/{user_id}/hidden/{item_id}")
        case .listReleases: .init(.get, "/v1/releases")
        case .getRelease: .init(.get, "/v1/releases/{release_id}")
        case .activateRelease: .init(.post, "/v1/releases/{release_id}/activate", takesKey: true)
        case .rollbackRelease: .init(.post, "/v1/releases/rollback", takesKey: true)
        case .listJobs: .init(.get, "/v1/jobs")
        case .postJob: .init(.post, "/v1/jobs", takesKey: true)
        case .getJob: .init(.get, "/v1/jobs/{job_id}")
        case .cancelJob: .init(.post, "/v1/jobs/{job_id}/cancel", takesKey: true)
        case .getPipeline: .init(.get, "/v1/pipeline")
        case .getStatistics: .init(.get, "/v1/stats")
        case .getOpenAPI: .init(.get, "/v1/openapi.json")
        case .getLive: .init(.get, "/health/live")
        case .getReady: .init(.get, "/health/ready")
        case .getMetrics: .init(.get, "/metrics")
        }
    }
}
