import CascadeCore

/// Where an item's popularity can go in its vector.
package enum ItemLength: String, Hashable, Sendable, ChosenWord {
    /// Nowhere: every vector has length one.
    case unit
    /// Into the last component, which stands beside a direction of length one and meets the user's taste for it.
    case bias
    /// Into the length, which is free.
    case free
}

/// What the rows of identifiers in an embedding table start at.
package enum InitialEmbeddings: String, Hashable, Sendable, ChosenWord {
    /// Small random numbers.
    case random
    /// Implicit matrix factorization by alternating least squares.
    case ials
    /// Vectors by which users find, among other items, those that they gave the main signal to. Of the ranker only: the
    /// retrieval model is such a contrast itself.
    case contrastive
}

/// Where the correction of sampled columns takes it from how often an item is a target.
package enum ItemFrequencies: String, Hashable, Sendable, ChosenWord {
    /// From counts of the whole training period.
    case exact
    /// From a count-min sketch of the targets so far, in which old ones fade.
    case sketch
}
