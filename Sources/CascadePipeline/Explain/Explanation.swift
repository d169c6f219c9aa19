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
    /// What was computed again of an item that was no candidate; nil where that was not done or cannot be.
    package var recomputed: RecomputedItem?

    private enum CodingKeys: String, CodingKey {
        case itemID = "item_id"
        case verdict, detail, candidate, recomputed
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

    /// Such as `computed again with the same release: two_tower has it at rank 812 of 3000 (score 0.3100), and brought items down
    /// to rank 499 (score 0.4200); the ranker's score of 0.1200 is below the slate's last 0.3300`.
    func phrase(of item: RecomputedItem) -> String {
        var parts: [String] = []
        switch item.state {
        case .unknown: return "release \(item.releaseID) does not know it"
        case .hidden: parts.append("it is hidden now")
        case .deleted: parts.append("it is deleted now")
        case .shown: break
        }
        if let found = item.retrieval {
            var text = "two_tower has it at rank \(found.rank) of \(found.of) (score \(Self.fixed(found.score)))"
            if let rank = found.cutRank, let score = found.cutScore {
                text += ", and brought items down to rank \(rank) (score \(Self.fixed(score)))"
            }
            parts.append(text)
        }
        if let score = item.weightedScore {
            // Diversity is left out of both.
            let last = candidates.last { $0.position != nil }?.weightedScore
            let bar = last.map { ", the slate's last has \(FunnelText.fixed($0, places: 4))" } ?? ""
            parts.append("the ranker gives it \(FunnelText.fixed(score, places: 4))\(bar)")
        }
        let without = sessionEvents.map { ", without the \($0) events that the request told" } ?? ""
        return "computed again with the same release\(without): "
            + (parts.isEmpty ? "nothing tells of it" : parts.joined(separator: "; "))
    }

    private static func fixed(_ score: Float) -> String { FunnelText.fixed(Double(score), places: 4) }

    private var slateLast: Double? { candidates.last { $0.position != nil }?.finalScore }

    private func notSelected(_ candidate: CandidateTrace) -> String {
        guard let score = candidate.finalScore, let last = slateLast else { return "not selected" }
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
