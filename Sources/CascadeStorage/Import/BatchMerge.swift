import CascadeCore

/// A row that can appear several times in one batch, later appearances adding to earlier ones.
protocol Mergeable: Equatable {
    /// What tells rows apart.
    var key: ByteKey { get }
    /// This row with what `later` says laid over it.
    func merging(_ later: Self) -> Self
}

extension User: Mergeable {
    var key: ByteKey { ByteKey(text: id.rawValue) }

    func merging(_ later: User) -> User {
        User(
            id: id, attributes: attributes.merging(later.attributes) { _, new in new },
            createdAt: later.createdAt ?? createdAt)
    }
}

extension Item: Mergeable {
    var key: ByteKey { ByteKey(text: id.rawValue) }

    func merging(_ later: Item) -> Item {
        Item(
            id: id, title: later.title ?? title, creatorID: later.creatorID ?? creatorID,
            categories: later.categories.isEmpty ? categories : later.categories,
            attributes: attributes.merging(later.attributes) { _, new in new },
            createdAt: later.createdAt ?? createdAt, hidden: hidden || later.hidden)
    }
}

/// The rows of a batch with one row a key, because one statement cannot merge into the same row twice.
struct BatchMerge<Entry: Mergeable & Sendable>: Sendable {
    /// In the order of first appearance.
    private(set) var rows: [Entry] = []
    /// Rows that said nothing beyond an earlier one of the batch.
    private(set) var duplicates = 0

    init(_ entries: [Entry]) {
        var places: [ByteKey: Int] = [:]
        places.reserveCapacity(entries.count)
        rows.reserveCapacity(entries.count)
        for entry in entries {
            guard let place = places[entry.key] else {
                places[entry.key] = rows.count
                rows.append(entry)
                continue
            }
            let merged = rows[place].merging(entry)
            if merged == rows[place] { duplicates += 1 }
            rows[place] = merged
        }
    }
}
