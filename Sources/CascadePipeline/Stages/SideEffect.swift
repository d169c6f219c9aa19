/// Does something with a finished request that its answer does not wait for.
package protocol SideEffect: Component {
    /// Hands the outcome over, to a bounded queue that a service drains; it does not wait and does no work of its own.
    func perform(_ outcome: PipelineOutcome) throws
}

extension SideEffect {
    package static var stage: StageKind { .sideEffect }

    /// Runs the side effect; its failure is counted and changes nothing else.
    func run(_ outcome: PipelineOutcome, _ recorder: StageRecorder) {
        guard isEnabled(for: outcome.query) else {
            recorder.skip(self)
            return
        }
        let timer = recorder.start(self)
        do {
            try perform(outcome)
            recorder.finish(timer)
        } catch {
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        }
    }
}
