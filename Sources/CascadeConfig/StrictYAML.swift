import Foundation
import Yams

/// Reads YAML into Codable types and refuses every key that nothing reads.
///
/// A key is unknown when the decoded value, encoded again, has no such key at that place; so a type's synthesized
/// Codable is its schema, and there is no second list of keys to keep.
package enum StrictYAML {
    /// Decodes `text`; `file` is only for messages.
    package static func decode<Value: Codable>(
        _ type: Value.Type, from text: String, file: String
    ) throws(ConfigError) -> Value {
        let node = try YAMLTree.parse(text, file: file)
        return try decode(type, from: node, written: node, file: file)
    }

    /// Decodes `text` over `defaults`: a key that the text lacks keeps its default, at every depth; lists are whole.
    ///
    /// Environment variables named `PREFIX_SECTION_KEY` go before the file when `environment` is given; one of a section
    /// there is that names no single value is refused, unless it is among `foreign`.
    ///
    /// - Parameter moved: where keys are that once had another path, such as `["a.b": "c.b"]`; only messages tell.
    package static func decode<Value: Codable>(
        over defaults: Value, from text: String, file: String, environment: [String: String] = [:],
        prefix: String = "CASCADE", moved: [String: String] = [:], foreign: Set<String> = []
    ) throws(ConfigError) -> Value {
        let written = try YAMLTree.parse(text, file: file)
        let base = try encode(defaults, file: file)
        var merged = YAMLTree.merge(written, over: base)
        if !environment.isEmpty {
            let variables = Variables(of: merged, prefix: prefix, moved: moved)
            try variables.check(environment.keys.filter { !foreign.contains($0) })
            merged = YAMLTree.override(merged, path: [], prefix: prefix, environment: environment)
        }
        do throws(ConfigError) {
            return try decode(Value.self, from: merged, written: written, file: file)
        } catch {
            switch error {
            case .unknownKey(_, let line, let path, _):
                guard let to = moved[path] else { throw error }
                throw .movedKey(file: file, line: line, path: path, to: to)
            case .badValue(_, _, let path, let reason):
                let name = Variables.name([path], prefix: prefix)
                guard environment[name] != nil else { throw error }
                throw .badVariable(name: name, path: path, reason: reason)
            default: throw error
            }
        }
    }

    /// The variables of `environment` that set values of `configuration`, by the paths of those.
    package static func variables(
        of configuration: some Encodable, environment: [String: String], prefix: String = "CASCADE"
    ) throws(ConfigError) -> [String: String] {
        let tree = try encode(configuration, file: "configuration")
        return Variables(of: tree, prefix: prefix, moved: [:]).set(environment.keys)
    }

    /// Decodes the file at `path`.
    package static func decode<Value: Codable>(_ type: Value.Type, path: String) throws(ConfigError) -> Value {
        try decode(type, from: read(path), file: path)
    }

    /// The text of the file at `path`.
    package static func read(_ path: String) throws(ConfigError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw .unreadable(file: path, reason: exists ? "not readable UTF-8 text" : "there is no such file")
        }
    }

    /// The YAML text of `value`, keys sorted.
    package static func text(of value: some Encodable) throws(ConfigError) -> String {
        do {
            let encoder = YAMLEncoder()
            encoder.options.sortKeys = true
            return try encoder.encode(value)
        } catch {
            throw .invalid(file: "configuration", problems: ["cannot be encoded: \(error)"])
        }
    }

    static func encode(_ value: some Encodable, file: String) throws(ConfigError) -> Node {
        try YAMLTree.parse(try text(of: value), file: file)
    }

    static func decode<Value: Codable>(
        _ type: Value.Type, from node: Node, written: Node, file: String
    ) throws(ConfigError) -> Value {
        let value: Value
        do {
            value = try YAMLDecoder().decode(type, from: node)
        } catch let error as DecodingError {
            throw YAMLTree.configError(for: error, in: written, file: file)
        } catch {
            throw .invalid(file: file, problems: ["\(error)"])
        }
        if let unknown = YAMLTree.unknownKey(in: written, known: try encode(value, file: file), path: "") {
            throw .unknownKey(file: file, line: unknown.line, path: unknown.path, known: unknown.known)
        }
        return value
    }
}
