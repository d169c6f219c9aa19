package import CascadeFeatures
package import CascadeNN

/// The two towers with a user tower that reads a past once for every cluster, and the head of the intent.
///
///     user_k = tower(past, told k)       item as in the two towers
///     intent = softmax(W √d · user_K + b)    of the reading of no cluster in particular
package struct InterestTowers: Sendable {
    /// How many clusters there are.
    package let clusters: Int
    /// The reading of a past that the intent is told from.
    package var intentReading: Int32 { Int32(clusters) }

    private let towers: TwoTowerModel
    private let conditioning: InterestConditioning
    private let head: Dense

    /// Declares the parameters: those of the two towers under the same names, and what is of the interests.
    package init(
        settings: RetrievalSettings, interests: InterestSettings, clusters: Int, map: FeatureMap, store: ParameterStore
    ) throws {
        self.clusters = clusters
        towers = try TwoTowerModel(settings: settings, map: map, store: store)
        let width = map.retrieval.table.dimension
        conditioning = try InterestConditioning(interests, clusters: clusters, width: width, store: store)
        head = try Dense(store, name: "interests.intent", from: width, to: clusters, initialiser: .zeros)
    }

    /// Records the user tower for at most `capacity` contexts, each read as `Batch.contextReading` says; see
    /// `RetrievalModel.recordUsers`.
    package func recordUsers(_ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?) -> UserTower {
        towers.recordUsers(plan, capacity: capacity, steps: steps, items: items, interests: conditioning)
    }

    /// Logits over the clusters: [n × K] of user vectors [n × d] in the intent's reading.
    package func intent(_ plan: Plan, _ users: Value) -> Value {
        head.record(plan, plan.scale(users, by: Float(users.columns).squareRoot()))
    }

    /// The towers without interests, which share all their parameters.
    package var base: any RetrievalModel { towers }
}
