import CascadeCore
import CascadeFeatures

/// The content vectors that a training run reads.
enum TrainingVectors {
    /// Reads those that `schema` names, or all that are declared, of `items`; to be called after these were read, so that
    /// no vector is older than its item says.
    static func read(
        _ schema: FeatureSchema?, of items: [Item], from store: any ItemVectorStore
    ) async throws -> ItemVectors {
        let declared = try await store.vectorDefinitions()
        let wanted = schema.map { schema in declared.filter { schema.vectors.contains($0.name) } } ?? declared
        return try await ItemVectors.read(wanted, of: items, from: store)
    }
}
