/// Decides who runs, who waits and who is turned away: a state machine without clocks, locks or tasks.
///
/// First come, first served. What runs never exceeds `limit`, what waits never exceeds `maximumWaiting`.
struct AdmissionQueue {
    enum Decision: Equatable {
        case run, wait, refuse
    }

    let limit: Int
    let maximumWaiting: Int
    private(set) var running = 0
    private(set) var waiting: [UInt64] = []

    init(limit: Int, maximumWaiting: Int) {
        self.limit = limit
        self.maximumWaiting = maximumWaiting
    }

    /// Somebody comes.
    mutating func arrive(_ id: UInt64) -> Decision {
        if running < limit, waiting.isEmpty {
            running += 1
            return .run
        }
        guard waiting.count < maximumWaiting else { return .refuse }
        waiting.append(id)
        return .wait
    }

    /// Somebody who ran is done; gives who runs in their place, if anybody.
    mutating func leave() -> UInt64? {
        if waiting.isEmpty {
            running -= 1
            return nil
        }
        return waiting.removeFirst()
    }

    /// Somebody waits no longer; false when they do not wait any more.
    mutating func abandon(_ id: UInt64) -> Bool {
        guard let index = waiting.firstIndex(of: id) else { return false }
        waiting.remove(at: index)
        return true
    }
}
