import CascadeCore
import CascadeStorage
import Testing

@Suite struct InteractionsTests {
    /// Three users; every rule once.
    private let world = NaiveFeedback(
        impressions: [
            makeImpression("p1", "a", "x", 10),
            makeImpression("p1", "a", "y", 10, observed: ["click"]),
            makeImpression("p2", "a", "x", 20, recommendation: "r2"),
            makeImpression("p3", "a", "x", 30, recommendation: "r2"),
            makeImpression("p0", "b", "z", 10, observed: []),
        ],
        events: [
            // Answers p1, before it by the client's clock, and again later with another signal.
            makeEvent("e1", "click", "a", "x", 9, impression: "p1"),
            makeEvent("e2", "like", "a", "x", 100, impression: "p1"),
            // Names only the recommendation: the first of the two impressions.
            makeEvent("e3", "click", "a", "x", 31, recommendation: "r2"),
            // Names an impression that is not there and a recommendation that is.
            makeEvent("e4", "like", "a", "x", 32, impression: "gone", recommendation: "r2"),
            // Another user's impression is not this one's.
            makeEvent("e5", "click", "c", "x", 40, impression: "p1"),
            // Recorded although the impression does not list it.
            makeEvent("e6", "like", "b", "z", 11, impression: "p0"),
            // Two of one time are one row, a third is not.
            makeEvent("e7", "click", "c", "w", 50), makeEvent("e8", "like", "c", "w", 50),
            makeEvent("e9", "click", "c", "w", 51),
        ],
        signals: ["click", "like"])

    private func fill(_ storage: Storage, _ world: NaiveFeedback, eventsFirst: Bool = false) async throws {
        try await storage.signals.register(world.signals)
        if eventsFirst { _ = try await storage.feedback.append(world.events) }
        _ = try await storage.feedback.append(world.impressions)
        if !eventsFirst { _ = try await storage.feedback.append(world.events) }
    }

    @Test(arguments: [false, true]) func everyRuleByHand(_ eventsFirst: Bool) async throws {
        try await withStorage { storage async throws in
            try await fill(storage, world, eventsFirst: eventsFirst)
            let log = try await storage.feedback.interactions(in: Period())
            #expect(log.signals == ["click", "like"])
            #expect(log.users.map(\.rawValue) == ["a", "b", "c"])
            #expect(log.items.map(\.rawValue) == ["w", "x", "y", "z"])
            func row(
                _ user: String, _ item: String, _ time: Double, _ given: UInt32, _ observed: UInt32, shown: Bool = true
            )
                -> LogRow
            {
                LogRow(user: user, item: item, time: at(time), given: given, observed: observed, isImpression: shown)
            }
            #expect(
                log.rows == [
                    row("a", "x", 10, 3, 3), row("a", "y", 10, 0, 1), row("a", "x", 20, 3, 3), row("a", "x", 30, 0, 3),
                    row("b", "z", 10, 2, 2),
                    row("c", "x", 40, 1, 1, shown: false), row("c", "w", 50, 3, 3, shown: false),
                    row("c", "w", 51, 1, 1, shown: false),
                ])
        }
    }

    @Test func aPeriodSeesNothingOfWhatCameAfterIt() async throws {
        try await withStorage { storage async throws in
            try await fill(storage, world)
            let early = try await storage.feedback.interactions(in: Period(until: at(32)))
            // e2 (100) and e4 (32) are not yet known.
            #expect(early.rows.map(\.given) == [1, 0, 1, 0, 2])
            let late = try await storage.feedback.interactions(in: Period(from: at(30), until: at(51)))
            #expect(late.rows.map(\.user) == ["a", "c", "c"])
            #expect(late.users.count == 2 && late.items.count == 2)
            let empty = try await storage.feedback.interactions(in: Period(from: at(500)))
            #expect(empty.count == 0 && empty.users.isEmpty && empty.signals == ["click", "like"])
        }
    }

    @Test(arguments: [11 as UInt64, 12, 13, 14], [1, 90_000, 2_000_000])
    func agreesWithThePlainRules(_ seed: UInt64, step: Double) async throws {
        let scale = TimeScale(step: step)
        let world = NaiveFeedback.random(seed: seed, scale: scale)
        try await withStorage { storage async throws in
            try await fill(storage, world, eventsFirst: seed % 2 == 0)
            for period in [
                Period(), Period(until: scale.at(25)), Period(from: scale.at(10)),
                Period(from: scale.at(10), until: scale.at(30)), Period(from: scale.at(20), until: scale.at(20)),
            ] {
                let log = try await storage.feedback.interactions(in: period)
                #expect(log.rows == world.rows(in: period), "seed \(seed), step \(step), \(period)")
            }
        }
    }

    /// Places of impressions come with them; of the rest, and of events, none are known.
    @Test func placesInListsAreRead() async throws {
        try await withStorage { storage async throws in
            try await storage.signals.register(["click"])
            let places = [3, nil, 0, 100_000]
            let impressions = places.enumerated().map { number, place in
                var impression = makeImpression("p\(number)", "a", "x\(number)", Double(number))
                impression.position = place
                return impression
            }
            _ = try await storage.feedback.append(impressions)
            _ = try await storage.feedback.append([makeEvent("e", "click", "a", "y", 50)])
            let log = try await storage.feedback.interactions(in: Period())
            #expect(log.position == [3, -1, 0, .max, -1])
            #expect(log.rows { $0 > 1 }.position == [0, .max, -1])
        }
    }

    @Test func emptyTablesGiveAnEmptyLog() async throws {
        try await withStorage { storage async throws in
            let log = try await storage.feedback.interactions(in: Period())
            #expect(log.count == 0 && log.items.isEmpty && log.users.isEmpty)
        }
    }
}
