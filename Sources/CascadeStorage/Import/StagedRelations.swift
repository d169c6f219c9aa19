import CascadeCore
import CascadePostgres

extension UserRelation: Mergeable {
    // Lengths keep the three parts apart whatever bytes they have.
    var key: ByteKey {
        ByteKey(
            text:
                "\(userID.rawValue.utf8.count) \(kind.rawValue.utf8.count) \(userID.rawValue)\(kind.rawValue)\(target)")
    }

    func merging(_ later: UserRelation) -> UserRelation {
        UserRelation(userID: userID, kind: kind, target: target, since: later.since ?? since)
    }
}

/// Merges relations of a batch into their table.
enum StagedRelations {
    static func write(_ relations: BatchMerge<UserRelation>, _ session: PostgresSession) throws -> AppendResult {
        if relations.rows.isEmpty { return AppendResult() }
        try Staging.relations.copy(relations.rows, session) { relation, row in
            row.text(relation.userID.rawValue)
            row.text(relation.kind.rawValue)
            row.text(relation.target)
            row.timestamp(microseconds: relation.since?.microseconds)
        }
        return try StagedCatalog.merge(
            """
            INSERT INTO user_relations AS old (user_id, kind, target_id, since)
            SELECT user_id, kind, target_id, since FROM staged_relations ORDER BY user_id, kind, target_id
            ON CONFLICT (user_id, kind, target_id) DO UPDATE SET since = excluded.since
            WHERE excluded.since IS NOT NULL AND excluded.since IS DISTINCT FROM old.since
            RETURNING xmax = 0 AS is_new
            """, of: relations, session)
    }
}
