import CascadeCore

/// Finds similar items in the active release, and leaves out what was hidden or deleted since it was made.
package struct SimilarItemsFinder: SimilarItemsProviding {
    private let environment: PipelineEnvironment
    private let wait: Duration

    /// How often the lists are gone through again for items that turned out to be gone.
    private static let rounds = 3

    /// - Parameter wait: how long the present state of items may take; an answer without it says so.
    package init(environment: PipelineEnvironment, wait: Duration) {
        self.environment = environment
        self.wait = wait
    }

    package func similar(_ request: SimilarItemsRequest) async throws -> SimilarItemsAnswer {
        guard let release = environment.release() else { throw SimilarItemsError.noActiveRelease }
        guard let row = release.catalog.row(of: request.itemID), !release.catalog.isDeleted(row) else {
            throw SimilarItemsError.notInRelease(item: request.itemID, releaseID: release.stamp.releaseID)
        }
        var search = SimilarItemsSearch(request, row: row, in: release)
        var answer = SimilarItemsAnswer(
            itemID: request.itemID, releaseID: release.stamp.releaseID, by: request.by, items: [])
        for round in 1...Self.rounds {
            answer.items = try await environment.pool.run { [search] in try search.run($0) }
            guard let gone = await gone(among: answer.items) else {
                answer.degraded = [.liveStateUnavailable]
                break
            }
            if gone.isEmpty { break }
            if round == Self.rounds { answer.items.removeAll { gone.contains($0.itemID) } }
            search.exclude(gone)
        }
        return answer
    }

    /// The items that may not be shown any more; nil when nobody can tell.
    private func gone(among items: [SimilarItem]) async -> Set<ItemID>? {
        guard let states = environment.liveState, !items.isEmpty else { return [] }
        let ids = items.map(\.itemID)
        guard case .value(let found) = await withDeadline(wait, environment.clock, { try await states.states(of: ids) })
        else { return nil }
        return Set(found.filter { $0.value != .shown }.keys)
    }
}

/// One search for similar items; it computes.
private struct SimilarItemsSearch: Sendable {
    private let request: SimilarItemsRequest
    private let row: Int32
    private let release: any ReleaseView
    private let categories: Set<Int32>?
    private var excluded: Set<Int32>

    /// The constant of reciprocal rank fusion. Source: Cormack et al. 2009.
    private static let fusion: Float = 60

    init(_ request: SimilarItemsRequest, row: Int32, in release: any ReleaseView) {
        self.request = request
        self.row = row
        self.release = release
        let catalog = release.catalog
        categories = request.categories.isEmpty ? nil : Set(request.categories.compactMap(catalog.categoryCode))
        excluded = Set(request.excluded.compactMap { catalog.row(of: $0) })
        excluded.insert(row)
    }

    mutating func exclude(_ items: Set<ItemID>) {
        excluded.formUnion(items.compactMap { release.catalog.row(of: $0) })
    }

    func run(_ cancellation: ComputePool.Cancellation) throws -> [SimilarItem] {
        let catalog = release.catalog
        var found: [Int32: SimilarItem] = [:]
        var order: [Int32] = []
        for kind in request.by.lists {
            for (rank, scored) in try list(kind, cancellation).enumerated() {
                let mark = SourceMark(name: kind.rawValue, rank: rank, score: scored.score)
                let score = request.by == .both ? 1 / (Self.fusion + Float(rank + 1)) : scored.score
                if found[scored.row] == nil {
                    order.append(scored.row)
                    found[scored.row] = SimilarItem(itemID: catalog.itemID(scored.row), score: 0, sources: [])
                }
                found[scored.row]?.score += score
                found[scored.row]?.sources.append(mark)
            }
        }
        let items = order.compactMap { found[$0] }
        // Equal scores stay in the order of the lists.
        let sorted = items.enumerated().sorted {
            ($0.element.score, $1.offset) > ($1.element.score, $0.offset)
        }
        return sorted.prefix(request.limit).map(\.element)
    }

    private func list(_ kind: SimilarityKind, _ cancellation: ComputePool.Cancellation) throws -> [ScoredRow] {
        if let categories, categories.isEmpty { return [] }
        guard kind == .tower else {
            return Array(release.relations.together(with: row).filter(admits).prefix(request.limit))
        }
        let wish = RetrievalWish(limit: request.limit, excluded: excluded, categories: categories)
        return try release.relations.nearest(to: row, wish, cancellation: cancellation).filter(admits)
    }

    private func admits(_ scored: ScoredRow) -> Bool {
        let catalog = release.catalog
        let row = scored.row
        guard row >= 0, Int(row) < catalog.count, scored.score.isFinite, !excluded.contains(row),
            !catalog.isHidden(row), !catalog.isDeleted(row)
        else { return false }
        guard let categories else { return true }
        return catalog.categories(row).contains { categories.contains($0) }
    }
}
