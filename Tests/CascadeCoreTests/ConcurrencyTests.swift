import CascadeCore
import Synchronization
import Testing

/// How many pieces of work run at once, and how many ever did.
private final class Load: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func during(_ work: () -> Int) -> Int {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
        defer { state.withLock { $0.now -= 1 } }
        return work()
    }
}

@Suite struct ConcurrencyTests {
    @Test func poolRunsEverythingOnAtMostItsThreads() async throws {
        let pool = ComputePool(threads: 3)
        defer { pool.shutdown() }
        let load = Load()
        var results = Set<Int>()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 { group.addTask { try await pool.run { _ in load.during { number * 2 } } } }
            for try await result in group { results.insert(result) }
        }
        #expect(results.count == 200)
        #expect(load.most <= 3)
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
