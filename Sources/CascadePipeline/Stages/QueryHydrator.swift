/// Finds out something about the user or the request before candidates are sought; hydrators run side by side.
package protocol QueryHydrator: Component {
    /// How long it may take.
    var timeout: Duration { get }
    /// How long it may take in a request; `timeout` unless a hydrator says otherwise.
    func timeout(for query: PipelineQuery, at now: UInt64) -> Duration
    /// What the answer says when it fails or is late.
    var degradation: Degradation { get }
    /// Finds out; it changes nothing but what its patch holds.
    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch
    /// What was found out before, which has to do when it fails or is late, and what the answer says then; nil for nothing.
    func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)?
}

/// A query hydrator that needs what the others found out, so it runs after them.
package protocol DependentQueryHydrator: QueryHydrator {}

extension QueryHydrator {
    package static var stage: StageKind { .queryHydrator }

    package func timeout(for query: PipelineQuery, at now: UInt64) -> Duration { timeout }

    package func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)? { nil }

    /// Runs the hydrator within its time; the last known, or an empty patch, when it fails or is late, which the answer then says.
    func run(_ query: PipelineQuery, _ recorder: StageRecorder) async -> QueryPatch {
        guard isEnabled(for: query) else {
            recorder.skip(self)
            return QueryPatch()
        }
        let timer = recorder.start(self)
        let limit = min(
            timeout(for: query, at: recorder.clock.nanoseconds()), query.remaining(recorder.clock, for: Self.stage))
        switch await withDeadline(limit, recorder.clock, { try await hydrate(query) }) {
        case .value(let patch):
            recorder.finish(timer)
            return patch
        case .failed(let error):
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        case .late:
            recorder.countError(self, reason: "timeout")
            recorder.finish(timer) { $0.timedOut = true }
        }
        let left = query.remaining(recorder.clock, for: Self.stage)
        var known: (patch: QueryPatch, degradation: Degradation)?
        if case .value(let found) = await withDeadline(left, recorder.clock, { await lastKnown(query) }) {
            known = found
        }
        recorder.note(known?.degradation ?? degradation)
        return known?.patch ?? QueryPatch()
    }
}

extension DependentQueryHydrator {
    package static var stage: StageKind { .dependentQueryHydrator }
}
