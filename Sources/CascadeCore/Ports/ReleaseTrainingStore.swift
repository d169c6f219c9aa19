/// A training on its way to a release, or one that came to nothing.
package struct ReleaseTraining: Sendable, Hashable {
    /// The name that the release will have.
    package var id: String
    /// `training` or `failed`.
    package var state: ReleaseState
    package var beganAt: Timestamp
    /// When it was last heard of.
    package var heardAt: Timestamp
    /// JSON of what is trained.
    package var configJSON: String
    /// The job that trains; nil where somebody trains by hand.
    package var jobID: String?
    /// Why it came to nothing; nil while it goes on.
    package var failure: String?

    package init(
        id: String, state: ReleaseState = .training, beganAt: Timestamp, heardAt: Timestamp, configJSON: String,
        jobID: String? = nil, failure: String? = nil
    ) {
        self.id = id
        self.state = state
        self.beganAt = beganAt
        self.heardAt = heardAt
        self.configJSON = configJSON
        self.jobID = jobID
        self.failure = failure
    }

    /// Seconds between two signs of life of a training.
    package static let pulse = 20.0
    /// Seconds without a sign of life after which a training counts as failed.
    package static let silence = 120.0
}

/// Releases before they are there: what is trained now, and what came to nothing.
package protocol ReleaseTrainingStore: Sendable {
    /// Announces a training under the name of its release; throws where the name is taken.
    func begin(_ training: ReleaseTraining) async throws
    /// Says that the training goes on. One that was silent for so long that it counted as failed counts as training again.
    func pulse(of id: String) async throws
    /// Says that the training came to nothing, and why; does nothing where its release is registered.
    func fail(_ id: String, reason: String) async throws
    /// What is trained, and what came to nothing and was not tidied away, newest first.
    ///
    /// One that has not been heard of for `ReleaseTraining.silence` is `failed`, as its process is gone.
    func trainings() async throws -> [ReleaseTraining]
}
