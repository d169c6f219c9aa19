import CascadeCore
import CascadePostgres
import Foundation
import Testing

@testable import CascadeStorage

/// The logs in partitions by month.
@Suite struct LogMonthsTests {
    private static func partitions(_ storage: Storage, _ log: String = "events") async throws -> [String] {
        try await storage.pool.query(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = \(log)::regclass ORDER BY name"
        ).column("name")
    }

    /// Where the rows of a log are, by partition.
    private static func rows(_ storage: Storage, _ log: String = "events") async throws -> [String: Int] {
        let rows = try await storage.pool.query(
            "SELECT tableoid::regclass::text AS name, count(*) AS rows FROM \(identifier: log) GROUP BY 1")
        return try Dictionary(
            uniqueKeysWithValues: rows.map {
                (try $0.decode("name", as: String.self), try $0.decode("rows", as: Int.self))
            })
    }

    private static func month(_ time: Timestamp) -> String {
        String(time.rfc3339.prefix(7)).replacingOccurrences(of: "-", with: "_")
    }

    @Test func theNextMonthsAreThereAhead() async throws {
        try await withStorage { storage async throws in
            for log in ["events", "impressions"] {
                let found = try await Self.partitions(storage, log)
                #expect(found.contains("\(log)_before") && found.contains("\(log)_far"))
                #expect(found.contains("\(log)_\(Self.month(.now))"))
                #expect(found.count == 5, "\(found)")
            }
        }
    }

