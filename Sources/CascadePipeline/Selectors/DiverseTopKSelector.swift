/// The best by score, with less for each further item of one creator and caps by creator and category.
///
/// In the order of the weighted scores the k-th item of a creator (from 0) gets the multiplier
/// `(1 - floor)·decay^k + floor`. Then the slate takes candidates by their final score and passes over those whose
/// creator or category is at its cap. Relaxed, those passed over fill what is left, behind the others.
struct DiverseTopKSelector: Selector {
    let name = "diverse_top_k"

    func select(_ candidates: [Candidate], for query: PipelineQuery, size: Int, relaxed: Bool) -> Selection {
        Self.select(candidates, query.diversity, size: size, relaxed: relaxed)
    }

    static func select(
        _ candidates: [Candidate], _ diversity: DiversitySettings, size: Int, relaxed: Bool
    ) -> Selection {
        let multiplied = multiplied(candidates, diversity)
        var room = CapCounter(diversity)
        var selection = Selection(selected: [], rest: [])
        selection.rest.reserveCapacity(candidates.count)
        for place in ScoreOrder.places(of: multiplied, by: \.final) {
            let candidate = multiplied[place]
            if selection.selected.count < size, room.admits(candidate) {
                room.take(candidate)
                selection.selected.append(candidate)
            } else {
                selection.rest.append(candidate)
            }
        }
        if relaxed, selection.selected.count < size {
            let fill = min(size - selection.selected.count, selection.rest.count)
            selection.selected += selection.rest.prefix(fill)
            selection.rest.removeFirst(fill)
        }
        return selection
    }

    /// The candidates with their multipliers and final scores, chosen by nobody yet.
    static func multiplied(_ candidates: [Candidate], _ diversity: DiversitySettings) -> [Candidate] {
        var multiplied = candidates
        for index in multiplied.indices where multiplied[index].propensity != 1 || multiplied[index].explored {
            multiplied[index].propensity = 1
            multiplied[index].explored = false
        }
        guard diversity.creatorDecay < 1 else {
            for index in multiplied.indices {
                multiplied[index].multiplier = 1
                multiplied[index].final = multiplied[index].weighted
            }
            return multiplied
        }
        var counts: [Int32: Int] = [:]
        for index in ScoreOrder.places(of: candidates, by: \.weighted) {
            let creator = multiplied[index].creator
            let count = creator < 0 ? 0 : counts[creator, default: 0]
            if creator >= 0 { counts[creator] = count + 1 }
            multiplied[index].multiplier = multiplier(count, diversity)
            multiplied[index].final = apply(multiplied[index].multiplier, to: multiplied[index].weighted)
        }
        return multiplied
    }

    /// The multiplier of a creator's item after `count` better ones.
    static func multiplier(_ count: Int, _ diversity: DiversitySettings) -> Double {
        guard count > 0 else { return 1 }
        var power = 1.0
        for _ in 0..<min(count, 64) { power *= diversity.creatorDecay }
        return (1 - diversity.creatorFloor) * power + diversity.creatorFloor
    }

    /// A score with a multiplier in 0...1 never rises: below zero the multiplier adds as much as it would take above.
    static func apply(_ multiplier: Double, to score: Double) -> Double {
        score < 0 ? score * (2 - multiplier) : score * multiplier
    }
}

/// Counts a slate's items by creator and category against the caps.
struct CapCounter {
    private let diversity: DiversitySettings
    private var creators: [Int32: Int] = [:]
    private var categories: [Int32: Int] = [:]

    init(_ diversity: DiversitySettings) { self.diversity = diversity }

    func admits(_ candidate: Candidate) -> Bool {
        if diversity.maxPerCreator > 0, candidate.creator >= 0,
            creators[candidate.creator, default: 0] >= diversity.maxPerCreator
        {
            return false
        }
        guard diversity.maxPerCategory > 0 else { return true }
        return candidate.categories.allSatisfy { categories[$0, default: 0] < diversity.maxPerCategory }
    }

    mutating func take(_ candidate: Candidate) {
        if candidate.creator >= 0 { creators[candidate.creator, default: 0] += 1 }
        for category in candidate.categories { categories[category, default: 0] += 1 }
    }

    /// Creators at their cap.
    var fullCreators: Set<Int32> { Self.full(creators, diversity.maxPerCreator) }

    /// Categories at their cap.
    var fullCategories: Set<Int32> { Self.full(categories, diversity.maxPerCategory) }

    private static func full(_ counts: [Int32: Int], _ cap: Int) -> Set<Int32> {
        cap > 0 ? Set(counts.filter { $0.value >= cap }.keys) : []
    }
}
