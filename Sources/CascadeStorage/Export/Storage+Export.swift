package import CascadeCore
import CascadePostgres

/// A row of what a training run reads.
package struct TrainingRow: Sendable, Equatable {
    package let user: String
    package let item: String
    package let time: Timestamp
    /// False for an event that answers no impression.
    package let isImpression: Bool
    /// The feedback given.
    package let given: [String]
    /// The feedback that was recorded, so that what is not given is a "no".
    package let recorded: [String]
    package let position: Int?
    package let surface: String?
}

extension Storage {
    /// Streams a table, a JSON object a row, as of one moment; gives the rows. Holds one row at a time.
    ///
    /// `each` gets the text without a line end; it runs on the connection's thread and may block.
    @discardableResult
    package func export(
        _ table: ExportedTable, in period: Period = Period(),
        _ each: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Int {
        let kinds = try await catalog.attributeDefinitions()
        return try await database.transaction(isolation: .repeatableRead, readOnly: true) { session in
            try session.copyOut(ExportQuery.rows(of: table, in: period, kinds), timeout: Database.bulkLimit) { row in
                try each(try row.bytes(0))
            }
        }
    }

    /// Streams the rows of a period as a training run reads them, sorted by user and time; gives their number.
    @discardableResult
    package func exportTraining(
        in period: Period, _ each: @escaping @Sendable (TrainingRow) throws -> Void
    ) async throws -> Int {
        try await database.transaction(isolation: .repeatableRead, readOnly: true) { session in
            try session.script("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
            let signals = try SignalRegistry.read(session)
            func names(_ mask: UInt32) -> [String] {
                signals.enumerated().filter { mask >> UInt32($0.offset) & 1 == 1 }.map(\.element)
            }
            return try session.copyOut(InteractionQuery.rows(in: period), timeout: Database.bulkLimit) { row in
                let given = UInt32(truncatingIfNeeded: try row.int(3))
                let isImpression = try row.bool(5)
                let declared =
                    isImpression
                    ? (row.isNull(4) ? FeedbackMask.all(signals.count) : UInt32(truncatingIfNeeded: try row.int(4))) : 0
                try each(
                    TrainingRow(
                        user: try row.string(0), item: try row.string(1),
                        time: Timestamp(microseconds: try row.microseconds(2)), isImpression: isImpression,
                        given: names(given), recorded: names(declared | given),
                        position: row.isNull(6) ? nil : Int(try row.int(6)),
                        surface: row.isNull(7) ? nil : try row.string(7)))
            }
        }
    }
}
