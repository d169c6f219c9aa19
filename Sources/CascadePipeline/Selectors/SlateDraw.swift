import Foundation

/// A slate that is taken place by place, with the exact probability of every candidate that can come next.
///
/// Serving draws from it, replay and off-policy estimates walk a logged slate along it: one definition for all. Candidates
/// keep their final scores whatever was taken before; what depends on the prefix are the caps and who is left.
struct SlateDraw {
    /// A candidate that can come next.
    struct Choice: Hashable {
        /// Its place in `order`.
        let place: Int
        /// Given all that was taken before.
        let probability: Double
    }

    /// All candidates in the order of their final scores.
    let order: [Candidate]
    /// So many of the first are drawn among.
    let pool: Int
    private let temperature: Double
    private let epsilon: Double
    private var isTaken: [Bool]
    private var room: CapCounter

    /// - Parameters:
    ///   - candidates: with their multipliers and final scores.
    ///   - exploration: off, each place goes to the best that keeps the caps, with probability 1.
    init(_ candidates: [Candidate], _ diversity: DiversitySettings, _ exploration: ExplorationSettings) {
        order = ScoreOrder.places(of: candidates, by: \.final).map { candidates[$0] }
        // Scores of different tiers do not compare.
        let tier = order.first.map(\.tier)
        let comparable = order.prefix { $0.tier == tier && $0.final.isFinite }.count
        pool = exploration.isOn ? min(exploration.top, comparable) : 0
        temperature = exploration.temperature
        epsilon = exploration.epsilon
        isTaken = [Bool](repeating: false, count: order.count)
        room = CapCounter(diversity)
    }

    /// What can come next; empty where the caps leave nothing. The probabilities sum to 1.
    ///
    /// - Complexity: O(pool), and O(candidates) once the pool is used up.
    func choices() -> [Choice] {
        let open = (0..<pool).filter(isOpen)
        guard let best = open.first else {
            let next = (pool..<order.count).first(where: isOpen)
            return next.map { [Choice(place: $0, probability: 1)] } ?? []
        }
        let even = epsilon / Double(open.count)
        guard temperature > 0 else {
            return open.map { Choice(place: $0, probability: even + ($0 == best ? 1 - epsilon : 0)) }
        }
        // The best one is first, so no exponent is above 0.
        let weights = open.map { exp((order[$0].final - order[best].final) / temperature) }
        let sum = weights.reduce(0, +)
        return zip(open, weights).map { Choice(place: $0, probability: even + (1 - epsilon) * $1 / sum) }
    }

    /// Takes the candidate at a place of `order`.
    mutating func take(_ place: Int) {
        isTaken[place] = true
        room.take(order[place])
    }

    private func isOpen(_ place: Int) -> Bool { !isTaken[place] && room.admits(order[place]) }

    /// Candidates that were not taken, best first.
    var rest: [Candidate] { order.indices.filter { !isTaken[$0] }.map { order[$0] } }
}
