package import CascadeCore

extension InterestSettings {
    /// The name of the cluster that an item belongs to, where clusters go by category: the item's first category, or the
    /// first token of the attribute `category`; empty for an item without one. Nil for clusters that are found.
    package func clusterName(of item: Item) -> String? {
        guard clusterBy == .category else { return nil }
        if category.isEmpty { return item.categories.first ?? "" }
        return item.attributes[category]?.tokens.first ?? ""
    }
}
