package import CascadeCore
import CascadePostgres

extension PostgresFeedbackStore {
    /// Reads along the index of the user's events, so that the time goes by `limit` and not by the size of the log.
    package func events(
        of user: UserID, type: String?, after place: EventPlace?, limit: Int
    ) async throws -> [Event] {
        let chosen: SQL = type.map { "AND signals.name = \($0)" } ?? ""
        let behind: SQL = place.map { "AND (occurred_at, event_id) < (\($0.occurredAt.sql), \($0.id))" } ?? ""
        return try await database.run { session in
            try session.query(
                """
                SELECT event_id, signals.name AS type, item_id, occurred_at, value, impression_id, recommendation_id,
                    session_id, position, surface
                FROM events JOIN signals USING (signal_id)
                WHERE user_id = \(user.rawValue) \(chosen) \(behind)
                ORDER BY occurred_at DESC, event_id DESC LIMIT \(limit)
                """
            ).map { row in
                Event(
                    id: try row.decode("event_id"), type: try row.decode("type"), userID: user,
                    itemID: ItemID(try row.decode("item_id")),
                    occurredAt: Timestamp(try row.decode("occurred_at", as: PostgresTimestamp.self)),
                    value: try row.decode("value"), impressionID: try row.decode("impression_id"),
                    recommendationID: try row.decode("recommendation_id"), sessionID: try row.decode("session_id"),
                    position: try row.decode("position", as: Int32?.self).map(Int.init),
                    surface: try row.decode("surface"))
            }
        }
    }
}
