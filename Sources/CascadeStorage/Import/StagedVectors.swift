import CascadeCore
import CascadePostgres

extension ItemVector: Mergeable {
    // The length keeps the two parts apart whatever bytes they have.
    var key: ByteKey { ByteKey(text: "\(name.utf8.count) \(name)\(itemID.rawValue)") }

    func merging(_ later: ItemVector) -> ItemVector { later }
}

/// Merges vectors of a batch into their table.
enum StagedVectors {
    static func write(
        _ vectors: BatchMerge<ItemVector>, _ session: PostgresSession
    ) throws -> (result: AppendResult, withoutItem: Int) {
        if vectors.rows.isEmpty { return (AppendResult(), 0) }
        try Staging.vectors.copy(vectors.rows, session) { vector, row in
            row.text(vector.itemID.rawValue)
            row.text(vector.name)
            VectorBytes.lend(vector.values) { row.bytes($0) }
        }
        // The items are locked in the order of their names: their version is written by a trigger, in any order.
        var result = try StagedCatalog.merge(
            """
            INSERT INTO item_vectors AS old (item_id, name, vector)
            SELECT staged.item_id, staged.name, staged.vector FROM staged_vectors AS staged JOIN items USING (item_id)
            ORDER BY staged.item_id, staged.name FOR NO KEY UPDATE OF items
            ON CONFLICT (item_id, name) DO UPDATE SET vector = excluded.vector
            WHERE old.vector IS DISTINCT FROM excluded.vector
            RETURNING xmax = 0 AS is_new
            """, of: vectors, session)
        let withoutItem: Int = try session.query(
            """
            SELECT count(*) AS missing FROM staged_vectors AS staged
            WHERE NOT EXISTS (SELECT FROM items WHERE items.item_id = staged.item_id)
            """
        ).single().decode("missing")
        result.duplicates -= withoutItem
        return (result, withoutItem)
    }
}
