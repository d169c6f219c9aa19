/// Adds what later stages need to know of the candidates.
package protocol Hydrator: Component {
    /// The columns that this hydrator owns, in the order of `rows`.
    func hydrate(_ rows: [Int32], for query: PipelineQuery) async throws -> HydratedColumns
    /// What the answer and the trace say where it had to make do with less; nil when it did not.
    func shortcoming(of hydrated: HydratedColumns) -> (degradation: Degradation, note: String)?
}

extension Hydrator {
    package static var stage: StageKind { .hydrator }

    package func shortcoming(of hydrated: HydratedColumns) -> (degradation: Degradation, note: String)? { nil }

    /// Runs the hydrator; no columns when it fails, or does not give one entry for each row.
    func run(
        _ query: PipelineQuery, _ rows: [Int32], round: Int, _ recorder: StageRecorder
    ) async -> HydratedColumns {
        guard isEnabled(for: query) else {
            recorder.skip(self, round: round)
            return HydratedColumns()
        }
        let timer = recorder.start(self, round: round)
        do {
            let hydrated = try await hydrate(rows, for: query)
            guard hydrated.fits(rows.count) else {
                throw PipelineError.contract(
                    component: name, detail: "\(rows.count) candidates in, columns of another length out")
            }
            let shortcoming = shortcoming(of: hydrated)
            if let shortcoming { recorder.note(shortcoming.degradation) }
            recorder.finish(timer) { report in
                report.inputCount = rows.count
                report.note = shortcoming?.note
            }
            return hydrated
        } catch {
            recorder.note(.componentError)
            recorder.countError(self, reason: error is PipelineError ? "contract" : "error")
            recorder.finish(timer) { report in
                report.inputCount = rows.count
                report.note(error)
            }
            return HydratedColumns()
        }
    }
}
