import CascadeCore
import CascadePipeline
import Hummingbird

/// `GET /v1/items/{item_id}/similar`.
struct SimilarItemsController: Sendable {
    static let defaultLimit = 20

    let similar: any SimilarItemsProviding
    let catalog: any CatalogStore
    /// The most items of an answer.
    let maximum: Int

    func get(_ call: Call) async throws -> Response {
        let request = try request(of: call)
        do {
            return .json(SimilarItemsDocument.json(of: try await similar.similar(request)))
        } catch let error as SimilarItemsError {
            throw try await failure(for: error)
        }
    }

    private func request(of call: Call) throws -> SimilarItemsRequest {
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        let query = QueryReader(call.query, problems: problems)
        let limit = query.integer("k", in: 1...maximum) ?? min(Self.defaultLimit, maximum)
        var request = SimilarItemsRequest(itemID: id, limit: limit)
        if let word = query.text("by") {
            if let kind = SimilarityKind(rawValue: word) {
                request.by = kind
            } else {
                let words = SimilarityKind.allCases.map(\.rawValue).joined(separator: ", ")
                problems.add(query.place("by"), "invalid", "must be one of \(words)")
            }
        }
        request.categories = query.texts("categories", maximumCount: RecommendRequest.Filters.maximumCategories) ?? []
        let excluded = query.texts("exclude_item_ids", maximumCount: RecommendRequest.Filters.maximumExcluded) ?? []
        request.excluded = excluded.map { ItemID($0) }
        query.refuseUnknown()
        try problems.check()
        return request
    }

    /// What a caller is told: that there is no such item, that no release knows it yet, or that there is no release.
    private func failure(for error: SimilarItemsError) async throws -> RequestFailure {
        switch error {
        case .noActiveRelease: return .unavailable("\(error)", retryAfter: 10)
        case .notInRelease(let id, _):
            if try await catalog.item(id) == nil { return .missing("item '\(id)'") }
            return RequestFailure(.notFound, "\(error)")
        }
    }
}
