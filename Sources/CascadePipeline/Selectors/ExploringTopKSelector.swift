import CascadeCore

/// The slate of `DiverseTopKSelector` with places drawn at random as `ExplorationSettings` say, each with its probability.
///
/// Caps and the multipliers of creators hold as they do without chance. The draws follow from the request's seed.
struct ExploringTopKSelector: Selector {
    let name = "exploring_top_k"
    let exploration: ExplorationSettings

    func select(_ candidates: [Candidate], for query: PipelineQuery, size: Int, relaxed: Bool) -> Selection {
        Self.select(
            candidates, query.diversity, exploration, seed: query.seed, size: size, relaxed: relaxed)
    }

    /// What may be drawn, whatever the seed.
    func shortlist(_ candidates: [Candidate], for query: PipelineQuery) -> [Candidate] {
        let draw = SlateDraw(
            DiverseTopKSelector.multiplied(candidates, query.diversity), query.diversity, exploration)
        return Array(draw.order.prefix(draw.pool))
    }

    static func select(
        _ candidates: [Candidate], _ diversity: DiversitySettings, _ exploration: ExplorationSettings, seed: UInt64,
        size: Int, relaxed: Bool
    ) -> Selection {
        let multiplied = DiverseTopKSelector.multiplied(candidates, diversity)
        var draw = SlateDraw(multiplied, diversity, exploration)
        let usual = DiverseTopKSelector.select(candidates, diversity, size: size, relaxed: relaxed)
        let usualRows = Set(usual.selected.map(\.row))
        var random = SeededRandom(seed: StableHash.mix(seed ^ purpose))
        var selection = Selection(selected: [], rest: [])
        while selection.selected.count < size {
            let choices = draw.choices()
            guard let choice = choose(choices, &random) else { break }
            var candidate = draw.order[choice.place]
            candidate.propensity = choice.probability
            candidate.explored = !usualRows.contains(candidate.row)
            draw.take(choice.place)
            selection.selected.append(candidate)
        }
        selection.rest = draw.rest
        if relaxed, selection.selected.count < size {
            let fill = min(size - selection.selected.count, selection.rest.count)
            selection.selected += selection.rest.prefix(fill)
            selection.rest.removeFirst(fill)
        }
        return selection
    }

    /// One number is drawn a place, also where there is but one choice, so that places do not shift.
    private static func choose(_ choices: [SlateDraw.Choice], _ random: inout SeededRandom) -> SlateDraw.Choice? {
        var left = random.uniform()
        for choice in choices {
            left -= choice.probability
            if left < 0 { return choice }
        }
        // Rounding can leave a grain of the last number.
        return choices.last { $0.probability > 0 }
    }

    /// Sets these draws apart from others that start from the same seed.
    private static let purpose: UInt64 = 0x6578_706C_6F72_6521
}
