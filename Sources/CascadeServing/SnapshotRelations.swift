import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline

/// The relations of items in a loaded release: its file of neighbours, its index and its catalog.
struct SnapshotRelations: ItemRelations {
    let bundle: ModelBundle
    let index: HNSWIndex
    let creators: CreatorLists

    var positiveSignal: String? { bundle.map.mainSignal }

    func together(with row: Int32) -> [ScoredRow] {
        bundle.neighbours.neighbours(of: row).map { ScoredRow(row: $0.row, score: $0.score) }
    }

    func nearest(to row: Int32, limit: Int, cancellation: ComputePool.Cancellation) throws -> [ScoredRow] {
        guard limit > 0, row >= 0, Int(row) < index.count else { return [] }
        try cancellation.check()
        let itself = IndexFilter.blocking(RowSet(universe: index.count, rows: [row]))
        return try index.search(index.vector(at: Int(row)), k: limit, filter: itself)
            .map { ScoredRow(row: $0.row, score: $0.score) }
    }

    func newest(by creator: String) -> ArraySlice<Int32> { creators.newest(by: creator) }
}
