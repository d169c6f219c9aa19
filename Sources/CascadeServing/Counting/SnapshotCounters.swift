import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline

/// The counts of the rows of a snapshot.
struct SnapshotCounters: RecentCounters {
    let snapshot: ReleaseSnapshot
    let reader: CounterReader

    /// The keys of some rows, each once, and which of them each counter of each row has; -1 for none.
    private struct Asked: Sendable {
        var keys: [CounterKey] = []
        var places: [Int32] = []
    }

    func read(user: UserID?, rows: [Int32], at moment: Timestamp) async throws -> [RecentCounts] {
        let asked = try await reader.pool.run { [self] _ in ask(user, rows) }
        let counts = try await reader.counts(asked.keys, at: moment)
        return try await reader.pool.run { [self] _ in values(asked, counts, isStale: false) }
    }

    func lastKnown(user: UserID?, rows: [Int32]) async -> [RecentCounts] {
        let found = try? await reader.pool.run { [self] _ in
            let asked = ask(user, rows)
            return values(asked, reader.lastKnown(asked.keys), isStale: true)
        }
        return found ?? rows.map { _ in RecentCounts(values: reader.layout.empty[...], isStale: true) }
    }

    private func ask(_ user: UserID?, _ rows: [Int32]) -> Asked {
        var asked = Asked()
        var known: [CounterKey: Int32] = [:]
        for row in rows {
            let item = item(row)
            for (place, counter) in reader.definition.counters.enumerated() {
                guard let text = counter.key(user: user, item: item) else {
                    asked.places.append(-1)
                    continue
                }
                let key = CounterKey(counter: place, key: text)
                let number = known[key] ?? Int32(asked.keys.count)
                if known.updateValue(number, forKey: key) == nil { asked.keys.append(key) }
                asked.places.append(number)
            }
        }
        return asked
    }

    private func values(_ asked: Asked, _ counts: [[Int32]?], isStale: Bool) -> [RecentCounts] {
        let definition = reader.definition
        var totals: [Int32] = []
        totals.reserveCapacity(asked.places.count * definition.stride)
        for (index, place) in asked.places.enumerated() {
            let size = definition.counters[index % definition.counters.count].over.count * definition.stride
            let found = place < 0 ? nil : counts[Int(place)]
            totals += found ?? [Int32](repeating: 0, count: size)
        }
        let values = reader.layout.columns(of: totals)
        return stride(from: 0, to: values.count, by: definition.columns).map {
            RecentCounts(values: values[$0..<($0 + definition.columns)], isStale: isStale)
        }
    }

    private func item(_ row: Int32) -> Item {
        let released = snapshot.loaded.count
        return Int(row) < released
            ? snapshot.loaded.bundle.rows.items[Int(row)] : snapshot.delta.later.items[Int(row) - released]
    }
}
