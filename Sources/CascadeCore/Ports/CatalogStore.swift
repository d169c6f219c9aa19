/// The catalog and the users as they are kept; Postgres implements it, tests use it through Postgres too.
package protocol CatalogStore: ItemVectorStore {
    /// Writes an item whole; returns true when it was new.
    func put(_ item: Item) async throws -> Bool
    /// Writes an item whole together with some of its content vectors, whose kinds and widths are declared; vectors of other
    /// kinds stay. Returns true when the item was new.
    func put(_ item: Item, vectors: [ItemVector]) async throws -> Bool
    /// Writes items whole, each with those of the vectors that are its own, all of them or none; of several rows of one item
    /// the last counts. What changed nothing is a duplicate.
    func put(_ items: [Item], vectors: [ItemVector]) async throws -> AppendResult
    /// Changes an item by what `body` makes of it, with no other write in between; nil when there is none. What `body` throws
    /// changes nothing and is thrown on.
    func change(_ id: ItemID, _ body: @escaping @Sendable (Item) throws -> ItemChange) async throws -> Item?
    /// Removes an item with its vectors; false when there was none.
    func delete(_ id: ItemID) async throws -> Bool
    /// The item, or nil when there is none.
    func item(_ id: ItemID) async throws -> Item?
    /// Writes a user whole; returns true when it was new.
    func put(_ user: User) async throws -> Bool
    /// Writes users whole, all of them or none; of several rows of one user the last counts. What changed nothing is a
    /// duplicate.
    func put(_ users: [User]) async throws -> AppendResult
    /// Changes a user by what `body` makes of it, with no other write in between; nil when there is none. What `body` throws
    /// changes nothing and is thrown on.
    func change(_ id: UserID, _ body: @escaping @Sendable (User) throws -> User) async throws -> User?
    /// The user, or nil when there is none.
    func user(_ id: UserID) async throws -> User?
    /// All items, sorted by identifier; hidden ones too.
    func items() async throws -> [Item]
    /// All users, sorted by identifier.
    func users() async throws -> [User]
    /// The items behind `after` that `filter` shows, sorted by the bytes of their identifiers, at most `limit`.
    func items(_ filter: ItemFilter, after: ItemID?, limit: Int) async throws -> [Item]
    /// The users behind `after`, sorted by the bytes of their identifiers, at most `limit`.
    func users(after: UserID?, limit: Int) async throws -> [User]
    /// The declared attributes of users and items.
    func attributeDefinitions() async throws -> [AttributeDefinition]
}

/// Events and impressions as they are kept.
package protocol FeedbackStore: Sendable {
    /// Writes events durably; one whose id is there already is a duplicate and changes nothing.
    func append(_ events: [Event]) async throws -> AppendResult
    /// Writes impressions durably; one whose id and item are there already is a duplicate and changes nothing.
    func append(_ impressions: [Impression]) async throws -> AppendResult
    /// The last `limit` steps of a user's past before `before`, newest first.
    func history(of user: UserID, before: Timestamp?, limit: Int) async throws -> [HistoryEntry]
    /// The items a user was ever shown or acted on, newest first, at most `limit`.
    func seenItems(of user: UserID, limit: Int) async throws -> [ItemID]
    /// The events of a user behind `place`, newest first, those of `type` only where it is given, at most `limit`.
    func events(of user: UserID, type: String?, after place: EventPlace?, limit: Int) async throws -> [Event]
    /// Everything of a period, in columns, as of one moment.
    ///
    /// - Parameters:
    ///   - timed: adds `declared` and `answers`, which counters over windows of time need.
    ///   - signals: those whose feedback is read with its values.
    ///   - cache: says where the columns lie, gives the log back where it was read before and nothing has changed since, and keeps
    ///     what is read; nil: it is read into memory.
    func interactions(
        in period: Period, timed: Bool, values signals: [String], cache: (any InteractionCache)?
    ) async throws -> InteractionLog
}

extension FeedbackStore {
    /// Everything of a period, in columns in memory.
    package func interactions(
        in period: Period, timed: Bool = false, values signals: [String] = []
    ) async throws -> InteractionLog {
        try await interactions(in: period, timed: timed, values: signals, cache: nil)
    }
}

/// Tells whom there is feedback of; users may be known by nothing else.
package protocol FeedbackUserList: Sendable {
    /// The first users, by identifier, who did something or were shown something, at most `limit`.
    func usersWithFeedback(limit: Int) async throws -> [UserID]
}

/// What a write of several rows did.
package struct AppendResult: Hashable, Sendable {
    package var inserted: Int
    package var duplicates: Int

    package init(inserted: Int = 0, duplicates: Int = 0) {
        self.inserted = inserted
        self.duplicates = duplicates
    }

    package static func + (left: AppendResult, right: AppendResult) -> AppendResult {
        AppendResult(inserted: left.inserted + right.inserted, duplicates: left.duplicates + right.duplicates)
    }
}
