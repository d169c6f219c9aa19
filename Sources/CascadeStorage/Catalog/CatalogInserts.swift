import CascadeCore
import CascadePostgres

/// The statements that write a few items, users or vectors whole, as the API takes them; imports go through staging.
///
/// Rows come in the order of their keys, so that two writers never wait for each other in a circle, and no key twice. A row
/// that is there as it is to be stays untouched, so that no server follows what is no change.
enum CatalogInserts {
    /// Rows of one statement: far below the 65,535 values that one may have.
    static let maximumRows = 1000

    /// A row for each item that is new or changed: `id`, `is_new`.
    static func upsert(_ items: [Item]) throws(StorageError) -> SQL {
        var rows: [SQL] = []
        rows.reserveCapacity(items.count)
        for item in items {
            let json = try AttributesEncoder.encode(item.attributes)
            rows.append(
                """
                (\(item.id.rawValue), \(item.title), \(item.creatorID), \(item.categories), \(json: json),
                \(item.createdAt?.sql), \(item.hidden))
                """)
        }
        return """
            INSERT INTO items AS old (item_id, title, creator_id, categories, attributes, created_at, hidden)
            VALUES \(SQL.joined(rows, separator: ", "))
            ON CONFLICT (item_id) DO UPDATE SET
                title = excluded.title, creator_id = excluded.creator_id, categories = excluded.categories,
                attributes = excluded.attributes, created_at = excluded.created_at, hidden = excluded.hidden,
                updated_at = now()
            WHERE (old.title, old.creator_id, old.categories, old.attributes, old.created_at, old.hidden)
                IS DISTINCT FROM (excluded.title, excluded.creator_id, excluded.categories, excluded.attributes,
                    excluded.created_at, excluded.hidden)
            RETURNING item_id AS id, xmax = 0 AS is_new
            """
    }

    /// A row for each user that is new or changed: `id`, `is_new`.
    static func upsert(_ users: [User]) throws(StorageError) -> SQL {
        var rows: [SQL] = []
        rows.reserveCapacity(users.count)
        for user in users {
            let json = try AttributesEncoder.encode(user.attributes)
            rows.append("(\(user.id.rawValue), \(json: json), \(user.createdAt?.sql))")
        }
        return """
            INSERT INTO users AS old (user_id, attributes, created_at) VALUES \(SQL.joined(rows, separator: ", "))
            ON CONFLICT (user_id) DO UPDATE SET
                attributes = excluded.attributes, created_at = excluded.created_at, updated_at = now()
            WHERE (old.attributes, old.created_at) IS DISTINCT FROM (excluded.attributes, excluded.created_at)
            RETURNING user_id AS id, xmax = 0 AS is_new
            """
    }

    /// A row for each vector that is new or changed: the `id` of its item.
    static func upsert(_ vectors: [ItemVector]) -> SQL {
        let rows = vectors.map { vector -> SQL in
            let bytes = VectorBytes.lend(vector.values) { Array($0) }
            return "(\(vector.itemID.rawValue), \(vector.name), \(bytes: bytes))"
        }
        return """
            INSERT INTO item_vectors AS old (item_id, name, vector) VALUES \(SQL.joined(rows, separator: ", "))
            ON CONFLICT (item_id, name) DO UPDATE SET vector = excluded.vector
            WHERE old.vector IS DISTINCT FROM excluded.vector
            RETURNING item_id AS id
            """
    }

    /// `rows` in parts that one statement takes.
    static func parts<Row>(of rows: [Row]) -> [[Row]] {
        stride(from: 0, to: rows.count, by: maximumRows).map { start in
            Array(rows[start..<min(start + maximumRows, rows.count)])
        }
    }
}
