package import CascadeFeatures
package import CascadeNN

/// A model that gives a user with a past and an item each a vector; their inner product is the affinity. Users' vectors
/// have length one, items' where `retrieval.item_length` says so.
///
/// A model declares its parameters in `init`, then records its towers into any number of plans.
package protocol RetrievalModel: Sendable {
    static var name: String { get }
    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore) throws
    /// Records the user tower for at most `capacity` contexts.
    ///
    /// - Parameters:
    ///   - steps: the most steps of all pasts together with a start each, where that is less than the longest pasts of all
    ///     contexts would have.
    ///   - items: the item tower of the same plan, loaded with the same batch; without it, a user tower that reads items
    ///     has its own.
    func recordUsers(_ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?) -> UserTower
    /// Records the item tower for at most `capacity` items.
    func recordItems(_ plan: Plan, capacity: Int) -> ItemTower
}

/// A recorded user tower and the way to load contexts.
package struct UserTower {
    /// [C × d] of length one, after the whole past; [C × K·d] side by side for a tower of K interests.
    package let vectors: Value
    /// [S × d] of length one: after the start and after each step of every past, oldest first; nil for a tower that tells
    /// the end only.
    package let steps: Value?
    /// Nil for a tower that tells a user by one vector.
    package let interests: UserInterests?
    package let load: (Batch, Plan) throws -> Void

    package init(
        vectors: Value, steps: Value?, interests: UserInterests? = nil,
        load: @escaping (Batch, Plan) throws -> Void
    ) {
        self.vectors = vectors
        self.steps = steps
        self.interests = interests
        self.load = load
    }

    /// What the rows of a training batch stand in: the steps of a causal tower, else the contexts.
    package var rows: Dimension { (steps ?? vectors).dimension }

    /// [B × d] what each row of a training batch finds its item by.
    ///
    /// - Parameters:
    ///   - items: [I × d] the item tower's vectors.
    ///   - positives: [B] the row of `items` that each row is to find.
    package func queries(
        _ plan: Plan, items: Value, positives: Indices, settings: RetrievalSettings
    ) -> Value {
        guard let interests else { return steps ?? vectors }
        return interests.readOut(plan, vectors, targets: plan.take(items, positives), settings)
    }
}

/// A recorded item tower and the way to load items.
package struct ItemTower {
    /// [I × d], of length one unless the settings say otherwise.
    package let vectors: Value
    /// [I × d] before their length is made one.
    package let embeddings: Value
    package let load: (Batch, Plan) throws -> Void

    package init(vectors: Value, embeddings: Value, load: @escaping (Batch, Plan) throws -> Void) {
        self.vectors = vectors
        self.embeddings = embeddings
        self.load = load
    }
}

/// The retrieval models that the configuration can name.
package enum RetrievalModels {
    package static let all: [String: any RetrievalModel.Type] = [
        TwoTowerModel.name: TwoTowerModel.self
    ]

    /// Declares the model that `settings` name.
    package static func make(
        settings: RetrievalSettings, map: FeatureMap, store: ParameterStore
    ) throws -> any RetrievalModel {
        guard let type = all[settings.model] else {
            throw ModelError.unknownModel(name: settings.model, known: Array(all.keys))
        }
        let problems = settings.problems()
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        return try type.init(settings: settings, map: map, store: store)
    }
}
