import CascadeFeatures
import CascadeNN

/// One way to turn a user's features and past into a vector; the configuration chooses by name.
protocol UserEncoder: Sendable {
    static var name: String { get }
    /// Whether the steps of a past are items as the item tower encodes them; otherwise they have table rows of their own.
    static var readsItems: Bool { get }
    /// Whether it tells a user by several vectors; such towers are compared with the others, and not served.
    static var givesInterests: Bool { get }
    /// Whether training shows it contexts without a past, so that the vector of a user without one means something.
    static func learnsWithoutPast(_ settings: RetrievalSettings) -> Bool
    /// Declares the parameters; `table` is the unified table of the retrieval model.
    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws
    /// Records the tower for at most `capacity` contexts with `steps` steps; `items` is there where the encoder reads items.
    ///
    /// - Parameter interests: what tells contexts of one past apart; nil reads each past in one way, as do towers that tell a
    ///   user by several vectors anyway.
    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower
}

extension UserEncoder {
    static var givesInterests: Bool { false }
    /// A tower of steps learns the first item of every past from the user's features.
    static func learnsWithoutPast(_ settings: RetrievalSettings) -> Bool { readsItems || settings.strangers > 0 }
}

/// The user towers that `retrieval.user_tower` can name.
package enum UserEncoders {
    private static let all: [any UserEncoder.Type] = [
        FeatureUsers.self, PooledUsers.self, AttentionUsers.self, SASRecUsers.self, GatedUsers.self,
        SelfAttentiveInterests.self, CapsuleInterests.self,
    ]

    /// The names, sorted.
    package static var names: [String] { all.map { $0.name }.sorted() }

    /// Whether the tower `name` reads steps as items; false for one that is not known.
    package static func readsItems(_ name: String) -> Bool { all.first { $0.name == name }?.readsItems ?? false }

    /// Whether the tower `name` tells a user by several vectors; false for one that is not known.
    package static func givesInterests(_ name: String) -> Bool {
        all.first { $0.name == name }?.givesInterests ?? false
    }

    /// Whether the tower that the settings name learns from contexts without a past; false for one that is not known.
    static func learnsWithoutPast(_ settings: RetrievalSettings) -> Bool {
        all.first { $0.name == settings.userTower }?.learnsWithoutPast(settings) ?? false
    }

    static func type(named name: String) throws(ModelError) -> any UserEncoder.Type {
        guard let type = all.first(where: { $0.name == name }) else {
            throw .unknownModel(name: name, known: names)
        }
        return type
    }
}
