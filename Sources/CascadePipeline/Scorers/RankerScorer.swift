import CascadeCore

/// The neural ranker: the probability of each feedback signal, the values of its value heads, and their weighted sum.
struct RankerScorer: Scorer {
    static let key = "ranker"
    let name = Self.key
    let timeout: Duration
    let pool: ComputePool

    func score(_ candidates: CandidateColumns, for query: PipelineQuery) async throws -> [CandidateScore] {
        guard let prepared = query.prepared else {
            throw PipelineError.contract(component: name, detail: "the user could not be encoded")
        }
        let release = query.release
        let factors = query.factors.map(\.weight)
        let rows = candidates.rows
        let recent = candidates.recent.count == rows.count ? candidates.recent : nil
        let result = try await pool.run { cancellation in
            try release.score(prepared, rows: rows, recent: recent, cancellation: cancellation)
        }
        guard result.headCount == factors.count, result.probabilities.count == rows.count * factors.count else {
            let detail = "\(result.probabilities.count) values for \(rows.count) rows of \(factors.count) heads"
            throw PipelineError.contract(component: name, detail: detail)
        }
        return rows.indices.map { index in
            let heads = result.probabilities[index * factors.count..<(index + 1) * factors.count]
            return CandidateScore(heads: heads, weighted: ScoreWeights.sum(heads, factors))
        }
    }
}

/// How the heads' probabilities become one score.
enum ScoreWeights {
    /// The factors that the request asks for, then those of an A/B test's arm, then those that were said while servers run, those of
    /// the settings, those of the release.
    static func factors(
        of release: any ReleaseView, settings: PipelineSettings, wanted: [String: Double]
    ) -> [HeadWeight] {
        let live = release.headFactors?.factors ?? [:]
        return release.heads.map {
            HeadWeight(
                name: $0.name,
                weight: wanted[$0.name] ?? settings.pinnedWeights[$0.name] ?? live[$0.name]
                    ?? settings.scoreWeights[$0.name] ?? $0.weight,
                isValue: $0.isValue)
        }
    }

    /// Σ factor·probability over the heads; a head of factor 0 has no say, not even by a NaN.
    static func sum(_ heads: ArraySlice<Float>, _ factors: [Double]) -> Double {
        zip(heads, factors).reduce(0) { $1.1 == 0 ? $0 : $0 + Double($1.0) * $1.1 }
    }
}
