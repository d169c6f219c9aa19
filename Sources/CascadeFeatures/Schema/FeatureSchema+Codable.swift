import CascadeCore

extension FeatureSchema {
    /// Reads a schema; `vectors` may be left out.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            categorical: try container.decode([CategoricalFeature].self, forKey: .categorical),
            numeric: try container.decode([NumericFeature].self, forKey: .numeric),
            counters: try container.decode([FeatureSource].self, forKey: .counters),
            vectors: try container.decodeIfPresent([String].self, forKey: .vectors) ?? [])
    }
}
