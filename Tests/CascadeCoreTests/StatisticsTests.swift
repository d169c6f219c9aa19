import CascadeCore
import Testing

@Suite struct StatisticsTests {
    /// Critical values as printed in every table.
    @Test(arguments: [
        (3.841459, 1, 0.05), (6.634897, 1, 0.01), (5.991465, 2, 0.05), (18.307038, 10, 0.05), (0.584374, 3, 0.9),
        (124.342113, 100, 0.05),
    ])
    func chiSquareTailsAreThoseOfTables(x: Double, degrees: Int, tail: Double) {
        #expect(abs(ChiSquareTest.upperTail(x, degreesOfFreedom: degrees) - tail) < 1e-6)
    }

    @Test func countsAreTestedAgainstShares() throws {
        let test = try #require(ChiSquareTest(counts: [60, 40], shares: [1, 1]))
        #expect(abs(test.statistic - 4) < 1e-12 && test.degreesOfFreedom == 1)
        #expect(abs(test.pValue - 0.0455003) < 1e-6)
        #expect(ChiSquareTest(counts: [1], shares: [1]) == nil)
        #expect(ChiSquareTest(counts: [0, 0], shares: [1, 1]) == nil)
    }

    /// With a row a unit the delta method is the usual error of a mean.
    @Test func aRatioOfSingleRowsIsAMean() throws {
        let values = [1.0, 0, 0, 1, 1, 0, 0, 0]
        let ratio = ClusteredRatio(values.map { (numerator: $0, denominator: 1) })
        let value = try #require(ratio.value)
        let squares = values.reduce(0) { $0 + ($1 - value) * ($1 - value) }
        #expect(value == 0.375)
        #expect(abs((ratio.standardError ?? 0) - (squares / 7 / 8).squareRoot()) < 1e-12)
        #expect(ClusteredRatio([(numerator: 1, denominator: 0)]).value == nil)
        #expect(ClusteredRatio([(numerator: 1, denominator: 2)]).standardError == nil)
    }

    /// Rows of one unit that are all alike say no more than one of them; both intervals see that.
    @Test func unitsCountAndNotTheirRows() throws {
        var random = SeededRandom(seed: 5)
        var parts: [(numerator: Double, denominator: Double)] = []
        var column: [Double] = []
        var units: [Int32] = []
        for unit in 0..<400 {
            let value = random.uniform() < 0.3 ? 1.0 : 0
            parts.append((10 * value, 10))
            for _ in 0..<10 {
                column.append(value)
                units.append(Int32(unit))
            }
        }
        let ratio = try #require(ClusteredRatio(parts).interval)
        let drawn = try #require(ClusterBootstrap(units: units).intervals(of: [column])[0])
        let width = 2 * 1.96 * (0.3 * 0.7 / 400).squareRoot()
        for interval in [ratio, drawn] {
            #expect(abs(interval.high - interval.low - width) < 0.2 * width, "\(interval)")
            #expect(interval.contains(0.3))
        }
        #expect(ClusterBootstrap(units: [0, 0]).intervals(of: [[1, 2]]) == [nil])
        #expect(ClusterBootstrap(units: [0, 1]).intervals(of: [[.nan, .nan]]) == [nil])
    }
}
