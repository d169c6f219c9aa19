import CascadeCore

/// The `attributes` of an item or a user as JSON.
enum AttributesDocument {
    static let maximumCount = 256
    static let maximumNameBytes = 128
    static let maximumTextBytes = 65_536
    static let maximumListCount = 1000

    /// Lays the member `attributes` over `attributes`, name by name; a name that is null is taken away, and all are where the
    /// member itself is null.
    static func lay(_ reader: ObjectReader, over attributes: inout [String: AttributeValue]) {
        guard reader.has("attributes") else { return }
        guard reader.value("attributes") != nil else { return attributes = [:] }
        for entry in reader.entries("attributes", maximumCount: maximumCount) ?? [] {
            if entry.value == .null {
                attributes[entry.name] = nil
            } else if (1...maximumNameBytes).contains(entry.name.utf8.count) {
                attributes[entry.name] = value(entry.value, at: entry.pointer, reader.problems)
            } else {
                let detail = "the name of an attribute has from 1 to \(maximumNameBytes) bytes"
                reader.problems.add(entry.pointer, "invalid", detail)
            }
        }
        if attributes.count > maximumCount {
            let detail = "must have at most \(maximumCount) members with those that are there"
            reader.problems.add(reader.place("attributes"), "out_of_range", detail)
        }
    }

    /// The attributes by name.
    static func json(of attributes: [String: AttributeValue]) -> JSONValue {
        .object(attributes.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, json(of: $0.value)) })
    }

    private static func json(of value: AttributeValue) -> JSONValue {
        switch value {
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        case .list(let texts): .array(texts.map { .string($0) })
        case .flag(let flag): .bool(flag)
        }
    }

    private static func value(_ value: JSONValue, at pointer: String, _ problems: Problems) -> AttributeValue? {
        switch value {
        case .integer(let number): return .number(Double(number))
        case .number(let number): return .number(number)
        case .bool(let flag): return .flag(flag)
        case .string(let text):
            guard text.utf8.count <= maximumTextBytes else {
                problems.add(pointer, "too_long", "must have at most \(maximumTextBytes) bytes")
                return nil
            }
            return .text(text)
        case .array(let elements): return list(elements, at: pointer, problems)
        case .null, .object:
            problems.add(pointer, "wrong_type", "must be a number, text, true or false, or a list of texts")
            return nil
        }
    }

    private static func list(
        _ elements: [JSONValue], at pointer: String, _ problems: Problems
    ) -> AttributeValue? {
        guard elements.count <= maximumListCount else {
            problems.add(pointer, "out_of_range", "must have at most \(maximumListCount) elements")
            return nil
        }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                let detail = "must be text, not \(element.kind)"
                problems.add(JSONPointer.element(index, of: pointer), "wrong_type", detail)
                return nil
            }
            texts.append(text)
        }
        return .list(texts)
    }
}
