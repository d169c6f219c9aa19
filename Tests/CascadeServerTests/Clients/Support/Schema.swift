@testable import CascadeServer

/// What a schema of the document says of values, as far as the tests of the clients ask.
enum Schema {
    /// Where `value` has other members than its schema names; nothing where all of them are there and no others.
    static func differences(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        let schema = alternative(of: Interface.resolved(schema), for: value)
        switch value {
        case .object:
            let described = Interface.members(schema["properties"])
            if described.isEmpty { return [] }
            let sent = Interface.members(value)
            var found = Set(described.keys).symmetricDifference(sent.keys).sorted().map { "\(place)/\($0)" }
            for (name, part) in described {
                if let member = sent[name] { found += differences(member, part, at: "\(place)/\(name)") }
            }
            return found
        case .array(let elements):
            return elements.flatMap { differences($0, schema["items"] ?? .null, at: place + "/-") }
        default: return []
        }
    }

    /// Of several forms the one that `value` has.
    private static func alternative(of schema: JSONValue, for value: JSONValue) -> JSONValue {
        let forms = Interface.elements(schema["anyOf"] ?? schema["oneOf"]).map(Interface.resolved)
        if let kind = value["kind"] { return forms.first { $0["properties"]?["kind"]?["const"] == kind } ?? schema }
        return forms.first { $0["type"] != "null" } ?? schema
    }

    /// A value that has every member the schema names; where a member may be null it is, if `null` says so.
    static func sample(_ schema: JSONValue, null: Bool) -> JSONValue {
        let schema = Interface.resolved(schema)
        if let form = Interface.elements(schema["anyOf"]).first { return sample(form, null: null) }
        if let words = schema["enum"] {
            let known = Interface.elements(words)
            return null && known.contains(.null) ? .null : known.first ?? .null
        }
        if let word = schema["const"] { return word }
        let types = Interface.elements(schema["type"])
        if null, types.contains("null") { return .null }
        switch Interface.text(schema["type"]) ?? types.compactMap(Interface.text).first {
        case "string": return schema["format"] == "date-time" ? "2026-01-02T03:04:05.250001Z" : "a \"text\"/ü"
        case "integer": return 7
        case "number": return 0.125
        case "boolean": return true
        case "array": return [sample(schema["items"] ?? .null, null: null)]
        case "object": return object(schema, null: null)
        default: return .null
        }
    }

    private static func object(_ schema: JSONValue, null: Bool) -> JSONValue {
        let described = Interface.members(schema["properties"])
        if !described.isEmpty {
            return .object(described.map { .init($0.key, sample($0.value, null: null)) }).canonical
        }
        // Names that the caller gives are never changed.
        guard let part = schema["additionalProperties"] else { return ["free_Form": [1, 0.5, nil, ["x_Y": true]]] }
        return ["some_Name": sample(part, null: null)]
    }
}
