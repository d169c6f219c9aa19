import CascadeCore
import Testing

@testable import CascadeTraining

@Suite struct ValueFiguresTests {
    /// Pair by pair.
    private static func plain(_ scores: [Float], _ values: [Float]) -> Double? {
        var (right, pairs) = (0.0, 0.0)
        for low in values.indices {
            for high in values.indices where values[low] < values[high] {
                pairs += 1
                right += scores[low] < scores[high] ? 1 : scores[low] == scores[high] ? 0.5 : 0
            }
        }
        return pairs > 0 ? right / pairs : nil
    }

    @Test(arguments: [1 as UInt64, 2, 3, 4, 5]) func orderIsThatOfThePairs(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for count in [0, 1, 2, 7, 60] {
            for levels in [1, 3, 1000] {
                let scores = (0..<count).map { _ in Float(random.below(levels)) }
                let values = (0..<count).map { _ in Float(random.below(max(1, levels / 2))) }
                let own = WeightedValues.concordance(scores, values)
                let expected = Self.plain(scores, values)
                #expect((own == nil) == (expected == nil))
                if let own, let expected { #expect(abs(own - expected) < 1e-12, "\(count) rows, \(levels) levels") }
            }
        }
    }

    @Test func figuresAreThoseOfTheirDefinitions() throws {
        let rows = ValueRows(
            scores: [1, 2, 3, 5, 5, 0], values: [0, 2, 6, 1, 3, 4], users: [7, 7, 7, 9, 9, 4])
        var options = BootstrapOptions()
        options.draws = 60
        let figures = try ValueFigures(rows, average: 2, bootstrap: options)
        #expect(figures.rows == 6 && figures.users == 3 && figures.groups == 2)
        func isClose(_ value: Double?, _ expected: Double) -> Bool { value.map { abs($0 - expected) < 1e-9 } ?? false }
        let (mean, mae, squares): (Double, Double, Double) = (16.0 / 6, 14.0 / 6, 46.0 / 6)
        #expect(isClose(figures.mean, mean) && isClose(figures.meanPrediction, mean))
        #expect(isClose(figures.mae, mae) && isClose(figures.rmse, squares.squareRoot()))
        let (constant, constantSquares): (Double, Double) = (10.0 / 6, 26.0 / 6)
        #expect(isClose(figures.trainingMeanMae, constant))
        #expect(isClose(figures.trainingMeanRmse, constantSquares.squareRoot()))
        // Three rows wholly in order, two that are tied, and one alone.
        #expect(isClose(figures.concordance, 0.8))
        for interval in [figures.maeInterval, figures.rmseInterval, figures.concordanceInterval] {
            #expect(try #require(interval).low <= (try #require(interval)).high)
        }
        #expect(try ValueFigures(rows, average: 2, bootstrap: options) == figures, "the seed fixes the draws")
        options.draws = 0
        #expect(try ValueFigures(rows, average: 2, bootstrap: options).maeInterval == nil)
        let none = try ValueFigures(ValueRows(), average: 2, bootstrap: BootstrapOptions())
        #expect(none.rows == 0 && none.mae == nil && none.numbers.isEmpty)
    }
}
