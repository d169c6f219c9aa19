import CascadeCore
import CascadePostgres

/// The statement that reads counters over windows of time.
enum CounterQuery {
    /// One row a key and window: place of the key, number of the window, impressions, and for each of two signals how
    /// often it was recorded and given; none for a key whose counter is not kept.
    ///
    /// What was folded happened before any moment that is asked about, so the seconds of the rest are what decides which
    /// of it is before. All in one statement, so that a fold in between moves nothing away.
    static func counts(_ keys: [CounterKey], of definition: WindowedCounters, at second: Int64) -> SQL {
        let definitions = definition.counters.map { CounterSeries.definition($0, heads: definition.heads) }
        let counters = keys.map { Int64($0.counter + 1) }
        let texts = keys.map(\.key)
        return """
            SELECT asked.place, w.number, coalesce(sum(f.impressions), 0)::bigint,
                coalesce(sum(f.first_recorded), 0)::bigint, coalesce(sum(f.first_given), 0)::bigint,
                coalesce(sum(f.second_recorded), 0)::bigint, coalesce(sum(f.second_given), 0)::bigint
            FROM unnest(\(counters), \(texts)) WITH ORDINALITY AS asked (counter, key, place)
                JOIN unnest(\(definitions)) WITH ORDINALITY AS named (definition, counter) USING (counter)
                JOIN counter_series AS s ON s.definition = named.definition
                CROSS JOIN LATERAL unnest(s.widths, s.spans) WITH ORDINALITY AS w (width, span, number)
                LEFT JOIN LATERAL (
                    SELECT b.impressions, b.first_recorded, b.first_given, b.second_recorded, b.second_given
                    FROM counter_buckets AS b
                    WHERE b.series_id = s.series_id AND b.key = asked.key COLLATE "C" AND b.width = w.width
                        AND b.bucket >= counter_bucket(\(second), w.width) - w.span
                    UNION ALL
                    SELECT r.impressions, r.first_recorded, r.first_given, r.second_recorded, r.second_given
                    FROM counter_recent AS r
                    WHERE r.series_id = s.series_id AND r.key = asked.key COLLATE "C" AND r.second < \(second)
                        AND (w.width = 0
                            OR counter_bucket(r.second, w.width) >= counter_bucket(\(second), w.width) - w.span)
                ) AS f ON true
            GROUP BY asked.place, w.number
            """
    }
}
