package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore {
    /// Writes items whole and the vectors that come with them, in one transaction.
    package func put(_ items: [Item], vectors content: [ItemVector]) async throws -> AppendResult {
        try await vectors.check(content)
        let rows = Self.latest(items, by: \.id)
        let kept = BatchMerge(content).rows.sorted { ($0.itemID, $0.name) < ($1.itemID, $1.name) }
        let changed = try await put(
            CatalogInserts.parts(of: rows).map { try CatalogInserts.upsert($0) }
                + CatalogInserts.parts(of: kept).map { CatalogInserts.upsert($0) },
            declaring: attributes.unknown(.item, in: rows.lazy.map(\.attributes)))
        return AppendResult(inserted: changed, duplicates: items.count - changed)
    }

    /// Writes users whole, in one transaction.
    package func put(_ users: [User]) async throws -> AppendResult {
        let rows = Self.latest(users, by: \.id)
        let changed = try await put(
            CatalogInserts.parts(of: rows).map { try CatalogInserts.upsert($0) },
            declaring: attributes.unknown(.user, in: rows.lazy.map(\.attributes)))
        return AppendResult(inserted: changed, duplicates: users.count - changed)
    }

    /// Runs upserts together with the declarations they need; gives the number of different identifiers they touched.
    private func put(_ upserts: [SQL], declaring undeclared: [AttributeDefinition]) async throws -> Int {
        if upserts.isEmpty { return 0 }
        let changed = try await database.transaction { session in
            try AttributeRegistry.add(undeclared, session)
            // By their bytes: two spellings of one letter are two identifiers.
            var touched: Set<ItemID> = []
            for upsert in upserts {
                for row in try session.query(upsert) { touched.insert(ItemID(try row.decode("id"))) }
            }
            return touched.count
        }
        attributes.remember(undeclared)
        return changed
    }

    /// The last row of each identifier, in the order of their bytes.
    private static func latest<Row, ID: Hashable & Comparable>(_ rows: [Row], by id: KeyPath<Row, ID>) -> [Row] {
        Dictionary(rows.map { ($0[keyPath: id], $0) }, uniquingKeysWith: { _, later in later })
            .sorted { $0.key < $1.key }.map(\.value)
    }
}
