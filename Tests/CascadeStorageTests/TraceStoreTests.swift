import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct TraceStoreTests {
    private func trace(_ id: String, _ seconds: Double, json: String = #"{"items": ["a"]}"#) -> RecommendationTrace {
        RecommendationTrace(
            recommendationID: id, userID: UserID("u/1"), releaseID: "r", createdAt: at(seconds), json: json)
    }

    @Test func tracesComeBackUntilTheyArePruned() async throws {
        try await withStorage { storage async throws in
            let anonymous = RecommendationTrace(
                recommendationID: "c", userID: nil, releaseID: nil, createdAt: at(30), json: "[]")
            try await storage.traces.put([trace("b", 20), trace("a", 10), anonymous])
            #expect(try await storage.traces.trace("a") == trace("a", 10))
            #expect(try await storage.traces.trace("c") == anonymous)
            #expect(try await storage.traces.prune(before: at(20)) == 1)
            #expect(try await storage.traces.trace("a") == nil)
            #expect(try await storage.traces.trace("b") != nil)
            #expect(try await storage.traces.prune(before: at(20)) == 0)
        }
    }

    /// Postgres's own compression takes longer than all else that a trace needs.
    @Test func tracesAreCompressedQuickly() async throws {
        try await withStorage { storage async throws in
            let built = try await storage.pool.query(
                "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
            )
            .column("enumvals", as: [String].self).joined()
            try await storage.traces.put([trace("a", 10, json: "\(Array(repeating: "word", count: 20_000))")])
            let used = try await storage.pool.query(
                "SELECT pg_column_compression(trace) AS used FROM recommendation_traces"
            )
            .column("used", as: String.self)
            #expect(used == [built.contains("lz4") ? "lz4" : "pglz"])
        }
    }

    @Test func tracesOfAPeriodComeNewestFirst() async throws {
        try await withStorage { storage async throws in
            // More than a page, several of one moment.
            try await storage.traces.put((0..<450).map { trace("t\($0)", Double($0 / 3), json: "\($0)") })
            var seen: [Int] = []
            try await storage.traces.visit(in: Period(from: at(10), until: at(140))) { json in
                seen.append(try #require(Int(json)))
                return true
            }
            #expect(seen.sorted() == Array(30..<420))
            #expect(seen.map { $0 / 3 } == seen.map { $0 / 3 }.sorted(by: >))
            var first: [Int] = []
            try await storage.traces.visit(in: Period()) { json in
                first.append(try #require(Int(json)))
                return first.count < 5
            }
            #expect(first.count == 5 && first.allSatisfy { $0 >= 444 })
        }
    }

    @Test func puttingAgainReplaces() async throws {
        try await withStorage { storage async throws in
            try await storage.traces.put([trace("a", 10)])
            let later = trace("a", 11, json: #"{"items": []}"#)
            try await storage.traces.put([later])
            #expect(try await storage.traces.trace("a") == later)
            try await storage.traces.put([])
        }
    }

    @Test func oneBadTraceKeepsTheOthersOut() async throws {
        try await withStorage { storage async throws in
            let error = await storageError {
                try await storage.traces.put([trace("a", 10), trace("b", 10, json: "{broken")])
            }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let kept = try await storage.traces.trace("a")
            #expect(kept == nil)
        }
    }
}
