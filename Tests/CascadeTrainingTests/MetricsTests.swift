import CascadeCore
import CascadeTraining
import Foundation
import Testing

@Suite struct MetricsTests {
    /// The share of pairs in the right order, counted one by one: the scalar twin.
    private func naiveAUC(_ scores: [Float], _ labels: [Bool]) -> Double? {
        var right = 0.0
        var pairs = 0.0
        for (one, positive) in zip(scores, labels) where positive {
            for (other, label) in zip(scores, labels) where !label {
                pairs += 1
                right += one > other ? 1 : (one == other ? 0.5 : 0)
            }
        }
        return pairs > 0 ? right / pairs : nil
    }

    @Test func aucAgreesWithItsTwinTiesIncluded() throws {
        let seed: UInt64 = 21
        var random = SeededRandom(seed: seed)
        for round in 0..<50 {
            let scores = (0..<80).map { _ in Float(random.below(10)) / 10 }
            let labels = (0..<80).map { _ in random.uniform() < 0.3 }
            let got = RankingMetrics.auc(scores: scores, labels: labels)
            let expected = naiveAUC(scores, labels)
            #expect((got == nil) == (expected == nil), "seed \(seed), round \(round)")
            if let got, let expected { #expect(abs(got - expected) < 1e-12, "seed \(seed), round \(round)") }
        }
        #expect(RankingMetrics.auc(scores: [1, 2], labels: [true, true]) == nil)
    }

    @Test func groupedAUCWeighsGroupsByTheirRows() throws {
        let scores: [Float] = [0.9, 0.1, 0.2, 0.8, 0.5, 0.5]
        let labels = [true, false, true, false, true, true]
        let groups: [Int32] = [1, 1, 2, 2, 3, 3]
        let result = try #require(RankingMetrics.groupedAUC(scores: scores, labels: labels, groups: groups))
        #expect(result.auc == 0.5)
        #expect(result.groups == 2)
        let uneven = try #require(
            RankingMetrics.groupedAUC(
                scores: [0.9, 0.1, 0.2, 0.3, 0.8, 0.1], labels: [true, false, true, false, false, false],
                groups: [1, 1, 2, 2, 2, 2]))
        #expect(abs(uneven.auc - (1 * 2 + (1.0 / 3) * 4) / 6) < 1e-12)
    }

    @Test func logLossKeepsOffZeroAndOne() throws {
        let loss = try #require(RankingMetrics.logLoss(scores: [0.5, 0.5], labels: [true, false]))
        #expect(abs(loss - log(2)) < 1e-6)
        #expect(try #require(RankingMetrics.logLoss(scores: [0, 1], labels: [true, false])).isFinite)
        #expect(RankingMetrics.logLoss(scores: [], labels: []) == nil)
    }

    @Test func recallAndGainGoByTheRanksOfTheTargets() {
        // Ranks 0 and 3; row 2 ties with row 4 and stands before it.
        let ranks = RetrievalRanks(scores: [0.1, 0.9, 0.5, 0.7, 0.5], targets: [1, 4])
        #expect(ranks.recall(at: 1) == 0.5)
        #expect(ranks.recall(at: 3) == 0.5)
        #expect(ranks.recall(at: 4) == 1)
        #expect(abs(ranks.ndcg(at: 4) - (1 + 1 / log2(5)) / (1 + 1 / log2(3))) < 1e-12)
        #expect(ranks.ndcg(at: 1) == 1)
        #expect(RetrievalRanks(scores: [1, 2], targets: [0]).ndcg(at: 1) == 0)
    }

    @Test func theFirstItemsAreThoseOfASort() {
        let seed: UInt64 = 4
        var random = SeededRandom(seed: seed)
        for round in 0..<40 {
            let scores = (0..<60).map { _ in random.uniform() < 0.1 ? -Float.infinity : Float(random.below(12)) }
            let sorted = scores.indices.filter { scores[$0] > -.infinity }
                .sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(7).map(Int32.init)
            #expect(RetrievalRanks.first(7, of: scores) == sorted, "seed \(seed), round \(round)")
        }
        #expect(RetrievalRanks.first(3, of: [1]) == [0])
    }

    @Test func thePopularityReportTellsFewFromMany() {
        let popularity = (0..<20).map { Float(20 - $0) }
        let even = PopularityReport(recommended: [Int](repeating: 3, count: 20), popularity: popularity)
        #expect(even.coverage == 1)
        #expect(abs(even.gini) < 1e-12)
        #expect(even.deciles.allSatisfy { abs($0 - 0.1) < 1e-12 })
        var one = [Int](repeating: 0, count: 20)
        one[1] = 50
        let few = PopularityReport(recommended: one, popularity: popularity)
        #expect(few.coverage == 0.05)
        #expect(abs(few.gini - 0.95) < 1e-12)
        #expect(few.deciles == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(PopularityReport(recommended: [0, 0], popularity: [1, 1]).gini == 0)
    }

    @Test func whatIsNotListedIsNotFound() {
        let ranks = RetrievalRanks(scores: [-.infinity, 2, 1, -.infinity], targets: [0, 2])
        #expect(ranks.recall(at: 1) == 0)
        #expect(ranks.recall(at: 1000) == 0.5)
        #expect(RetrievalRanks(scores: [-.infinity, 1], targets: [0]).ndcg(at: 20) == 0)
    }
}
