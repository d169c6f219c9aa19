import CascadeCore
import CascadePostgres

/// The statements that write a few events or impressions at once, as the API takes them; imports go through staging.
enum FeedbackInserts {
    /// Rows of one statement: far below the 65,535 values that one may have.
    static let maximumRows = 1000

    /// Inserts events in the order of their keys, so that two writers never wait for each other in a circle.
    static func insert(_ events: [Event], _ numbers: [String: Int]) throws(StorageError) -> SQL {
        var rows: [SQL] = []
        rows.reserveCapacity(events.count)
        for event in events.sorted(by: { ByteOrder.precedes($0.id, $1.id) }) {
            guard let number = numbers[event.type] else {
                throw .invalidValue(reason: "feedback \"\(event.type)\" is not registered; register it first")
            }
            rows.append(
                """
                (\(event.id), \(Int32(number)), \(event.userID.rawValue), \(event.itemID.rawValue),
                \(event.occurredAt.sql), \(event.value), \(event.impressionID), \(event.recommendationID),
                \(event.sessionID), \(try integer(event.position)), \(event.surface))
                """)
        }
        return """
            INSERT INTO events (event_id, signal_id, user_id, item_id, occurred_at, value, impression_id,
                recommendation_id, session_id, position, surface)
            VALUES \(SQL.joined(rows, separator: ", ")) ON CONFLICT DO NOTHING
            """
    }

    /// Inserts impressions in the order of their keys.
    static func insert(_ impressions: [Impression], _ numbers: [String: Int]) throws(StorageError) -> SQL {
        let ordered = impressions.sorted { left, right in
            left.id == right.id
                ? ByteOrder.precedes(left.itemID.rawValue, right.itemID.rawValue)
                : ByteOrder.precedes(left.id, right.id)
        }
        var rows: [SQL] = []
        rows.reserveCapacity(impressions.count)
        for impression in ordered {
            let observed = impression.observed.map { Int32(bitPattern: FeedbackMask.mask(of: $0, numbers)) }
            rows.append(
                """
                (\(impression.id), \(impression.userID.rawValue), \(impression.itemID.rawValue),
                \(impression.shownAt.sql), \(try integer(impression.position)), \(impression.propensity),
                \(impression.recommendationID), \(observed), \(impression.surface))
                """)
        }
        return """
            INSERT INTO impressions (impression_id, user_id, item_id, shown_at, position, propensity,
                recommendation_id, observed, surface)
            VALUES \(SQL.joined(rows, separator: ", ")) ON CONFLICT DO NOTHING
            """
    }

    /// A position as the column holds it.
    static func integer(_ value: Int?) throws(StorageError) -> Int32? {
        guard let value else { return nil }
        guard let narrow = Int32(exactly: value) else {
            throw .invalidValue(reason: "position \(value) is out of range; a position is a place in a list, from 0")
        }
        return narrow
    }
}
