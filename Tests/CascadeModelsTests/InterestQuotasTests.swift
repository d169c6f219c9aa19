import CascadeCore
import CascadeModels
import Foundation
import Testing

@Suite struct InterestQuotasTests {
    private static func probabilities(_ count: Int, _ random: inout SeededRandom) -> [Float] {
        let raw = (0..<count).map { _ in random.uniform() * random.uniform() + 1e-6 }
        let total = raw.reduce(0, +)
        return raw.map { Float($0 / total) }
    }

    private static func sorted(_ count: Int, _ random: inout SeededRandom) -> [Float] {
        probabilities(count, &random).sorted(by: >)
    }

    /// No seat of the first M could go from one list to another and make the shares more even: the min-max condition of
    /// Webster's method, (q_i − ½) / w_i ≤ (q_j + ½) / w_j wherever j has more to give.
    @Test func everyBeginningIsInProportion() {
        for seed in UInt64(1)...60 {
            var random = SeededRandom(seed: seed)
            let lists = 1 + random.below(9)
            let alpha = [0, 0.5, 1, 2.5][random.below(4)]
            let probabilities = Self.sorted(lists, &random)
            let counts = (0..<lists).map { _ in random.below(40) }
            // The likeliest comes first anyway.
            let places = InterestQuotas(alpha: alpha, least: 1, most: lists)
                .merged(probabilities, counts: counts, limit: 100)
            #expect(places.count == min(100, counts.reduce(0, +)))
            let weights = probabilities.map { pow(Double($0), alpha) }
            var quotas = [Int](repeating: 0, count: lists)
            var before = Float.infinity
            for (number, place) in places.enumerated() {
                #expect(place.rank == quotas[place.list], "seed \(seed)")
                #expect(place.score <= before && place.score.isFinite, "seed \(seed)")
                before = place.score
                quotas[place.list] += 1
                #expect(zip(quotas, counts).allSatisfy { $0 <= $1 }, "seed \(seed)")
                for i in quotas.indices where quotas[i] > 0 {
                    for j in quotas.indices where j != i && quotas[j] < counts[j] {
                        // The boosted first place of the likeliest list that has any is its own even alone.
                        if quotas[i] == 1, i == counts.firstIndex(where: { $0 > 0 }) { continue }
                        let (own, other) = (
                            (Double(quotas[i]) - 0.5) / weights[i], (Double(quotas[j]) + 0.5) / weights[j]
                        )
                        #expect(own <= other * (1 + 1e-9), "seed \(seed), place \(number)")
                    }
                }
            }
        }
    }

    /// How many places of the merged list each chosen cluster gets.
    private static func quotas(
        _ quotas: InterestQuotas, _ probabilities: [Float], limit: Int, capacities: [Int]
    ) -> [(cluster: Int32, quota: Int)] {
        let chosen = quotas.chosen(probabilities, counts: capacities)
        let places = quotas.merged(
            chosen.map { probabilities[Int($0)] }, counts: chosen.map { capacities[Int($0)] }, limit: limit)
        return chosen.enumerated().map { list, cluster in (cluster, places.count { $0.list == list }) }
    }

    @Test func clustersGiveWhatTheyHave() {
        for seed in UInt64(1)...60 {
            var random = SeededRandom(seed: seed)
            let clusters = 1 + random.below(20)
            let most = 1 + random.below(12)
            let quotas = InterestQuotas(alpha: 1, least: min(most, 1 + random.below(3)), most: most)
            let probabilities = Self.probabilities(clusters, &random)
            let capacities = (0..<clusters).map { _ in random.below(3) * random.below(30) }
            let limit = random.below(120)
            let shares = Self.quotas(quotas, probabilities, limit: limit, capacities: capacities)
            let able = capacities.count { $0 > 0 }
            #expect(shares.count == min(most, able) && Set(shares.map(\.cluster)).count == shares.count)
            let room = shares.reduce(0) { $0 + capacities[Int($1.cluster)] }
            #expect(shares.reduce(0) { $0 + $1.quota } == min(limit, room), "seed \(seed)")
            #expect(shares.allSatisfy { $0.quota <= capacities[Int($0.cluster)] }, "seed \(seed)")
            let likely = shares.map { probabilities[Int($0.cluster)] }
            #expect(zip(likely, likely.dropFirst()).allSatisfy { $0 >= $1 })
            // As many clusters as asked for, where so many have items and there is a place for each.
            #expect(shares.count { $0.quota > 0 } >= min(quotas.least, shares.count, limit), "seed \(seed)")
        }
    }

