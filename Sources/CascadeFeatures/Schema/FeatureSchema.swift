package import CascadeCore

/// Where the value of a feature comes from.
///
/// Written in YAML as `id`, `creator`, `categories`, or the name of an attribute.
package enum FeatureSource: Hashable, Sendable, Codable {
    case id
    case creator
    case categories
    case attribute(String)

    package init(_ text: String) {
        switch text {
        case "id": self = .id
        case "creator": self = .creator
        case "categories": self = .categories
        default: self = .attribute(text)
        }
    }

    package var text: String {
        switch self {
        case .id: "id"
        case .creator: "creator"
        case .categories: "categories"
        case .attribute(let name): name
        }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A categorical feature: one token (or several, pooled) of a user or an item, looked up in a table.
package struct CategoricalFeature: Hashable, Sendable, Codable {
    package var entity: Entity
    package var source: FeatureSource
    /// Rows of the table that stand side by side for a token; the width of the feature is `lookups × dimension`.
    package var lookups: Int
    /// True: the feature has several tokens, whose vectors are averaged.
    package var multi: Bool
    /// Nil takes `features.tables`.
    package var encoding: TableEncoding?
    /// How many such rows `multi_hash_sum` sums; nil takes `features.hashes`. Nil for other encodings once fitted.
    package var hashes: Int?

    package init(
        entity: Entity, source: FeatureSource, lookups: Int, multi: Bool = false, encoding: TableEncoding? = nil,
        hashes: Int? = nil
    ) {
        self.encoding = encoding
        self.hashes = hashes
        self.entity = entity
        self.source = source
        self.lookups = lookups
        self.multi = multi
    }

    /// Of a fitted feature, how many rows of its width are summed; 1 for most.
    package var summed: Int { hashes ?? 1 }

    /// Of a fitted feature, all rows that a token looks up.
    package var rowsPerToken: Int { lookups * summed }

    /// `item.creator`, `user.age_band`: the name that seeds the hashes, so equal tokens of two features do not meet.
    package var name: String { "\(entity.rawValue).\(source.text)" }
}

/// A numeric feature, encoded in columns with an explicit missing value.
package struct NumericFeature: Hashable, Sendable, Codable {
    package var entity: Entity
    package var source: FeatureSource
    /// Nil takes `features.numbers`.
    package var encoding: NumberEncodingKind?

    package init(entity: Entity, source: FeatureSource, encoding: NumberEncodingKind? = nil) {
        self.entity = entity
        self.source = source
        self.encoding = encoding
    }

    package var name: String { "\(entity.rawValue).\(source.text)" }
}

/// The declared features of a data set.
///
/// `automatic` derives them from the catalog's attribute definitions; a YAML file under `Config/` may list them.
package struct FeatureSchema: Hashable, Sendable, Codable {
    package var categorical: [CategoricalFeature]
    package var numeric: [NumericFeature]
    /// What impressions and feedback are counted by, over everybody and within a user's past: sources of items.
    package var counters: [FeatureSource]
    /// Kinds of content vectors of items.
    package var vectors: [String]

    enum CodingKeys: String, CodingKey { case categorical, numeric, counters, vectors }

    package init(
        categorical: [CategoricalFeature], numeric: [NumericFeature], counters: [FeatureSource], vectors: [String] = []
    ) {
        self.vectors = vectors
        self.categorical = categorical
        self.numeric = numeric
        self.counters = counters
    }

    /// The features of every attribute that `definitions` declare, the items' identifier, creator and categories, the
    /// usual counters, and all content vectors; `free text` attributes are left out.
    ///
    /// Users' identifiers are no feature: the past says what they could, without being learned by heart.
    ///
    /// - Parameters:
    ///   - lookups: rows of the unified table a token of an identifier is spread over; others use half of it.
    ///   - vectors: the kinds of content vectors.
    package static func automatic(
        _ definitions: [AttributeDefinition], lookups: Int = 2, vectors: [String] = []
    ) -> FeatureSchema {
        let narrow = max(1, lookups / 2)
        var categorical = [
            CategoricalFeature(entity: .item, source: .id, lookups: lookups),
            CategoricalFeature(entity: .item, source: .creator, lookups: lookups),
            CategoricalFeature(entity: .item, source: .categories, lookups: lookups, multi: true),
        ]
        var numeric: [NumericFeature] = []
        for definition in definitions.sorted(by: { ($0.entity.rawValue, $0.name) < ($1.entity.rawValue, $1.name) }) {
            let source = FeatureSource.attribute(definition.name)
            switch definition.kind {
            case .categorical:
                categorical.append(.init(entity: definition.entity, source: source, lookups: narrow))
            case .multi:
                categorical.append(.init(entity: definition.entity, source: source, lookups: narrow, multi: true))
            case .numeric:
                numeric.append(.init(entity: definition.entity, source: source))
            case .text:
                continue
            }
        }
        let attributes = definitions.filter { $0.entity == .item && $0.kind != .text }.map(\.name).sorted()
        let counters = [.id, .creator, .categories] + attributes.map { FeatureSource.attribute($0) }
        return FeatureSchema(categorical: categorical, numeric: numeric, counters: counters, vectors: vectors.sorted())
    }

    /// What is wrong with the schema; empty when it can be used.
    package func problems() -> [String] {
        var found: [String] = []
        var names = Set<String>()
        for feature in categorical {
            if feature.lookups < 1 || feature.lookups > 8 { found.append("\(feature.name): lookups must be 1 to 8") }
            if let hashes = feature.hashes {
                if !(2...8).contains(hashes) { found.append("\(feature.name): hashes must be 2 to 8") }
                if let encoding = feature.encoding, encoding != .multiHashSum {
                    found.append("\(feature.name): hashes are of multi_hash_sum, not of \(encoding.rawValue)")
                }
            }
            if !names.insert(feature.name).inserted { found.append("\(feature.name) is declared twice") }
            found += Self.sourceProblems(feature.entity, feature.source)
        }
        for feature in numeric where !names.insert(feature.name).inserted {
            found.append("\(feature.name) is declared twice")
        }
        if Set(counters).count < counters.count { found.append("a counter is declared twice") }
        if Set(vectors).count < vectors.count { found.append("vectors are declared twice") }
        if !categorical.contains(where: { $0.entity == .item }) { found.append("no categorical feature of items") }
        return found
    }

    /// The problem of a schema that names the kind `name` of content vectors, which is not among those `declared`.
    package static func noVectors(_ name: String, declared: [String]) -> String {
        let known = declared.sorted().joined(separator: ", ")
        return "there are no content vectors '\(name)' (there are: \(known.isEmpty ? "none" : known))"
    }

    private static func sourceProblems(_ entity: Entity, _ source: FeatureSource) -> [String] {
        if entity == .user, source == .creator || source == .categories {
            return ["user.\(source.text): only items have a \(source.text)"]
        }
        return []
    }
}
