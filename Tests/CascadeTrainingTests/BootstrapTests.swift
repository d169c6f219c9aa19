import CascadeCore
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct BootstrapTests {
    /// Rows of users, each with a taste of their own, and scores that know a part of it.
    private static func rows(_ users: Int, each: Int = 12, noise: Double = 1, seed: UInt64 = 3) -> HeadRows {
        var random = SeededRandom(seed: seed)
        var rows = HeadRows()
        for user in 0..<users {
            let taste = random.uniform() * 3 - 2
            for _ in 0..<each {
                let truth = taste + random.uniform() * 3 - 1.5
                // Steps of a tenth, so that there are ties.
                let told = ((truth + noise * (random.uniform() * 2 - 1)) * 10).rounded() / 10
                rows.scores.append(Float(1 / (1 + exp(-told))))
                rows.labels.append(random.uniform() < 1 / (1 + exp(-truth)))
                rows.users.append(Int32(user * 7 + 100))
                rows.places.append(Int32(rows.places.count))
            }
        }
        return rows
    }

    private static func options(_ draws: Int, seed: UInt64 = 1) -> BootstrapOptions {
        var options = BootstrapOptions()
        (options.draws, options.seed) = (draws, seed)
        return options
    }

    private static func weighted(_ rows: HeadRows) -> (rows: WeightedRows, bootstrap: UserBootstrap) {
        let bootstrap = UserBootstrap(users: rows.users, options: options(10))
        return (
            WeightedRows(
                scores: rows.scores, labels: rows.labels, users: bootstrap.userOf, userCount: bootstrap.users),
            bootstrap
        )
    }

    @Test func weightsOfOneGiveThePlainFiguresAndOthersThoseOfRepeatedRows() throws {
        let rows = Self.rows(30)
        let (measured, bootstrap) = Self.weighted(rows)
        func check(_ weights: [Double], _ rows: HeadRows) throws {
            let auc = try #require(measured.auc(weights))
            #expect(abs(auc - (try #require(RankingMetrics.auc(scores: rows.scores, labels: rows.labels)))) < 1e-12)
            let loss = try #require(measured.logLoss(weights))
            #expect(
                abs(loss - (try #require(RankingMetrics.logLoss(scores: rows.scores, labels: rows.labels)))) < 1e-12)
            let grouped = try #require(measured.groupedAUC(weights))
            let expected = try #require(
                RankingMetrics.groupedAUC(scores: rows.scores, labels: rows.labels, groups: rows.users))
            #expect(abs(grouped - expected.auc) < 1e-12)
        }
        try check([Double](repeating: 1, count: 30), rows)
        let weights = bootstrap.weights(4)
        #expect(weights.reduce(0, +) == 30 && weights.contains(0) && weights.contains { $0 > 1 })
        // A user who is drawn twice is two users.
        var repeated = HeadRows()
        for copy in 0..<Int(weights.max() ?? 0) {
            for row in 0..<rows.count where weights[Int(bootstrap.userOf[row])] > Double(copy) {
                repeated.scores.append(rows.scores[row])
                repeated.labels.append(rows.labels[row])
                repeated.users.append(rows.users[row] + Int32(copy * 10_000))
            }
        }
        try check(weights, repeated)
    }

    @Test func whatIsNotDefinedIsNone() {
        var rows = Self.rows(3)
        rows.labels = rows.labels.map { _ in true }
        let measured = Self.weighted(rows).rows
        #expect(measured.auc([1, 1, 1]) == nil && measured.groupedAUC([1, 1, 1]) == nil)
        #expect(measured.logLoss([1, 1, 1]) != nil && measured.logLoss([0, 0, 0]) == nil)
        #expect(Interval(draws: []) == nil && Interval(draws: [1]) == nil)
        #expect(Interval(draws: [1, nil, nil]) == nil)
        #expect(Interval(draws: [nil, 1, 2, 3]) == Interval(draws: [3, 1, 2]))
    }

    @Test func intervalsLieBetweenTheOuterFortieths() throws {
        let interval = try #require(Interval(draws: (0...1000).reversed().map { Double($0) }))
        #expect(interval == Interval(low: 25, high: 975))
    }

    @Test func aSeedFixesTheDraws() throws {
        let rows = Self.rows(60)
        let one = try RankerFigures(rows, bootstrap: Self.options(100))
        #expect(one == (try RankerFigures(rows, bootstrap: Self.options(100))))
        #expect(one.aucInterval != (try RankerFigures(rows, bootstrap: Self.options(100, seed: 2)).aucInterval))
        #expect(try RankerFigures(rows, bootstrap: Self.options(0)).aucInterval == nil)
        let interval = try #require(one.aucInterval)
        let auc = try #require(one.auc)
        #expect(interval.low < auc && auc < interval.high)
        #expect(one.users == 60 && one.rows == 720)
        #expect(one.positives == rows.labels.count { $0 })
    }

    /// Whole users are drawn: rows that repeat a user's tell nothing new.
    @Test func repeatedRowsOfAUserNarrowNothing() throws {
        let rows = Self.rows(80)
        var twice = rows
        twice.scores += rows.scores
        twice.labels += rows.labels
        twice.users += rows.users
        let one = try #require(try RankerFigures(rows, bootstrap: Self.options(200)).aucInterval)
        let other = try #require(try RankerFigures(twice, bootstrap: Self.options(200)).aucInterval)
        #expect(abs(one.low - other.low) < 1e-9 && abs(one.high - other.high) < 1e-9)
    }

    /// Four of five worlds of the same kind, at least, have an AUC within the interval of one of them; 95 % are meant.
    @Test func intervalsHoldWhatOtherUsersGive() throws {
        let truth = try #require(
            RankingMetrics.auc(
                scores: Self.rows(4000, seed: 99).scores, labels: Self.rows(4000, seed: 99).labels))
        let hits = try (1...40).count { seed in
            let interval = try #require(
                try RankerFigures(Self.rows(100, seed: UInt64(seed)), bootstrap: Self.options(200)).aucInterval)
            return interval.low <= truth && truth <= interval.high
        }
        #expect(hits >= 34, "\(hits) of 40")
    }

    @Test func pairsTellSmallDifferencesApart() throws {
        let rows = Self.rows(300)
        // The same order with a little noise: surely a little worse.
        var random = SeededRandom(seed: 6)
        let worse = rows.scores.map { min(0.999, max(0.001, $0 + Float(random.uniform() - 0.5) * 0.3)) }
        let paired = try PairedBootstrap(labels: rows.labels, users: rows.users, options: Self.options(200))
        let found = try paired.differences(of: worse, from: rows.scores)
        let auc = try #require(found[.auc])
        #expect(auc.value < 0 && auc.interval.high < 0)
        #expect(try #require(found[.logLoss]).value > 0)
        let alone = try #require(try RankerFigures(rows, bootstrap: Self.options(200)).aucInterval)
        #expect(auc.interval.high - auc.interval.low < 0.7 * (alone.high - alone.low))
        // The other way round it is the opposite, and nothing against itself.
        let back = try paired.differences(of: rows.scores, from: worse)
        #expect(try #require(back[.auc]).value == -auc.value)
        #expect(try paired.differences(of: worse, from: worse)[.groupedAUC]?.interval == Interval(low: 0, high: 0))
        // Seeds that disagree widen what is said of all of them.
        let both = try #require(try paired.differences([(rows.scores, worse), (worse, rows.scores)])[.auc])
        #expect(abs(both.value) < 1e-12)
        #expect(both.interval.low < auc.value / 2 && both.interval.high > -auc.value / 2)
    }

    @Test func otherRowsCannotBeCompared() throws {
        #expect(throws: TrainingError.differentRows(2, 1)) {
            try PairedBootstrap(labels: [true, false], users: [1])
        }
        let paired = try PairedBootstrap(labels: [true, false], users: [1, 2])
        #expect(throws: TrainingError.differentRows(2, 3)) {
            try paired.differences(of: [0.1, 0.2, 0.3], from: [0.1, 0.2])
        }
        // One outcome has no AUC, but a log loss.
        let one = try PairedBootstrap(labels: [true, true], users: [1, 2])
        #expect(Set(try one.differences(of: [0.5, 0.5], from: [0.1, 0.2]).keys) == [.logLoss])
    }
}
