package import CascadeCore

/// What was foretold of one impression by one head, and what happened.
package struct Prediction: Hashable, Sendable {
    package let user: UserID
    package let item: ItemID
    package let time: Timestamp
    package let head: String
    /// 1 or 0 for feedback that was given or not; the value of a value head.
    package let outcome: Float
    /// As it is served.
    package let served: Float
    /// Of the ranker itself, before probabilities are calibrated.
    package let raw: Float
}
