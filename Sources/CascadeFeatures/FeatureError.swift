/// What can go wrong with features; every text names the feature or the file and what to do.
package enum FeatureError: Error, Equatable, CustomStringConvertible {
    /// The schema contradicts itself or the declared attributes.
    case badSchema([String])
    /// Value heads of the ranker have nothing to learn from.
    case badValues([String])
    /// A feature map of a release cannot be used.
    case badMap(reason: String)
    /// A sketch of frequencies cannot be made or merged.
    case badSketch(reason: String)
    /// There is nothing to fit on.
    case noTrainingRows

    package var description: String {
        switch self {
        case .badSchema(let problems):
            "features: \(problems.joined(separator: "; ")). Correct the section 'features' of the configuration."
        case .badValues(let problems):
            "ranker.values: \(problems.joined(separator: "; ")). Correct the section 'ranker' of the configuration."
        case .badMap(let reason):
            "feature map: \(reason). Activate another release, or train anew."
        case .badSketch(let reason):
            "sketch of frequencies: \(reason)."
        case .noTrainingRows:
            "there are no interactions in the training period. Import data, or choose another --from and --until."
        }
    }
}
