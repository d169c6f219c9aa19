/// Content vectors of items as they are kept.
package protocol ItemVectorStore: Sendable {
    /// The kinds that are declared, by name.
    func vectorDefinitions() async throws -> [VectorDefinition]
    /// Visits the vectors of the kinds `names`, in no order: of `items`, or of all with nil.
    ///
    /// `visit` runs where the rows are read and must not wait.
    func itemVectors(
        _ names: [String], of items: [ItemID]?, _ visit: @escaping @Sendable (ItemVector) throws -> Void
    ) async throws
}
