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
                AND e.occurred_at >= i.shown_at - \(InteractionQuery.lateness)
            """
        return """
            SELECT i.recommendation_id, i.item_id, bool_or(
                EXISTS (SELECT FROM events e WHERE e.impression_id = i.impression_id AND \(matches))
                OR EXISTS (SELECT FROM events e WHERE e.recommendation_id = i.recommendation_id
                    AND \(AnswerRules.namesNoImpression) AND \(matches))) AS given
            FROM impressions i JOIN signals s ON s.name = \(signal)
            WHERE i.recommendation_id = ANY(\(recommendations))
                AND (i.observed IS NULL OR (i.observed >> s.signal_id) & 1 = 1)
            GROUP BY i.recommendation_id, i.item_id
            """
    }
}

/// Parts of statements that find the answers of single impressions `i` among events `e`, as `InteractionQuery` finds those of a
/// whole log.
enum AnswerRules {
    /// The event names no impression that is there, so that its recommendation counts.
    static let namesNoImpression: SQL = """
        (e.impression_id IS NULL OR NOT EXISTS (SELECT FROM impressions n WHERE n.impression_id = e.impression_id
            AND n.item_id = e.item_id AND n.user_id = e.user_id
            AND n.shown_at <= e.occurred_at + \(InteractionQuery.lateness)))
        """

    /// Of several impressions of an item in a recommendation the first takes the events that name the recommendation.
    static let isFirst: SQL = """
        i.impression_id = (SELECT f.impression_id FROM impressions f WHERE f.recommendation_id = i.recommendation_id
            AND f.item_id = i.item_id AND f.user_id = i.user_id ORDER BY f.shown_at, f.impression_id LIMIT 1)
        """
}
