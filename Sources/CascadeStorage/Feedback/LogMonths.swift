import CascadeCore
import CascadePostgres
import Synchronization

/// Sees to it that the logs have partitions for what is to be written; remembers the days that have one.
///
/// A server that writes what happens asks the database once a day.
final class LogMonths: Sendable {
    private let database: Database
    /// Days since 1970.
    private let known = Mutex<Set<Int64>>([])

    private static let day: Int64 = 86_400_000_000
    /// Later times, 2100-01-01 on, have one partition, as those before 1970 have.
    private static let end: Int64 = 47_482

    init(_ database: Database) { self.database = database }

    /// Makes the partitions of `times` that are missing.
    func prepare(_ times: some Sequence<Timestamp>) async throws {
        let missing = days(times).subtracting(known.withLock { $0 })
        if missing.isEmpty { return }
        let days = missing.sorted()
        _ = try await database.run { session in
            try session.query(
                """
                SELECT ensure_log_months(ARRAY(SELECT date '1970-01-01' + day::integer FROM unnest(\(days)) AS day))
                """)
        }
        known.withLock { $0.formUnion(missing) }
    }

    /// Runs `write`, which writes rows of `times`; once more where a partition went since it was known.
    func writing<Value>(
        _ times: some Sequence<Timestamp>, _ write: () async throws -> Value
    ) async throws -> Value {
        try await prepare(times)
        do {
            return try await write()
        } catch StorageError.refusedValue(.constraintViolation(.check, let failure)) where failure.constraint == nil {
            known.withLock { $0.removeAll() }
            try await prepare(times)
            return try await write()
        }
    }

    private func days(_ times: some Sequence<Timestamp>) -> Set<Int64> {
        var days: Set<Int64> = []
        var last: Int64?
        for time in times {
            let day = time.microseconds.floorDivided(by: Self.day)
            guard day != last, (0..<Self.end).contains(day) else { continue }
            days.insert(day)
            last = day
        }
        return days
    }
}
