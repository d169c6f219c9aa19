import CascadeCore
import CascadePostgres

/// What came of recommendations that were shown. Every call throws `StorageError`.
package struct SlateOutcomes: Sendable {
    let database: Database

    /// Of each recommendation of which impressions name it, the items that were shown and recorded the signal, and whether
    /// each received it: the events that a training takes for answers of these impressions.
    package func outcomes(of recommendations: [String], signal: String) async throws -> [String: [String: Bool]] {
        if recommendations.isEmpty { return [:] }
        return try await database.read { session in
            var result: [String: [String: Bool]] = [:]
            for row in try session.query(Self.query(recommendations, signal)) {
                let id: String = try row.decode("recommendation_id")
                result[id, default: [:]][try row.decode("item_id")] = try row.decode("given", as: Bool.self)
            }
            return result
        }
    }

    private static func query(_ recommendations: [String], _ signal: String) -> SQL {
        let matches: SQL = """
            e.item_id = i.item_id AND e.user_id = i.user_id AND e.signal_id = s.signal_id
                AND i.shown_at <= e.occurred_at + \(InteractionQuery.lateness)
            """
        return """
            SELECT i.recommendation_id, i.item_id, bool_or(
                EXISTS (SELECT FROM events e WHERE e.impression_id = i.impression_id AND \(matches))
                OR EXISTS (SELECT FROM events e WHERE e.recommendation_id = i.recommendation_id
                    AND e.impression_id IS NULL AND \(matches))) AS given
            FROM impressions i JOIN signals s ON s.name = \(signal)
            WHERE i.recommendation_id = ANY(\(recommendations))
                AND (i.observed IS NULL OR (i.observed >> s.signal_id) & 1 = 1)
            GROUP BY i.recommendation_id, i.item_id
            """
    }
}
