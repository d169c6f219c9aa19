/// Why an item is in a slate, or why it is not, as far as the trace of the request tells.
package struct Explanation: Hashable, Sendable, Codable {
    /// What became of the item.
    package enum Verdict: String, Hashable, Sendable, Codable {
        case shown
        case removed
        /// Scored, but others were placed before it.
        case notSelected = "not_selected"
        /// No source brought it.
        case notRetrieved = "not_retrieved"
    }

    /// The item's identifier.
    package var itemID: String
    /// What became of it.
    package var verdict: Verdict
    /// A sentence for people.
    package var detail: String
    /// What the trace holds of the item; nil for one that was no candidate.
    package var candidate: CandidateTrace?

    private enum CodingKeys: String, CodingKey {
        case itemID = "item_id"
        case verdict, detail, candidate
    }
}

extension PipelineTrace {
    /// Explains what became of an item in this request.
    package func explanation(of itemID: String) -> Explanation {
        guard let candidate = candidates.first(where: { $0.itemID == itemID }) else {
            let asked = Set(stages.filter { $0.stage == .source && $0.enabled }.map(\.component)).sorted()
            let detail = "none of the sources (\(asked.joined(separator: ", "))) brought it"
            return Explanation(itemID: itemID, verdict: .notRetrieved, detail: detail, candidate: nil)
        }
        let brought = candidate.sources.map(\.phrase).joined(separator: ", ")
        if let position = candidate.position {
            let score = candidate.finalScore.map { " with score \(FunnelText.fixed($0, places: 4))" } ?? ""
            let detail = "shown at position \(position)\(score); brought by \(brought)"
            return Explanation(itemID: itemID, verdict: .shown, detail: detail, candidate: candidate)
        }
        if let filter = candidate.removedBy, let stage = candidate.removedStage {
            let detail = "removed by \(filter) (\(stage.rawValue)); brought by \(brought)"
            return Explanation(itemID: itemID, verdict: .removed, detail: detail, candidate: candidate)
        }
        return Explanation(
            itemID: itemID, verdict: .notSelected, detail: notSelected(candidate) + "; brought by \(brought)",
            candidate: candidate)
    }

    private func notSelected(_ candidate: CandidateTrace) -> String {
        let last = candidates.last { $0.position != nil }?.finalScore
        guard let score = candidate.finalScore, let last else { return "not selected" }
        let own = FunnelText.fixed(score, places: 4)
        let bar = FunnelText.fixed(last, places: 4)
        return score > last
            ? "score \(own) beats the slate's last \(bar), but its creator or category was at its cap"
            : "score \(own) is below the slate's last \(bar)"
    }
}

extension SourceMark {
    /// Such as `interests at rank 4 (rank 1 of interest 7 'news', probability 0.41, because of i20 and i3)`.
    fileprivate var phrase: String {
        let plain = "\(name) at rank \(rank)"
        guard let interest else { return plain }
        let label = interest.name.map { " '\($0)'" } ?? ""
        let probability = FunnelText.fixed(Double(interest.probability), places: 2)
        var parts = ["rank \(interest.rank) of interest \(interest.cluster)\(label)", "probability \(probability)"]
        if !interest.because.isEmpty { parts.append("because of \(interest.because.joined(separator: " and "))") }
        return "\(plain) (\(parts.joined(separator: ", ")))"
    }
}
