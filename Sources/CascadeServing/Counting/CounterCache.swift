import CascadeCore
import Synchronization

/// The counts that a server read last, for at most so many keys: those that were asked for longest ago go.
///
/// Two generations instead of a list in the order of use: a key that is asked for moves to the young one, and when that
/// holds half of all, it becomes the old one and the former old one is forgotten. So a look-up costs two of a dictionary.
final class CounterCache: Sendable {
    /// Counts of a key and when they were read.
    struct Entry: Sendable {
        let counts: [Int32]
        let readAt: ContinuousClock.Instant
    }

    private struct Generations {
        var young: [CounterKey: Entry] = [:]
        var old: [CounterKey: Entry] = [:]
    }

    private let half: Int
    private let state = Mutex(Generations())

    /// - Parameter limit: keys that are kept at most; 0 keeps none.
    init(limit: Int) { half = limit / 2 }

    /// What is known of each of `keys`.
    func entries(_ keys: [CounterKey]) -> [Entry?] {
        state.withLock { state in keys.map { find($0, &state) } }
    }

    func put(_ counts: [(key: CounterKey, counts: [Int32])], readAt: ContinuousClock.Instant) {
        state.withLock { state in
            for (key, counts) in counts { insert(Entry(counts: counts, readAt: readAt), key, &state) }
        }
    }

    /// Keys that are kept.
    var count: Int { state.withLock { $0.young.count + $0.old.keys.count { [young = $0.young] in young[$0] == nil } } }

    private func find(_ key: CounterKey, _ state: inout Generations) -> Entry? {
        if let entry = state.young[key] { return entry }
        guard let entry = state.old[key] else { return nil }
        insert(entry, key, &state)
        return entry
    }

    private func insert(_ entry: Entry, _ key: CounterKey, _ state: inout Generations) {
        guard half > 0 else { return }
        if state.young.count >= half, state.young[key] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.young[key] = entry
    }
}
