package import CascadeCore
import CascadePostgres

/// The counters over windows of time in Postgres; the logs' triggers count. Every call throws `StorageError`.
package struct PostgresCounterStore: WindowedCounterStore {
    let database: Database

    /// What is counted at present.
    package struct Status: Hashable, Sendable {
        /// Counters, over all releases that read them.
        package let counters: Int
        /// Rows that were not folded yet.
        package let recent: Int
        /// Buckets of all keys.
        package let buckets: Int
        /// Up to when everything was folded; nil before the first time.
        package let foldedUntil: Timestamp?
    }

    /// The counts of each key before the second of `moment`, which must not be before the last fold.
    ///
    /// Throws `.notCounted` where what `definition` names is not counted here.
    package func counts(
        _ keys: [CounterKey], of definition: WindowedCounters, at moment: Timestamp
    ) async throws -> [[Int32]] {
        if keys.isEmpty { return [] }
        let query = CounterQuery.counts(keys, of: definition, at: moment.second)
        let heads = definition.heads.count
        let rows = try await database.run { session in
            try session.query(query).map { row in
                CounterRow(
                    place: try row.decode(0, as: Int64.self), window: try row.decode(1, as: Int64.self),
                    counts: try (2..<7).map { try row.decode($0, as: Int64.self) })
            }
        }
        var result = keys.map {
            [Int32](repeating: 0, count: definition.counters[$0.counter].over.count * definition.stride)
        }
        let expected = keys.reduce(0) { $0 + definition.counters[$1.counter].over.count }
        guard rows.count == expected else { throw StorageError.notCounted }
        for row in rows {
            let base = Int(row.window - 1) * definition.stride
            let place = Int(row.place - 1)
            result[place][base] = Int32(clamping: row.counts[0])
            for head in 0..<heads {
                result[place][base + 1 + head] = Int32(clamping: row.counts[1 + 2 * head])
                result[place][base + 1 + heads + head] = Int32(clamping: row.counts[2 + 2 * head])
            }
        }
        return result
    }

    /// A row of `CounterQuery.counts`.
    private struct CounterRow: Sendable {
        let place: Int64
        let window: Int64
        let counts: [Int64]
    }

    /// Moves what happened up to ten seconds before `moment` to where reads are fast, unless another program does; gives
    /// the rows moved.
    @discardableResult
    package func fold(at moment: Timestamp = .now) async throws -> Int {
        let second = CounterUpkeep.safeSecond(moment)
        do {
            return try await database.transaction { session in try CounterUpkeep.fold(until: second, session) }
        } catch StorageError.unavailable(let error) where error.isLockTimeout {
            return 0
        }
    }

    /// Counts what the active release and the one before it read anew from the log, in one transaction; writers of
    /// feedback wait for it. Gives the number of counters.
    @discardableResult
    package func rebuild(at moment: Timestamp = .now) async throws -> Int {
        let second = CounterUpkeep.safeSecond(moment)
        return try await database.transaction { session in try CounterUpkeep.rebuild(until: second, session) }
    }

    /// - Parameter withBuckets: counts the buckets, which may be many; without it there are none in the answer.
    package func status(withBuckets: Bool = true) async throws -> Status {
        try await database.run { session in
            let row = try session.query(
                """
                SELECT (SELECT count(*) FROM counter_series), (SELECT count(*) FROM counter_recent),
                    (SELECT count(*) FROM counter_buckets WHERE \(withBuckets)), (SELECT folded_until FROM counter_state)
                """
            ).single()
            return Status(
                counters: try row.decode(0, as: Int.self), recent: try row.decode(1, as: Int.self),
                buckets: try row.decode(2, as: Int.self),
                foldedUntil: try row.decode(3, as: Int64?.self).map { Timestamp(microseconds: $0 * 1_000_000) })
        }
    }
}
