/// Answers requests for slates; what a server needs of a pipeline.
package protocol Recommending: Sendable {
    /// The settings that requests are checked against.
    var settings: PipelineSettings { get }

    /// Makes a slate.
    ///
    /// - Throws: `PipelineError.invalidRequest` or `PipelineError.cancelled`; every other trouble degrades the answer,
    ///   which says so in `fallback`, `underfilled` and `degraded`.
    func recommend(_ request: RecommendRequest, context: RequestContext) async throws(PipelineError)
        -> RecommendResponse

    /// The stages and their components as they are set up, for `GET /v1/pipeline`.
    func components() -> [ComponentDescription]
}

/// One component of a pipeline as it is set up.
package struct ComponentDescription: Hashable, Sendable, Codable {
    /// The stage it belongs to.
    package var stage: StageKind
    /// The component's name.
    package var name: String
    /// Whether it is set up.
    package var enabled: Bool
    /// The settings of the component by their configuration key.
    package var parameters: [String: String]

    package init(stage: StageKind, name: String, enabled: Bool, parameters: [String: String] = [:]) {
        self.stage = stage
        self.name = name
        self.enabled = enabled
        self.parameters = parameters
    }
}
