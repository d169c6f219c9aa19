import CascadeCore

/// Which users an evaluation of retrieval is of.
package enum MeasuredUsers: String, Sendable, ChosenWord {
    case all
    /// Those with interactions before what is measured.
    case known
    /// Those without: nothing but their features tells them apart.
    case new

    /// Whether a user with so many interactions before is one of them.
    func takes(past: Int) -> Bool {
        switch self {
        case .all: true
        case .known: past > 0
        case .new: past == 0
        }
    }
}
