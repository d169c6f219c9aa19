/// One property of an impression or of feedback that counters tell apart.
///
/// Written as `user`, `item`, `creator`, `categories` (an item's first), or the name of an attribute of items.
package enum CountedPart: Hashable, Sendable {
    case user
    case item
    case creator
    case categories
    case attribute(String)

    package init(_ text: String) {
        switch text {
        case "user": self = .user
        case "item": self = .item
        case "creator": self = .creator
        case "categories": self = .categories
        default: self = .attribute(text)
        }
    }

    package var text: String {
        switch self {
        case .user: "user"
        case .item: "item"
        case .creator: "creator"
        case .categories: "categories"
        case .attribute(let name): name
        }
    }

    /// The token that is counted by; nil where the item has none. Of several tokens the first counts.
    ///
    /// The database finds the same token in `counter_token` of the migration: change both or neither.
    package func token(user: UserID?, item: Item) -> String? {
        switch self {
        case .user: user?.rawValue
        case .item: item.id.rawValue
        case .creator: item.creatorID
        case .categories: item.categories.first
        case .attribute(let name): item.attributes[name]?.tokens.first
        }
    }
}

extension CountedPart: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
