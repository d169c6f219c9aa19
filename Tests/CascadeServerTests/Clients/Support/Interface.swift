@testable import CascadeServer

/// The OpenAPI document as the tests of the clients look at it.
enum Interface {
    struct Operation: Sendable {
        let method: String
        let path: String
        let query: Set<String>
        let takesKey: Bool
        /// The schema of the JSON body.
        let body: JSONValue?
        /// The names of the schemas of what it answers with when it succeeds.
        let answers: Set<String>
    }

    static let document = (try? JSONParser.parse(OpenAPIDocument.text(maximumResults: 200))) ?? .null

    /// All operations by their `operationId`.
    static let operations: [String: Operation] = {
        var found: [String: Operation] = [:]
        for (path, methods) in members(document["paths"]) {
            for (method, described) in members(methods) where method != "parameters" {
                guard case .string(let id)? = described["operationId"] else { continue }
                found[id] = operation(method, path, described)
            }
        }
        return found
    }()

    private static func operation(_ method: String, _ path: String, _ described: JSONValue) -> Operation {
        let parameters = elements(described["parameters"]).map(resolved)
        let query = parameters.filter { $0["in"] == "query" }.compactMap { text($0["name"]) }
        let body = described["requestBody"]?["content"]?["application/json"]?["schema"]
        let answers = members(described["responses"]).filter { $0.key.hasPrefix("2") }.compactMap { response in
            text(response.value["content"]?["application/json"]?["schema"]?["$ref"])?.split(separator: "/").last
        }
        return Operation(
            method: method.uppercased(), path: path, query: Set(query),
            takesKey: parameters.contains { $0["name"] == "Idempotency-Key" }, body: body.map(resolved),
            answers: Set(answers.map(String.init)))
    }

    static func schema(_ name: String) -> JSONValue { document["components"]?["schemas"]?[name] ?? .null }

    /// What a reference leads to; everything else stays.
    static func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = text(value["$ref"]) else { return value }
        let target = reference.split(separator: "/").dropFirst().reduce(document as JSONValue?) { $0?[String($1)] }
        return target.map(resolved) ?? .null
    }

    static func members(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members)? = value else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    static func elements(_ value: JSONValue?) -> [JSONValue] {
        guard case .array(let elements)? = value else { return [] }
        return elements
    }

    static func text(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value else { return nil }
        return text
    }
}

extension JSONValue {
    /// The same with the members of objects by name and whole numbers as such, so that it can be compared.
    var canonical: JSONValue {
        switch self {
        case .number(let value): Int(exactly: value).map(JSONValue.integer) ?? self
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let members):
            .object(
                members.map { .init($0.name, $0.value.canonical) }.sorted { $0.name < $1.name })
        default: self
        }
    }
}
