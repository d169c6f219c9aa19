import CascadeCore
import Foundation
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

    /// In order and once each, with help and without: where no other thread is free, or there is no pool.
    @Test(arguments: [1, 2, 3]) func sharedWorkGivesEveryPartOnce(threads: Int) async throws {
        let pool = ComputePool(threads: threads)
        defer { pool.shutdown() }
        let load = Load()
        for count in [0, 1, 2, 7, 100] {
            let calls = Mutex<[Int]>([])
            let parts = try await pool.run { work in
                try work.shared(count) { part in
                    calls.withLock { $0.append(part) }
                    return load.during { part * part }
                }
            }
            #expect(parts == (0..<count).map { $0 * $0 })
            #expect(calls.withLock { $0.sorted() } == Array(0..<count))
            #expect(try ComputePool.Cancellation().shared(count) { $0 * $0 } == parts)
        }
        #expect(load.most <= threads)
    }

    /// A thread that has nothing to do helps: both parts must be at work at once for either to end.
    @Test(.timeLimit(.minutes(1))) func idleThreadsHelp() async throws {
        let pool = ComputePool(threads: 2)
        defer { pool.shutdown() }
        while pool.idleThreads < 2 { await Task.yield() }
        let begun = Atomic<Int>(0)
        let parts = try await pool.run { work in
            try work.shared(2) { part in
                begun.add(1, ordering: .acquiringAndReleasing)
                while begun.load(ordering: .acquiring) < 2 {}
                return part
            }
        }
        #expect(parts == [0, 1])
    }

    /// Nobody waits for threads that are busy.
    @Test func busyThreadsAreNotWaitedFor() async throws {
        let pool = ComputePool(threads: 2)
        defer { pool.shutdown() }
        let gate = AsyncStream<Void>.makeStream()
        let release = Atomic<Bool>(false)
        async let blocker: Void = pool.run { _ in
            gate.continuation.yield()
            while !release.load(ordering: .acquiring) {}
        }
        for await _ in gate.stream { break }
        #expect(try await pool.run { work in try work.shared(5) { $0 } } == [0, 1, 2, 3, 4])
        release.store(true, ordering: .releasing)
        try await blocker
    }

    @Test(arguments: 0..<20) func theErrorOfAPartIsThrownAndEndsTheRest(round: Int) async throws {
        struct Failure: Error {}
        let pool = ComputePool(threads: 3)
        defer { pool.shutdown() }
        let begun = Atomic<Int>(0)
        await #expect(throws: Failure.self) {
            try await pool.run { work in
                try work.shared(1000) { part in
                    begun.add(1, ordering: .relaxed)
                    if part == 5 { throw Failure() }
                    // Slow enough that nobody is through before the error is known.
                    if part > 5 { Thread.sleep(forTimeInterval: 0.002) }
                    return part
                }
            }
        }
        let most = begun.load(ordering: .relaxed)
        #expect(most < 1000)
        #expect(try await pool.run { work in try work.shared(3) { $0 } } == [0, 1, 2], "the pool goes on")
    }

    /// What ended work held on to goes when it ends, not when the list of work is shortened.
    @Test func endedWorkHoldsNothing() async throws {
        final class Held: Sendable {}
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        weak var held: Held?
        do {
            let object = Held()
            held = object
            try await pool.run { _ in withExtendedLifetime(object) {} }
        }
        // The thread lets go of a job a moment after its result is there.
        try await pool.run { _ in }
        #expect(held == nil)
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
