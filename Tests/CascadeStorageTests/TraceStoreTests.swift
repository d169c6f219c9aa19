import CascadeCore
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
