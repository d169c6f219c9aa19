package import CascadeCore
import CascadePostgres

extension PostgresFeedbackStore: FeedbackUserList {
    /// Jumps from user to user along the indexes, so that the time goes by `limit` and not by the size of the log.
    package func usersWithFeedback(limit: Int) async throws -> [UserID] {
        if limit <= 0 { return [] }
        return try await database.read { session in
            try session.query(
                """
                WITH RECURSIVE found (user_id) AS (
                    SELECT least((SELECT min(user_id) FROM events), (SELECT min(user_id) FROM impressions))
                    UNION ALL
                    SELECT least(
                        (SELECT min(e.user_id) FROM events AS e WHERE e.user_id > found.user_id),
                        (SELECT min(i.user_id) FROM impressions AS i WHERE i.user_id > found.user_id))
                    FROM found WHERE found.user_id IS NOT NULL
                )
                SELECT user_id FROM found WHERE user_id IS NOT NULL LIMIT \(limit)
                """
            ).column("user_id", as: String.self).map(UserID.init)
        }
    }
}
