package import CascadeCore
import CascadePostgres

/// How much there is, for readiness and statistics.
package struct CatalogCounts: Hashable, Sendable {
    package var users: Int
    package var items: Int
    /// Those of the items that are never recommended.
    package var hiddenItems: Int
    package var impressions: Int
    package var events: Int
    /// The latest feedback, or nil where there is none.
    package var latestFeedbackAt: Timestamp?

    package init(
        users: Int, items: Int, hiddenItems: Int, impressions: Int, events: Int, latestFeedbackAt: Timestamp?
    ) {
        self.users = users
        self.items = items
        self.hiddenItems = hiddenItems
        self.impressions = impressions
        self.events = events
        self.latestFeedbackAt = latestFeedbackAt
    }
}

extension Storage {
    /// Counts everything, exactly and as of one moment.
    ///
    /// - Complexity: reads all tables: about 0.1 s a million rows. Not for every request; see `hasItems`.
    package func counts() async throws -> CatalogCounts {
        try await database.read { session in
            let row = try session.query(
                """
                SELECT users, items, hidden, impressions, events, greatest(shown, occurred) AS latest
                FROM (SELECT count(*) AS users FROM users) AS u,
                    (SELECT count(*) AS items, count(*) FILTER (WHERE hidden) AS hidden FROM items) AS c,
                    (SELECT count(*) AS impressions, max(shown_at) AS shown FROM impressions) AS i,
                    (SELECT count(*) AS events, max(occurred_at) AS occurred FROM events) AS e
                """
            ).single()
            return CatalogCounts(
                users: try row.decode("users"), items: try row.decode("items"), hiddenItems: try row.decode("hidden"),
                impressions: try row.decode("impressions"), events: try row.decode("events"),
                latestFeedbackAt: try row.decode("latest", as: PostgresTimestamp?.self).map(Timestamp.init))
        }
    }

    /// Whether the database answers and has items to recommend; at once, however large the tables are.
    ///
    /// Throws `.unavailable` when it does not answer and `.schemaNotMigrated` when it has no tables.
    package func hasItems() async throws -> Bool {
        try await database.run { session in
            try session.query("SELECT EXISTS (SELECT FROM items) AS has_items").single().decode("has_items")
        }
    }
}
