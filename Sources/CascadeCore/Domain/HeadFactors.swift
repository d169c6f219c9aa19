/// What the ranker's heads count for in the score, as it was said while servers run; the latest version is in force.
package struct HeadFactors: Hashable, Sendable {
    /// Counts up with each change, from 1.
    package var version: Int
    /// Factor by head; a head that is not named keeps that of the settings, or else of the release.
    package var factors: [String: Double]
    /// Why it was changed.
    package var note: String
    package var createdAt: Timestamp

    package init(version: Int, factors: [String: Double], note: String, createdAt: Timestamp) {
        self.version = version
        self.factors = factors
        self.note = note
        self.createdAt = createdAt
    }
}
