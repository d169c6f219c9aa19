import CascadeCore

extension EntityLayout {
    /// Reads a layout; one that was written before there were content vectors, or tables of
    /// features, has none.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            entity: try container.decode(Entity.self, forKey: .entity),
            single: try container.decode([CategoricalFeature].self, forKey: .single),
            multi: try container.decode([CategoricalFeature].self, forKey: .multi),
            numeric: try container.decode([NumericFeature].self, forKey: .numeric),
            bins: try container.decode([NumberEncoder].self, forKey: .bins),
            historyLookups: try container.decode(Int.self, forKey: .historyLookups),
            vectors: try container.decodeIfPresent([VectorFeature].self, forKey: .vectors) ?? [],
            vectorColumns: try container.decodeIfPresent(Int.self, forKey: .vectorColumns) ?? 0,
            tables: try container.decodeIfPresent([FeatureTable].self, forKey: .tables) ?? [])
    }
}
