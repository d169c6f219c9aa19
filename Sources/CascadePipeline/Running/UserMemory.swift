import CascadeCore
import Synchronization

/// What requests read of users last, for those that cannot read it: a bounded memory in which the users go first that were not asked for the
/// longest.
///
/// It holds two generations: what is used moves into the young one, and when that has half of the room, the old one goes and the young one
/// is old.
package final class UserMemory: Sendable {
    /// What was read of a user, each list as it came; nil for one that was not read.
    struct Known: Sendable {
        var history: [HistoryEntry]?
        /// Whether the history is all there is, so that no list of seen items was read beside it.
        var historyIsWhole = false
        var seen: [ItemID]?
        var hidden: [ItemID]?
        /// When the first of them was read.
        let since: Timestamp

        /// The items that the user was shown or acted on; nil where they are not known.
        var seenItems: [ItemID]? { seen ?? (historyIsWhole ? history?.map(\.itemID) : nil) }

        var weight: Int { 1 + (history?.count ?? 0) + (seen?.count ?? 0) + (hidden?.count ?? 0) }
    }

    private struct State {
        var young: [UserID: Known] = [:]
        var old: [UserID: Known] = [:]
        /// Entries of the lists of the young generation.
        var weight = 0
    }

    /// What was read is taken for so long: somebody who was erased meanwhile is forgotten everywhere then.
    static let seconds = 3600.0

    /// Entries of lists that are held at most.
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: entries of all lists together; 0: nothing is remembered.
    package init(limit: Int) { self.limit = limit }

    /// Remembers what was read; other lists of the user stay as they are.
    func keep(_ user: UserID, at now: Timestamp, _ change: (inout Known) -> Void) {
        guard limit > 0 else { return }
        state.withLock { state in
            let former = Self.take(user, at: now, &state)
            // Not older than what was read with it, so that the whole is forgotten in time.
            var known = former ?? Known(since: now)
            change(&known)
            Self.put(known, of: user, limit: limit, &state)
        }
    }

    /// What is remembered of a user; nil where there is nothing, or where it is too old.
    func known(_ user: UserID, at now: Timestamp) -> Known? {
        guard limit > 0 else { return nil }
        return state.withLock { state in
            guard let known = Self.take(user, at: now, &state) else { return nil }
            Self.put(known, of: user, limit: limit, &state)
            return known
        }
    }

    /// Entries that are held.
    var weight: Int { state.withLock { $0.weight + $0.old.values.reduce(0) { $0 + $1.weight } } }

    private static func take(_ user: UserID, at now: Timestamp, _ state: inout State) -> Known? {
        if let known = state.young.removeValue(forKey: user) {
            state.weight -= known.weight
            return isFresh(known, now) ? known : nil
        }
        return state.old.removeValue(forKey: user).flatMap { isFresh($0, now) ? $0 : nil }
    }

    private static func isFresh(_ known: Known, _ now: Timestamp) -> Bool {
        now < known.since.adding(seconds: seconds)
    }

    private static func put(_ known: Known, of user: UserID, limit: Int, _ state: inout State) {
        guard known.weight <= limit / 2 else { return }
        if state.weight + known.weight > limit / 2 {
            state.old = state.young
            state.young = [:]
            state.weight = 0
        }
        state.young[user] = known
        state.weight += known.weight
    }
}
