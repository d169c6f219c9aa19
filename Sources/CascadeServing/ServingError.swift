/// What can go wrong with what is served; every text names the release and what to do.
package enum ServingError: Error, Equatable, CustomStringConvertible {
    /// The artifacts of a release belong to different runs.
    case mismatchedRelease(id: String, reason: String)
    /// A value prepared by another snapshot was handed in.
    case foreignPreparedUser
    /// The interest model gives a probability that is no number.
    case unusableIntent

    package var description: String {
        switch self {
        case .mismatchedRelease(let id, let reason):
            "release \(id): \(reason). It is not served; activate another with 'cascade release activate'."
        case .foreignPreparedUser:
            "a user prepared by one snapshot was handed to another; prepare it with the one that scores"
        case .unusableIntent:
            "the model of interests gives a probability that is no number; train it again, or take the source 'interests' "
                + "out of the pipeline"
        }
    }
}
