import CascadeCore

/// What stands for a database that is gone.
struct StoreGone: Error {}

/// Items and users in memory.
actor MemoryCatalog: CatalogStore {
    private(set) var itemsByID: [ItemID: Item] = [:]
    private(set) var vectors: [[String]: [Float]] = [:]
    private(set) var usersByID: [UserID: User] = [:]
    private var failure: (any Error)?

    func fail(with failure: (any Error)?) { self.failure = failure }

    func put(_ item: Item) throws -> Bool {
        if let failure { throw failure }
        return itemsByID.updateValue(item, forKey: item.id) == nil
    }

    func put(_ item: Item, vectors: [ItemVector]) throws -> Bool {
        let isNew = try put(item)
        for vector in vectors { self.vectors[[item.id.rawValue, vector.name]] = vector.values }
        return isNew
    }

    func item(_ id: ItemID) throws -> Item? {
        if let failure { throw failure }
        return itemsByID[id]
    }

    func put(_ user: User) throws -> Bool {
        if let failure { throw failure }
        return usersByID.updateValue(user, forKey: user.id) == nil
    }

    func user(_ id: UserID) throws -> User? {
        if let failure { throw failure }
        return usersByID[id]
    }

    func items() -> [Item] { itemsByID.values.sorted { $0.id < $1.id } }
    func users() -> [User] { usersByID.values.sorted { $0.id < $1.id } }
    func attributeDefinitions() -> [AttributeDefinition] { [] }
    func vectorDefinitions() -> [VectorDefinition] { [VectorDefinition(name: "image", width: 3)] }
    func itemVectors(
        _ names: [String], of items: [ItemID]?, _ visit: @escaping @Sendable (ItemVector) throws -> Void
    ) {}
}

/// Events and impressions in memory; writes can be held back until they are let go.
actor MemoryFeedback: FeedbackStore {
    private(set) var events: [String: Event] = [:]
    private(set) var impressions: [String: Impression] = [:]
    private var failure: (any Error)?
    private var isHeld = false
    private var held: [CheckedContinuation<Void, Never>] = []

    func fail(with failure: (any Error)?) { self.failure = failure }

    /// Lets writes wait until `letGo`.
    func hold() { isHeld = true }

    var heldCount: Int { held.count }

    func letGo() {
        isHeld = false
        for waiter in held { waiter.resume() }
        held = []
    }

    func append(_ events: [Event]) async throws -> AppendResult {
        if isHeld { await withCheckedContinuation { held.append($0) } }
        if let failure { throw failure }
        var result = AppendResult()
        for event in events {
            if self.events[event.id] == nil {
                self.events[event.id] = event
                result.inserted += 1
            } else {
                result.duplicates += 1
            }
        }
        return result
    }

    func append(_ impressions: [Impression]) throws -> AppendResult {
        if let failure { throw failure }
        var result = AppendResult()
        for impression in impressions {
            let key = impression.id + "\u{0}" + impression.itemID.rawValue
            if self.impressions[key] == nil {
                self.impressions[key] = impression
                result.inserted += 1
            } else {
                result.duplicates += 1
            }
        }
        return result
    }

    func history(of user: UserID, before: Timestamp?, limit: Int) -> [HistoryEntry] { [] }
    func seenItems(of user: UserID, limit: Int) -> [ItemID] { [] }
    func interactions(in period: Period) -> InteractionLog { InteractionLog() }
}

/// Releases in memory.
actor MemoryReleases: ReleaseStore {
    private var list: [Release]

    init(_ list: [Release] = []) { self.list = list }

    func register(_ release: Release, models: [ModelVersion]) { list.insert(release, at: 0) }
    func releases() -> [Release] { list }
    func release(_ id: String) -> Release? { list.first { $0.id == id } }
    func activeRelease() -> Release? { list.first { $0.state == .active } }
    func activate(_ id: String) {}
    func rollback() -> Release? { nil }
    func modelVersion(_ id: String) -> ModelVersion? { nil }
    nonisolated func activations() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}
