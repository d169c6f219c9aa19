import CascadeIndex
import Synchronization

/// The rows of each category of a release as bitmaps, made when they are first asked for.
final class CategoryRows: Sendable {
    /// Bitmaps that are kept take at most this many bytes; those of further categories are made for each request.
    private static let budget = 64 << 20

    private let columns: CatalogColumns
    private let made = Mutex<[Int32: RowSet]>([:])

    init(_ columns: CatalogColumns) { self.columns = columns }

    /// The rows of at least one of `categories`.
    ///
    /// - Complexity: O(rows / 64) a category that was asked for before, else O(rows).
    func union(_ categories: Set<Int32>) -> RowSet {
        var union = RowSet(universe: columns.count)
        for category in categories { union.formUnion(rows(of: category)) }
        return union
    }

    private func rows(of category: Int32) -> RowSet {
        if let known = made.withLock({ $0[category] }) { return known }
        let members = (0..<columns.count).lazy.filter { self.columns.categories($0).contains(category) }
        let rows = RowSet(universe: columns.count, rows: members.map(Int32.init))
        let capacity = max(1, Self.budget / (columns.count / 8 + 64))
        made.withLock { if $0.count < capacity { $0[category] = rows } }
        return rows
    }
}
