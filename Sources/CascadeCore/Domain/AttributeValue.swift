/// The value of one attribute of a user or an item; an attribute that is missing is simply absent from its dictionary.
package enum AttributeValue: Hashable, Sendable {
    case number(Double)
    case text(String)
    case list([String])
    case flag(Bool)

    /// The value as categorical tokens: one for a single value, several for a list, none for an empty list.
    ///
    /// Numbers without a fraction print as integers, so that `3` and `3.0` are one category.
    package var tokens: [String] {
        switch self {
        case .number(let value): [Self.token(of: value)]
        case .text(let value): [value]
        case .list(let values): values
        case .flag(let value): [value ? "true" : "false"]
        }
    }

    /// The value as a number, or nil where it is none; a text is read as a decimal number, a flag is 0 or 1.
    package var number: Double? {
        switch self {
        case .number(let value): value.isFinite ? value : nil
        case .text(let value): Double(value).flatMap { $0.isFinite ? $0 : nil }
        case .flag(let value): value ? 1 : 0
        case .list: nil
        }
    }

    private static func token(of value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }
}

/// What an attribute means to the models; declared by an import mapping, or taken from the JSON type of a first value.
package enum AttributeKind: String, Sendable, ChosenWord {
    /// One token of a set.
    case categorical
    /// Several tokens of a set.
    case multi
    /// A quantity.
    case numeric
    /// Free text for people; no feature is made of it.
    case text
}

/// The entity that an attribute or a feature belongs to.
package enum Entity: String, Sendable, Codable, CaseIterable {
    case user, item
}

/// The declaration of one attribute of users or items.
package struct AttributeDefinition: Hashable, Sendable {
    package let entity: Entity
    package let name: String
    package let kind: AttributeKind

    package init(entity: Entity, name: String, kind: AttributeKind) {
        self.entity = entity
        self.name = name
        self.kind = kind
    }
}
