extension SourcePage {
    /// The next rows of a sorted list for this page.
    ///
    /// Rows that are known to be removed come along without counting, so that the filters can tell of them; no more
    /// than twice the limit of those, for a user who has seen nearly everything.
    func pick(from sorted: some Sequence<ScoredRow>) -> [ScoredRow] {
        var picked = PickedRows(page: self)
        for scored in sorted {
            if picked.isFull { break }
            picked.offer(scored)
        }
        return picked.rows
    }

    /// The next rows of several sorted lists by turns: the first of each list, then the second of each, each row once.
    ///
    /// A row's score is one over the turn it came in, from 1.
    /// - Parameter because: what of the user each list belongs to.
    func pick<List: RandomAccessCollection<Int32>>(
        byTurns lists: [List], because origins: [String]
    ) -> SourceBatch {
        var picked = PickedRows(page: self)
        var met = Set<Int32>()
        var because: [Int32: String] = [:]
        var open = Array(lists.indices)
        var turn = 0
        while !open.isEmpty, !picked.isFull {
            open.removeAll { lists[$0].count <= turn }
            for list in open where !picked.isFull {
                let row = lists[list][lists[list].index(lists[list].startIndex, offsetBy: turn)]
                guard met.insert(row).inserted else { continue }
                if picked.offer(ScoredRow(row: row, score: 1 / Float(turn + 1))) { because[row] = origins[list] }
            }
            turn += 1
        }
        return SourceBatch(rows: picked.rows, because: because)
    }
}

/// Rows that a page takes, in the order in which they are offered.
private struct PickedRows {
    let page: SourcePage
    private(set) var rows: [ScoredRow] = []
    private var free: Int
    private var removed = 0

    init(page: SourcePage) {
        self.page = page
        free = page.limit
    }

    var isFull: Bool { free <= 0 }

    /// Takes the row if the page wants it; false when it does not.
    @discardableResult
    mutating func offer(_ scored: ScoredRow) -> Bool {
        if page.taken.contains(scored.row) { return false }
        if page.knownRemoved.contains(scored.row) {
            removed += 1
            guard removed <= 2 * page.limit else { return false }
        } else {
            free -= 1
        }
        rows.append(scored)
        return true
    }
}
