import CascadeFeatures
import CascadeNN
import Synchronization

/// The recorded rows of a ranker in use, for one context at a time; their plan is not sealed yet.
struct RankerRowWorkspace {
    let plan: Plan
    let items: RankerItems
    /// What `RankerItemParts` writes.
    let parts: Value
    let contexts: RankerContexts
    let rows: RankerRows
    let assembler: BatchAssembler
    /// What computes the context's part of the rows once; nil where each row is computed whole.
    let shared: SharedContext?

    /// - Parameter tables: `RankingModel.counterTables`.
    init(
        _ model: RankingModel, _ map: FeatureMap, _ store: ParameterStore, packing: WeightPacking, shared: Bool,
        tables: PieceTables?
    ) {
        let chunk = RankerInference.chunk
        let factoring = Factoring(store: store, packing: packing)
        plan = factoring.rows
        (items, parts) = model.recordItemInputs(plan, capacity: chunk)
        contexts = model.recordContextInputs(plan, capacity: 1)
        self.shared = shared ? model.recordSharedContext(factoring) : nil
        rows = model.recordRows(
            plan, contexts: contexts, items: items, capacity: chunk, shared: self.shared, tables: tables)
        for value in [rows.logits] + rows.values { plan.keep(value) }
        // Its rows point at what `RankerItemParts` writes, not at items of a catalog.
        assembler = BatchAssembler(
            map: map, space: map.ranker, items: EncodedEntities(layout: map.ranker.items),
            encodesCounters: tables == nil)
    }
}

/// What the rows of a context share: made for the first who ask for many rows, and kept with the context.
final class ContextProducts: Sendable {
    private let values = Mutex<[[Float]]?>(nil)

    /// Nil until they are made.
    var made: [[Float]]? { values.withLock(\.self) }

    func keep(_ made: [[Float]]) { values.withLock { $0 = made } }
}
