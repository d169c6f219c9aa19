import CascadeCore
import CascadePipeline

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

    func put(_ items: [Item], vectors: [ItemVector]) throws -> AppendResult {
        if let failure { throw failure }
        var result = AppendResult()
        for item in items {
            if itemsByID.updateValue(item, forKey: item.id) == item {
                result.duplicates += 1
            } else {
                result.inserted += 1
            }
        }
        for vector in vectors { self.vectors[[vector.itemID.rawValue, vector.name]] = vector.values }
        return result
    }

    func put(_ users: [User]) throws -> AppendResult {
        if let failure { throw failure }
        var result = AppendResult()
        for user in users {
            if usersByID.updateValue(user, forKey: user.id) == user {
                result.duplicates += 1
            } else {
                result.inserted += 1
            }
        }
        return result
    }

    func change(_ id: ItemID, _ body: @Sendable (Item) throws -> ItemChange) throws -> Item? {
        if let failure { throw failure }
        guard let item = itemsByID[id] else { return nil }
        let change = try body(item)
        itemsByID[id] = change.item
        for name in change.removedVectors { vectors[[id.rawValue, name]] = nil }
        for vector in change.vectors { vectors[[id.rawValue, vector.name]] = vector.values }
        return change.item
    }

    func change(_ id: UserID, _ body: @Sendable (User) throws -> User) throws -> User? {
        if let failure { throw failure }
        guard let user = usersByID[id] else { return nil }
        usersByID[id] = try body(user)
        return usersByID[id]
    }

    func delete(_ id: ItemID) throws -> Bool {
        if let failure { throw failure }
        return itemsByID.removeValue(forKey: id) != nil
    }

    func items(_ filter: ItemFilter, after: ItemID?, limit: Int) throws -> [Item] {
        if let failure { throw failure }
        let shown = items().filter { item in
            (after.map { $0 < item.id } ?? true) && filter.category.map(item.categories.contains) ?? true
                && filter.hidden.map { $0 == item.hidden } ?? true
        }
        return Array(shown.prefix(limit))
    }

    func users(after: UserID?, limit: Int) throws -> [User] {
        if let failure { throw failure }
        return Array(users().filter { user in after.map { $0 < user.id } ?? true }.prefix(limit))
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

    func events(of user: UserID, type: String?, after place: EventPlace?, limit: Int) throws -> [Event] {
        if let failure { throw failure }
        let own = events.values.filter { event in
            event.userID == user && type.map { $0 == event.type } ?? true
                && place.map { (event.occurredAt, event.id) < ($0.occurredAt, $0.id) } ?? true
        }
        return Array(own.sorted { ($0.occurredAt, $0.id) > ($1.occurredAt, $1.id) }.prefix(limit))
    }

    func history(of user: UserID, before: Timestamp?, limit: Int) -> [HistoryEntry] { [] }
    func seenItems(of user: UserID, limit: Int) -> [ItemID] { [] }
    func interactions(
        in period: Period, timed: Bool, values: [String], cache: (any InteractionCache)?
    ) -> InteractionLog { InteractionLog() }
}

/// Releases in memory.
actor MemoryReleases: ReleaseStore, ReleaseTrainingStore {
    private var list: [Release]
    private var trained: [ReleaseTraining]

    init(_ list: [Release] = [], trainings: [ReleaseTraining] = []) {
        self.list = list
        trained = trainings
    }

    func begin(_ training: ReleaseTraining) { trained.insert(training, at: 0) }
    func pulse(of id: String) {}
    func fail(_ id: String, reason: String) {}
    func trainings() -> [ReleaseTraining] { trained }

    func report(of id: String) -> String? { id == "t" ? nil : #"{"curves":[]}"# }
    func register(_ release: Release, models: [ModelVersion], report: String?) { list.insert(release, at: 0) }
    func releases() -> [Release] { list }
    func release(_ id: String) -> Release? { list.first { $0.id == id } }
    func activeRelease() -> Release? { list.first { $0.state == .active } }
    func shadowRelease() -> Release? { nil }
    func activate(_ id: String) {}
    func rollback() -> Release? { nil }
    func modelVersion(_ id: String) -> ModelVersion? { nil }
    nonisolated func activations() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}

/// Traces in memory.
struct MemoryTraces: TraceReader {
    var known: [String: PipelineTrace] = [:]

    func trace(_ recommendationID: String) -> PipelineTrace? { known[recommendationID] }
}
