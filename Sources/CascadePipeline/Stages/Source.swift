/// Brings candidates; sources run side by side, each within its own time.
package protocol Source: Component {
    var settings: SourceSettings { get }
    /// What an item of this source says about why it is there.
    var reason: Reason { get }
    /// What it says in the slate of a user without a history.
    var fallbackReason: Reason { get }
    /// Why the source takes no part in a request, where that is worth telling; asked only when it takes none.
    func absence(for query: PipelineQuery) -> String?
    /// Rows with scores of the source's own scale, best first, none of `page.taken`, none twice.
    ///
    /// At most `page.limit` of them are not in `page.knownRemoved`; fewer mean that the source has no more.
    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch
}

/// What a source is asked for.
package struct SourcePage: Sendable {
    /// How many rows are wanted that are not known to be removed.
    package var limit: Int
    /// 0 for the first time; later rounds ask for more.
    package var round = 0
    /// Rows that are candidates already.
    package var taken: Set<Int32> = []
    /// Rows that a filter will remove for sure: a source may leave them out and need not count them.
    package var knownRemoved: Set<Int32> = []
    /// The filters of this request, for a source that looks through the catalog.
    package var filters: [any Filter] = []
    /// Creators that the slate has no more room for.
    package var fullCreators: Set<Int32> = []
    /// Categories that the slate has no more room for.
    package var fullCategories: Set<Int32> = []

    package init(limit: Int) { self.limit = limit }
}

/// What a source brings.
package struct SourceBatch: Sendable {
    /// Best first.
    package var rows: [ScoredRow]
    /// Rows that the source itself left out, by the filter that would have removed them.
    package var rejected: [String: Int] = [:]
    /// What of the user a row was found by, such as an item of the history; for the rows that have such a thing.
    package var because: [Int32: String] = [:]
    /// The interest that a row was found in.
    package var interests: [Int32: InterestMark] = [:]
    /// What came of each interest.
    package var reports: [InterestReport] = []

    package init(rows: [ScoredRow], because: [Int32: String] = [:]) {
        self.rows = rows
        self.because = because
    }
}

/// What became of asking a source.
package struct SourceAnswer: Sendable {
    /// How it ended.
    package enum State: Hashable, Sendable {
        case answered, disabled, failed, late
    }

    /// The source's name.
    package var source: String
    /// Best first.
    package var rows: [ScoredRow] = []
    /// Rows that the source itself left out, by filter.
    package var rejected: [String: Int] = [:]
    /// What of the user a row was found by.
    package var because: [Int32: String] = [:]
    /// The interest that a row was found in.
    package var interests: [Int32: InterestMark] = [:]
    /// How it ended.
    package var state = State.answered
    /// Whether it may have more.
    package var hasMore = false

    package init(source: String) { self.source = source }
}

extension Source {
    package static var stage: StageKind { .source }
    package var name: String { settings.name }
    package var fallbackReason: Reason { reason }
    package func absence(for query: PipelineQuery) -> String? { nil }

    /// Asks the source within its time; an answer without rows when it fails or is late.
    func run(_ query: PipelineQuery, _ page: SourcePage, _ recorder: StageRecorder) async -> SourceAnswer {
        var answer = SourceAnswer(source: name)
        guard isEnabled(for: query) else {
            recorder.skip(self, round: page.round, note: absence(for: query))
            answer.state = .disabled
            return answer
        }
        let timer = recorder.start(self, round: page.round)
        let limit = min(.milliseconds(settings.timeoutMilliseconds), query.remaining(recorder.clock, for: Self.stage))
        switch await withDeadline(limit, recorder.clock, { try await candidates(for: query, page: page) }) {
        case .value(let batch):
            let (rows, violations) = accepted(batch.rows, query, page)
            if violations > 0 { recorder.countError(self, reason: "contract", by: violations) }
            answer.rows = rows
            answer.rejected = batch.rejected
            answer.because = batch.because
            answer.interests = batch.interests
            answer.hasMore = rows.count { !page.knownRemoved.contains($0.row) } >= page.limit
            recorder.finish(timer) { report in
                report.candidateCount = rows.count
                if !batch.reports.isEmpty { report.interests = batch.reports }
                if violations > 0 { report.error = "\(violations) rows broke the contract of a source" }
            }
        case .failed(let error):
            answer.state = .failed
            recorder.note(.sourceError)
            recorder.countError(self, reason: "error")
            recorder.finish(timer) { $0.note(error) }
        case .late:
            answer.state = .late
            recorder.note(.sourceTimeout)
            recorder.countError(self, reason: "timeout")
            recorder.finish(timer) { $0.timedOut = true }
        }
        return answer
    }

    /// The rows that keep the contract; a score that is not finite sinks to the end.
    private func accepted(
        _ rows: [ScoredRow], _ query: PipelineQuery, _ page: SourcePage
    ) -> (rows: [ScoredRow], violations: Int) {
        var known = Set<Int32>(minimumCapacity: rows.count)
        var good: [ScoredRow] = []
        var sunk: [ScoredRow] = []
        var free = page.limit
        for scored in rows {
            let inCatalog = scored.row >= 0 && Int(scored.row) < query.catalog.count
            guard inCatalog, !page.taken.contains(scored.row), known.insert(scored.row).inserted else { continue }
            if !page.knownRemoved.contains(scored.row) {
                guard free > 0 else { continue }
                free -= 1
            }
            if scored.score.isFinite {
                good.append(scored)
            } else {
                sunk.append(ScoredRow(row: scored.row, score: -Float.greatestFiniteMagnitude))
            }
        }
        return (good + sunk, rows.count - good.count)
    }
}
