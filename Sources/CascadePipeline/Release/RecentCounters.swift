package import CascadeCore

/// Reads what a release counts over windows of time, for the rows of one view.
package protocol RecentCounters: Sendable {
    /// What is counted of each row for the user now: numbers that `ReleaseView.score` takes, one list a row.
    ///
    /// - Throws: where they cannot be read, or not in time: the caller cancels.
    func read(user: UserID?, rows: [Int32], at moment: Timestamp) async throws -> [RecentCounts]

    /// The same as far as it was read before, however long ago; where it never was, as if nothing had been counted.
    func lastKnown(user: UserID?, rows: [Int32]) async -> [RecentCounts]
}

/// What is counted of a candidate over windows of time.
package struct RecentCounts: Hashable, Sendable {
    /// In the order of the release's columns.
    package var values: ArraySlice<Float>
    /// True where it could not be read for this request.
    package var isStale: Bool
    /// Why, where it is known.
    package var reason: String?

    package init(values: ArraySlice<Float>, isStale: Bool = false, reason: String? = nil) {
        self.values = values
        self.isStale = isStale
        self.reason = reason
    }
}
