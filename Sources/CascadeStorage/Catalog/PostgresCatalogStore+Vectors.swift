package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore {
    package func vectorDefinitions() async throws -> [VectorDefinition] { try await vectors.definitions() }

    package func itemVectors(
        _ names: [String], of items: [ItemID]?, _ visit: @escaping @Sendable (ItemVector) throws -> Void
    ) async throws {
        if names.isEmpty || items?.isEmpty == true { return }
        let chosen: SQL = items.map { "AND item_id = ANY(\($0.map(\.rawValue)))" } ?? ""
        _ = try await database.run { session in
            try session.copyOut(
                "SELECT item_id, name, vector FROM item_vectors WHERE name = ANY(\(names)) \(chosen)",
                timeout: Database.bulkLimit
            ) { row in
                try visit(
                    ItemVector(
                        itemID: ItemID(try row.string(0)), name: try row.string(1),
                        values: try VectorBytes.decode(try row.bytes(2))))
            }
        }
    }
}
