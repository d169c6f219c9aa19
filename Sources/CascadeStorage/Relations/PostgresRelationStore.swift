package import CascadeCore
import CascadePostgres

/// What users are related to, in Postgres.
///
/// Every call throws `StorageError`; a write that returned is durable.
package struct PostgresRelationStore: RelationStore {
    let database: Database

    package func put(_ relation: UserRelation) async throws -> Bool {
        try await database.run { session in
            let inserted = try session.execute(
                """
                INSERT INTO user_relations (user_id, kind, target_id, since)
                VALUES (\(relation.userID.rawValue), \(relation.kind.rawValue), \(relation.target), \(relation.since?.sql))
                ON CONFLICT (user_id, kind, target_id) DO NOTHING
                """)
            if inserted == 0 { try fill(relation, session) }
            return inserted > 0
        }
    }

    /// Gives a relation that has no time the one that is told now.
    private func fill(_ relation: UserRelation, _ session: PostgresSession) throws {
        guard let since = relation.since else { return }
        try session.execute(
            """
            UPDATE user_relations SET since = \(since.sql)
            WHERE user_id = \(relation.userID.rawValue) AND kind = \(relation.kind.rawValue)
                AND target_id = \(relation.target) AND since IS NULL
            """)
    }

    package func remove(_ kind: RelationKind, of user: UserID, to target: String) async throws -> Bool {
        try await database.run { session in
            try session.execute(
                """
                DELETE FROM user_relations
                WHERE user_id = \(user.rawValue) AND kind = \(kind.rawValue) AND target_id = \(target)
                """) > 0
        }
    }

    package func relations(
        of user: UserID, kind: RelationKind, after: String?, limit: Int
    ) async throws -> [UserRelation] {
        try await database.run { session in
            try session.query(
                """
                SELECT target_id, since FROM user_relations
                WHERE user_id = \(user.rawValue) AND kind = \(kind.rawValue) AND target_id > \(after ?? "")
                ORDER BY target_id LIMIT \(limit)
                """
            ).map { row in
                UserRelation(
                    userID: user, kind: kind, target: try row.decode("target_id"),
                    since: try row.decode("since", as: PostgresTimestamp?.self).map(Timestamp.init))
            }
        }
    }

    package func latestTargets(of user: UserID, kind: RelationKind, limit: Int) async throws -> [String] {
        try await database.run { session in
            try session.query(
                """
                SELECT target_id FROM user_relations
                WHERE user_id = \(user.rawValue) AND kind = \(kind.rawValue)
                ORDER BY since DESC NULLS LAST, target_id LIMIT \(limit)
                """
            ).map { row in try row.decode("target_id") }
        }
    }
}
