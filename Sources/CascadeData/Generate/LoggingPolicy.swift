import CascadeCore
import Foundation

/// What was shown in the generated world: a mixture of chance, popularity and the user's interests.
///
/// For user `u` the probability of item `i` is `e / n + p · w_i / W + Σ_k g_k · [i in k] · w_i / W_k`, with the
/// share of exploration `e`, of popularity `p` and of the user's interests `g_k`, which add up to 1. A slate is drawn
/// without repeats, so the propensity of an item at its position is its probability over that of all that could still be
/// drawn there.
struct LoggingPolicy {
    /// Item indexes with the sums of their weights so far, for drawing in proportion to weight.
    private struct Wheel {
        var items: [Int] = []
        var sums: [Double] = []

        var total: Double { sums.last ?? 0 }

        mutating func add(_ item: Int, weight: Double) {
            items.append(item)
            sums.append(total + weight)
        }

        func draw(_ random: inout WorldRandom) -> Int {
            let target = random.uniform() * total
            var low = 0
            var high = sums.count - 1
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > target { high = middle } else { low = middle + 1 }
            }
            return items[low]
        }
    }

    /// The shares of a user's mixture.
    private struct Mixture {
        let exploration: Double
        let popularity: Double
        let interests: [(interest: Int, share: Double)]

        func share(of interest: Int) -> Double {
            for one in interests where one.interest == interest { return one.share }
            return 0
        }
    }

    private let items: [WorldItem]
    private let settings: WorldSettings
    // Plain numbers of the items: probabilities are asked for millions of times.
    private let interests: [Int]
    private var weights: [Double]
    private var interestTotals: [Double] = []
    private var everything = Wheel()
    private var byInterest: [Wheel] = []

    init(_ items: [WorldItem], _ settings: WorldSettings) {
        self.items = items
        self.settings = settings
        interests = items.map(\.interest)
        weights = Array(repeating: 0, count: items.count)
    }

    /// Takes in the items that exist at `time`; new ones are shown more for some days.
    mutating func begin(day time: Timestamp) {
        everything = Wheel()
        byInterest = Array(repeating: Wheel(), count: settings.interests)
        for (index, item) in items.enumerated() where item.createdAt <= time {
            let age = (time.seconds - item.createdAt.seconds) / 86_400
            weights[index] = item.appeal * (1 + 1.5 * exp(-age / 3))
            everything.add(index, weight: weights[index])
            byInterest[item.interest].add(index, weight: weights[index])
        }
        interestTotals = byInterest.map(\.total)
    }

    /// How many items can be shown.
    var available: Int { everything.items.count }

    /// Draws a slate for `user` that repeats nothing of `excluded`: item indexes with their propensities, in order.
    ///
    /// `excluded` is a list, since sums over a set would differ in their last bits from run to run.
    func slate(
        for user: WorldUser, isKnown: Bool, excluded: [Int], _ random: inout WorldRandom
    ) -> [(item: Int, propensity: Double)] {
        let mixture = mixture(of: user, isKnown: isKnown)
        var gone = Set(excluded)
        var goneMass = excluded.reduce(0) { $0 + probability(of: $1, mixture) }
        var slate: [(item: Int, propensity: Double)] = []
        for _ in 0..<settings.slate {
            var item = draw(mixture, &random)
            while gone.contains(item) { item = draw(mixture, &random) }
            let mass = probability(of: item, mixture)
            slate.append((item, min(1, mass / max(mass, 1 - goneMass))))
            gone.insert(item)
            goneMass += mass
        }
        return slate
    }

    private func mixture(of user: WorldUser, isKnown: Bool) -> Mixture {
        let personal = isKnown ? 0.45 * (1 - settings.exploration) : 0
        // An interest without any item yet leaves its share to popularity.
        let interests = user.interests.filter { !byInterest[$0.interest].items.isEmpty }
            .map { (interest: $0.interest, share: personal * $0.strength) }
        let used = interests.reduce(0) { $0 + $1.share }
        return Mixture(
            exploration: settings.exploration, popularity: 1 - settings.exploration - used, interests: interests)
    }

    private func probability(of item: Int, _ mixture: Mixture) -> Double {
        let interest = interests[item]
        return mixture.exploration / Double(everything.items.count)
            + mixture.popularity * weights[item] / everything.total
            + mixture.share(of: interest) * weights[item] / interestTotals[interest]
    }

    private func draw(_ mixture: Mixture, _ random: inout WorldRandom) -> Int {
        var rest = random.uniform()
        rest -= mixture.exploration
        if rest < 0 { return everything.items[random.below(everything.items.count)] }
        for one in mixture.interests {
            rest -= one.share
            if rest < 0 { return byInterest[one.interest].draw(&random) }
        }
        return everything.draw(&random)
    }
}
