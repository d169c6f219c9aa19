import CascadeFeatures
import CascadeNN

/// One way to turn a user's features and past into a vector; the configuration chooses by name.
protocol UserEncoder: Sendable {
    static var name: String { get }
    /// Whether the steps of a past are items as the item tower encodes them; otherwise they have table rows of their own.
    static var readsItems: Bool { get }
    /// Declares the parameters; `table` is the unified table of the retrieval model.
    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws
    /// Records the tower for at most `capacity` contexts with `steps` steps; `items` is there where the encoder reads items.
    ///
    /// - Parameter interests: what tells contexts of one past apart; nil reads each past in one way.
    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower
}

/// The user towers that `retrieval.user_tower` can name.
package enum UserEncoders {
    private static let all: [any UserEncoder.Type] = [
        FeatureUsers.self, PooledUsers.self, AttentionUsers.self, SASRecUsers.self, GatedUsers.self,
    ]

    /// The names, sorted.
    package static var names: [String] { all.map { $0.name }.sorted() }

    /// Whether the tower `name` reads steps as items; false for one that is not known.
    package static func readsItems(_ name: String) -> Bool { all.first { $0.name == name }?.readsItems ?? false }

    static func type(named name: String) throws(ModelError) -> any UserEncoder.Type {
        guard let type = all.first(where: { $0.name == name }) else {
            throw .unknownModel(name: name, known: names)
        }
        return type
    }
}