    @Test func rowsGoToTheirMonths() async throws {
        try await withStorage { storage async throws in
            let later = Timestamp.now.adding(seconds: 200 * 86_400)
            var events = [makeEvent("old", "click", "u", "i", 0), makeEvent("new", "click", "u", "i", 0)]
            events[1].occurredAt = .now
            var ahead = makeEvent("ahead", "click", "u", "i", 0)
            ahead.occurredAt = later
            var nonsense = makeEvent("nonsense", "click", "u", "i", 0)
            nonsense.occurredAt = try #require(Timestamp(rfc3339: "2345-06-07"))
            var ancient = makeEvent("ancient", "click", "u", "i", 0)
            ancient.occurredAt = try #require(Timestamp(rfc3339: "0804-06-07"))
            let result = try await storage.feedback.append(events + [ahead, nonsense, ancient])
            #expect(result.inserted == 5)
            #expect(
                try await Self.rows(storage) == [
                    "events_before": 2, "events_\(Self.month(.now))": 1, "events_\(Self.month(later))": 1,
                    "events_far": 1,
                ])
            // A month has both logs.
            #expect(try await Self.partitions(storage, "impressions").contains("impressions_\(Self.month(later))"))
        }
    }

    /// The same identifier with another time is the same event, in whatever month: by the API and by imports.
    @Test func identifiersAreUniqueOverAllMonths() async throws {
        try await withStorage { storage async throws in
            var event = makeEvent("e", "click", "u", "i", 0)
            var impression = makeImpression("p", "u", "i", 0)
            #expect(try await storage.feedback.append([event]).inserted == 1)
            #expect(try await storage.feedback.append([impression]).inserted == 1)
            event.occurredAt = .now
            impression.shownAt = .now
            #expect(try await storage.feedback.append([event]).duplicates == 1)
            #expect(try await storage.feedback.append([impression]).duplicates == 1)
            var batch = ImportBatch()
            batch.events = [event]
            batch.impressions = [impression]
            var other = impression
            other.itemID = ItemID("other")
            batch.impressions.append(other)
            let outcome = try await storage.importSink.write(batch)
            #expect(outcome.events.inserted == 0 && outcome.events.duplicates == 1)
            #expect(outcome.impressions.inserted == 1 && outcome.impressions.duplicates == 1)
            #expect(try await Self.rows(storage) == ["events_before": 1])
        }
    }

    /// Twice in one request or batch an identifier is one row, the first of a request.
    @Test func anIdentifierTwiceAtOnceIsOneRow() async throws {
        try await withStorage { storage async throws in
            var second = makeEvent("e", "like", "u", "i", 5)
            second.occurredAt = .now
            let result = try await storage.feedback.append([makeEvent("e", "click", "u", "i", 0), second])
            #expect(result.inserted == 1 && result.duplicates == 1)
            var batch = ImportBatch()
            batch.events = [makeEvent("f", "click", "u", "i", 0), makeEvent("f", "like", "u", "i", 9)]
            batch.impressions = [makeImpression("p", "u", "i", 0), makeImpression("p", "u", "i", 3)]
            let outcome = try await storage.importSink.write(batch)
            #expect(outcome.events.inserted == 1 && outcome.impressions.inserted == 1)
            #expect(try await Self.rows(storage) == ["events_before": 2])
        }
    }

    /// Several writers that need the same new month at once all get it.
    @Test func writersAtOnceMakeAMonthOnce() async throws {
        try await withStorage { storage async throws in
            let later = Timestamp.now.adding(seconds: 400 * 86_400)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        // Each with a memory of its own, as servers have.
                        let own = Storage(pool: storage.pool)
                        for number in 0..<5 {
                            var event = makeEvent("e\(writer)-\(number)", "click", "u", "i", 0)
                            event.occurredAt = later.adding(seconds: Double(number) * 40 * 86_400)
                            _ = try await own.feedback.append([event])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.rows(storage).values.reduce(0, +) == 30)
        }
    }

    /// A partition that went, since a process saw it, is made again.
    @Test func aMonthThatWentIsMadeAgain() async throws {
        try await withStorage { storage async throws in
            var event = makeEvent("e1", "click", "u", "i", 0)
            event.occurredAt = .now
            _ = try await storage.feedback.append([event])
            try await storage.pool.execute("DROP TABLE \(identifier: "events_\(Self.month(.now))")")
            event.id = "e2"
            #expect(try await storage.feedback.append([event]).inserted == 1)
            #expect(try await Self.rows(storage) == ["events_\(Self.month(.now))": 1])
        }
    }

    /// Whichever partition a row is in, the counters count it.
    @Test func erasureTakesIdentifiersAlong() async throws {
        try await withStorage { storage async throws in
            var event = makeEvent("e", "click", "u", "i", 0)
            event.occurredAt = .now
            _ = try await storage.feedback.append([event])
            _ = try await storage.feedback.append([makeImpression("p", "u", "i", 0)])
            _ = try await storage.eraser.erase(UserID("u"))
            for table in ["event_ids", "impression_ids"] {
                let left: Int = try await storage.pool.query("SELECT count(*) FROM \(identifier: table)").single()
                    .decode(0)
                #expect(left == 0, "\(table)")
            }
            #expect(try await storage.feedback.append([event]).inserted == 1)
        }
    }

    // MARK: what goes

    @Test func oldMonthsGoWithTheirIdentifiers() async throws {
        try await withStorage { storage async throws in
            let now = Timestamp.now
            // As if the months had begun long ago.
            try await storage.pool.execute("DROP TABLE events_before, impressions_before")
            try await storage.pool.execute("UPDATE log_state SET months_from = '2000-01-01 00:00:00+00'")
            for log in ["events", "impressions"] {
                try await storage.pool.execute(
                    """
                    CREATE TABLE \(identifier: "\(log)_before") PARTITION OF \(identifier: log)
                    FOR VALUES FROM (MINVALUE) TO ('2000-01-01 00:00:00+00')
                    """)
            }
            let ages = [0.0, 20, 70, 400]
            func event(_ days: Double) -> Event {
                var event = makeEvent("e\(days)", "click", "u", "i", 0)
                event.occurredAt = now.adding(seconds: -days * 86_400)
                return event
            }
            _ = try await storage.feedback.append(ages.map(event))
            _ = try await storage.feedback.append(
                ages.map { days in
                    var impression = makeImpression("p\(days)", "u", "i", 0)
                    impression.shownAt = now.adding(seconds: -days * 86_400)
                    return impression
                })
            var ancient = makeEvent("ancient", "click", "u", "i", 0)
            ancient.occurredAt = try #require(Timestamp(rfc3339: "1999-12-31T23:59:59Z"))
            _ = try await storage.feedback.append([ancient])
            #expect(try await storage.logs.hasRows(before: try await storage.logs.month(1)))
            let told = try await storage.logs.remove(before: try await storage.logs.month(1), dryRun: true)
            #expect(told.partitions.count == 4 && told.rows == 1 && told.identifiers == 0)
            let removal = try await storage.logs.remove(before: try await storage.logs.month(1))
            // A day may lie in this month or the one before, 70 days and 400 in none of them.
            #expect(removal.partitions.count == 4, "\(removal)")
            #expect(removal.rows == 1 && removal.identifiers == 5, "\(removal)")
            let left = try await storage.feedback.events(of: UserID("u"), type: nil, after: nil, limit: 10)
            #expect(left.map(\.id) == ["e0.0", "e20.0"])
            #expect(try await !storage.logs.hasRows(before: try await storage.logs.month(1)))
            // Once more there is nothing to remove.
            #expect(try await storage.logs.remove(before: try await storage.logs.month(1)) == LogRemoval())
            // What comes late goes to a month that is made again, with an identifier that is free again.
            #expect(try await storage.feedback.append([event(400)]).inserted == 1)
            #expect(try await storage.feedback.append([event(400)]).inserted == 0)
        }
    }

    @Test func aMonthBeginsInUTC() async throws {
        try await withStorage { storage async throws in
            let moment = try #require(Timestamp(rfc3339: "2026-03-31T23:30:00-02:00"))
            #expect(try await storage.logs.month(0, before: moment).rfc3339 == "2026-04-01T00:00:00Z")
            #expect(try await storage.logs.month(13, before: moment).rfc3339 == "2025-03-01T00:00:00Z")
        }
    }

    @Test func partitionsAreListedWithTheirSizes() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.feedback.append([makeEvent("e", "click", "u", "i", 0)])
            try await storage.logs.prepareAhead()
            try await storage.pool.execute("ANALYZE events")
            let found = try await storage.logs.partitions()
            #expect(found.count == 10 && found.first?.name == "events_before")
            #expect(found.first?.rows == 1 && found.allSatisfy { $0.bytes > 0 })
        }
    }
}
