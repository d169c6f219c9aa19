/// A half-open period of time; a missing end is open.
package struct Period: Hashable, Sendable {
    package var from: Timestamp?
    package var until: Timestamp?

    package init(from: Timestamp? = nil, until: Timestamp? = nil) {
        self.from = from
        self.until = until
    }

    package func contains(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        if let until, time >= until { return false }
        return true
    }
}
