import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline

/// The relations of items in a snapshot: the release's file of neighbours, its index and its catalog, with what became of
/// the catalog since.
struct SnapshotRelations: ItemRelations {
    let snapshot: ReleaseSnapshot

    private var loaded: LoadedRelease { snapshot.loaded }
    private var delta: CatalogDelta { snapshot.delta }

    var positiveSignal: String? { loaded.bundle.map.mainSignal }

    /// An item that was changed since has the neighbours that it had, and stands in those of others by its present row.
    func together(with row: Int32) -> [ScoredRow] {
        let released = Int(row) < loaded.count ? row : loaded.bundle.rows.itemRow[snapshot.catalog.itemID(row)]
        guard let released else { return [] }
        return loaded.bundle.neighbours.neighbours(of: released).compactMap { neighbour in
            present(neighbour.row).map { ScoredRow(row: $0, score: neighbour.score) }
        }
    }

    func nearest(
        to row: Int32, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow] {
        guard wish.limit > 0, row >= 0, let vector = try vector(of: row) else { return [] }
        try cancellation.check()
        var wish = wish
        wish.excluded.insert(row)
        return try snapshot.search(vector, wish)
    }

    func newest(by creator: String, limit: Int) -> [Int32] {
        let released = loaded.creators.newest(by: creator).lazy
            .filter { delta.withdrawal(of: $0.row) != .replaced }.prefix(limit)
        let later = delta.creators.newest(by: creator).prefix(limit)
        guard !later.isEmpty else { return released.map(\.row) }
        return (Array(released) + later).sorted(by: CreatorLists.Entry.isBefore).prefix(limit).map(\.row)
    }

    private func vector(of row: Int32) throws -> [Float]? {
        if Int(row) < loaded.count { return try loaded.index.vector(at: Int(row)) }
        let place = Int(row) - loaded.count
        guard let index = delta.index, place < index.count else { return nil }
        return try index.vector(at: place)
    }

    /// The row of the same item now.
    private func present(_ row: Int32) -> Int32? {
        delta.withdrawal(of: row) == .replaced ? snapshot.catalog.row(of: snapshot.catalog.itemID(row)) : row
    }
}
