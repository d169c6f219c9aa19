import CascadeCore
import CascadePostgres
import CascadeTestSupport
import Testing

@testable import CascadeStorage

@Suite struct InspectionTests {
    private func fill(_ storage: Storage, events: Int) async throws {
        _ = try await storage.catalog.put(Item(id: ItemID("i"), hidden: true))
        try await storage.signals.register(["click"])
        try await storage.pool.execute(
            """
            INSERT INTO events (event_id, signal_id, user_id, item_id, occurred_at)
            SELECT lpad(number::text, 8, '0'), 0, 'u', CASE WHEN number % 2 = 0 THEN 'i' ELSE 'none' END,
                \(PostgresTimestamp(microseconds: at(0).microseconds)) + number * interval '1 second'
            FROM generate_series(1, \(events)) AS number
            """)
    }

    @Test func largeTablesAreEstimated() async throws {
        try await withStorage { storage async throws in
            try await fill(storage, events: 3000)
            let exact = try await storage.rowCounts()
            #expect(exact.events == 3000 && exact.items == 1 && exact.hiddenItems == 1 && exact.estimated.isEmpty)
            #expect(exact.latestFeedbackAt == at(3000))
            // Not analysed yet: the count ends behind the limit.
            #expect(try await storage.rowCounts(counted: 1000).estimated == ["events"])
            try await storage.pool.execute("ANALYZE events")
            let about = try await storage.rowCounts(counted: 1000)
            #expect(about.estimated == ["events"] && about.events == 3000)
            #expect(about.latestFeedbackAt == at(3000))
        }
    }

    @Test func theNewestRowsAreThoseAtTheEnd() async throws {
        try await withStorage { storage async throws in
            try await fill(storage, events: 20_000)
            try await storage.pool.execute("ANALYZE events")
            let numbers: [String] = try await storage.database.run { session in
                let rows = try NewestRows.of("events", wanted: 500, session)
                return try session.query("SELECT event_id FROM (\(rows)) AS newest ORDER BY 1").column("event_id")
            }
            #expect((400...1000).contains(numbers.count), "\(numbers.count)")
            #expect(numbers.last == "00020000")
            let plan: [String] = try await storage.database.run { session in
                let rows = try NewestRows.of("events", wanted: 500, session)
                return try session.query("EXPLAIN \(rows)").map { row in try row.decode(0, as: String.self) }
            }
            #expect(plan.joined().contains("Tid Range Scan"), "\(plan)")
        }
    }

    @Test func theSampleCountsWhatIsOdd() async throws {
        try await withStorage { storage async throws in
            try await fill(storage, events: 100)
            let sample = try await storage.feedbackSample()
            #expect(sample.events == .init(rows: 100, unknownItems: 50, unknownUsers: 100, future: 0))
            #expect(sample.impressions == .init() && sample.answers == 0)
        }
    }

    @Test func schedulesAreDueByTimeAndRows() async throws {
        try await withStorage { storage async throws in
            try await storage.jobs.setSchedule(
                "a", .train, params: [:], everySeconds: 60, afterEvents: nil, maxAttempts: 1)
            try await storage.jobs.setSchedule(
                "b", .train, params: [:], everySeconds: nil, afterEvents: 10, maxAttempts: 1)
            var facts = try await storage.jobs.facts()
            #expect(facts.schedules.map(\.afterRows) == [nil, 10])
            #expect(facts.schedules[0].at != nil && facts.schedules[1].at == nil)
            #expect(facts.schedules.allSatisfy { $0.overdueSeconds == nil && !$0.isWaiting })
            try await storage.pool.execute("UPDATE job_schedules SET counted_from = now() - interval '1 hour'")
            facts = try await storage.jobs.facts()
            #expect(facts.schedules[0].overdueSeconds.map { $0 > 3500 && $0 < 3700 } == true)
            _ = try await storage.jobs.enqueueDue()
            facts = try await storage.jobs.facts()
            #expect(facts.schedules[0].isWaiting && facts.schedules[0].overdueSeconds == nil)
        }
    }
}
