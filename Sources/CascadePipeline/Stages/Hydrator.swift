/// Adds what later stages need to know of the candidates.
package protocol Hydrator: Component {
    /// The same candidates in the same order, with the members set that this hydrator owns.
    func hydrate(_ candidates: [Candidate], for query: PipelineQuery) async throws -> [Candidate]
    /// What the answer and the trace say where it had to make do with less; nil when it did not.
    func shortcoming(of hydrated: [Candidate]) -> (degradation: Degradation, note: String)?
}

extension Hydrator {
    package static var stage: StageKind { .hydrator }

    package func shortcoming(of hydrated: [Candidate]) -> (degradation: Degradation, note: String)? { nil }

    /// Runs the hydrator; the candidates as they were when it fails, or does not give the same ones in the same order.
    func run(
        _ query: PipelineQuery, _ candidates: [Candidate], round: Int, _ recorder: StageRecorder
    ) async -> [Candidate] {
        guard isEnabled(for: query) else {
            recorder.skip(self, round: round)
            return candidates
        }
        let timer = recorder.start(self, round: round)
        do {
            let hydrated = try await hydrate(candidates, for: query)
            guard hydrated.elementsEqual(candidates, by: { $0.row == $1.row }) else {
                let detail = "\(candidates.count) candidates in, \(hydrated.count) or others out"
                throw PipelineError.contract(component: name, detail: detail)
            }
            let shortcoming = shortcoming(of: hydrated)
            if let shortcoming { recorder.note(shortcoming.degradation) }
            recorder.finish(timer) { report in
                report.inputCount = candidates.count
                report.note = shortcoming?.note
            }
            return hydrated
        } catch {
            recorder.note(.componentError)
            recorder.countError(self, reason: error is PipelineError ? "contract" : "error")
            recorder.finish(timer) { report in
                report.inputCount = candidates.count
                report.note(error)
            }
            return candidates
        }
    }
}
