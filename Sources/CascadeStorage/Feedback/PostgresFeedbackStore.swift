package import CascadeCore
import CascadePostgres

/// Events and impressions in Postgres.
///
/// An event belongs to the impression that it names by `impression_id` and item, or else to the first impression of
/// its item in the recommendation that it names, in both cases of the same user and shown at most a day after the event (clocks
/// differ). That is found when feedback is read, so the order in which events and impressions arrive makes no difference. Every
/// call throws `StorageError`.
package struct PostgresFeedbackStore: FeedbackStore {
    let database: Database
    let signals: SignalRegistry
    let months: LogMonths

    /// Writes events durably, all of them or none; new kinds of feedback are registered.
    package func append(_ events: [Event]) async throws -> AppendResult {
        let numbers = try await signals.numbers(of: events.map(\.type))
        return try await months.writing(events.lazy.map(\.occurredAt)) {
            try await append(FeedbackInserts.ordered(events), of: events.count) { part throws(StorageError) in
                try FeedbackInserts.insert(part, numbers)
            }
        }
    }

    /// Writes impressions durably, all of them or none; new kinds of feedback in `observed` are registered.
    package func append(_ impressions: [Impression]) async throws -> AppendResult {
        let numbers = try await signals.numbers(of: impressions.flatMap { $0.observed ?? [] })
        return try await months.writing(impressions.lazy.map(\.shownAt)) {
            try await append(FeedbackInserts.ordered(impressions), of: impressions.count) { part throws(StorageError) in
                try FeedbackInserts.insert(part, numbers)
            }
        }
    }

    package func history(of user: UserID, before: Timestamp?, limit: Int) async throws -> [HistoryEntry] {
        if limit <= 0 { return [] }
        let query = HistoryQuery.steps(of: user, before: before, limit: limit)
        let steps = try await database.run { session in
            try session.query(query).map { row in
                let time: PostgresTimestamp = try row.decode(1)
                return Step(
                    item: try row.decode(0), at: Timestamp(time), given: try row.decode(2, as: Int32.self),
                    surface: try row.decode(3, as: String?.self))
            }
        }
        let names = try await signals.names(covering: steps.reduce(0) { $0 | UInt32(bitPattern: $1.given) })
        return steps.map { step in
            let given = FeedbackMask.names(of: UInt32(bitPattern: step.given), names)
            return HistoryEntry(itemID: ItemID(step.item), at: step.at, signals: given, surface: step.surface)
        }
    }

    /// A row of `HistoryQuery.steps`.
    private struct Step: Sendable {
        let item: String
        let at: Timestamp
        let given: Int32
        let surface: String?
    }

    package func seenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        if limit <= 0 { return [] }
        let query = HistoryQuery.seen(by: user, limit: limit)
        return try await database.run { session in
            try session.query(query).column("item_id", as: String.self).map(ItemID.init)
        }
    }

    /// Everything of a period, in columns, as of one moment.
    ///
    /// An impression belongs to the period in which it was shown and carries the feedback given before the period's
    /// end. An event without an impression is a row of its own; several of one user, item and time are one row. An answer belongs to
    /// the period in which it was given. Of several answers of a signal to one impression, the value is that of the last which
    /// has one.
    package func interactions(
        in period: Period, timed: Bool, values signals: [String], cache: (any InteractionCache)?
    ) async throws -> InteractionLog {
        let read = try await database.readAll { session -> (log: InteractionLog, content: String?) in
            // Sorting and joining a million rows in memory instead of in files.
            try session.script(
                "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL idle_in_transaction_session_timeout = 0")
            let known = try SignalRegistry.read(session)
            let content = try cache.map { _ in
                try InteractionContent(period, timed: timed, values: signals, known: known, session).description
            }
            if let cache, let content, let kept = cache.log(of: content) { return (kept, nil) }
            var builder = InteractionLogBuilder(
                signals: known, withAnswers: timed, values: signals, at: cache?.place ?? .memory)
            let numbers = builder.valued.compactMap { known.firstIndex(of: $0) }
            try session.copyOut(InteractionQuery.rows(in: period, values: numbers), timeout: Database.bulkLimit) {
                row in
                try builder.append(row)
            }
            if timed {
                try session.copyOut(InteractionQuery.answers(in: period), timeout: Database.bulkLimit) { row in
                    try builder.append(answer: row)
                }
            }
            return (builder.finish(), content)
        }
        // Behind the transaction, which would hold vacuum back meanwhile.
        guard let cache, let content = read.content else { return read.log }
        return cache.keep(read.log, of: content)
    }

    /// Writes rows by statements of at most `maximumRows` rows, in one transaction when it takes several.
    private func append<Entry: Sendable>(
        _ rows: [Entry], of given: Int, _ statement: ([Entry]) throws(StorageError) -> SQL
    ) async throws -> AppendResult {
        if rows.isEmpty { return AppendResult() }
        var statements: [SQL] = []
        for start in stride(from: 0, to: rows.count, by: FeedbackInserts.maximumRows) {
            let end = min(start + FeedbackInserts.maximumRows, rows.count)
            statements.append(try statement(Array(rows[start..<end])))
        }
        let parts = statements
        let inserted: Int
        if parts.count == 1 {
            inserted = try await database.run { session in try session.execute(parts[0]) }
        } else {
            inserted = try await database.transaction { session in
                try parts.reduce(0) { sum, part in try sum + session.execute(part) }
            }
        }
        return AppendResult(inserted: inserted, duplicates: given - inserted)
    }
}
