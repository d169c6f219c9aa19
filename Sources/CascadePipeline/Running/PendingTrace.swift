package import CascadeCore

/// A finished request on its way to where traces are kept; what is told of its candidates is made only when it is asked for, behind
/// the answer.
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
    /// Holds the candidates and the catalog while it waits, and nothing else of the request: the user as the models see one is
    /// large.
    init(_ outcome: PipelineOutcome, pipeline: String) {
        let shell = outcome.trace(pipeline: pipeline, candidates: [])
        let (candidates, slate) = (outcome.board.candidates, outcome.slate)
        let (catalog, heads) = (outcome.query.catalog, outcome.query.release.heads.map(\.name))
        self.init(
            recommendationID: outcome.query.recommendationID, userID: outcome.query.request.userID,
            releaseID: outcome.query.release.stamp.releaseID
        ) {
            try TraceJSON.text(
                of: shell,
                candidates: OutcomeCandidates(candidates, slate: slate, catalog: catalog, headNames: heads))
        }
    }
}
