extension CascadeClient {
    /// The stages and components that make a slate.
    public func getPipeline() async throws(CascadeClientError) -> Pipeline {
        try await answer(to: Call(operation: .getPipeline))
    }

    /// Counts and ages at a glance, at most five seconds old.
    public func getStatistics() async throws(CascadeClientError) -> Statistics {
        try await answer(to: Call(operation: .getStatistics))
    }

    /// The interface as OpenAPI 3.1.
    public func getOpenAPI() async throws(CascadeClientError) -> JSON {
        try await answer(to: Call(operation: .getOpenAPI))
    }

    /// Answers as long as the process runs; needs no API key.
    public func getLive() async throws(CascadeClientError) -> Live {
        try await answer(to: Call(operation: .getLive))
    }

    /// Whether the server can do its work; no failure where it cannot. Needs no API key.
    public func getReady() async throws(CascadeClientError) -> Readiness {
        try await answer(to: Call(operation: .getReady, accepted: 503))
    }

    /// Metrics in Prometheus' text format.
    public func getMetrics() async throws(CascadeClientError) -> String {
        String(decoding: try await send(Call(operation: .getMetrics)).body, as: UTF8.self)
    }
}
