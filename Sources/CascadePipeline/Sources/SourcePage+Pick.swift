extension SourcePage {
    /// The next rows of a sorted list for this page.
    ///
    /// Rows that are known to be removed come along without counting, so that the filters can tell of them; no more
    /// than twice the limit of those, for a user who has seen nearly everything.
    func pick(from sorted: some Sequence<ScoredRow>) -> [ScoredRow] {
        var rows: [ScoredRow] = []
        var free = limit
        var removed = 0
        for scored in sorted {
            if free <= 0 { break }
            if taken.contains(scored.row) { continue }
            if knownRemoved.contains(scored.row) {
                removed += 1
                if removed <= 2 * limit { rows.append(scored) }
                continue
            }
            free -= 1
            rows.append(scored)
        }
        return rows
    }
}
