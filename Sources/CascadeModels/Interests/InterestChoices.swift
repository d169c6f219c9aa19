import CascadeCore

/// What the catalog is divided into clusters by.
package enum ClusterSource: String, Hashable, Sendable, ChosenWord {
    /// The item tower of the release's retrieval model.
    case itemTower = "item_tower"
    /// Vectors by skip-gram with negative sampling over what users took one after another.
    case skipGram = "skip_gram"
    /// A column of the catalog: the item's first category, or an attribute.
    case category
}

/// How a user tower is told which interest it encodes the past for.
package enum InterestForm: String, Hashable, Sendable, ChosenWord {
    /// A learned vector a cluster, multiplied component-wise into every input.
    case prompt
    /// A learned vector a cluster as an input of its own.
    case input
    /// A mixture of linear experts behind the encoder, with learned gates a cluster.
    case experts
}
