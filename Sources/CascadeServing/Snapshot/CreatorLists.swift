import CascadeCore

/// The rows of each creator that may be shown, newest first.
struct CreatorLists: Sendable {
    /// The attribute that names the creators of an item, several in a list; empty takes `Item.creatorID`.
    let attribute: String
    private let lists: [String: [Entry]]

    /// A row with its time of creation.
    struct Entry: Sendable {
        let row: Int32
        /// In microseconds since 1970; the least number for none.
        let created: Int64

        static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
            (left.created, right.row) > (right.created, left.row)
        }
    }

    init(_ items: [(row: Int32, item: Item)], attribute: String) {
        self.attribute = attribute
        var lists: [String: [Entry]] = [:]
        for (row, item) in items where !item.hidden {
            let entry = Entry(row: row, created: item.createdAt?.microseconds ?? .min)
            for creator in Set(Self.creators(of: item, attribute)) { lists[creator, default: []].append(entry) }
        }
        self.lists = lists.mapValues { $0.sorted(by: Entry.isBefore) }
    }

    /// The rows of a creator, newest first; none for one that is not known.
    func newest(by creator: String) -> [Entry] { lists[creator] ?? [] }

    private static func creators(of item: Item, _ attribute: String) -> [String] {
        attribute.isEmpty ? item.creatorID.map { [$0] } ?? [] : item.attributes[attribute]?.tokens ?? []
    }
}
