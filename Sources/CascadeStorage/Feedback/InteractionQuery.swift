import CascadeCore
import CascadePostgres

/// The statement that reads everything of a period.
enum InteractionQuery {
    /// Rows of user, item, time, feedback bits, recorded bits or NULL, whether it is an impression, and its place
    /// in the list and its surface, each or NULL.
    ///
    /// Sorted by user, time, lone events behind impressions, impression and item; texts by their bytes. Impressions of
    /// all times take part in finding the one an event belongs to, so that an event of this period which answers an
    /// impression of another one is no row here.
    ///
    /// - Parameter signals: numbers of signals, for each of which a column more holds the value of the last answer that has
    ///   one, or NULL.
    static func rows(in period: Period, values signals: [Int] = []) -> SQL {
        let names = signals.indices.map { SQL(raw: ", value_\($0)") }
        let values: SQL = signals.isEmpty ? "" : ", e.value, e.event_id"
        let newest = zip(signals, 0...).map { signal, place in
            SQL(
                raw: """
                    , (array_agg(value ORDER BY occurred_at DESC, event_id DESC)
                        FILTER (WHERE signal_id = \(signal) AND value IS NOT NULL))[1] AS value_\(place)
                    """)
        }
        let columns = SQL.joined(names, separator: "")
        let none = SQL(raw: String(repeating: ", NULL", count: signals.count))
        return """
            WITH first_recommended AS (
                SELECT DISTINCT ON (recommendation_id, item_id, user_id)
                    recommendation_id, item_id, user_id, impression_id, shown_at
                FROM impressions WHERE recommendation_id IS NOT NULL
                ORDER BY recommendation_id, item_id, user_id, shown_at, impression_id
            ), answered AS MATERIALIZED (
                SELECT coalesce(named.impression_id, recommended.impression_id) AS impression_id,
                    e.user_id, e.item_id, e.occurred_at, e.signal_id, e.surface\(values)
                FROM events e
                LEFT JOIN impressions named ON named.impression_id = e.impression_id
                    AND named.item_id = e.item_id AND named.user_id = e.user_id
                    AND named.shown_at <= e.occurred_at + \(lateness)
                LEFT JOIN first_recommended recommended ON recommended.recommendation_id = e.recommendation_id
                    AND recommended.item_id = e.item_id AND recommended.user_id = e.user_id
                    AND recommended.shown_at <= e.occurred_at + \(lateness)
                    AND named.impression_id IS NULL
                WHERE \(bounds("e.occurred_at", from: nil, until: period.until))
            ), given AS (
                SELECT impression_id, item_id, bit_or(1 << signal_id) AS bits\(SQL.joined(newest, separator: ""))
                FROM answered WHERE impression_id IS NOT NULL
                GROUP BY impression_id, item_id
            )
            SELECT user_id, item_id, at, bits, observed, is_impression, position, surface\(columns) FROM (
                SELECT i.user_id, i.item_id, i.shown_at AS at, coalesce(given.bits, 0) AS bits, i.observed,
                    true AS is_impression, i.position, i.surface, i.impression_id AS tie\(columns)
                FROM impressions i LEFT JOIN given USING (impression_id, item_id)
                WHERE \(bounds("i.shown_at", from: period.from, until: period.until))
                UNION ALL
                SELECT user_id, item_id, occurred_at, bit_or(1 << signal_id), NULL, false, NULL, max(surface), ''\(none)
                FROM answered
                WHERE impression_id IS NULL AND \(bounds("occurred_at", from: period.from, until: nil))
                GROUP BY user_id, occurred_at, item_id
            ) AS step
            ORDER BY user_id, at, is_impression DESC, tie, item_id
            """
    }

    /// How long after an event the impression can be shown that it belongs to: clocks differ.
    static let lateness: SQL = "interval '1 day'"

    /// Events of a period that name what they answer: user, item, time, signal.
    static func answers(in period: Period) -> SQL {
        """
        SELECT user_id, item_id, occurred_at, signal_id FROM events
        WHERE (impression_id IS NOT NULL OR recommendation_id IS NOT NULL)
            AND \(bounds("occurred_at", from: period.from, until: period.until))
        """
    }

    /// All that `rows` and `answers` read of events.
    static func eventsRead(in period: Period) -> SQL {
        """
        SELECT event_id, user_id, item_id, occurred_at, signal_id, surface, value, impression_id, recommendation_id
        FROM events WHERE \(bounds("occurred_at", from: nil, until: period.until))
        """
    }

    /// All that `rows` reads of impressions.
    static func impressionsRead(in period: Period) -> SQL {
        let shown = period.until.map { until -> SQL in "shown_at <= \(until.sql) + \(lateness)" } ?? "true"
        return """
            SELECT impression_id, item_id, user_id, shown_at, recommendation_id, observed, position, surface
            FROM impressions WHERE \(shown)
            """
    }

    private static func bounds(_ column: String, from: Timestamp?, until: Timestamp?) -> SQL {
        var conditions: [SQL] = []
        if let from { conditions.append("\(raw: column) >= \(from.sql)") }
        if let until { conditions.append("\(raw: column) < \(until.sql)") }
        return conditions.isEmpty ? "true" : SQL.joined(conditions, separator: " AND ")
    }
}
