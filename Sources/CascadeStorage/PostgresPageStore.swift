package import CascadeCore
import CascadePostgres

/// What next pages are made from, in Postgres. Every call throws `StorageError`.
package struct PostgresPageStore: PageStore {
    let database: Database

    package func put(_ pages: [SlatePage]) async throws {
        if pages.isEmpty { return }
        try await database.transaction { session in
            for page in pages {
                try session.execute(
                    """
                    INSERT INTO slate_pages (recommendation_id, user_id, created_at, request, shown)
                    VALUES (\(page.recommendationID), \(page.userID?.rawValue), \(page.createdAt.sql),
                        \(json: page.requestJSON), \(page.shown.map(\.rawValue)))
                    ON CONFLICT (recommendation_id) DO NOTHING
                    """)
            }
        }
    }

    /// Read from the primary: a copy may not have it yet.
    package func page(_ recommendationID: String) async throws -> SlatePage? {
        try await database.run { session in
            try session.query(
                """
                SELECT user_id, created_at, request::text AS request, shown FROM slate_pages
                WHERE recommendation_id = \(recommendationID)
                """
            ).optional().map { row in
                SlatePage(
                    recommendationID: recommendationID,
                    userID: try row.decode("user_id", as: String?.self).map(UserID.init),
                    createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
                    requestJSON: try row.decode("request"),
                    shown: try row.decode("shown", as: [String].self).map { ItemID($0) })
            }
        }
    }

    /// Removes what was made before `time`, in steps of 10,000; gives their number.
    @discardableResult
    package func prune(before time: Timestamp) async throws -> Int {
        try await database.removeInSteps(
            """
            DELETE FROM slate_pages WHERE recommendation_id IN (
                SELECT recommendation_id FROM slate_pages
                WHERE created_at < \(time.sql) ORDER BY created_at LIMIT 10000)
            """)
    }
}
