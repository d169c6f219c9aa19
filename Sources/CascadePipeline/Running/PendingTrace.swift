package import CascadeCore

/// A finished request on its way to where traces are kept; what is told of it is made only when it is asked for, behind the answer.
package struct PendingTrace: Sendable {
    /// Names the slate.
    package let recommendationID: String
    /// The user in clear; nil for an anonymous one.
    package let userID: UserID?
    /// The release that served it; nil for none.
    package let releaseID: String?
    private let text: @Sendable () throws -> String

    /// - Parameter json: makes the trace as it is stored (`PipelineTrace` decodes it).
    package init(
        recommendationID: String, userID: UserID?, releaseID: String?, json: @escaping @Sendable () throws -> String
    ) {
        self.recommendationID = recommendationID
        self.userID = userID
        self.releaseID = releaseID
        text = json
    }

    /// The trace as it is stored, made anew each time.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot hold.
    package func json() throws -> String { try text() }
}

extension PendingTrace {
    init(_ outcome: PipelineOutcome, pipeline: String) {
        self.init(
            recommendationID: outcome.query.recommendationID, userID: outcome.query.request.userID,
            releaseID: outcome.query.release.stamp.releaseID
        ) {
            try TraceJSON.text(
                of: outcome.trace(pipeline: pipeline, candidates: []), candidates: OutcomeCandidates(outcome))
        }
    }
}
