package import CascadeFeatures
package import CascadeNN

/// Two towers whose outputs meet in an inner product.
///
///     item = normalize(e) (other ends: `retrieval.item_length`),  e = blocks(Σ item lookups + B · numbers + V · content),  block(x) = x + W₂ relu(W₁ norm(x) + b₁) + b₂
///     user = what the user tower that `retrieval.user_tower` names makes of features and past
package struct TwoTowerModel: RetrievalModel {
    package static let name = "two_tower"
    /// The name of the unified table among a store's tables.
    package static let tableName = "retrieval.unified"

    private let map: FeatureMap
    private let users: any UserEncoder
    private let items: SummedEntity
    private let blocks: [ResidualBlock]
    private let length: ItemLength

    package init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore) throws {
        self.map = map
        let space = map.retrieval
        let table = try store.table(
            Self.tableName, rows: space.table.rows, dimension: space.table.dimension, .normal(0.05))
        users = try UserEncoders.type(named: settings.userTower).init(
            settings: settings, map: map, store: store, table: table)
        length = settings.itemLength
        blocks = try (0..<settings.itemLayers).map {
            try ResidualBlock(
                store, name: "retrieval.item.block.\($0)", width: table.dimension, hidden: settings.hidden)
        }
        items = try SummedEntity(
            store, name: "retrieval.item", layout: space.items, table: table, numericWidth: map.numericWidth)
    }

    package func recordUsers(_ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?) -> UserTower {
        recordUsers(plan, capacity: capacity, steps: steps, items: items, interests: nil)
    }

    /// The same with what tells contexts of one past apart.
    func recordUsers(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        func record(_ items: ItemTower?) -> UserTower {
            users.record(plan, capacity: capacity, steps: steps, items: items, interests: interests)
        }
        guard type(of: users).readsItems else { return record(nil) }
        if let items { return record(items) }
        let own = recordItems(plan, capacity: capacity * map.retrieval.historyLength)
        let tower = record(own)
        return UserTower(vectors: tower.vectors, steps: tower.steps) { batch, plan in
            try own.load(batch, plan)
            try tower.load(batch, plan)
        }
    }

    package func recordItems(_ plan: Plan, capacity: Int) -> ItemTower {
        let (inputs, sum) = items.record(plan, capacity: capacity, numericWidth: map.numericWidth, name: "items")
        let embeddings = blocks.reduce(sum) { $1.record(plan, $0) }
        return ItemTower(vectors: vectors(plan, embeddings), embeddings: embeddings) { [items] batch, plan in
            try items.load(batch.items, into: plan, inputs)
        }
    }

    private func vectors(_ plan: Plan, _ embeddings: Value) -> Value {
        switch length {
        case .unit: return plan.normalizeRows(embeddings)
        case .free: return embeddings
        case .bias:
            let last = map.retrieval.table.dimension - 1
            let direction = plan.normalizeRows(plan.slice(embeddings, columns: 0..<last))
            return plan.concat([direction, plan.slice(embeddings, columns: last..<(last + 1))])
        }
    }
}
