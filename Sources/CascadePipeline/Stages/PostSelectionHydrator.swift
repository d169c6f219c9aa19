package import CascadeCore

/// Reads what the answer says about the items of the final slate.
package protocol PostSelectionHydrator: Component {
    var timeout: Duration { get }
    /// What the answer says when it fails or is late.
    var degradation: Degradation { get }
    /// What is known of the slate's items.
    func hydrate(_ slate: [ItemID], for query: PipelineQuery) async throws -> [ItemID: Item]
}

extension PostSelectionHydrator {
    package static var stage: StageKind { .postSelectionHydrator }

    /// Runs the hydrator within its time; nothing when it fails or is late, which the answer then says.
    func run(_ query: PipelineQuery, _ slate: [ItemID], _ recorder: StageRecorder) async -> [ItemID: Item] {
        guard isEnabled(for: query), !slate.isEmpty else {
            recorder.skip(self)
            return [:]
        }
        let timer = recorder.start(self)
        let limit = min(timeout, query.remaining(recorder.clock, for: Self.stage))
        switch await withDeadline(limit, recorder.clock, { try await hydrate(slate, for: query) }) {
        case .value(let items):
            recorder.finish(timer) { $0.inputCount = slate.count }
            return items
        case .failed(let error):
            recorder.note(degradation)
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        case .late:
            recorder.note(degradation)
            recorder.countError(self, reason: "timeout")
            recorder.finish(timer) { $0.timedOut = true }
        }
        return [:]
    }
}
