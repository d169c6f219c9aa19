/// What a scorer is given of candidates, a column each: lists of rows and numbers cost nothing to hand on, as candidates do.
package struct CandidateColumns: Hashable, Sendable {
    /// The dense row of each.
    package var rows: [Int32]
    /// What is counted of each over windows of time; empty where the release counts nothing so.
    package var recent: [RecentCounts]
    /// The sources that brought each; empty where the scorer does not ask for them.
    package var sources: [[SourceMark]]

    package init(rows: [Int32], recent: [RecentCounts] = [], sources: [[SourceMark]] = []) {
        self.rows = rows
        self.recent = recent
        self.sources = sources
    }
}

/// What a hydrator adds to candidates: columns as long as the list of them, or empty where it adds none.
package struct HydratedColumns: Hashable, Sendable {
    /// The code of each one's creator; -1 for none.
    package var creators: [Int32] = []
    /// The codes of each one's categories.
    package var categories: [ArraySlice<Int32>] = []
    /// What is counted of each over windows of time.
    package var recent: [RecentCounts] = []

    package init() {}

    /// Whether every column is empty or has one entry for each of `count` candidates.
    func fits(_ count: Int) -> Bool {
        [creators.count, categories.count, recent.count].allSatisfy { $0 == 0 || $0 == count }
    }
}
