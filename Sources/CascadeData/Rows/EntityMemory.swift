import CascadeCore

/// Remembers the users and items that a table has given already, so that a log of a million rows does not write each
/// of its items a thousand times.
final class EntityMemory {
    /// An entity and what was said of it, both as hashes.
    struct Sighting {
        let id: UInt64
        let content: UInt64
    }

    /// The last sighting of each entity: 16 bytes each and the table's overhead.
    struct Kind {
        private var last: [UInt64: UInt64] = [:]

        /// Whether the same was said of the entity the last time.
        func knows(_ sighting: Sighting) -> Bool { last[sighting.id] == sighting.content }

        mutating func remember(_ sighting: Sighting) { last[sighting.id] = sighting.content }
    }

    var users = Kind()
    var items = Kind()
}

extension User {
    /// Takes over what `later` says of the same user; what it does not say stays.
    mutating func merge(_ later: User) {
        attributes.merge(later.attributes) { $1 }
        createdAt = later.createdAt ?? createdAt
    }
}

extension Item {
    /// Takes over what `later` says of the same item; what it does not say stays.
    mutating func merge(_ later: Item) {
        title = later.title ?? title
        creatorID = later.creatorID ?? creatorID
        if !later.categories.isEmpty { categories = later.categories }
        attributes.merge(later.attributes) { $1 }
        createdAt = later.createdAt ?? createdAt
        hidden = later.hidden
    }
}
