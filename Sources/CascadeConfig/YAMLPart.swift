import Yams

/// A part of a YAML file, for files whose parts are read one after another into different types; messages keep the lines
/// of the file.
package struct YAMLPart {
    private let node: Node
    package let file: String

    /// Reads the file at `path`.
    package init(path: String) throws(ConfigError) {
        self.init(node: try YAMLTree.parse(try StrictYAML.read(path), file: path), file: path)
    }

    private init(node: Node, file: String) {
        self.node = node
        self.file = file
    }

    /// What stands under a key; nil where the key is absent or has no value.
    package func part(_ key: String) -> YAMLPart? {
        guard let found = node.mapping?[Node(key)], found.null == nil else { return nil }
        return YAMLPart(node: found, file: file)
    }

    /// The parts of the list under a key; none where the key is absent.
    package func list(_ key: String) throws(ConfigError) -> [YAMLPart] {
        guard let part = part(key) else { return [] }
        guard let sequence = part.node.sequence else {
            throw .badValue(file: file, line: part.node.mark?.line ?? 0, path: key, reason: "must be a list")
        }
        var parts: [YAMLPart] = []
        for node in sequence { parts.append(YAMLPart(node: node, file: file)) }
        return parts
    }

    /// The part without some of its keys.
    package func without(_ keys: String...) -> YAMLPart {
        guard var mapping = node.mapping else { return self }
        for key in keys { mapping[Node(key)] = nil }
        return YAMLPart(node: .mapping(mapping), file: file)
    }

    /// Decodes over `defaults`: a key that is absent keeps its default; one that nothing reads is refused.
    package func decode<Value: Codable>(over defaults: Value) throws(ConfigError) -> Value {
        let base = try StrictYAML.encode(defaults, file: file)
        return try StrictYAML.decode(Value.self, from: YAMLTree.merge(node, over: base), written: node, file: file)
    }
}
