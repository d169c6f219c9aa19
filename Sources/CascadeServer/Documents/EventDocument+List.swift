import CascadeCore

extension EventDocument {
    /// An event as `GET /v1/users/{user_id}/events` shows it: with the members that it was sent with.
    static func json(of event: Event) -> JSONValue {
        [
            "event_id": .string(event.id), "type": .string(event.type), "user_id": .string(event.userID.rawValue),
            "item_id": .string(event.itemID.rawValue), "occurred_at": .string(event.occurredAt.rfc3339),
            "value": event.value.map { .number($0) } ?? .null, "impression_id": .text(event.impressionID),
            "recommendation_id": .text(event.recommendationID), "session_id": .text(event.sessionID),
            "position": .whole(event.position), "surface": .text(event.surface),
        ]
    }

    /// The place of an event in the list as texts.
    static func parts(of event: Event) -> [String] { [String(event.occurredAt.microseconds), event.id] }

    /// The place that such texts stand for.
    static func place(of parts: [String]) -> EventPlace? {
        guard parts.count == 2, let microseconds = Int64(parts[0]) else { return nil }
        return EventPlace(occurredAt: Timestamp(microseconds: microseconds), id: parts[1])
    }
}
