/// Finds out something about the user or the request before candidates are sought; hydrators run side by side.
package protocol QueryHydrator: Component {
    /// How long it may take.
    var timeout: Duration { get }
    /// What the answer says when it fails or is late.
    var degradation: Degradation { get }
    /// Finds out; it changes nothing but what its patch holds.
    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch
}

/// A query hydrator that needs what the others found out, so it runs after them.
package protocol DependentQueryHydrator: QueryHydrator {}

extension QueryHydrator {
    package static var stage: StageKind { .queryHydrator }

    /// Runs the hydrator within its time; an empty patch when it fails or is late, which the answer then says.
    func run(_ query: PipelineQuery, _ recorder: StageRecorder) async -> QueryPatch {
        guard isEnabled(for: query) else {
            recorder.skip(self)
            return QueryPatch()
        }
        let timer = recorder.start(self)
        let limit = min(timeout, query.remaining(recorder.clock))
        switch await withDeadline(limit, recorder.clock, { try await hydrate(query) }) {
        case .value(let patch):
            recorder.finish(timer)
            return patch
        case .failed(let error):
            recorder.note(degradation)
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        case .late:
            recorder.note(degradation)
            recorder.countError(self, reason: "timeout")
            recorder.finish(timer) { $0.timedOut = true }
        }
        return QueryPatch()
    }
}

extension DependentQueryHydrator {
    package static var stage: StageKind { .dependentQueryHydrator }
}
