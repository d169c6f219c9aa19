/// Rows of one step of an import, made from the lines of one file in their order.
package struct ImportBatch: Sendable {
    package var users: [User] = []
    package var items: [Item] = []
    package var impressions: [Impression] = []
    package var events: [Event] = []
    package var relations: [UserRelation] = []
    package var vectors: [ItemVector] = []
    /// Attributes of its users and items that nobody has declared before; no rows of their own.
    package var attributes: [AttributeDefinition] = []

    package init() {}

    package var count: Int {
        users.count + items.count + impressions.count + events.count + relations.count + vectors.count
    }
}

/// What became of a batch, by kind of row.
package struct ImportOutcome: Hashable, Sendable {
    package var users = AppendResult()
    package var items = AppendResult()
    package var impressions = AppendResult()
    package var events = AppendResult()
    package var relations = AppendResult()
    package var vectors = AppendResult()
    /// Vectors that were left out because the catalog has no such item.
    package var vectorsWithoutItem = 0

    package init() {}
}

/// Takes what an import reads; a batch is written whole or not at all, and writing it again adds nothing.
///
/// Users and items that are there already are merged: the attributes of the batch replace those of the same name,
/// others stay. They count as duplicates when nothing changed.
package protocol ImportSink: Sendable {
    /// Declares the attributes and feedback signals that the batches will use.
    func declare(attributes: [AttributeDefinition], signals: [String]) async throws
    /// The kinds of content vectors that are declared, by name.
    func vectorDefinitions() async throws -> [VectorDefinition]
    /// Declares the kinds of content vectors that the batches will use; a kind that is there with another width is refused.
    func declare(vectors: [VectorDefinition]) async throws
    /// Writes one batch in one transaction.
    func write(_ batch: ImportBatch) async throws -> ImportOutcome
}
