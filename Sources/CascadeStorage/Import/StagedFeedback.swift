import CascadeCore
import CascadePostgres

/// Moves impressions and events of a batch into their tables.
enum StagedFeedback {
    /// Writes impressions; gives the number of new ones. Identifiers in their order, which keeps the index pages of one
    /// stretch in memory and lets two imports at once never wait for each other in a circle.
    static func write(
        _ impressions: [Impression], _ numbers: [String: Int], _ session: PostgresSession
    ) throws -> AppendResult {
        if impressions.isEmpty { return AppendResult() }
        var masks: [[String]: Int64] = [:]
        try Staging.impressions.copy(impressions, session) { impression, row in
            row.text(impression.id)
            row.text(impression.userID.rawValue)
            row.text(impression.itemID.rawValue)
            row.timestamp(microseconds: impression.shownAt.microseconds)
            row.int(try FeedbackInserts.integer(impression.position).map(Int64.init))
            row.double(impression.propensity)
            row.text(impression.recommendationID)
            row.int(mask(of: impression.observed, numbers, &masks))
            row.text(impression.surface)
        }
        let inserted = try session.execute(
            """
            WITH given AS MATERIALIZED (
                SELECT DISTINCT ON (impression_id, item_id) * FROM staged_impressions
                ORDER BY impression_id, item_id, shown_at
            )
            \(FeedbackInserts.insertImpressions(from: "given"))
            """, timeout: Database.bulkLimit)
        return AppendResult(inserted: inserted, duplicates: impressions.count - inserted)
    }

    /// Writes events; gives the number of new ones.
    static func write(
        _ events: [Event], _ numbers: [String: Int], _ session: PostgresSession
    ) throws -> AppendResult {
        if events.isEmpty { return AppendResult() }
        try Staging.events.copy(events, session) { event, row in
            row.text(event.id)
            guard let number = numbers[event.type] else {
                throw StorageError.invalidValue(reason: "feedback \"\(event.type)\" is not registered; declare it")
            }
            row.int(number)
            row.text(event.userID.rawValue)
            row.text(event.itemID.rawValue)
            row.timestamp(microseconds: event.occurredAt.microseconds)
            row.double(event.value)
            row.text(event.impressionID)
            row.text(event.recommendationID)
            row.text(event.sessionID)
            row.int(try FeedbackInserts.integer(event.position).map(Int64.init))
            row.text(event.surface)
        }
        let inserted = try session.execute(
            """
            WITH given AS MATERIALIZED (
                SELECT DISTINCT ON (event_id) * FROM staged_events ORDER BY event_id, occurred_at
            )
            \(FeedbackInserts.insertEvents(from: "given"))
            """, timeout: Database.bulkLimit)
        return AppendResult(inserted: inserted, duplicates: events.count - inserted)
    }

    /// The mask of a list of names; the rows of an import share one or two lists.
    private static func mask(
        of names: [String]?, _ numbers: [String: Int], _ known: inout [[String]: Int64]
    ) -> Int64? {
        guard let names else { return nil }
        if let mask = known[names] { return mask }
        let mask = Int64(Int32(bitPattern: FeedbackMask.mask(of: names, numbers)))
        known[names] = mask
        return mask
    }
}
