/// What can go wrong with models; every text names the model, the setting or the file and what to do.
package enum ModelError: Error, Equatable, CustomStringConvertible {
    /// Settings that cannot be used.
    case badSettings([String])
    /// A model of this name is not known.
    case unknownModel(name: String, known: [String])
    /// The training period holds no signal that a ranker could learn.
    case noHeads
    /// A file of a release is missing, truncated or altered.
    case corruptArtifact(file: String, reason: String)
    /// A file of a release could not be written.
    case unwritable(file: String, reason: String)

    package var description: String {
        switch self {
        case .badSettings(let problems):
            "\(problems.joined(separator: "; ")). Correct the configuration."
        case .unknownModel(let name, let known):
            "there is no model '\(name)'; known are \(known.sorted().joined(separator: ", "))"
        case .noHeads:
            "no feedback signal has enough positive and negative impressions in the training period. "
                + "Import more impressions with feedback, or lower features.minimum_positives."
        case .unwritable(let file, let reason):
            "\(file): cannot be written: \(reason). Make room on the disk or correct the folder's rights, and run it again."
        case .corruptArtifact(let file, let reason):
            "\(file): \(reason). The release is not used; activate another with 'cascade release activate', or train anew."
        }
    }
}
