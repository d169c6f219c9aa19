package import CascadeFeatures
package import CascadeNN

/// A model that gives a user with a past and an item each a vector of length one; their inner product is the affinity.
///
/// A model declares its parameters in `init`, then records its towers into any number of plans.
package protocol RetrievalModel: Sendable {
    static var name: String { get }
    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore) throws
    /// Records the user tower for at most `capacity` contexts.
    func recordUsers(_ plan: Plan, capacity: Int) -> UserTower
    /// Records the item tower for at most `capacity` items.
    func recordItems(_ plan: Plan, capacity: Int) -> ItemTower
}

/// A recorded user tower: vectors [C × d] and the way to load contexts.
package struct UserTower {
    package let vectors: Value
    package let load: (Batch, Plan) throws -> Void

    package init(vectors: Value, load: @escaping (Batch, Plan) throws -> Void) {
        self.vectors = vectors
        self.load = load
    }
}

/// A recorded item tower: vectors [I × d] and the way to load items.
package struct ItemTower {
    package let vectors: Value
    package let load: (Batch, Plan) throws -> Void

    package init(vectors: Value, load: @escaping (Batch, Plan) throws -> Void) {
        self.vectors = vectors
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
