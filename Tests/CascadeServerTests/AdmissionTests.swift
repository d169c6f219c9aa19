import CascadeCore
import Testing

@testable import CascadeServer

@Suite struct AdmissionQueueTests {
    @Test func letsInThenQueuesThenRefuses() {
        var queue = AdmissionQueue(limit: 2, maximumWaiting: 1)
        #expect(queue.arrive(1) == .run)
        #expect(queue.arrive(2) == .run)
        #expect(queue.arrive(3) == .wait)
        #expect(queue.arrive(4) == .refuse)
        #expect(queue.leave() == 3)
        #expect(queue.running == 2)
        #expect(queue.leave() == nil)
        #expect(queue.running == 1)
    }

    @Test func abandonedTurnsAreSkipped() {
        var queue = AdmissionQueue(limit: 1, maximumWaiting: 3)
        _ = queue.arrive(1)
        for id: UInt64 in 2...4 { #expect(queue.arrive(id) == .wait) }
        #expect(queue.abandon(2) == true)
        #expect(queue.abandon(2) == false)
        #expect(queue.abandon(1) == false)
        #expect(queue.leave() == 3)
        #expect(queue.leave() == 4)
        #expect(queue.leave() == nil)
        #expect(queue.arrive(5) == .run)
    }

    /// Against a plain model: never more than the limit, never more waiting than allowed, first come first served.
    @Test(arguments: 0..<50)
    func keepsItsLimits(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let (limit, maximum) = (1 + random.below(4), random.below(5))
        var queue = AdmissionQueue(limit: limit, maximumWaiting: maximum)
        var running: [UInt64] = []
        var waiting: [UInt64] = []
        for id in 0..<500 as Range<UInt64> {
            switch random.below(5) {
            case 0...2:
                let decision = queue.arrive(id)
                if running.count < limit {
                    #expect(decision == .run)
                    running.append(id)
                } else if waiting.count < maximum {
                    #expect(decision == .wait)
                    waiting.append(id)
                } else {
                    #expect(decision == .refuse)
                }
            case 3 where !running.isEmpty:
                running.remove(at: random.below(running.count))
                let next = queue.leave()
                #expect(next == waiting.first, "seed \(seed)")
                if let next {
                    waiting.removeFirst()
                    running.append(next)
                }
            case 4 where !waiting.isEmpty:
                let left = waiting.remove(at: random.below(waiting.count))
                #expect(queue.abandon(left) == true)
            default: break
            }
            #expect(queue.running == running.count && queue.waiting == waiting, "seed \(seed)")
        }
    }
}

@Suite struct AdmissionGateTests {
    private static func gate(_ limit: Int, _ waiting: Int, wait: Duration = .seconds(60)) -> AdmissionGate {
        AdmissionGate(name: "requests", limit: limit, maximumWaiting: waiting, longestWait: wait)
    }

    /// Lets the gate's holder stay until it is told to go.
    private actor Holder {
        private var isOpen = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func wait() async {
            if !isOpen { await withCheckedContinuation { waiters.append($0) } }
        }

        func open() {
            isOpen = true
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func neverRunsMoreThanItsLimit() async throws {
        let gate = Self.gate(3, 200)
        actor Peak {
            var now = 0
            var most = 0
            func enter() {
                now += 1
                most = max(most, now)
            }
            func leave() { now -= 1 }
        }
        let peak = Peak()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await gate.run {
                        await peak.enter()
                        await Task.yield()
                        await peak.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await peak.most <= 3)
        #expect(gate.load == (0, 0))
    }

    @Test func refusesWhenTheQueueIsFull() async throws {
        let (gate, holder) = (Self.gate(1, 1), Holder())
        async let first: Void = gate.run { await holder.wait() }
        try await until { gate.load.running == 1 }
        async let second: Void = gate.run {}
        try await until { gate.load.waiting == 1 }
        let failure = await #expect(throws: RequestFailure.self) { try await gate.run {} }
        #expect(failure?.code == .unavailable)
        #expect(failure?.retryAfter == 1)
        await holder.open()
        try await first
        try await second
        #expect(gate.load == (0, 0))
    }

    @Test func refusesWhenTheWaitIsTooLong() async throws {
        let (gate, holder) = (Self.gate(1, 5, wait: .milliseconds(5)), Holder())
        async let first: Void = gate.run { await holder.wait() }
        try await until { gate.load.running == 1 }
        let failure = await #expect(throws: RequestFailure.self) { try await gate.run {} }
        #expect(failure?.code == .unavailable)
        #expect(gate.load == (1, 0))
        await holder.open()
        try await first
    }

    @Test func cancelledWaitersLeaveTheQueue() async throws {
        let (gate, holder) = (Self.gate(1, 5), Holder())
        async let first: Void = gate.run { await holder.wait() }
        try await until { gate.load.running == 1 }
        let waiter = Task { try await gate.run {} }
        try await until { gate.load.waiting == 1 }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(gate.load == (1, 0))
        let early = Task {
            withUnsafeCurrentTask { task in task?.cancel() }
            try await gate.run {}
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        #expect(gate.load == (1, 0))
        await holder.open()
        try await first
    }

    @Test func failuresGiveTheirTurnBack() async throws {
        let gate = Self.gate(1, 0)
        await #expect(throws: StoreGone.self) { try await gate.run { throw StoreGone() } }
        #expect(try await gate.run { 7 } == 7)
    }
}

@Suite struct DeadlineTests {
    @Test func givesTheResultOrTheError() async throws {
        #expect(try await withDeadline(.now + .seconds(60)) { 7 } == 7)
        await #expect(throws: StoreGone.self) { try await withDeadline(.now + .seconds(60)) { throw StoreGone() } }
    }

    @Test func cancelsLateWork() async throws {
        let failure = await #expect(throws: RequestFailure.self) {
            try await withDeadline(.now + .milliseconds(5)) { try await Task.sleep(for: .seconds(600)) }
        }
        #expect(failure?.code == .deadlineExceeded)
    }

    @Test func aValueThatComesLateIsLate() async throws {
        let failure = await #expect(throws: RequestFailure.self) {
            try await withDeadline(.now + .milliseconds(5)) {
                while !Task.isCancelled { await Task.yield() }
                return 7
            }
        }
        #expect(failure?.code == .deadlineExceeded)
    }

    @Test func theCallersCancellationReachesTheWork() async throws {
        let task = Task {
            try await withDeadline(.now + .seconds(600)) { try await Task.sleep(for: .seconds(600)) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
