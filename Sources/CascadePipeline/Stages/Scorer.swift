/// Gives candidates the scores that the slate is ordered by.
package protocol Scorer: Component {
    /// How long it may take.
    var timeout: Duration { get }
    /// The tier of a candidate that this scorer scored.
    var tier: ScoreTier { get }
    /// Whether it reads which sources brought a candidate.
    var readsSources: Bool { get }
    /// One score a candidate, in their order. A candidate's score does not depend on the other candidates.
    func score(_ candidates: CandidateColumns, for query: PipelineQuery) async throws -> [CandidateScore]
}

/// The score of one candidate.
package struct CandidateScore: Hashable, Sendable {
    /// Probabilities in the order of `ReleaseView.heads`; empty where the scorer knows none.
    package var heads: ArraySlice<Float>
    /// What candidates are ordered by; more is better.
    package var weighted: Double

    package init(heads: ArraySlice<Float> = [], weighted: Double) {
        self.heads = heads
        self.weighted = weighted
    }
}

/// What became of asking a scorer.
package enum ScorerAnswer: Hashable, Sendable {
    /// One a candidate, in their order.
    case scored([CandidateScore])
    case failed
    case late
}

extension Scorer {
    package static var stage: StageKind { .scorer }
    package var tier: ScoreTier { .ranked }
    package var readsSources: Bool { false }

    /// Runs the scorer within its time. Scores that are not finite put their candidate behind all others and are
    /// counted; when not one is finite the scorer has failed.
    func run(
        _ query: PipelineQuery, _ candidates: CandidateColumns, round: Int, _ recorder: StageRecorder
    ) async -> ScorerAnswer {
        guard isEnabled(for: query) else {
            recorder.skip(self, round: round)
            return .failed
        }
        let timer = recorder.start(self, round: round)
        let limit = min(timeout, query.remaining(recorder.clock, for: Self.stage))
        let outcome = await withDeadline(limit, recorder.clock) { try await score(candidates, for: query) }
        do {
            guard case .value(let scores) = outcome else {
                if case .failed(let error) = outcome { throw error }
                recorder.countError(self, reason: "timeout")
                recorder.finish(timer) { report in
                    report.inputCount = candidates.rows.count
                    report.timedOut = true
                }
                return .late
            }
            let sunk = try checked(scores, of: candidates)
            if sunk > 0 {
                recorder.note(.nonFiniteScores)
                recorder.countError(self, reason: "non_finite", by: sunk)
            }
            recorder.finish(timer) { $0.inputCount = candidates.rows.count }
            return .scored(scores)
        } catch {
            recorder.countError(self, reason: error is PipelineError ? "contract" : "error")
            recorder.finish(timer) { report in
                report.inputCount = candidates.rows.count
                report.note(error)
            }
            return .failed
        }
    }

    /// Runs the scorer in the place of one that failed: it must be a look-up, for it runs whatever time is left. No scores where
    /// it fails too.
    func standIn(
        _ query: PipelineQuery, _ candidates: CandidateColumns, round: Int, _ recorder: StageRecorder
    ) async -> [CandidateScore] {
        let timer = recorder.start(self, round: round)
        do {
            let scores = try await score(candidates, for: query)
            _ = try checked(scores, of: candidates)
            recorder.finish(timer) { $0.inputCount = candidates.rows.count }
            return scores
        } catch {
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
            return []
        }
    }

    /// How many scores are not finite.
    private func checked(
        _ scores: [CandidateScore], of candidates: CandidateColumns
    ) throws(PipelineError) -> Int {
        guard scores.count == candidates.rows.count else {
            let detail = "\(candidates.rows.count) candidates in, \(scores.count) scores out"
            throw .contract(component: name, detail: detail)
        }
        let sunk = scores.count { !$0.weighted.isFinite }
        guard sunk == 0 || sunk < scores.count else {
            throw .contract(component: name, detail: "none of \(sunk) scores is finite")
        }
        return sunk
    }
}
