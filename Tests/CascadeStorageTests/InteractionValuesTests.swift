import CascadeCore
import CascadeStorage
import Testing

@Suite struct InteractionValuesTests {
    private static func event(
        _ id: String, _ type: String, _ item: String, _ seconds: Double, value: Double?, impression: String? = nil,
        recommendation: String? = nil, user: String = "a"
    ) -> Event {
        var event = makeEvent(
            id, type, user, item, seconds, impression: impression, recommendation: recommendation)
        event.value = value
        return event
    }

    private static let impressions = [
        makeImpression("p1", "a", "x", 10), makeImpression("p1", "a", "y", 11),
        makeImpression("p2", "a", "x", 20, recommendation: "r"), makeImpression("p3", "a", "z", 30, observed: ["rate"]),
        makeImpression("p4", "b", "x", 40),
    ]
    private static let events = [
        // The last one that has a value, whatever arrived last.
        event("e1", "play", "x", 12, value: 5, impression: "p1"),
        event("e0", "play", "x", 12, value: 4, impression: "p1"),
        event("e2", "play", "x", 11, value: 9, impression: "p1"),
        event("e3", "play", "x", 13, value: nil, impression: "p1"),
        // Of another signal.
        event("e4", "rate", "x", 14, value: -2.5, impression: "p1"),
        // Without a value; of a recommendation; what is no number.
        event("e5", "play", "y", 12, value: nil, impression: "p1"),
        event("e6", "play", "x", 25, value: 7, recommendation: "r"),
        event("e7", "play", "z", 31, value: .infinity, impression: "p3"),
        // Answers nothing, and so is of no impression.
        event("e8", "play", "z", 50, value: 8),
        event("e9", "play", "x", 60, value: 3, impression: "p4", user: "b"),
    ]

    private static func filled(_ body: @Sendable (Storage) async throws -> Void) async throws {
        try await withStorage { storage async throws in
            try await storage.signals.register(["rate", "play"])
            _ = try await storage.feedback.append(events)
            _ = try await storage.feedback.append(impressions)
            try await body(storage)
        }
    }

    /// NaN as nil, so that columns can be compared.
    private static func known(_ column: Column<Float>?) -> [Float?]? { column.map { $0.map { $0.isNaN ? nil : $0 } } }

    @Test(arguments: [false, true]) func valuesAreThoseOfTheLastAnswers(timed: Bool) async throws {
        try await Self.filled { storage in
            let log = try await storage.feedback.interactions(
                in: Period(), timed: timed, values: ["play", "rate", "none"])
            #expect(log.isImpression == [true, true, true, true, false, true])
            #expect(Set(log.values.keys) == ["play", "rate"])
            #expect(Self.known(log.values["play"]) == [5, nil, 7, nil, nil, 3])
            #expect(Self.known(log.values["rate"]) == [-2.5, nil, nil, nil, nil, nil])
            #expect((log.answers != nil) == timed)
            let one = try await storage.feedback.interactions(in: Period(), timed: timed, values: ["rate"])
            #expect(Self.known(one.values["rate"]) == Self.known(log.values["rate"]) && one.values.count == 1)
            // What is asked for changes nothing else.
            let plain = try await storage.feedback.interactions(in: Period(), timed: timed)
            #expect(plain.rows == log.rows && plain.values.isEmpty)
        }
    }

    /// A period sees the values that came before its end.
    @Test func aPeriodSeesNoLaterValues() async throws {
        try await Self.filled { storage in
            let log = try await storage.feedback.interactions(
                in: Period(until: at(12)), timed: false, values: ["play"])
            #expect(Self.known(log.values["play"]) == [9, nil])
            let late = try await storage.feedback.interactions(
                in: Period(from: at(20), until: at(50)), timed: false, values: ["play"])
            #expect(Self.known(late.values["play"]) == [7, nil, nil])
        }
    }

    @Test func rowsAndNamesCarryTheirValues() async throws {
        try await Self.filled { storage in
            let log = try await storage.feedback.interactions(in: Period(), timed: false, values: ["play"])
            let some = log.rows { $0 % 2 == 0 }
            #expect(Self.known(some.values["play"]) == [5, 7, nil])
            #expect(Self.known(some.compacted().values["play"]) == [5, 7, nil])
        }
    }
}
