import CascadePostgres

/// What is odd about the newest rows of the logs.
package struct FeedbackSample: Sendable, Equatable {
    /// Of one of the two logs.
    package struct Log: Sendable, Equatable {
        package var rows = 0
        /// Rows of an item that the catalog does not have.
        package var unknownItems = 0
        package var unknownUsers = 0
        /// Rows from later than five minutes ahead of the server's clock.
        package var future = 0
    }

    package var impressions = Log()
    package var events = Log()
    /// Events that name the impression or the recommendation that they answer.
    package var answers = 0
    /// Those of them whose impression is not there.
    package var unanswered = 0

    package init() {}
}

extension Storage {
    /// Looks at the newest rows, about 100,000 of each log.
    package func feedbackSample() async throws -> FeedbackSample {
        try await database.run { session in
            var sample = FeedbackSample()
            sample.impressions = try Self.log("impressions", "shown_at", session)
            sample.events = try Self.log("events", "occurred_at", session)
            let answers = try session.query(
                """
                SELECT count(*) AS answers,
                    count(*) FILTER (WHERE named.there IS NULL AND recommended.there IS NULL) AS unanswered
                FROM (\(try NewestRows.of("events", session))) AS e
                LEFT JOIN LATERAL (
                    SELECT true AS there FROM impressions AS i
                    WHERE i.impression_id = e.impression_id AND i.item_id = e.item_id AND i.user_id = e.user_id LIMIT 1
                ) AS named ON true
                LEFT JOIN LATERAL (
                    SELECT true AS there FROM impressions AS i
                    WHERE i.recommendation_id = e.recommendation_id AND i.item_id = e.item_id
                        AND i.user_id = e.user_id LIMIT 1
                ) AS recommended ON true
                WHERE e.impression_id IS NOT NULL OR e.recommendation_id IS NOT NULL
                """, timeout: Self.limit
            ).single()
            sample.answers = try answers.decode("answers")
            sample.unanswered = try answers.decode("unanswered")
            return sample
        }
    }

    /// A laterally joined row at most is one look into an index each, so the size of the other tables makes no difference.
    private static func log(_ table: String, _ time: String, _ session: PostgresSession) throws -> FeedbackSample.Log {
        let row = try session.query(
            """
            SELECT count(*) AS rows, count(*) FILTER (WHERE item.there IS NULL) AS items,
                count(*) FILTER (WHERE person.there IS NULL) AS users,
                count(*) FILTER (WHERE \(identifier: time) > now() + interval '5 minutes') AS future
            FROM (\(try NewestRows.of(table, session))) AS newest
            LEFT JOIN LATERAL (
                SELECT true AS there FROM items WHERE items.item_id = newest.item_id LIMIT 1
            ) AS item ON true
            LEFT JOIN LATERAL (
                SELECT true AS there FROM users WHERE users.user_id = newest.user_id LIMIT 1
            ) AS person ON true
            """, timeout: limit
        ).single()
        return FeedbackSample.Log(
            rows: try row.decode("rows"), unknownItems: try row.decode("items"), unknownUsers: try row.decode("users"),
            future: try row.decode("future"))
    }

    private static let limit: Duration = .seconds(60)
}
