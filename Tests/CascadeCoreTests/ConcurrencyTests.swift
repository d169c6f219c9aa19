import CascadeCore
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    @Test func poolRunsEverythingOnAtMostItsThreads() async throws {
        let pool = ComputePool(threads: 3)
        defer { pool.shutdown() }
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await pool.run { _ in
                        let now = running.add(1, ordering: .relaxed).newValue
                        most.max(now, ordering: .relaxed)
                        defer { running.subtract(1, ordering: .relaxed) }
                        return number * 2
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(results.count == 200)
        let atOnce = most.load(ordering: .relaxed)
        #expect(atOnce <= 3)
    }

    @Test func cancelledWorkThatWaitsNeverStarts() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let gate = AsyncStream<Void>.makeStream()
        let release = Atomic<Bool>(false)
        let started = Atomic<Bool>(false)
        async let blocker: Void = pool.run { _ in
            gate.continuation.yield()
            while !release.load(ordering: .acquiring) {}
        }
        for await _ in gate.stream { break }
        let waiting = Task { try await pool.run { _ in started.store(true, ordering: .relaxed) } }
        waiting.cancel()
        release.store(true, ordering: .releasing)
        try await blocker
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let didStart = started.load(ordering: .relaxed)
        #expect(!didStart)
    }

    @Test func runningWorkSeesItsCancellation() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            try await pool.run { cancellation in
                gate.continuation.yield()
                while true { try cancellation.check() }
            }
        }
        for await _ in gate.stream { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func workspacesAreLentToOneAtATimeAndReused() throws {
        final class Counter { var value = 0 }
        let made = Atomic<Int>(0)
        let pool = WorkspacePool<Counter> {
            made.add(1, ordering: .relaxed)
            return Counter()
        }
        for _ in 0..<10 { try pool.lend { $0.value += 1 } }
        #expect(try pool.lend { $0.value } == 10)
        let first = made.load(ordering: .relaxed)
        #expect(first == 1)
        try pool.lend { _ in try pool.lend { #expect($0.value == 0) } }
        let both = made.load(ordering: .relaxed)
        #expect(both == 2)
        struct Failure: Error {}
        #expect(throws: Failure.self) { try pool.lend { _ in throw Failure() } }
    }
}
