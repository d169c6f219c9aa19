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
        // The items are locked in the order of their names: their version is written by a trigger, in any order. What is
        // counted are the very rows that were locked, since others may add and delete items meanwhile.
        let counts = try session.query(
            """
            WITH kept AS MATERIALIZED (
                SELECT item_id FROM items WHERE item_id IN (SELECT item_id FROM staged_vectors)
                ORDER BY item_id FOR NO KEY UPDATE
            ), touched AS (
                INSERT INTO item_vectors AS old (item_id, name, vector)
                SELECT staged.item_id, staged.name, staged.vector FROM staged_vectors AS staged JOIN kept USING (item_id)
                ORDER BY staged.item_id, staged.name
                ON CONFLICT (item_id, name) DO UPDATE SET vector = excluded.vector
                WHERE old.vector IS DISTINCT FROM excluded.vector
                RETURNING xmax = 0 AS is_new
            )
            SELECT count(*) AS touched, count(*) FILTER (WHERE is_new) AS added,
                (SELECT count(*) FROM staged_vectors JOIN kept USING (item_id)) AS placed
            FROM touched
            """, timeout: Database.bulkLimit
        ).single()
        let (touched, placed): (Int, Int) = (try counts.decode("touched"), try counts.decode("placed"))
        let result = AppendResult(
            inserted: try counts.decode("added"), duplicates: placed - touched + vectors.duplicates)
        return (result, vectors.rows.count - placed)
    }
}
