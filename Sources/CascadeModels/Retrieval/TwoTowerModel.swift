package import CascadeFeatures
package import CascadeNN

/// Two towers whose outputs meet in an inner product of unit vectors.
///
///     item = normalize(e),  e = Σ item lookups + B · numbers
///     user = what the user tower that `retrieval.user_tower` names makes of features and past
package struct TwoTowerModel: RetrievalModel {
    package static let name = "two_tower"

    private let map: FeatureMap
    private let users: any UserEncoder
    private let items: SummedEntity

    package init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore) throws {
        self.map = map
        let space = map.retrieval
        let table = try store.table(
            "retrieval.unified", rows: space.table.rows, dimension: space.table.dimension, .normal(0.05))
        users = try UserEncoders.type(named: settings.userTower).init(
            settings: settings, map: map, store: store, table: table)
        items = try SummedEntity(
            store, name: "retrieval.item", layout: space.items, table: table, numericWidth: map.numericWidth)
    }

    package func recordUsers(_ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?) -> UserTower {
        guard type(of: users).readsItems else {
            return users.record(plan, capacity: capacity, steps: steps, items: nil)
        }
        if let items { return users.record(plan, capacity: capacity, steps: steps, items: items) }
        let own = recordItems(plan, capacity: capacity * map.retrieval.historyLength)
        let tower = users.record(plan, capacity: capacity, steps: steps, items: own)
        return UserTower(vectors: tower.vectors, steps: tower.steps) { batch, plan in
            try own.load(batch, plan)
            try tower.load(batch, plan)
        }
    }

    package func recordItems(_ plan: Plan, capacity: Int) -> ItemTower {
        let (inputs, embeddings) = items.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "items")
        return ItemTower(vectors: plan.normalizeRows(embeddings), embeddings: embeddings) { [items] batch, plan in
            try items.load(batch.items, into: plan, inputs)
        }
    }
}
