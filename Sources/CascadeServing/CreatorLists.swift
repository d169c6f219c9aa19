package import CascadeCore

/// The rows of each creator that may be shown, newest first; prepared once a release.
package struct CreatorLists: Sendable {
    private let numbers: [String: Int]
    private let starts: [Int]
    private let rows: [Int32]

    /// - Parameters:
    ///   - items: in row order.
    ///   - attribute: the attribute that names the creators of an item, several in a list; empty takes `Item.creatorID`.
    package init(_ items: [Item], attribute: String = "") {
        var numbers: [String: Int] = [:]
        var lists: [[Int32]] = []
        for row in Self.newestFirst(items) {
            for creator in Set(Self.creators(of: items[Int(row)], attribute)) {
                if let number = numbers[creator] {
                    lists[number].append(row)
                } else {
                    numbers[creator] = lists.count
                    lists.append([row])
                }
            }
        }
        self.numbers = numbers
        var starts = [0]
        for list in lists { starts.append(starts.last.map { $0 + list.count } ?? 0) }
        self.starts = starts
        rows = lists.flatMap { $0 }
    }

    /// The rows of a creator, newest first; none for one that the release does not know.
    package func newest(by creator: String) -> ArraySlice<Int32> {
        guard let number = numbers[creator] else { return [] }
        return rows[starts[number]..<starts[number + 1]]
    }

    private static func newestFirst(_ items: [Item]) -> [Int32] {
        let shown = items.indices.filter { !items[$0].hidden }.map { Int32($0) }
        let times = items.map { $0.createdAt?.microseconds ?? .min }
        return shown.sorted { (times[Int($0)], $1) > (times[Int($1)], $0) }
    }

    private static func creators(of item: Item, _ attribute: String) -> [String] {
        attribute.isEmpty ? item.creatorID.map { [$0] } ?? [] : item.attributes[attribute]?.tokens ?? []
    }
}
