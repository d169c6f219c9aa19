import CascadeCore

/// An item as the `attributes` member of an answered item: all but its identifier.
struct ItemAttributes: Codable {
    var title: String?
    var creatorID: String?
    var categories: [String]
    var createdAt: String?
    var attributes: [String: JSONAttribute]

    private enum CodingKeys: String, CodingKey {
        case title
        case creatorID = "creator_id"
        case categories
        case createdAt = "created_at"
        case attributes
    }

    init(_ item: Item) {
        title = item.title
        creatorID = item.creatorID
        categories = item.categories
        createdAt = item.createdAt?.rfc3339
        attributes = item.attributes.mapValues { JSONAttribute(value: $0) }
    }

    func item(_ id: ItemID) -> Item {
        Item(
            id: id, title: title, creatorID: creatorID, categories: categories,
            attributes: attributes.mapValues(\.value), createdAt: createdAt.flatMap { Timestamp(rfc3339: $0) })
    }
}

/// An attribute value as the JSON value it came from.
struct JSONAttribute: Codable {
    let value: AttributeValue

    init(value: AttributeValue) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            value = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            value = .number(number)
        } else if let text = try? container.decode(String.self) {
            value = .text(text)
        } else {
            value = .list(try container.decode([String].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        case .flag(let flag): try container.encode(flag)
        }
    }
}
