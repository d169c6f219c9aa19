/// A member of a stage: its name, when it takes part and, in the protocol of its stage, the method it is there for.
///
/// Pipelines call the `run` of the stage's protocol extension, which times the method, counts what went in and out,
/// holds the component to its contract and turns its failure into a missing part.
package protocol Component: Sendable {
    static var stage: StageKind { get }
    /// The name in settings, log lines and metrics.
    var name: String { get }
    /// Whether the component takes part in this request.
    func isEnabled(for query: PipelineQuery) -> Bool
}

extension Component {
    package func isEnabled(for query: PipelineQuery) -> Bool { true }

    /// The component as `GET /v1/pipeline` shows it.
    func description(_ parameters: [String: String] = [:]) -> ComponentDescription {
        ComponentDescription(stage: Self.stage, name: name, enabled: true, parameters: parameters)
    }
}
