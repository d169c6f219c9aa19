/// Draws the trace of a request as a table for people: each stage with what went in, what stayed, and the time it took.
package enum FunnelText {
    /// The funnel, then the first `candidates` items of the slate with their scores. Ends in a line feed.
    package static func render(_ trace: PipelineTrace, candidates: Int = 10) -> String {
        var lines = header(trace)
        lines +=
            TextTable(
                titles: ["stage", "component", "round", "in", "out", "removed", "ms", "note"],
                alignedRight: [2, 3, 4, 5, 6], rows: trace.stages.map(row)
            ).lines
        lines += footer(trace)
        let shown = trace.candidates.filter { $0.position != nil }.prefix(candidates)
        if !shown.isEmpty {
            lines.append("")
            lines += slate(Array(shown))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ trace: PipelineTrace) -> [String] {
        var first = "\(trace.recommendationID)"
        if let user = trace.userID { first += "  user \(user)" }
        if let release = trace.release { first += "  release \(release.releaseID)" }
        return [first, ""]
    }

    private static func row(_ report: StageReport) -> [String] {
        let out = report.keptCount ?? report.candidateCount ?? report.selectedCount
        var notes: [String] = []
        if !report.enabled { notes.append("off") }
        if report.timedOut { notes.append("late") }
        if let note = report.note { notes.append(note) }
        if let interests = report.interests { notes.append(interests.map(text).joined(separator: ", ")) }
        if let error = report.error { notes.append(error) }
        return [
            report.stage.rawValue, report.component, "\(report.round)", text(report.inputCount), text(out),
            text(report.removedCount ?? report.nonSelectedCount), milliseconds(report.latencyMS),
            notes.joined(separator: "; "),
        ]
    }

    private static func footer(_ trace: PipelineTrace) -> [String] {
        var lines = ["", "returned \(trace.returned) of \(trace.requested) in \(milliseconds(trace.latencyMS)) ms"]
        if let cause = trace.underfillCause { lines.append("underfilled: \(cause.rawValue)") }
        if let fallback = trace.fallback { lines.append("fallback: \(fallback.rawValue)") }
        if !trace.degraded.isEmpty {
            lines.append("degraded: " + trace.degraded.map(\.rawValue).joined(separator: ", "))
        }
        if !trace.excludedBeforeRetrieval.isEmpty {
            let counts = trace.excludedBeforeRetrieval.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("kept out of retrieval: " + counts.joined(separator: ", "))
        }
        return lines
    }

    private static func slate(_ candidates: [CandidateTrace]) -> [String] {
        let heads = Set(candidates.flatMap { $0.heads.entries.map(\.name) }).sorted()
        let rows = candidates.map { candidate in
            [
                text(candidate.position), candidate.itemID, score(candidate.finalScore), score(candidate.weightedScore),
                score(candidate.diversityMultiplier),
            ] + heads.map { score(candidate.heads[$0].map(Double.init)) } + [
                candidate.sources.map(text).joined(separator: " ")
            ]
        }
        let titles = ["#", "item", "score", "weighted", "x"] + heads + ["sources"]
        let right = Set([0] + Array(2..<(5 + heads.count)))
        return TextTable(titles: titles, alignedRight: right, rows: rows).lines
    }

    /// Such as `interests#12(7)` for an item of interest 7.
    private static func text(_ mark: SourceMark) -> String {
        "\(mark.name)#\(mark.rank)" + (mark.interest.map { "(\($0.cluster))" } ?? "")
    }

    /// Such as `7 news 0.41: 120/120`.
    private static func text(_ interest: InterestReport) -> String {
        let name = interest.name.map { " \($0)" } ?? ""
        let probability = fixed(Double(interest.probability), places: 2)
        return "\(interest.cluster)\(name) \(probability): \(interest.found)/\(interest.quota)"
    }

    private static func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }

    private static func milliseconds(_ value: Double) -> String { fixed(value, places: 2) }

    private static func score(_ value: Double?) -> String { value.map { fixed($0, places: 4) } ?? "" }

    /// A number with a fixed number of places, without Foundation's locale.
    static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let whole = Int64((abs(value) * scale).rounded())
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && whole != 0 ? "-" : ""
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }
}
