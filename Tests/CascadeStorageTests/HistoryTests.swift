import CascadeCore
import CascadePostgres
import Testing

@testable import CascadeStorage

@Suite struct HistoryTests {
    /// Within a minute, over weeks, and over years.
    @Test(arguments: [21 as UInt64, 22, 23, 24], [1, 90_000, 2_000_000])
    func agreesWithThePlainRules(_ seed: UInt64, step: Double) async throws {
        let scale = TimeScale(step: step)
        let world = NaiveFeedback.random(seed: seed, scale: scale)
        try await withStorage { storage async throws in
            try await storage.signals.register(world.signals)
            _ = try await storage.feedback.append(world.events)
            _ = try await storage.feedback.append(world.impressions)
            for user in (0..<6).map({ "u\($0)" }) {
                for (limit, before) in [
                    (1000, nil), (1, nil), (7, scale.at(30)), (20, scale.at(12)), (3, scale.at(-50)),
                ] {
                    let history = try await storage.feedback.history(of: UserID(user), before: before, limit: limit)
                    let expected = world.history(of: user, before: before, limit: limit)
                    #expect(history == expected, "seed \(seed), step \(step), user \(user), limit \(limit)")
                }
                try await namesAllThatWasSeen(user, storage, "seed \(seed), step \(step), user \(user)")
                for limit in [100, 3] {
                    let seen = try await storage.feedback.seenItems(of: UserID(user), limit: limit)
                    #expect(
                        seen == world.seen(by: user, limit: limit),
                        "seed \(seed), step \(step), user \(user), limit \(limit)")
                }
            }
        }
    }

    /// A history that is shorter than what is asked for is all there is: what the pipeline stands on where it reads no seen items.
    private func namesAllThatWasSeen(_ user: String, _ storage: Storage, _ place: String) async throws {
        let seen = Set(try await storage.feedback.seenItems(of: UserID(user), limit: 1000))
        let steps = try await storage.feedback.history(of: UserID(user), before: nil, limit: 1000).count
        for limit in [steps + 1, steps, steps - 1] where limit > 0 {
            let history = try await storage.feedback.history(of: UserID(user), before: nil, limit: limit)
            #expect((history.count < limit) == (limit > steps), "\(place)")
            if history.count < limit { #expect(Set(history.map(\.itemID)) == seen, "\(place)") }
        }
    }

    @Test func nothingIsAskedForNothing() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.feedback.history(of: UserID("u"), before: nil, limit: 0).isEmpty)
            #expect(try await storage.feedback.seenItems(of: UserID("u"), limit: -1).isEmpty)
        }
    }

    /// However long the logs are, one user's past is read by index.
    @Test func bothAreIndexScans() async throws {
        try await withStorage { storage async throws in
            var batch = ImportBatch()
            for number in 0..<20_000 {
                let user = "u\(number % 400)"
                let item = "i\(number % 977)"
                batch.impressions.append(
                    makeImpression("p\(number)", user, item, Double(number), recommendation: "r\(number / 10)"))
                if number % 3 == 0 {
                    batch.events.append(
                        makeEvent("e\(number)", "click", user, item, Double(number), impression: "p\(number)"))
                }
                if number % 7 == 0 {
                    batch.events.append(
                        makeEvent("f\(number)", "click", user, item, Double(number), recommendation: "r\(number / 10)"))
                }
            }
            _ = try await storage.importSink.write(batch)
            try await storage.pool.execute("ANALYZE impressions, events")
            let steps = HistoryQuery.steps(of: UserID("u17"), before: at(15_000), limit: 20)
            let seen = HistoryQuery.seen(by: UserID("u17"), limit: 100)
            for query in [steps, seen] {
                let plan = try await storage.pool.query("EXPLAIN \(query)").column("QUERY PLAN", as: String.self)
                // An empty month may be read from end to end.
                #expect(
                    !plan.contains { $0.contains("Seq Scan on") && $0.contains("_before") },
                    "\(plan.joined(separator: "\n"))")
                #expect(plan.contains { $0.contains("impressions_before_by_user") })
                #expect(plan.contains { $0.contains("events_before_by_user") })
            }
        }
    }
}
