/// Reads what was kept of recommendations.
package protocol TraceReader: Sendable {
    /// The trace of a recommendation; nil where none was kept, or it is kept no more.
    func trace(_ recommendationID: String) async throws -> PipelineTrace?
}
