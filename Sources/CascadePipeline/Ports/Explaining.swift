/// Computes for an explanation what a trace does not hold; what a server needs of a pipeline for it.
package protocol Explaining: Sendable {
    /// What the release of the traced slate makes of an item.
    func recompute(_ itemID: String, in trace: PipelineTrace) async throws(NotRecomputed) -> RecomputedItem
}

extension Explaining {
    /// Explains what became of an item in a request: by the trace, and for one that no source brought by computing where it stands,
    /// which the explanation then says.
    package func explanation(of itemID: String, in trace: PipelineTrace) async -> Explanation {
        var explanation = trace.explanation(of: itemID)
        guard explanation.verdict == .notRetrieved else { return explanation }
        do {
            let item = try await recompute(itemID, in: trace)
            explanation.recomputed = item
            explanation.detail += "; " + trace.phrase(of: item)
        } catch {
            explanation.detail += "; not computed again: \(error)"
        }
        return explanation
    }
}
