import CascadeCore
import CascadeObservability

/// Hands the traces of sampled and debug requests to the trace sink.
struct TraceSideEffect: SideEffect {
    let name = "trace"
    let pipeline: String
    let sampleRate: Double
    let debugUserIDs: Set<String>
    let sink: any TraceSink

    func isEnabled(for query: PipelineQuery) -> Bool {
        if query.request.debug { return true }
        if let user = query.request.userID, debugUserIDs.contains(user.rawValue) { return true }
        return Sampling.takes(seed: query.seed, rate: sampleRate, purpose: 2)
    }

    func perform(_ outcome: PipelineOutcome) throws {
        guard sink.offer(PendingTrace(outcome, pipeline: pipeline)) else {
            throw PipelineError.contract(component: name, detail: "the trace was dropped because the queue is full")
        }
    }
}
