import CascadeCore
import CascadePostgres

/// The statements that read one user's past by index, however long the logs are.
enum HistoryQuery {
    /// The last `limit` steps before `before`, newest first: item, time, feedback bits, surface or NULL.
    ///
    /// The reverse of the order of `InteractionQuery`. Events are read along the user's own index: those older than the oldest of
    /// `limit` impressions are not among the steps and answer none of these, but for the lateness of an impression. Where an event names an
    /// impression that is not among them, that one is looked up, since the event is no step then.
    static func steps(of user: UserID, before: Timestamp?, limit: Int) -> SQL {
        let user = user.rawValue
        let end: PostgresTimestamp = before?.sql ?? .infinity
        let limit = Int64(limit)
        return """
            WITH shown AS MATERIALIZED (
                SELECT impression_id, item_id, shown_at, surface
                FROM impressions WHERE user_id = \(user) AND shown_at < \(end)
                ORDER BY shown_at DESC, impression_id DESC, item_id DESC LIMIT \(limit)
            ), told AS MATERIALIZED (
                SELECT e.item_id, e.occurred_at, e.signal_id, e.surface,
                    coalesce(shown.impression_id, (\(named)), (\(recommended))) AS answered
                FROM events e LEFT JOIN shown ON shown.impression_id = e.impression_id AND shown.item_id = e.item_id
                    AND shown.shown_at <= e.occurred_at + \(InteractionQuery.lateness)
                WHERE e.user_id = \(user) AND e.occurred_at < \(end)
                    AND e.occurred_at >= (
                        SELECT CASE WHEN count(*) = \(limit) THEN min(shown_at) - \(InteractionQuery.lateness)
                            ELSE '-infinity' END
                        FROM shown)
            ), given AS (
                SELECT answered AS impression_id, item_id, bit_or(1 << signal_id) AS bits
                FROM told WHERE answered IS NOT NULL
                GROUP BY answered, item_id
            ), lone AS (
                SELECT item_id, occurred_at, bit_or(1 << signal_id) AS bits, max(surface) AS surface
                FROM told WHERE answered IS NULL
                GROUP BY occurred_at, item_id
                ORDER BY occurred_at DESC, item_id DESC LIMIT \(limit)
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

    /// The impression that the event `e` names.
    private static let named: SQL = """
        SELECT i.impression_id FROM impressions i
        WHERE i.impression_id = e.impression_id AND i.item_id = e.item_id AND i.user_id = e.user_id
            AND i.shown_at <= e.occurred_at + \(InteractionQuery.lateness)
        LIMIT 1
        """

    /// The first impression of the item of the event `e` in the recommendation that it names.
    private static let recommended: SQL = """
        SELECT i.impression_id FROM impressions i
        WHERE i.recommendation_id = e.recommendation_id AND i.item_id = e.item_id AND i.user_id = e.user_id
            AND i.shown_at <= e.occurred_at + \(InteractionQuery.lateness)
        ORDER BY i.shown_at, i.impression_id LIMIT 1
        """
}
