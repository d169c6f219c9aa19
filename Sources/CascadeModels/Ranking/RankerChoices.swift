import CascadeCore

/// How the interaction of fields and the deep networks stand to each other.
package enum RankerStructure: String, Hashable, Sendable, ChosenWord {
    /// The deep networks read what the interaction gives.
    case stacked
    /// Both read the fields; the heads read both.
    case parallel
    /// The heads read the interaction; there is no deep network.
    case interactionOnly = "interaction_only"
}

/// What becomes of a number's encoded columns: a small map of its own for each number.
package enum NumberMap: String, Hashable, Sendable, ChosenWord {
    case linear
    /// The linear map, then max(0, ·).
    case relu
    /// Cosines and sines of learned frequencies before the map of `relu`.
    case periodic
}

/// The normalization in the layers of deep networks.
package enum NormalizationKind: String, Hashable, Sendable, ChosenWord {
    case none
    case layer
    case rms
}

/// Where what teachers foretold goes in the training of the ranker.
package enum TeacherForm: String, Hashable, Sendable, ChosenWord {
    /// Into logits of its own beside those of the heads, which are not served.
    case auxiliary
    /// Into the labels of the heads.
    case direct
}

/// What a row of the ranker is told of the retrieval model's vectors of its user and item.
package enum TowerInputs: String, Hashable, Sendable, ChosenWord {
    case none
    /// Their inner product.
    case product
    /// Both, and their product component by component.
    case vectors
}
