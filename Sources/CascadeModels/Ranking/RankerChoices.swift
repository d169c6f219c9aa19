/// How the interaction of fields and the deep networks stand to each other.
package enum RankerStructure: String, Hashable, Sendable, Codable, CaseIterable {
    /// The deep networks read what the interaction gives.
    case stacked
    /// Both read the fields; the heads read both.
    case parallel
    /// The heads read the interaction; there is no deep network.
    case interactionOnly = "interaction_only"
}

/// The normalization in the layers of deep networks.
package enum NormalizationKind: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    case layer
    case rms
}
