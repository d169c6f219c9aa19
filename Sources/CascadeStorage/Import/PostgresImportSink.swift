package import CascadeCore
import CascadePostgres

/// Writes what an import reads: COPY into temporary tables, then one INSERT a kind of row, all in one transaction.
///
/// A batch of 20,000 to 100,000 rows is best: fewer commits and longer sorted stretches of keys. Several batches may be
/// written at once; each takes a connection of its own. Kinds of feedback are registered, and attributes declared,
/// ahead of the batch, since they are never taken back. Every call throws `StorageError`.
package struct PostgresImportSink: ImportSink {
    let database: Database
    let signals: SignalRegistry
    let attributes: AttributeRegistry
    let vectors: VectorRegistry
    let months: LogMonths

    package func declare(attributes definitions: [AttributeDefinition], signals names: [String]) async throws {
        try await signals.register(names)
        try await attributes.declare(definitions)
    }

    package func vectorDefinitions() async throws -> [VectorDefinition] { try await vectors.definitions() }

    package func declare(vectors definitions: [VectorDefinition]) async throws {
        try await vectors.declare(definitions)
    }

    /// Writes a batch whole or not at all; writing it again adds nothing.
    ///
    /// Where a user or item is there already, or comes twice in the batch, the later row is laid over the earlier one:
    /// attributes by name, other members where the later row has them; an item once hidden stays hidden. A relation
    /// that is there takes the time of the batch, where it has one, and a vector replaces the one of its kind; a vector
    /// of an item that is not in the catalog is left out and counted. Attributes that nobody declared are declared by
    /// the type of their first value.
    package func write(_ batch: ImportBatch) async throws -> ImportOutcome {
        if batch.count == 0 { return ImportOutcome() }
        let numbers = try await signals.numbers(of: Self.signals(of: batch))
        try await attributes.declare(batch.attributes)
        let undeclared =
            attributes.unknown(.user, in: batch.users.lazy.map(\.attributes))
            + attributes.unknown(.item, in: batch.items.lazy.map(\.attributes))
        let users = BatchMerge(batch.users)
        let items = BatchMerge(batch.items)
        let relations = BatchMerge(batch.relations)
        try await vectors.check(batch.vectors)
        let vectors = BatchMerge(batch.vectors)
        let times = batch.impressions.map(\.shownAt) + batch.events.map(\.occurredAt)
        let outcome = try await months.writing(times) {
            try await write(users, items, relations, vectors, batch, numbers, undeclared)
        }
        attributes.remember(undeclared)
        return outcome
    }

    private func write(
        _ users: BatchMerge<User>, _ items: BatchMerge<Item>, _ relations: BatchMerge<UserRelation>,
        _ vectors: BatchMerge<ItemVector>, _ batch: ImportBatch, _ numbers: [String: Int],
        _ undeclared: [AttributeDefinition]
    ) async throws -> ImportOutcome {
        try await database.transaction { session in
            try Staging.prepare(Self.stages(of: batch), session)
            try AttributeRegistry.add(undeclared, session)
            var outcome = ImportOutcome()
            outcome.users = try StagedCatalog.write(users, session)
            outcome.items = try StagedCatalog.write(items, session)
            outcome.impressions = try StagedFeedback.write(batch.impressions, numbers, session)
            outcome.events = try StagedFeedback.write(batch.events, numbers, session)
            outcome.relations = try StagedRelations.write(relations, session)
            (outcome.vectors, outcome.vectorsWithoutItem) = try StagedVectors.write(vectors, session)
            return outcome
        }
    }

    private static func signals(of batch: ImportBatch) -> Set<String> {
        var names: Set<String> = []
        for event in batch.events { names.insert(event.type) }
        for impression in batch.impressions { names.formUnion(impression.observed ?? []) }
        return names
    }

    private static func stages(of batch: ImportBatch) -> [Staging] {
        var stages: [Staging] = []
        if !batch.users.isEmpty { stages.append(.users) }
        if !batch.items.isEmpty { stages.append(.items) }
        if !batch.impressions.isEmpty { stages.append(.impressions) }
        if !batch.events.isEmpty { stages.append(.events) }
        if !batch.relations.isEmpty { stages.append(.relations) }
        if !batch.vectors.isEmpty { stages.append(.vectors) }
        return stages
    }
}
