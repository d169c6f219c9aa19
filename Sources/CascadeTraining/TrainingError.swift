/// What can go wrong in training and evaluation; every text names the cause and what to do.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// No item to recommend.
    case emptyCatalog
    /// No interaction in the period.
    case noInteractions(period: String)
    /// No interaction to measure in the period.
    case nothingToEvaluate
    /// Nobody of those who are to be measured has anything to be found.
    case noUsers(MeasuredUsers)
    /// The log or the catalog does not allow what was asked for by this name.
    case notAllowed(name: String, reason: String)
    /// A period that ends before it begins, or a number out of range.
    case badArgument(String)
    /// The catalog cannot be divided into clusters as the settings say.
    case clusters(String)
    /// The index of a build finds too few of the true neighbours.
    case recallTooLow(recall: Double, required: Double)
    /// No effort up to the largest reaches the recall asked for.
    case recallUnreachable(recall: Double, required: Double, effort: Int)
    /// The release is worse than the active one by more than its margin; `lines` tell in what.
    case notPromoted(release: String, lines: [String])
    /// The index of the active release is not what its models give.
    case indexUnsound(String)
    /// The models read content vectors of a kind that is not declared, or with `declared` columns instead.
    case vectorsGone(name: String, width: Int, declared: Int?)
    /// A training cannot go on from the models of the active release.
    case notWarm(release: String, reason: String)
    /// There is no release to work on.
    case noActiveRelease
    /// Two lists that should tell of the same rows do not.
    case differentRows(Int, Int)
    /// The release has no ranker whose probabilities could be calibrated.
    case noRanker(release: String)
    /// No impression of the release's items in the stretch.
    case noImpressions(from: String, until: String)
    /// The rows of a head cannot tell how its probabilities are to be calibrated.
    case uncalibratable(head: String, reason: String)

    package var description: String {
        switch self {
        case .emptyCatalog:
            "the catalog is empty. Import items first: cascade import --dataset FILE --path DIR."
        case .noInteractions(let period):
            "there are no interactions \(period). Import some, or choose another --from and --until."
        case .nothingToEvaluate:
            "there is nothing to measure: no interaction of an item in the release's catalog lies in the period. "
                + "Choose another --from and --until, or import what happened then."
        case .noUsers(let measured):
            "there is nothing to measure: no \(measured.rawValue) user has an item to be found in the period. Choose another "
                + "period, or measure all users."
        case .notAllowed(let name, let reason):
            "'\(name)' cannot be had: \(reason). Leave it out."
        case .badArgument(let text):
            text
        case .clusters(let reason):
            "the catalog cannot be divided into interests: \(reason)."
        case .recallTooLow(let recall, let required):
            "the index finds \(recall) of the true neighbours, \(required) is required; the release is not activated. "
                + "Raise index.ef_search or index.ef_construction."
        case .recallUnreachable(let recall, let required, let effort):
            "recall \(required) is out of reach: ef_search \(effort) gives \(recall). Raise index.m or "
                + "index.ef_construction and run 'cascade index rebuild'."
        case .notPromoted(let release, let lines):
            "release \(release) may be worse than the active one and is not activated: \(lines.joined(separator: "; ")). "
                + "Activate it all the same with 'cascade release activate \(release)', or change promotion.margin."
        case .indexUnsound(let reason):
            "the index of the active release is not sound: \(reason)\(reason.hasSuffix(".") ? "" : ".") Make a new one with "
                + "'cascade index rebuild', or go back with 'cascade release rollback'."
        case .vectorsGone(let name, let width, let declared):
            "the models of the active release read content vectors '\(name)' of \(width) columns, but those in the database "
                + "\(declared.map { "have \($0)" } ?? "were deleted"). Train anew with 'cascade train', or import the "
                + "former vectors again."
        case .notWarm(let release, let reason):
            "a training cannot go on from release \(release): \(reason)\(reason.hasSuffix(".") ? "" : ".") Train anew, without --warm."
        case .noActiveRelease:
            "there is no active release. Train one: cascade train."
        case .differentRows(let first, let second):
            "\(first) rows cannot be compared with \(second). Score the same rows with both rankers."
        case .noRanker(let release):
            "release \(release) has no ranker, so there are no probabilities to calibrate. Import impressions with feedback "
                + "and train anew: cascade train."
        case .noImpressions(let from, let until):
            "there is no impression of the release's items with feedback from \(from) until \(until). Choose another --from "
                + "and --until, or import what happened then."
        case .uncalibratable(let head, let reason):
            "the probabilities of head '\(head)' cannot be calibrated on this stretch: \(reason). Choose a longer stretch with "
                + "--from and --until, or name the heads to calibrate with --heads."
        }
    }
}
