/// A set of rows of one index as a bitmap, `universe / 8` bytes; membership, insertion and removal take constant time.
package struct RowSet: Equatable, Sendable {
    /// The number of rows of the index that the set is for; members lie in `0 ..< universe`.
    package let universe: Int
    /// The number of members.
    package private(set) var count = 0
    private var words: [UInt64]

    /// An empty set for an index of `universe` rows (negative counts as 0).
    package init(universe: Int) {
        self.universe = max(0, universe)
        words = [UInt64](repeating: 0, count: (self.universe + 63) / 64)
    }

    /// A set of the given rows; those outside the universe are left out.
    package init(universe: Int, rows: some Sequence<Int32>) {
        self.init(universe: universe)
        for row in rows { insert(row) }
    }

    /// Whether the set has no member.
    package var isEmpty: Bool { count == 0 }

    /// Whether the row is a member; false outside the universe.
    package func contains(_ row: Int32) -> Bool {
        guard row >= 0, Int(row) < universe else { return false }
        return words[Int(row) >> 6] & (1 << UInt64(row & 63)) != 0
    }

    /// Adds a row; false where it was a member already or lies outside the universe.
    @discardableResult
    package mutating func insert(_ row: Int32) -> Bool {
        guard row >= 0, Int(row) < universe, !contains(row) else { return false }
        words[Int(row) >> 6] |= 1 << UInt64(row & 63)
        count += 1
        return true
    }

    /// Takes a row out; false where it was no member.
    @discardableResult
    package mutating func remove(_ row: Int32) -> Bool {
        guard contains(row) else { return false }
        words[Int(row) >> 6] &= ~(1 << UInt64(row & 63))
        count -= 1
        return true
    }

    /// Adds the members of a set over as many rows; one over another number is left out.
    package mutating func formUnion(_ other: RowSet) {
        guard other.universe == universe else { return }
        combine(other) { $0 | $1 }
    }

    /// Keeps the members that a set over as many rows has too; one over another number is left out.
    package mutating func formIntersection(_ other: RowSet) {
        guard other.universe == universe else { return }
        combine(other) { $0 & $1 }
    }

    /// Takes the members of a set over as many rows out; one over another number is left out.
    package mutating func subtract(_ other: RowSet) {
        guard other.universe == universe else { return }
        combine(other) { $0 & ~$1 }
    }

    private mutating func combine(_ other: RowSet, _ merge: (UInt64, UInt64) -> UInt64) {
        var members = 0
        for index in words.indices {
            words[index] = merge(words[index], other.words[index])
            members += words[index].nonzeroBitCount
        }
        count = members
    }

    /// The members in ascending order.
    package var rows: [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                rows.append(Int32(index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return rows
    }

    /// Lends the bitmap: bit `row % 64` of word `row / 64`.
    func withWords<Result>(
        _ body: (UnsafeBufferPointer<UInt64>) throws(IndexError) -> Result
    ) throws(IndexError) -> Result {
        try words.withUnsafeBufferPointer(body)
    }
}

/// Which rows a search may return. Rows that it may not are still walked through.
package enum IndexFilter: Equatable, Sendable {
    /// Only members of the set.
    case allowing(RowSet)
    /// Only rows that are not members.
    case blocking(RowSet)

    /// The set that allows or blocks.
    package var rows: RowSet {
        switch self {
        case .allowing(let rows), .blocking(let rows): rows
        }
    }

    /// Whether a search may return the row.
    package func admits(_ row: Int32) -> Bool {
        switch self {
        case .allowing(let rows): rows.contains(row)
        case .blocking(let rows): row >= 0 && Int(row) < rows.universe && !rows.contains(row)
        }
    }

    /// The number of rows that a search may return.
    package var admittedCount: Int {
        switch self {
        case .allowing(let rows): rows.count
        case .blocking(let rows): rows.universe - rows.count
        }
    }
}
