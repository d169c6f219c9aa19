package import CascadeFeatures
package import CascadeNN

/// The two towers with a user tower that reads a past once for every cluster, and the head of the intent.
///
///     user_k = tower(past, told k)       item as in the two towers
///     intent = softmax(w ln p + W √d · user_K + b)    of the reading of no cluster in particular
///
/// p is the histogram of the past's clusters. Training begins at w = 1, W = 0 and b = 0, where the intent is the histogram.
package struct InterestTowers: Sendable {
    /// How many clusters there are.
    package let clusters: Int
    /// The reading of a past that the intent is told from.
    package var intentReading: Int32 { Int32(clusters) }

    private let towers: TwoTowerModel
    private let conditioning: InterestConditioning
    private let head: Dense
    /// [1 × 1] w.
    private let pastWeight: Parameter
    /// [1 × K] the shares of the histogram, which training counts and does not learn.
    private let shares: Parameter

    /// Declares the parameters: those of the two towers under the same names, and what is of the interests.
    package init(
        settings: RetrievalSettings, interests: InterestSettings, clusters: Int, map: FeatureMap, store: ParameterStore
    ) throws {
        self.clusters = clusters
        towers = try TwoTowerModel(settings: settings, map: map, store: store)
        let width = map.retrieval.table.dimension
        conditioning = try InterestConditioning(interests, clusters: clusters, width: width, store: store)
        head = try Dense(store, name: "interests.intent", from: width, to: clusters, initialiser: .zeros)
        // A number of its own gets small steps beside so many weights, and there are only a few passes.
        pastWeight = try store.parameter(
            "interests.past", rows: 1, columns: 1, .ones, options: .init(weightDecay: false, learningRateMultiplier: 10)
        )
        shares = try store.parameter(
            "interests.shares", rows: 1, columns: clusters, .constant(1 / Float(clusters)),
            options: .init(frozen: true))
    }

    /// Records the user tower for at most `capacity` contexts, each read as `Batch.contextReading` says; see
    /// `RetrievalModel.recordUsers`.
    package func recordUsers(_ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?) -> UserTower {
        towers.recordUsers(plan, capacity: capacity, steps: steps, items: items, interests: conditioning)
    }

    /// Logits over the clusters: [n × K] of user vectors [n × d] in the intent's reading.
    ///
    /// - Parameter pasts: [n × K] the logarithms of the histograms of the same pasts.
    package func intent(_ plan: Plan, _ users: Value, pasts: Value) -> Value {
        let weight = plan.broadcast(plan.parameter(pastWeight), to: users.dimension)
        return plan.add(
            plan.scaleRows(pasts, by: weight),
            head.record(plan, plan.scale(users, by: Float(users.columns).squareRoot())))
    }

    /// What the intent counts pasts by, of an allocated store.
    package func histogram(_ store: ParameterStore) -> ClusterHistogram {
        ClusterHistogram(shares: Array(store.weights(shares)))
    }

    /// Keeps what the intent counts pasts by with the weights.
    package func keep(_ histogram: ClusterHistogram, in store: ParameterStore) {
        let weights = store.weights(shares)
        for (cluster, share) in histogram.shares.enumerated() { weights[cluster] = share }
    }

    /// The towers without interests, which share all their parameters.
    package var base: any RetrievalModel { towers }
}
