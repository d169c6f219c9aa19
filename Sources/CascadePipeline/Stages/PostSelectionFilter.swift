/// Looks at the slate once more with what is too dear to know of every candidate; what it removes is filled up again.
package protocol PostSelectionFilter: Component {
    var timeout: Duration { get }
    /// What the answer says when it fails or is late.
    var degradation: Degradation { get }
    /// The rows of the slate that must not be shown.
    func removals(from slate: [Candidate], for query: PipelineQuery) async throws -> Set<Int32>
}

extension PostSelectionFilter {
    package static var stage: StageKind { .postSelectionFilter }

    /// Runs the filter within its time; nothing is removed when it fails or is late, which the answer then says.
    func run(
        _ query: PipelineQuery, _ slate: [Candidate], round: Int, _ recorder: StageRecorder
    ) async -> Set<Int32> {
        guard isEnabled(for: query), !slate.isEmpty else {
            recorder.skip(self, round: round)
            return []
        }
        let timer = recorder.start(self, round: round)
        let limit = min(timeout, query.remaining(recorder.clock, for: Self.stage))
        switch await withDeadline(limit, recorder.clock, { try await removals(from: slate, for: query) }) {
        case .value(let rows):
            let removed = rows.intersection(slate.map(\.row))
            recorder.finish(timer) { report in
                report.inputCount = slate.count
                report.keptCount = slate.count - removed.count
                report.removedCount = removed.count
            }
            return removed
        case .failed(let error):
            recorder.note(degradation)
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        case .late:
            recorder.note(degradation)
            recorder.countError(self, reason: "timeout")
            recorder.finish(timer) { $0.timedOut = true }
        }
        return []
    }
}
