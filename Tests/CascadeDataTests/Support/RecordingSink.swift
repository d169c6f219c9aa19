import CascadeCore

/// Keeps what an import writes, by the rules of `ImportSink`, in memory.
actor RecordingSink: ImportSink {
    private(set) var attributes: [AttributeDefinition] = []
    private(set) var signals: [String] = []
    private(set) var users: [UserID: User] = [:]
    private(set) var items: [ItemID: Item] = [:]
    private(set) var impressions: [String: Impression] = [:]
    private(set) var events: [String: Event] = [:]
    private(set) var relations: [[String]: UserRelation] = [:]
    private(set) var declaredVectors: [VectorDefinition]
    private(set) var vectors: [[String]: [Float]] = [:]
    /// What batches declared.
    private(set) var batchAttributes: [AttributeDefinition] = []
    private(set) var batches = 0
    /// True when a batch held a user or an item twice.
    private(set) var sawRepeats = false
    private let failsAtBatch: Int?

    init(failsAtBatch: Int? = nil, declaredVectors: [VectorDefinition] = []) {
        self.failsAtBatch = failsAtBatch
        self.declaredVectors = declaredVectors
    }

    struct Failure: Error {}

    func declare(attributes: [AttributeDefinition], signals: [String]) async throws {
        self.attributes = attributes
        self.signals = signals
    }

    func vectorDefinitions() async throws -> [VectorDefinition] { declaredVectors }

    func declare(vectors: [VectorDefinition]) async throws { declaredVectors = vectors }

    func write(_ batch: ImportBatch) async throws -> ImportOutcome {
        batches += 1
        if batches == failsAtBatch { throw Failure() }
        if Set(batch.users.map(\.id)).count < batch.users.count { sawRepeats = true }
        if Set(batch.items.map(\.id)).count < batch.items.count { sawRepeats = true }
        batchAttributes += batch.attributes
        var outcome = ImportOutcome()
        for user in batch.users {
            var merged = users[user.id] ?? User(id: user.id)
            merged.attributes.merge(user.attributes) { $1 }
            merged.createdAt = user.createdAt ?? merged.createdAt
            count(users.updateValue(merged, forKey: user.id) != merged, in: &outcome.users)
        }
        for item in batch.items {
            var merged = item
            merged.attributes = (items[item.id]?.attributes ?? [:]).merging(item.attributes) { $1 }
            merged.title = item.title ?? items[item.id]?.title
            count(items.updateValue(merged, forKey: item.id) != merged, in: &outcome.items)
        }
        for impression in batch.impressions {
            let key = "\(impression.id) \(impression.itemID)"
            count(impressions[key] == nil, in: &outcome.impressions)
            impressions[key] = impressions[key] ?? impression
        }
        for event in batch.events {
            count(events[event.id] == nil, in: &outcome.events)
            events[event.id] = events[event.id] ?? event
        }
        for relation in batch.relations {
            let key = [relation.userID.rawValue, relation.kind.rawValue, relation.target]
            count(relations.updateValue(relation, forKey: key) != relation, in: &outcome.relations)
        }
        for vector in batch.vectors {
            guard items[vector.itemID] != nil else {
                outcome.vectorsWithoutItem += 1
                continue
            }
            let key = [vector.name, vector.itemID.rawValue]
            count(vectors.updateValue(vector.values, forKey: key) != vector.values, in: &outcome.vectors)
        }
        return outcome
    }

    private func count(_ isNew: Bool, in result: inout AppendResult) {
        result = result + AppendResult(inserted: isNew ? 1 : 0, duplicates: isNew ? 0 : 1)
    }
}