    @Test func theLikeliestAreChosenAndEqualOnesByNumber() {
        let quotas = InterestQuotas(alpha: 1, least: 1, most: 3)
        #expect(quotas.chosen([0.1, 0.3, 0.1, 0.3, 0.2], counts: [1, 1, 1, 1, 1]) == [1, 3, 4])
        #expect(quotas.chosen([0.1, 0.3, 0.1, 0.3, 0.2], counts: [0, 0, 9, 1, 1]) == [3, 4, 2])
        #expect(quotas.chosen([0.5, 0.5], counts: [1, 1]) == [0, 1])
        #expect(quotas.chosen([], counts: []).isEmpty)
    }

    @Test func powerZeroSharesAlikeAndAHighPowerGivesAllToOne() {
        let probabilities: [Float] = [0.7, 0.2, 0.1]
        func shared(_ alpha: Double, least: Int = 1, _ capacities: [Int] = [100, 100, 100]) -> [Int] {
            Self.quotas(
                InterestQuotas(alpha: alpha, least: least, most: 3), probabilities, limit: 30, capacities: capacities
            ).map(\.quota)
        }
        #expect(shared(0) == [10, 10, 10])
        #expect(shared(100) == [30, 0, 0])
        // What one lacks goes to the next.
        #expect(shared(100, [4, 100, 100]) == [4, 26, 0])
        #expect(shared(100, least: 3) == [28, 1, 1])
    }

    @Test func theBestOfTheFirstClustersComeFirst() {
        let quotas = InterestQuotas(alpha: 1, least: 3, most: 4)
        let places = quotas.merged([0.97, 0.01, 0.01, 0.01], counts: [9, 0, 9, 9], limit: 6)
        #expect(places.map(\.list) == [0, 2, 3, 0, 0, 0])
        #expect(places.map(\.rank) == [0, 0, 0, 1, 2, 3])
    }

    @Test func nothingToShareIsNoReasonToFail() {
        let quotas = InterestQuotas(alpha: 1, least: 2, most: 4)
        #expect(quotas.merged([], counts: [], limit: 5).isEmpty)
        #expect(quotas.merged([0.5, 0.5], counts: [0, 0], limit: 5).isEmpty)
        #expect(quotas.merged([0.5, 0.5], counts: [3, 3], limit: 0).isEmpty)
        #expect(Self.quotas(quotas, [0, 0, 0], limit: 3, capacities: [1, 1, 1]).map(\.quota) == [1, 1, 1])
        #expect(quotas.merged([0, .leastNonzeroMagnitude], counts: [2, 2], limit: 4).allSatisfy { $0.score.isFinite })
    }
}

@Suite struct InterestSettingsTests {
    @Test func defaultsCanBeUsed() throws {
        #expect(InterestSettings().problems().isEmpty)
        let settings = InterestSettings()
        #expect(settings.quotas == InterestQuotas(alpha: 1, least: 1, most: 8))
        var few = settings
        few.clusters = 3
        // Categories go by their own number.
        #expect(few.quotas.most == 8)
        let copy = try JSONDecoder().decode(InterestSettings.self, from: try JSONEncoder().encode(few))
        #expect(copy == few)
    }

    @Test func everyValueOutOfRangeIsNamed() {
        func named(_ key: String, _ change: (inout InterestSettings) -> Void) {
            var settings = InterestSettings()
            change(&settings)
            let problems = settings.problems()
            #expect(problems.contains { $0.hasPrefix("interests.\(key) must") }, "\(key): \(problems)")
            #expect(problems.count == 1, "\(key): \(problems)")
        }
        for value in [-1, 0, 1, 4097] { named("clusters") { $0.clusters = value } }
        for value in [0.99, 1001, .nan, .infinity, -1] { named("slack") { $0.slack = value } }
        for value in [0, 65] { named("experts") { $0.experts = value } }
        for value in [-1, 1001] { named("epochs") { $0.epochs = value } }
        for value in [0, 1.1, .nan, -0.1] { named("learning_rate") { $0.learningRate = value } }
        for value in [1, 1_000_001] { named("batch_size") { $0.batchSize = value } }
        for value in [0, 100_001] { named("negatives") { $0.negatives = value } }
        for value in [0, 101, .nan] { named("intent_weight") { $0.intentWeight = value } }
        for value in [-0.1, 101, .nan] { named("alpha") { $0.alpha = value } }
        named("most") { $0.most = 4097 }
        for value in [0, 9] { named("least") { $0.least = value } }
        named("exact_below") { $0.exactBelow = -1 }
        var several = InterestSettings()
        several.most = 0
        several.slack = 0
        #expect(several.problems().count == 3)
    }
}
