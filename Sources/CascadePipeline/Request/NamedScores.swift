/// Numbers by name, such as a ranker's probabilities by head, in the order in which the names are told; hundreds of candidates share
/// the names. Encodes as a JSON object; numbers that are not finite are left out.
package struct NamedScores: Hashable, Sendable {
    /// Those of the values, finite or not.
    private let names: [String]
    private let values: ArraySlice<Float>

    /// - Parameter values: one a name, or none.
    package init(names: [String], values: ArraySlice<Float>) {
        self.names = values.isEmpty ? [] : names
        self.values = values
    }

    /// Those that can be told.
    package var entries: [(name: String, value: Float)] {
        zip(names, values).filter { $1.isFinite }.map { (name: $0, value: $1) }
    }

    package var isEmpty: Bool { !values.contains(where: \.isFinite) }

    package subscript(name: String) -> Float? {
        guard let place = names.firstIndex(of: name), place < values.count else { return nil }
        let value = values[values.startIndex + place]
        return value.isFinite ? value : nil
    }

    private var byName: [String: Float] {
        Dictionary(entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    package static func == (left: Self, right: Self) -> Bool { left.byName == right.byName }
    package func hash(into hasher: inout Hasher) { hasher.combine(byName) }
}

extension NamedScores: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Float)...) {
        self.init(names: elements.map(\.0), values: elements.map(\.1)[...])
    }
}

extension NamedScores: Codable {
    package init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer().decode([String: Float].self)
        let names = values.keys.sorted()
        self.init(names: names, values: names.compactMap { values[$0] }[...])
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(byName)
    }
}
