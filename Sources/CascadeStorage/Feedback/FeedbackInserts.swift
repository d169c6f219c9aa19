import CascadeCore
import CascadePostgres

/// The statements that write a few events or impressions at once, as the API takes them; imports go through staging.
///
/// Each puts identifiers into their own table first and writes the rows whose identifiers were new: see the migration that divides
/// the logs by month.
enum FeedbackInserts {
    /// Rows of one statement: far below the 65,535 values that one may have.
    static let maximumRows = 1000

    /// Events in the order in which all writers put their identifiers, each once: the first of a request counts.
    static func ordered(_ events: [Event]) -> [Event] {
        unique(events.sorted { ByteOrder.precedes($0.id, $1.id) }) { $0.id == $1.id }
    }

    /// The same of impressions.
    static func ordered(_ impressions: [Impression]) -> [Impression] {
        let sorted = impressions.sorted { left, right in
            left.id == right.id
                ? ByteOrder.precedes(left.itemID.rawValue, right.itemID.rawValue)
                : ByteOrder.precedes(left.id, right.id)
        }
        return unique(sorted) { $0.id == $1.id && $0.itemID == $1.itemID }
    }

    /// Inserts events that are `ordered`, so that two writers never wait for each other in a circle.
    static func insert(_ events: [Event], _ numbers: [String: Int]) throws(StorageError) -> SQL {
        var rows: [SQL] = []
        rows.reserveCapacity(events.count)
        for event in events {
            guard let number = numbers[event.type] else {
                throw .invalidValue(reason: "feedback \"\(event.type)\" is not registered; register it first")
            }
            rows.append(
                """
                (\(event.id), \(Int32(number))::smallint, \(event.userID.rawValue), \(event.itemID.rawValue),
                \(event.occurredAt.sql), \(event.value), \(event.impressionID), \(event.recommendationID),
                \(event.sessionID), \(try integer(event.position)), \(event.surface))
                """)
        }
        return """
            WITH given (event_id, signal_id, user_id, item_id, occurred_at, value, impression_id, recommendation_id,
                session_id, position, surface) AS (VALUES \(SQL.joined(rows, separator: ", ")))
            \(insertEvents(from: "given"))
            """
    }

    /// Inserts impressions that are `ordered`.
    static func insert(_ impressions: [Impression], _ numbers: [String: Int]) throws(StorageError) -> SQL {
        var rows: [SQL] = []
        rows.reserveCapacity(impressions.count)
        for impression in impressions {
            let observed = impression.observed.map { Int32(bitPattern: FeedbackMask.mask(of: $0, numbers)) }
            rows.append(
                """
                (\(impression.id), \(impression.userID.rawValue), \(impression.itemID.rawValue),
                \(impression.shownAt.sql), \(try integer(impression.position)), \(impression.propensity),
                \(impression.recommendationID), \(observed), \(impression.surface))
                """)
        }
        return """
            WITH given (impression_id, user_id, item_id, shown_at, position, propensity, recommendation_id, observed,
                surface) AS (VALUES \(SQL.joined(rows, separator: ", ")))
            \(insertImpressions(from: "given"))
            """
    }

    /// What follows the table expressions of a statement that inserts the rows of one of them, which has an identifier once at most.
    /// Identifiers go in by their order, so that two writers never wait for each other in a circle.
    static func insertEvents(from given: SQL) -> SQL {
        """
        , fresh AS (
            INSERT INTO event_ids (event_id, occurred_at) SELECT event_id, occurred_at FROM \(given) ORDER BY event_id COLLATE "C"
            ON CONFLICT DO NOTHING RETURNING event_id
        )
        INSERT INTO events (event_id, signal_id, user_id, item_id, occurred_at, value, impression_id, recommendation_id,
            session_id, position, surface)
        SELECT event_id, signal_id, user_id, item_id, occurred_at, value, impression_id, recommendation_id, session_id,
            position, surface
        FROM \(given) JOIN fresh USING (event_id)
        """
    }

    /// The same for impressions.
    static func insertImpressions(from given: SQL) -> SQL {
        """
        , fresh AS (
            INSERT INTO impression_ids (impression_id, item_id, shown_at)
            SELECT impression_id, item_id, shown_at FROM \(given)
            ORDER BY impression_id COLLATE "C", item_id COLLATE "C"
            ON CONFLICT DO NOTHING RETURNING impression_id, item_id
        )
        INSERT INTO impressions (impression_id, user_id, item_id, shown_at, position, propensity, recommendation_id,
            observed, surface)
        SELECT impression_id, user_id, item_id, shown_at, position, propensity, recommendation_id, observed, surface
        FROM \(given) JOIN fresh USING (impression_id, item_id)
        """
    }

    /// The first of each run of rows that are the same.
    private static func unique<Row>(_ rows: [Row], by areSame: (Row, Row) -> Bool) -> [Row] {
        rows.indices.filter { $0 == 0 || !areSame(rows[$0 - 1], rows[$0]) }.map { rows[$0] }
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
