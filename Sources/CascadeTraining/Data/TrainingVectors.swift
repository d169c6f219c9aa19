import CascadeCore
import CascadeFeatures

/// The content vectors that a training run reads.
enum TrainingVectors {
    /// The kinds that one of `schemas` names; all that are declared where one of them is nil, which is automatic.
    ///
    /// To be called before anything is read: it costs one small query.
    ///
    /// - Throws: `FeatureError.badSchema` for a name that is not declared.
    static func kinds(
        _ schemas: [FeatureSchema?], from store: any ItemVectorStore
    ) async throws -> [VectorDefinition] {
        let declared = try await store.vectorDefinitions()
        let wanted = schemas.compactMap { $0?.vectors }
        var unknown: [String] = []
        for name in wanted.joined()
        where !declared.contains(where: { $0.name == name }) && !unknown.contains(name) { unknown.append(name) }
        guard unknown.isEmpty else {
            throw FeatureError.badSchema(
                unknown.map { FeatureSchema.noVectors($0, declared: declared.map(\.name)) })
        }
        if wanted.count < schemas.count { return declared }
        let names = Set(wanted.joined())
        return declared.filter { names.contains($0.name) }
    }
}
