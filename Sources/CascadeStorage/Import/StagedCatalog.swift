import CascadeCore
import CascadePostgres

/// Merges users and items of a batch into their tables.
enum StagedCatalog {
    static func write(_ users: BatchMerge<User>, _ session: PostgresSession) throws -> AppendResult {
        if users.rows.isEmpty { return AppendResult() }
        try Staging.users.copy(users.rows, session) { user, row in
            row.text(user.id.rawValue)
            row.json(try AttributesEncoder.encode(user.attributes))
            row.timestamp(microseconds: user.createdAt?.microseconds)
        }
        return try merge(
            """
            INSERT INTO users AS old (user_id, attributes, created_at)
            SELECT user_id, attributes, created_at FROM staged_users ORDER BY user_id
            ON CONFLICT (user_id) DO UPDATE SET
                attributes = old.attributes || excluded.attributes,
                created_at = coalesce(excluded.created_at, old.created_at), updated_at = now()
            WHERE (old.attributes || excluded.attributes, coalesce(excluded.created_at, old.created_at))
                IS DISTINCT FROM (old.attributes, old.created_at)
            RETURNING xmax = 0 AS is_new
            """, of: users, session)
    }

    static func write(_ items: BatchMerge<Item>, _ session: PostgresSession) throws -> AppendResult {
        if items.rows.isEmpty { return AppendResult() }
        try Staging.items.copy(items.rows, session) { item, row in
            row.text(item.id.rawValue)
            row.text(item.title)
            row.text(item.creatorID)
            row.texts(item.categories)
            row.json(try AttributesEncoder.encode(item.attributes))
            row.timestamp(microseconds: item.createdAt?.microseconds)
            row.bool(item.hidden)
        }
        let categories: SQL =
            "CASE WHEN cardinality(excluded.categories) = 0 THEN old.categories ELSE excluded.categories END"
        return try merge(
            """
            INSERT INTO items AS old (item_id, title, creator_id, categories, attributes, created_at, hidden)
            SELECT item_id, title, creator_id, categories, attributes, created_at, hidden
            FROM staged_items ORDER BY item_id
            ON CONFLICT (item_id) DO UPDATE SET
                title = coalesce(excluded.title, old.title),
                creator_id = coalesce(excluded.creator_id, old.creator_id),
                categories = \(categories),
                attributes = old.attributes || excluded.attributes,
                created_at = coalesce(excluded.created_at, old.created_at),
                hidden = old.hidden OR excluded.hidden, updated_at = now()
            WHERE (coalesce(excluded.title, old.title), coalesce(excluded.creator_id, old.creator_id), \(categories),
                    old.attributes || excluded.attributes, coalesce(excluded.created_at, old.created_at),
                    old.hidden OR excluded.hidden)
                IS DISTINCT FROM
                    (old.title, old.creator_id, old.categories, old.attributes, old.created_at, old.hidden)
            RETURNING xmax = 0 AS is_new
            """, of: items, session)
    }

    /// Runs an upsert that returns a row for each new or changed one; the others are duplicates.
    static func merge<Entry>(
        _ upsert: SQL, of batch: BatchMerge<Entry>, _ session: PostgresSession
    ) throws -> AppendResult {
        let counts = try session.query(
            """
            WITH touched AS (\(upsert))
            SELECT count(*) AS touched, count(*) FILTER (WHERE is_new) AS added FROM touched
            """, timeout: Database.bulkLimit
        ).single()
        let touched: Int = try counts.decode("touched")
        return AppendResult(
            inserted: try counts.decode("added"), duplicates: batch.rows.count - touched + batch.duplicates)
    }
}
