import Yams

/// The variables of the environment that a configuration reads.
struct Variables {
    /// The paths of the values that variables set, by their names.
    private let paths: [String: String]
    /// What those of each section begin with.
    private let sections: [String]
    /// New names by former ones.
    private let moved: [String: String]

    /// Those of the configuration `tree`, and of keys that once had another path.
    init(of tree: Node, prefix: String, moved: [String: String]) {
        var paths: [String: String] = [:]
        Self.collect(tree, path: [], prefix: prefix, into: &paths)
        self.paths = paths
        sections = (tree.mapping?.keys.compactMap(\.string) ?? []).map { Self.name([$0], prefix: prefix) + "_" }
        let pairs = moved.map { (Self.name([$0.key], prefix: prefix), Self.name([$0.value], prefix: prefix)) }
        self.moved = Dictionary(pairs) { first, _ in first }
    }

    /// The variable of a path, such as `CASCADE_SERVER_PORT` for `server.port`.
    static func name(_ path: [String], prefix: String) -> String {
        String(([prefix] + path).joined(separator: "_").uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// Throws for the first of `given`, by name, that is of a section there is and sets nothing.
    func check(_ given: [String]) throws(ConfigError) {
        for name in given.sorted() where paths[name] == nil {
            if let to = moved[name] { throw .movedVariable(name: name, to: to) }
            guard let section = sections.first(where: { name.hasPrefix($0) }) else { continue }
            throw .unknownVariable(name: name, near: near(name, in: section))
        }
    }

    /// Those of `given` that set a value, by the path of it.
    func set(_ given: some Sequence<String>) -> [String: String] {
        Dictionary(given.compactMap { name in paths[name].map { ($0, name) } }) { first, _ in first }
    }

    /// The three names of a section that are most like `name`.
    private func near(_ name: String, in section: String) -> [String] {
        let known = paths.keys.filter { $0.hasPrefix(section) }.map { (distance: Self.distance($0, name), name: $0) }
        return known.sorted { $0 < $1 }.prefix(3).map(\.name)
    }

    private static func collect(_ node: Node, path: [String], prefix: String, into paths: inout [String: String]) {
        if let mapping = node.mapping {
            for (key, value) in mapping {
                guard let name = key.string else { continue }
                collect(value, path: path + [name], prefix: prefix, into: &paths)
            }
        } else if node.scalar != nil, !path.isEmpty {
            paths[name(path, prefix: prefix)] = path.joined(separator: ".")
        }
    }

    /// The fewest letters to insert, delete and replace that make one text of the other.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in other.indices {
                let replaced = diagonal + (letter == other[place] ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, diagonal + 1, row[place] + 1)
            }
        }
        return row[other.count]
    }
}
