import CascadeCore
import CascadeStorage
import Testing

@Suite struct IdempotencyStoreTests {
    private func write(_ key: String, owner: String = "o", digest: UInt8 = 1) -> IdempotentWrite {
        IdempotentWrite(owner: owner, key: key, digest: [UInt8](repeating: digest, count: 32))
    }

    private let answer = StoredAnswer(status: 202, headers: ["Location": "/v1/jobs/é"], body: [0, 255, 10])

    @Test func aWriteIsBegunOnceAndThenAnswered() async throws {
        try await withStorage { storage async throws in
            let store = storage.idempotency
            let first = try await store.claim(write("k"), lease: 60, lifetime: 86_400)
            guard case .begun(let attempt) = first else { return #expect(Bool(false), "\(first)") }
            #expect(try await store.claim(write("k"), lease: 60, lifetime: 86_400) == .inFlight)
            #expect(try await store.claim(write("k", digest: 2), lease: 60, lifetime: 86_400) == .reused)
            // Nothing of an attempt that is not the one.
            try await store.finish(write("k"), attempt: "other", answer)
            try await store.release(write("k"), attempt: "other")
            #expect(try await store.claim(write("k"), lease: 60, lifetime: 86_400) == .inFlight)
            try await store.finish(write("k"), attempt: attempt, answer)
            #expect(try await store.claim(write("k"), lease: 60, lifetime: 86_400) == .answered(answer))
            #expect(try await store.claim(write("k", digest: 2), lease: 60, lifetime: 86_400) == .reused)
            // Another caller's key of the same name is another.
            let others = try await store.claim(write("k", owner: ""), lease: 60, lifetime: 86_400)
            if case .begun = others {} else { #expect(Bool(false), "\(others)") }
        }
    }

    @Test func ofManyAtOnceOneBegins() async throws {
        try await withStorage { storage async throws in
            let claims = try await withThrowingTaskGroup(of: IdempotencyClaim.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        try await storage.idempotency.claim(
                            IdempotentWrite(owner: "o", key: "k", digest: [UInt8](repeating: 1, count: 32)), lease: 60,
                            lifetime: 86_400)
                    }
                }
                return try await group.reduce(into: [IdempotencyClaim]()) { $0.append($1) }
            }
            #expect(claims.count { $0 == .inFlight } == 23)
        }
    }

    @Test func whatCameToNoEndIsBegunAnew() async throws {
        try await withStorage { storage async throws in
            let store = storage.idempotency
            let first = try await store.claim(write("k"), lease: -1, lifetime: 86_400)
            let second = try await store.claim(write("k", digest: 2), lease: 60, lifetime: 86_400)
            guard case .begun(let dead) = first, case .begun(let alive) = second else {
                return #expect(Bool(false), "\(first) \(second)")
            }
            #expect(dead != alive)
            // The dead one comes back and changes nothing.
            try await store.finish(write("k"), attempt: dead, answer)
            #expect(try await store.claim(write("k", digest: 2), lease: 60, lifetime: 86_400) == .inFlight)
            try await store.release(write("k"), attempt: alive)
            let third = try await store.claim(write("k"), lease: 60, lifetime: 86_400)
            if case .begun = third {} else { #expect(Bool(false), "\(third)") }
        }
    }

    @Test func answersAreForgotten() async throws {
        try await withStorage { storage async throws in
            let store = storage.idempotency
            for key in ["a", "b"] {
                guard case .begun(let attempt) = try await store.claim(write(key), lease: 60, lifetime: 86_400) else {
                    return #expect(Bool(false))
                }
                try await store.finish(write(key), attempt: attempt, answer)
            }
            let anew = try await store.claim(write("a", digest: 2), lease: 60, lifetime: -1)
            if case .begun = anew {} else { #expect(Bool(false), "\(anew)") }
            #expect(try await store.prune(before: Timestamp.now.adding(seconds: -60)) == 0)
            #expect(try await store.prune(before: Timestamp.now.adding(seconds: 60)) == 2)
        }
    }
}
