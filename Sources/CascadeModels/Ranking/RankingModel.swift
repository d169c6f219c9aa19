package import CascadeFeatures
package import CascadeNN

/// A model that gives a context and an item the logit of each head.
///
/// It is recorded in three parts, so that serving can run each as often as it must: what depends on items alone, what
/// depends on the context alone (once a request), and the rows that bring both together. Training records all three in
/// one plan; the numbers are the same.
package protocol RankingModel: Sendable {
    static var name: String { get }
    init(settings: RankerSettings, map: FeatureMap, store: ParameterStore) throws
    /// Records the item part for at most `capacity` distinct items.
    func recordItems(_ plan: Plan, capacity: Int) -> RankerItems
    /// Records the context part for at most `capacity` contexts whose steps point into `items`.
    func recordContexts(_ plan: Plan, items: RankerItems, capacity: Int) -> RankerContexts
    /// Records a context part that was computed elsewhere: its values are inputs.
    func recordContextInputs(_ plan: Plan, capacity: Int) -> RankerContexts
    /// Records the rows for at most `capacity` rows.
    func recordRows(_ plan: Plan, contexts: RankerContexts, items: RankerItems, capacity: Int) -> RankerRows
}

/// What the ranker knows of items: I of them.
package struct RankerItems {
    package let inputs: EntityInputs
    /// [I × item width].
    package let vectors: Value
}

/// What the ranker knows of contexts: C of them, with H steps.
package struct RankerContexts {
    /// Nil where the values below are inputs.
    package let users: EntityInputs?
    let historyItem: Indices?
    let historyCode: Indices?
    let historyAge: Indices?
    package let offsets: Offsets
    /// [C × user width].
    package let vectors: Value
    /// [H × history width].
    package let keys: Value
    /// [H × history width].
    package let values: Value

    package func load(_ batch: Batch, into plan: Plan) throws {
        if let users { try users.load(batch.users, into: plan) }
        try plan.setCount(offsets.items, batch.steps)
        plan.integers(offsets).copy(batch.historyOffsets)
        if let historyItem { plan.integers(historyItem).copy(batch.historyItem) }
        if let historyCode { plan.integers(historyCode).copy(batch.historyCode) }
        if let historyAge { plan.integers(historyAge).copy(batch.historyAge) }
    }
}

/// The rows of the ranker: R of them.
package struct RankerRows {
    let dimension: Dimension
    let context: Indices
    let item: Indices
    let counters: Value?
    /// [R × heads].
    package let logits: Value

    package func load(_ batch: Batch, into plan: Plan) throws {
        try plan.setCount(dimension, batch.rows)
        plan.integers(context).copy(batch.rowContext)
        plan.integers(item).copy(batch.rowItem)
        if let counters { plan.floats(counters).copy(batch.counters) }
    }

    package var rows: Dimension { dimension }
}

/// The ranking models that the configuration can name.
package enum RankingModels {
    package static let all: [String: any RankingModel.Type] = [
        DCNRanker.name: DCNRanker.self
    ]

    /// Declares the model that `settings` name.
    package static func make(
        settings: RankerSettings, map: FeatureMap, store: ParameterStore
    ) throws -> any RankingModel {
        guard let type = all[settings.model] else {
            throw ModelError.unknownModel(name: settings.model, known: Array(all.keys))
        }
        let problems = settings.problems()
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        guard !map.heads.isEmpty else { throw ModelError.noHeads }
        return try type.init(settings: settings, map: map, store: store)
    }
}
