import CascadeCore
import CascadePostgres
import Synchronization

/// The declared attributes of users and items: what each means to the models.
final class AttributeRegistry: Sendable {
    private struct Key: Hashable {
        let entity: Entity
        let name: String
    }

    private let database: Database
    private let known = Mutex<Set<Key>>([])

    init(_ database: Database) { self.database = database }

    /// All declarations, users' first, by name.
    func definitions() async throws -> [AttributeDefinition] {
        try await database.run { session in
            var definitions: [AttributeDefinition] = []
            let rows = try session.query(
                "SELECT entity, name, kind FROM attribute_definitions ORDER BY entity = 'item', name")
            for row in rows {
                guard let entity = Entity(rawValue: try row.decode("entity")),
                    let kind = AttributeKind(rawValue: try row.decode("kind"))
                else { continue }
                definitions.append(AttributeDefinition(entity: entity, name: try row.decode("name"), kind: kind))
            }
            return definitions
        }
    }

    /// Declares attributes; what was declared before under the same name gets the new kind.
    func declare(_ definitions: [AttributeDefinition]) async throws {
        if definitions.isEmpty { return }
        try await database.transaction { session in
            for definition in Self.ordered(definitions) {
                try session.execute(
                    """
                    INSERT INTO attribute_definitions (entity, name, kind)
                    VALUES (\(definition.entity.rawValue), \(definition.name), \(definition.kind.rawValue))
                    ON CONFLICT (entity, name) DO UPDATE SET kind = excluded.kind
                    """)
            }
        }
        remember(definitions)
    }

    /// The attributes among `attributes` that nobody has declared as far as this process knows, by their JSON type.
    func unknown(_ entity: Entity, in attributes: [String: AttributeValue]) -> [AttributeDefinition] {
        if attributes.isEmpty { return [] }
        return known.withLock { known in
            var missing: [AttributeDefinition] = []
            for (name, value) in attributes where !known.contains(Key(entity: entity, name: name)) {
                missing.append(AttributeDefinition(entity: entity, name: name, kind: Self.kind(of: value)))
            }
            return missing
        }
    }

    /// The attributes of several rows that nobody has declared as far as this process knows; the first value decides.
    func unknown(_ entity: Entity, in rows: some Sequence<[String: AttributeValue]>) -> [AttributeDefinition] {
        known.withLock { known in
            var seen = known
            var missing: [AttributeDefinition] = []
            for attributes in rows {
                for (name, value) in attributes where seen.insert(Key(entity: entity, name: name)).inserted {
                    missing.append(AttributeDefinition(entity: entity, name: name, kind: Self.kind(of: value)))
                }
            }
            return missing
        }
    }

    /// Declares what is not declared yet, inside the caller's transaction.
    static func add(_ definitions: [AttributeDefinition], _ session: PostgresSession) throws(PostgresError) {
        for definition in ordered(definitions) {
            try session.execute(
                """
                INSERT INTO attribute_definitions (entity, name, kind)
                VALUES (\(definition.entity.rawValue), \(definition.name), \(definition.kind.rawValue))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Keeps in mind that these are declared; to be called after the commit.
    func remember(_ definitions: [AttributeDefinition]) {
        known.withLock { known in
            for definition in definitions {
                known.insert(Key(entity: definition.entity, name: definition.name))
            }
        }
    }

    /// One order for everybody, so that two transactions never wait for each other.
    private static func ordered(_ definitions: [AttributeDefinition]) -> [AttributeDefinition] {
        definitions.sorted { left, right in
            left.entity == right.entity
                ? ByteOrder.precedes(left.name, right.name) : left.entity.rawValue < right.entity.rawValue
        }
    }

    private static func kind(of value: AttributeValue) -> AttributeKind {
        switch value {
        case .number: .numeric
        case .text, .flag: .categorical
        case .list: .multi
        }
    }
}
