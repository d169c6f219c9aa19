/// Keeps the order in which the sources brought the candidates: what is left when the ranker fails or is late.
///
/// 1 / (1 + rank + 10⁶·source) with the first source that brought the item; a source's ranks follow its scores, so the
/// two-tower items come first, by their retrieval score.
struct SourceOrderScorer: Scorer {
    static let key = "source_order"
    let name = Self.key
    let timeout: Duration
    let tier: ScoreTier
    let order: [String: Int]

    var readsSources: Bool { true }

    func score(_ candidates: CandidateColumns, for query: PipelineQuery) async throws -> [CandidateScore] {
        candidates.sources.map { marks in
            let best = marks.map { mark in
                Double(order[mark.name] ?? order.count) * 1e6 + Double(min(mark.rank, 999_999))
            }.min()
            return CandidateScore(weighted: 1 / (1 + (best ?? 1e9)))
        }
    }
}
