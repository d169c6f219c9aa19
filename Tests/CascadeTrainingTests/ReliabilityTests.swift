import CascadeCore
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct ReliabilityTests {
    @Test func binsHoldAsManyRowsEach() {
        let scores = (0..<20).map { Float($0) / 20 }
        let table = Reliability(scores: scores.reversed(), labels: (0..<20).map { $0 < 10 }, bins: 5)
        #expect(table.bins.map(\.rows) == [4, 4, 4, 4, 4])
        #expect(table.bins.map(\.rate) == [0, 0, 0.5, 1, 1])
        let means = [0.075, 0.275, 0.475, 0.675, 0.875]
        for (bin, mean) in zip(table.bins, means) { #expect(abs(bin.meanPrediction - mean) < 1e-6) }
        // (.075 + .275 + .025 + .325 + .125) / 5
        #expect(abs(table.error - 0.165) < 1e-6)
    }

    @Test func equalProbabilitiesLieInOneBin() {
        let table = Reliability(
            scores: [0.2, 0.2, 0.2, 0.2, 0.7, 0.8], labels: [true, false, false, false, true, false], bins: 3)
        #expect(table.bins.map(\.rows) == [4, 2])
        #expect(table.bins.map(\.rate) == [0.25, 0.5])
        let constant = Reliability(scores: [0.5, 0.5, 0.5, 0.5], labels: [true, true, false, false])
        #expect(constant.bins.count == 1 && constant.error == 0)
    }

    @Test func fewRowsAndNoneAreNoTrouble() {
        #expect(Reliability(scores: [], labels: []).bins.isEmpty)
        #expect(Reliability(scores: [], labels: []).error == 0)
        let one = Reliability(scores: [0.25], labels: [true])
        #expect(one.bins == [Reliability.Bin(rows: 1, meanPrediction: 0.25, rate: 1)])
        #expect(one.error == 0.75)
    }

    @Test func trueProbabilitiesHaveTheErrorOfChance() {
        var random = SeededRandom(seed: 8)
        let scores = (0..<60_000).map { _ in Float(random.uniform()) }
        let labels = scores.map { random.uniform() < Double($0) }
        let table = Reliability(scores: scores, labels: labels)
        #expect(table.bins.count == Reliability.binCount)
        let chance = table.bins.reduce(0) { sum, bin in
            let rows = Double(bin.rows)
            return sum + rows / 60_000 * (2 / Double.pi * bin.rate * (1 - bin.rate) / rows).squareRoot()
        }
        #expect(table.error < 2 * chance && table.error > chance / 2, "\(table.error), \(chance)")
    }
}
