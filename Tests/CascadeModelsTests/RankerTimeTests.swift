import CascadeCore
import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels

/// The ranker over features of the time.
@Suite struct RankerTimeTests {
    private static let histories = HistoryEncoders.members.all.keys.sorted()

    /// A moment so many hours behind that of the fixtures.
    private static func moment(_ hours: Double) -> Timestamp { ModelFixture.moment.adding(seconds: 3600 * hours) }

    @Test(arguments: histories) func servingEqualsTheTrainingForwardPass(history: String) throws {
        let fixture = try ModelFixture(times: true, ranker: { $0.history = history })
        let bundle = try fixture.bundle()
        let items = (0..<30).map { Int32(($0 * 7) % 30) }
        for (user, hours) in [(0, 0.0), (19, 31.5)] {
            let moment = Self.moment(hours)
            let served = try fixture.served(bundle, user: user, items: items, at: moment)
            let trained = try fixture.whole(user: user, items: items, at: moment)
            #expect(Set(served).count >= items.count)
            for (left, right) in zip(served, trained) { #expect(abs(left - right) < 1e-4, "user \(user)") }
        }
    }

    /// The hour, the weekday and the distance of a past each tell by themselves.
    @Test(arguments: histories) func theMomentTells(history: String) throws {
        let fixture = try ModelFixture(times: true, ranker: { $0.history = history })
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([fixture.rows.users[0]])
        func score(_ moment: Timestamp, _ times: [Int64]) throws -> Float {
            try HistorySlice.lend(items: [1, 2], codes: [1, 0], times: times) { slice in
                try ranker.probabilities(
                    context: try ranker.context(users: users, row: 0, history: slice, at: moment), items: [5],
                    columns: fixture.map.counterLayout.columns, counters: { _, _ in }, check: {})[0]
            }
        }
        func ago(_ seconds: [Double], _ moment: Timestamp) -> [Int64] {
            seconds.map { moment.adding(seconds: -$0).microseconds }
        }
        let (now, hour, day) = (Self.moment(0), Self.moment(1), Self.moment(24))
        let truth = try score(now, ago([500, 100], now))
        #expect(abs(truth - (try score(hour, ago([500, 100], hour)))) > 1e-7, "another hour")
        #expect(abs(truth - (try score(day, ago([500, 100], day)))) > 1e-7, "another weekday")
        #expect(abs(truth - (try score(now, ago([90_000, 100], now)))) > 1e-7, "an older step")
        let week = Self.moment(7 * 24)
        #expect(try score(week, ago([500, 100], week)) == truth, "the same clock, as long ago")
    }

    /// Without times the moment is nothing, whatever is asked.
    @Test func withoutTimesNothingDependsOnThem() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let items: [Int32] = [1, 8, 20]
        #expect(
            try fixture.served(bundle, user: 2, items: items, at: Self.moment(0))
                == fixture.served(bundle, user: 2, items: items, at: Self.moment(99)))
        let names = try fixture.ranker().store.parameters.map(\.name)
        #expect(!names.contains { $0.hasSuffix(".gap") || $0.hasSuffix(".times") })
    }

    /// The newest steps of a row are handed over in their order, none where there is none.
    @Test func transActReadsTheNewestStepsOneByOne() throws {
        let fixture = try ModelFixture(ranker: { $0.history = "transact" })
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([fixture.rows.users[0]])
        func score(_ items: [Int32]) throws -> Float {
            try HistorySlice.lend(items: items, codes: items.map { _ in 1 }) { slice in
                try ranker.probabilities(
                    context: try ranker.context(users: users, row: 0, history: slice, at: ModelFixture.moment),
                    items: [5], columns: fixture.map.counterLayout.columns, counters: { _, _ in }, check: {})[0]
            }
        }
        #expect(abs(try score([1, 2]) - (try score([2, 1]))) > 1e-7, "their order")
        #expect(abs(try score([1]) - (try score([1, 1]))) > 1e-7, "their number")
        // Eight steps are read.
        #expect(try score([9] + Array(1...8)) == score([4] + Array(1...8)))
    }

    @Test func settingsThatCannotBeAreNamed() throws {
        var settings = RankerSettings()
        settings.history = "transact"
        settings.historyWidth = 9
        settings.historyHeads = 3
        #expect(settings.problems() == ["ranker.history_width must be even for ranker.history transact"])
        settings = RankerSettings()
        settings.historyMaskHours = -1
        #expect(settings.problems() == ["ranker.history_mask_hours must be 0 (none) to 8784, a year"])
        settings.historyMaskHours = 2
        #expect(settings.problems().isEmpty)
        #expect(settings.problems(readsTimes: false) == ["ranker.history_mask_hours needs features.times"])
        let plain = try ModelFixture()
        #expect(throws: ModelError.badSettings(["ranker.history_mask_hours needs features.times"])) {
            try RankingModel(settings: settings, map: plain.map, store: ParameterStore())
        }
        let timed = try ModelFixture(times: true)
        _ = try RankingModel(settings: settings, map: timed.map, store: ParameterStore())
    }
}
