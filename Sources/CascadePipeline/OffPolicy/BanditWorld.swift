import CascadeCore
import Foundation

/// A small world of known value to try estimators on: contexts, items, slates of a logging policy, and rewards by chance.
///
/// Rewards are Bernoulli with `a(context, item) · b(place) · c(user)`, where `c` is 0.5 or 1.5 and each half the users': a
/// user's rewards hang together, and the value of a policy is exact all the same. Slates are drawn by `SlateDraw`, as served
/// ones are, and the target's value is summed over all of its slates.
package struct BanditWorld: Sendable {
    package static let items = 6
    package static let places = 3
    private static let contexts = 3

    /// The value of the target policy: the expected sum of rewards of its slate.
    package let targetValue: Double
    /// That of the logging policy.
    package let loggingValue: Double
    private let attraction: [[Double]]
    private let attention: [Double]
    private let logging: [PolicyTree]
    private let target: [PolicyTree]

    /// - Parameter seed: fixes the world; each seed is another one.
    package init(seed: UInt64) {
        var random = SeededRandom(seed: StableHash.mix(seed ^ 0x776F_726C_6473))
        attention = (0..<Self.places).map { pow(0.8, Double($0)) }
        var attraction: [[Double]] = []
        var trees: (logging: [PolicyTree], target: [PolicyTree]) = ([], [])
        for _ in 0..<Self.contexts {
            let own = (0..<Self.items).map { _ in 0.05 + 0.4 * random.uniform() }
            attraction.append(own)
            // Both know something of the rewards, and each errs in its own way.
            let scores = (0..<2).map { _ in own.map { $0 + 0.3 * random.uniform() } }
            trees.logging.append(PolicyTree(scores[0], ExplorationSettings(temperature: 0.3, epsilon: 0.2, top: 100)))
            trees.target.append(PolicyTree(scores[1], ExplorationSettings(temperature: 0.15, epsilon: 0.05, top: 100)))
        }
        self.attraction = attraction
        logging = trees.logging
        target = trees.target
        func value(_ trees: [PolicyTree], _ attention: [Double]) -> Double {
            zip(trees, attraction).reduce(0) { sum, pair in
                sum
                    + pair.0.expectation {
                        $0.enumerated().reduce(0) { $0 + pair.1[Int($1.element)] * attention[$1.offset] }
                    }
            } / Double(trees.count)
        }
        targetValue = value(trees.target, attention)
        loggingValue = value(trees.logging, attention)
    }

    /// Slates of the logging policy: one to five of each user, in one context.
    ///
    /// - Parameter seed: another log of the same world.
    package func log(users: Int, weighting: SlateWeighting, seed: UInt64) -> OffPolicyLog {
        var random = SeededRandom(seed: StableHash.mix(seed ^ 0x6C6F_6773))
        var slates: [LoggedSlate] = []
        for unit in 0..<users {
            let context = random.below(Self.contexts)
            let warmth = random.below(2) == 0 ? 0.5 : 1.5
            for _ in 0...random.below(5) {
                slates.append(slate(Int32(unit), context, warmth, weighting, &random))
            }
        }
        return OffPolicyLog(slates: slates, weighting: weighting)
    }

    private func slate(
        _ unit: Int32, _ context: Int, _ warmth: Double, _ weighting: SlateWeighting, _ random: inout SeededRandom
    ) -> LoggedSlate {
        let items = logging[context].draw(&random)
        var slate = LoggedSlate(unit: unit, places: [])
        for (index, item) in items.enumerated() {
            let prefix = Array(items.prefix(index))
            let (logged, wanted) =
                weighting == .independent
                ? (logging[context].marginals[index], target[context].marginals[index])
                : (logging[context].probabilities(after: prefix), target[context].probabilities(after: prefix))
            let rate = attraction[context][Int(item)] * attention[index] * warmth
            let targets = (0..<Self.items).map { ItemProbability(item: number($0, context), probability: wanted[$0]) }
            slate.places.append(
                LoggedPlace(
                    reward: random.uniform() < rate ? 1 : 0, logging: logged[Int(item)], target: wanted[Int(item)],
                    item: number(Int(item), context), targets: targets.filter { $0.probability > 0 }))
        }
        return slate
    }

    /// Items of different contexts are different to the reward model.
    private func number(_ item: Int, _ context: Int) -> Int32 { Int32(context * Self.items + item) }
}

/// All slates that a policy can make of a few items, with their probabilities.
struct PolicyTree: Sendable {
    /// By what was taken before, of each item.
    private var nodes: [[Int32]: [Double]] = [:]
    /// [places, items] the probability of an item at a place, whatever stands elsewhere.
    private(set) var marginals: [[Double]]
    private let items: Int

    init(_ scores: [Double], _ exploration: ExplorationSettings) {
        items = scores.count
        marginals = (0..<BanditWorld.places).map { _ in [Double](repeating: 0, count: scores.count) }
        let candidates = scores.enumerated().map { row, score in
            var candidate = Candidate(row: Int32(row))
            candidate.tier = .ranked
            candidate.weighted = score
            candidate.final = score
            return candidate
        }
        grow(SlateDraw(candidates, DiversitySettings(), exploration), [], 1)
    }

    private mutating func grow(_ draw: SlateDraw, _ prefix: [Int32], _ probability: Double) {
        guard prefix.count < BanditWorld.places else { return }
        var here = [Double](repeating: 0, count: items)
        for choice in draw.choices() {
            let row = draw.order[choice.place].row
            here[Int(row)] = choice.probability
            marginals[prefix.count][Int(row)] += probability * choice.probability
            var next = draw
            next.take(choice.place)
            grow(next, prefix + [row], probability * choice.probability)
        }
        nodes[prefix] = here
    }

    func probabilities(after prefix: [Int32]) -> [Double] { nodes[prefix] ?? [] }

    /// The mean of a figure over all slates.
    func expectation(_ figure: ([Int32]) -> Double) -> Double { expectation([], 1, figure) }

    private func expectation(_ prefix: [Int32], _ probability: Double, _ figure: ([Int32]) -> Double) -> Double {
        guard let here = nodes[prefix] else { return probability * figure(prefix) }
        var sum = 0.0
        for (item, chance) in here.enumerated() where chance > 0 {
            sum += expectation(prefix + [Int32(item)], probability * chance, figure)
        }
        return sum
    }

    func draw(_ random: inout SeededRandom) -> [Int32] {
        var slate: [Int32] = []
        while let here = nodes[slate] {
            var left = random.uniform()
            var item = here.lastIndex { $0 > 0 } ?? 0
            for (candidate, chance) in here.enumerated() {
                left -= chance
                if left < 0 {
                    item = candidate
                    break
                }
            }
            slate.append(Int32(item))
        }
        return slate
    }
}
