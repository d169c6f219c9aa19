import CascadeCore
import CascadeStorage
import Testing

/// What came of recommendations, by the rules by which trainings find the answers of impressions.
@Suite struct OutcomeTests {
    private func shown(
        _ id: String, _ user: String, _ items: [String], of recommendation: String, observed: [String]? = nil,
        at second: Double = 100
    ) -> [Impression] {
        items.map {
            Impression(
                id: id, userID: UserID(user), itemID: ItemID($0), shownAt: at(second), recommendationID: recommendation,
                observed: observed)
        }
    }

    private func event(
        _ id: String, _ user: String, _ item: String, _ type: String = "click", impression: String? = nil,
        recommendation: String? = nil, at second: Double = 110
    ) -> Event {
        Event(
            id: id, type: type, userID: UserID(user), itemID: ItemID(item), occurredAt: at(second),
            impressionID: impression, recommendationID: recommendation)
    }

    /// Two users under arms of two tests whose names end alike, and one under none.
    private func fill(_ storage: Storage) async throws {
        _ = try await storage.feedback.append(
            [
                event("e1", "u", "a", impression: "m1"), event("e2", "u", "b", recommendation: "r1.up-b.a_up-c"),
                event("e3", "u", "c", "like", impression: "m1"),
                // Of somebody else, of another item, and of a day before it was shown.
                event("e4", "v", "d", impression: "m1"), event("e5", "u", "x", impression: "m1"),
                event("e6", "u", "d", recommendation: "r1.up-b.a_up-c", at: 100 - 86_500),
                event("e9", "u", "d", "like", impression: "lost", recommendation: "r1.up-b.a_up-c"),
                event("e7", "v", "a", impression: "m2"), event("e8", "w", "a", recommendation: "r3"),
            ])
        let impressions =
            shown("m1", "u", ["a", "b", "c", "d"], of: "r1.up-b.a_up-c")
            // The same list once more: what names the recommendation alone counts for the first.
            + shown("m5", "u", ["b"], of: "r1.up-b.a_up-c", at: 105)
            + shown("m2", "v", ["a", "b"], of: "r2.a_up-d", observed: ["click"])
            + shown("m3", "w", ["a"], of: "r3") + shown("m4", "u", ["z"], of: "r4.up-b", at: 900)
        _ = try await storage.feedback.append(impressions)
    }

    @Test func outcomesAreThoseOfTheImpressions() async throws {
        try await withStorage { storage async throws in
            try await fill(storage)
            let outcomes = try await storage.outcomes.outcomes(
                of: ["r1.up-b.a_up-c", "r2.a_up-d", "r9"], signal: "click")
            #expect(
                outcomes == [
                    "r1.up-b.a_up-c": ["a": true, "b": true, "c": false, "d": false],
                    "r2.a_up-d": ["a": true, "b": false],
                ])
            // The second list did not record likes, so nobody knows.
            let likes = try await storage.outcomes.outcomes(of: ["r1.up-b.a_up-c", "r2.a_up-d"], signal: "like")
            #expect(likes == ["r1.up-b.a_up-c": ["a": false, "b": false, "c": true, "d": true]])
            #expect(try await storage.outcomes.outcomes(of: [], signal: "click").isEmpty)
            #expect(try await storage.outcomes.outcomes(of: ["r3"], signal: "none").isEmpty)
        }
    }

    @Test func armsAreReadFromTheRecommendation() async throws {
        try await withStorage { storage async throws in
            try await fill(storage)
            #expect(try await storage.experiments.signals() == ["click", "like"])
            let up = try await storage.experiments.users(of: "up", signals: ["click", "like"], in: Period())
            #expect(up.map(\.user) == ["u"] && up.map(\.arm) == ["b"])
            #expect(up.map(\.impressions) == [6] && up[0].recorded == [6, 6] && up[0].given == [2, 2])
            let early = try await storage.experiments.users(of: "up", signals: ["click"], in: Period(until: at(500)))
            #expect(early.map(\.impressions) == [5] && early[0].given == [2])
            let other = try await storage.experiments.users(of: "a_up", signals: ["like", "click"], in: Period())
            #expect(other.map { [$0.user, $0.arm] } == [["u", "c"], ["v", "d"]])
            #expect(other[1].recorded == [0, 2] && other[1].given == [0, 1])
            await #expect(throws: StorageError.self) {
                try await storage.experiments.users(of: "up", signals: ["lick"], in: Period())
            }
        }
    }
}
