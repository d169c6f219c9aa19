/// Ranks lists of callers; what a server needs of a pipeline for `POST /v1/rank`.
package protocol Ranking: Sendable {
    /// Puts the items of the request in the order that suits the user.
    ///
    /// - Throws: `PipelineError.invalidRequest` or `PipelineError.cancelled`; every other trouble degrades the answer, which says
    ///   so in `fallback`, `degraded` and the items' `status`.
    func rank(_ request: RankRequest, context: RequestContext) async throws(PipelineError) -> RankResponse
}
