import Yams

/// Walks over YAML nodes: merging, overriding, comparing keys, finding the line of a path.
enum YAMLTree {
    struct UnknownKey {
        let path: String
        let line: Int
        let known: [String]
    }

    static func parse(_ text: String, file: String) throws(ConfigError) -> Node {
        do {
            return try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
        } catch let error as YamlError {
            throw syntaxError(error, file: file)
        } catch {
            throw .syntax(file: file, line: 1, reason: "\(error)")
        }
    }

    /// `written` where it says something, `base` elsewhere; only mappings are merged.
    static func merge(_ written: Node, over base: Node) -> Node {
        guard let top = written.mapping, let below = base.mapping else { return written }
        var result = below
        for (key, value) in top {
            result[key] = below[key].map { merge(value, over: $0) } ?? value
        }
        return .mapping(result)
    }

    /// Replaces scalars by the environment variables of their path, such as `CASCADE_SERVER_PORT` for `server.port`.
    static func override(_ node: Node, path: [String], prefix: String, environment: [String: String]) -> Node {
        if var mapping = node.mapping {
            for (key, value) in mapping {
                guard let name = key.string else { continue }
                mapping[key] = override(value, path: path + [name], prefix: prefix, environment: environment)
            }
            return .mapping(mapping)
        }
        guard node.scalar != nil, !path.isEmpty else { return node }
        return environment[Variables.name(path, prefix: prefix)].map { Node($0) } ?? node
    }

    static func unknownKey(in written: Node, known: Node, path: String) -> UnknownKey? {
        if let mapping = written.mapping {
            guard let knownMapping = known.mapping else { return nil }
            for (key, value) in mapping {
                guard let name = key.string, !value.isNull else { continue }
                let here = path.isEmpty ? name : "\(path).\(name)"
                guard let counterpart = knownMapping[key] else {
                    let names = Array(knownMapping.keys).compactMap(\.string)
                    return UnknownKey(path: here, line: key.mark?.line ?? 0, known: names)
                }
                if let found = unknownKey(in: value, known: counterpart, path: here) { return found }
            }
        } else if let sequence = written.sequence, let knownSequence = known.sequence {
            for (index, pair) in zip(sequence, knownSequence).enumerated() {
                if let found = unknownKey(in: pair.0, known: pair.1, path: "\(path)[\(index)]") { return found }
            }
        }
        return nil
    }

    static func configError(for error: DecodingError, in node: Node, file: String) -> ConfigError {
        let (context, reason): (DecodingError.Context, String) =
            switch error {
            case .typeMismatch(let type, let context): (context, "must be a \(typeName(type))")
            case .valueNotFound(let type, let context): (context, "needs a value (a \(typeName(type)))")
            case .keyNotFound(let key, let context): (context, "needs the key '\(key.stringValue)'")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "\(error)")
            }
        let path = context.codingPath
        return .badValue(
            file: file, line: line(of: path, in: node), path: name(of: path), reason: reason)
    }

    private static func name(of path: [any CodingKey]) -> String {
        var name = ""
        for key in path {
            if let index = key.intValue {
                name += "[\(index)]"
            } else {
                name += (name.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return name.isEmpty ? "(top)" : name
    }

    private static func line(of path: [any CodingKey], in node: Node) -> Int {
        var current = node
        var line = node.mark?.line ?? 1
        for key in path {
            let next: Node?
            if let index = key.intValue {
                next = current.sequence.flatMap { index < $0.count ? $0[index] : nil }
            } else {
                next = current.mapping?[Node(key.stringValue)]
            }
            guard let next else { break }
            current = next
            line = next.mark?.line ?? line
        }
        return line
    }

    private static func typeName(_ type: Any.Type) -> String {
        switch "\(type)" {
        case "Int", "Int64", "UInt64", "UInt": "whole number"
        case "Double", "Float": "number"
        case "String": "text"
        case "Bool": "true or false"
        case let name where name.hasPrefix("Array"): "list"
        case let name where name.hasPrefix("Dictionary"): "mapping"
        case let name: name
        }
    }

    private static func syntaxError(_ error: YamlError, file: String) -> ConfigError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .syntax(file: file, line: mark.line, reason: problem)
        default:
            .syntax(file: file, line: 1, reason: "\(error)")
        }
    }
}

extension Node {
    fileprivate var isNull: Bool { scalar.map { ["", "null", "~"].contains($0.string) } ?? false }
}
