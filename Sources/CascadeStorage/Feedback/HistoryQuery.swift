import CascadeCore
import CascadePostgres

/// The statements that read one user's past by index, however long the logs are.
enum HistoryQuery {
    /// The last `limit` steps before `before`, newest first: item, time, feedback bits, surface or NULL.
    ///
    /// The reverse of the order of `InteractionQuery`. An event older than the oldest of `limit` impressions cannot be
    /// among the steps, which bounds how far back events are looked at.
    static func steps(of user: UserID, before: Timestamp?, limit: Int) -> SQL {
        let user = user.rawValue
        let end: PostgresTimestamp = before?.sql ?? .infinity
        let limit = Int64(limit)
        return """
            WITH shown AS MATERIALIZED (
                SELECT impression_id, item_id, shown_at, recommendation_id, surface
                FROM impressions WHERE user_id = \(user) AND shown_at < \(end)
                ORDER BY shown_at DESC, impression_id DESC, item_id DESC LIMIT \(limit)
            ), given AS (
                SELECT shown.impression_id, shown.item_id, bit_or(1 << answer.signal_id) AS bits
                FROM shown CROSS JOIN LATERAL (\(answers(user, end))) AS answer
                GROUP BY shown.impression_id, shown.item_id
            ), lone AS (
                SELECT e.item_id, e.occurred_at, bit_or(1 << e.signal_id) AS bits, max(e.surface) AS surface
                FROM events e
                WHERE e.user_id = \(user) AND e.occurred_at < \(end)
                    AND e.occurred_at >= (
                        SELECT CASE WHEN count(*) = \(limit) THEN min(shown_at) ELSE '-infinity' END FROM shown)
                    AND NOT EXISTS (\(namedImpression)) AND NOT EXISTS (\(recommendedImpression))
                GROUP BY e.occurred_at, e.item_id
                ORDER BY e.occurred_at DESC, e.item_id DESC LIMIT \(limit)
            )
            SELECT item_id, at, bits, surface FROM (
                SELECT shown.item_id, shown.shown_at AS at, coalesce(given.bits, 0) AS bits,
                    true AS is_impression, shown.impression_id AS tie, shown.surface
                FROM shown LEFT JOIN given USING (impression_id, item_id)
                UNION ALL
                SELECT item_id, occurred_at, bits, false, '', surface FROM lone
            ) AS step
            ORDER BY at DESC, is_impression, tie DESC, item_id DESC LIMIT \(limit)
            """
    }

    /// The items that a user was shown or acted on, by the last time, newest first.
    static func seen(by user: UserID, limit: Int) -> SQL {
        """
        SELECT item_id FROM (
            SELECT item_id, shown_at AS at FROM impressions WHERE user_id = \(user.rawValue)
            UNION ALL
            SELECT item_id, occurred_at FROM events WHERE user_id = \(user.rawValue)
        ) AS step
        GROUP BY item_id ORDER BY max(at) DESC, item_id LIMIT \(Int64(limit))
        """
    }

    /// The events that belong to the impression `shown`.
    private static func answers(_ user: String, _ end: PostgresTimestamp) -> SQL {
        """
        SELECT e.signal_id FROM events e
        WHERE e.impression_id = shown.impression_id AND e.item_id = shown.item_id
            AND e.user_id = \(user) AND e.occurred_at < \(end)
        UNION ALL
        SELECT e.signal_id FROM events e
        WHERE e.recommendation_id = shown.recommendation_id AND e.item_id = shown.item_id
            AND e.user_id = \(user) AND e.occurred_at < \(end)
            AND NOT EXISTS (\(namedImpression))
            AND shown.impression_id = (\(recommendedImpression) ORDER BY i.shown_at, i.impression_id LIMIT 1)
        """
    }

    /// The impression that the event `e` names.
    private static let namedImpression: SQL = """
        SELECT i.impression_id FROM impressions i
        WHERE i.impression_id = e.impression_id AND i.item_id = e.item_id AND i.user_id = e.user_id
        """

    /// The impressions of the item of the event `e` in the recommendation that it names.
    private static let recommendedImpression: SQL = """
        SELECT i.impression_id FROM impressions i
        WHERE i.recommendation_id = e.recommendation_id AND i.item_id = e.item_id AND i.user_id = e.user_id
        """
}
