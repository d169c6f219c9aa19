/// Decides item by item what may be shown; filters run one after another, in the order of the settings.
package protocol Filter: Component {
    /// Whether the request itself asks for this filter, so that a short slate is the request's own doing.
    var isRequested: Bool { get }
    /// Whether the item may be shown; a look-up, for it may be asked of the whole catalog.
    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool
}

/// What a filter made of its input: every row is in exactly one of the two.
package struct FilterResult: Hashable, Sendable {
    /// Rows that may be shown.
    package var kept: [Int32] = []
    /// Rows that may not.
    package var removed: [Int32] = []
}

extension Filter {
    package static var stage: StageKind { .filter }
    package var isRequested: Bool { false }

    /// Parts rows into kept and removed ones, each in the order of the input.
    func run(_ query: PipelineQuery, rows: [Int32], round: Int, _ recorder: StageRecorder) -> FilterResult {
        guard isEnabled(for: query) else {
            recorder.skip(self, round: round)
            return FilterResult(kept: rows)
        }
        let timer = recorder.start(self, round: round)
        var result = FilterResult()
        result.kept.reserveCapacity(rows.count)
        for row in rows {
            if keeps(row, for: query) { result.kept.append(row) } else { result.removed.append(row) }
        }
        recorder.finish(timer) { report in
            report.inputCount = rows.count
            report.keptCount = result.kept.count
            report.removedCount = result.removed.count
        }
        return result
    }
}
