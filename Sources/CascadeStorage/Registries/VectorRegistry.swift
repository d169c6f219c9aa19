import CascadeCore
import CascadePostgres

/// The declared kinds of content vectors with their widths.
///
/// A kind never changes its width: models that were trained with it could not read it any more. It can be deleted and
/// declared anew by any program at any time, so nothing is kept here.
struct VectorRegistry: Sendable {
    private let database: Database

    init(_ database: Database) { self.database = database }

    /// All declarations, by name.
    func definitions() async throws -> [VectorDefinition] {
        try await database.run { session in
            try session.query("SELECT name, width FROM vector_definitions ORDER BY name").map { row in
                VectorDefinition(name: try row.decode("name"), width: try row.decode("width"))
            }
        }
    }

    /// Declares kinds that are new; throws `.invalidValue` for one that is there with another width.
    func declare(_ definitions: [VectorDefinition]) async throws {
        if definitions.isEmpty { return }
        for definition in definitions {
            if let problem = definition.problem { throw StorageError.invalidValue(reason: problem) }
        }
        try await database.transaction { session in
            for definition in definitions.sorted(by: { ByteOrder.precedes($0.name, $1.name) }) {
                try session.execute(
                    """
                    INSERT INTO vector_definitions (name, width) VALUES (\(definition.name), \(definition.width))
                    ON CONFLICT (name) DO NOTHING
                    """)
                let width: Int = try session.query(
                    "SELECT width FROM vector_definitions WHERE name = \(definition.name)"
                ).single().decode("width")
                guard width == definition.width else { throw Self.mismatch(definition.name, width, definition.width) }
            }
        }
    }

    /// Throws `.invalidValue` for a vector of no declared kind, of another width, or with a number that is not finite.
    func check(_ vectors: [ItemVector]) async throws {
        if vectors.isEmpty { return }
        let widths = Dictionary(uniqueKeysWithValues: try await definitions().map { ($0.name, $0.width) })
        for vector in vectors {
            guard let width = widths[vector.name] else {
                let names = widths.keys.sorted().joined(separator: ", ")
                throw StorageError.invalidValue(
                    reason: "vectors '\(vector.name)' are not declared (declared: \(names.isEmpty ? "none" : names)); "
                        + "import some of that name first")
            }
            guard vector.values.count == width else {
                throw Self.mismatch(vector.name, width, vector.values.count)
            }
            guard vector.values.allSatisfy(\.isFinite) else {
                throw StorageError.invalidValue(
                    reason: "vector '\(vector.name)' of item '\(vector.itemID)' holds a number that is not finite")
            }
        }
    }

    private static func mismatch(_ name: String, _ declared: Int, _ given: Int) -> StorageError {
        .invalidValue(
            reason: "vectors '\(name)' have \(declared) columns, not \(given); use another name, or delete the former "
                + "ones with: DELETE FROM vector_definitions WHERE name = '\(name)', and run 'cascade train' after the "
                + "import, since the models of the active release read the former ones")
    }
}
