import CascadeCore
import Testing

@testable import CascadePostgres

@Suite struct PoolStateTests {
    private func state(connections: Int = 2, waiting: Int = 10) -> PoolState {
        PoolState(limits: PoolState.Limits(connections: connections, waiting: waiting))
    }

    @Test func waitersAreServedInTheirOrder() {
        var state = state()
        #expect(state.lease(1) == .wait(connect: true))
        #expect(state.lease(2) == .wait(connect: true))
        #expect(state.lease(3) == .wait(connect: false))
        #expect(state.connected(100) == .grant(waiter: 1))
        #expect(state.connected(101) == .grant(waiter: 2))
        #expect(state.release(101, isReusable: true) == .grant(waiter: 3))
        #expect(state.release(100, isReusable: true) == .park)
        #expect(state.lease(4) == .use(100))
        #expect(state.inUse == 2)
    }

    @Test func aBrokenConnectionIsReplacedForTheNextInLine() {
        var state = state(connections: 1)
        #expect(state.lease(1) == .wait(connect: true))
        #expect(state.connected(100) == .grant(waiter: 1))
        #expect(state.lease(2) == .wait(connect: false))
        #expect(state.release(100, isReusable: false) == .close(connect: true))
        #expect(state.connected(101) == .grant(waiter: 2))
        #expect(state.release(101, isReusable: false) == .close(connect: false))
        #expect(state.inUse + state.idleCount + state.connectingCount == 0)
    }

    @Test func whoeverLeavesTheLineIsNotServed() {
        var state = state(connections: 1)
        _ = state.lease(1)
        _ = state.connected(100)
        for waiter in 2...4 { #expect(state.lease(waiter) == .wait(connect: false)) }
        #expect(state.abandon(2) == true)
        #expect(state.abandon(2) == false)
        #expect(state.abandon(1) == false)
        #expect(state.release(100, isReusable: true) == .grant(waiter: 3))
        #expect(state.waitingCount == 1)
    }

    @Test func aLineThatIsTooLongRefuses() {
        var state = state(connections: 1, waiting: 2)
        _ = state.lease(1)
        _ = state.lease(2)
        #expect(state.lease(3) == .refuse(.poolExhausted(waiting: 2)))
    }

    @Test func attemptsPauseLongerAndLonger() {
        var state = state()
        _ = state.lease(1)
        var pauses: [Duration] = []
        for _ in 0..<7 {
            guard case .retry(let pause) = state.connectFailed(isLasting: false) else { break }
            pauses.append(pause)
            // While the pause lasts, newcomers start no attempt of their own.
            #expect(state.lease(pauses.count + 10) == .wait(connect: false))
            #expect(state.retryDue() == true)
        }
        #expect(pauses == [50, 100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(state.connected(100) == .grant(waiter: 1))
        #expect(state.startConnecting() == true)
    }

    @Test func aLastingFailureFailsAllWhoWait() {
        var state = state(connections: 1)
        _ = state.lease(1)
        _ = state.lease(2)
        #expect(state.connectFailed(isLasting: true) == .fail([1, 2]))
        #expect(state.waitingCount == 0)
        #expect(state.lease(3) == .wait(connect: true))
    }

    @Test func withoutWaitersThereIsNothingToRetry() {
        var state = state()
        _ = state.lease(1)
        #expect(state.abandon(1) == true)
        #expect(state.connectFailed(isLasting: false) == .none)
    }

    @Test func closingEndsAll() {
        var state = state(connections: 2)
        _ = state.lease(1)
        _ = state.connected(100)
        _ = state.lease(2)
        _ = state.connected(101)
        _ = state.release(101, isReusable: true)
        _ = state.lease(3)
        _ = state.lease(4)
        let (connections, waiters) = state.close()
        #expect(connections.isEmpty)
        #expect(waiters == [4])
        #expect(state.lease(5) == .refuse(.poolClosed))
        #expect(state.release(100, isReusable: true) == .close(connect: false))
    }

    /// Random events against what must always hold: the limit, nobody forgotten, nobody served twice.
    @Test func anySequenceOfEventsKeepsTheInvariants() {
        for seed in UInt64(0)..<200 {
            var model = PoolModel(seed: seed)
            for _ in 0..<300 { model.step() }
            model.settle()
            #expect(model.problems.isEmpty, "seed \(seed): \(model.problems)")
        }
    }
}

/// Plays the shell around a `PoolState` with a dice.
private struct PoolModel {
    private var random: SeededRandom
    private var state: PoolState
    private let limit: Int
    private var serial = 0
    private var connecting = 0
    private var retryPending = false
    private var waiting: [Int] = []
    private var leased: [Int] = []
    var problems: [String] = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        limit = 1 + random.below(4)
        state = PoolState(limits: PoolState.Limits(connections: limit, waiting: 50))
    }

    mutating func step() {
        switch random.below(8) {
        case 0, 1, 2: lease()
        case 3, 4: release(isReusable: random.below(4) > 0)
        case 5: finishConnecting(succeeds: random.below(3) > 0)
        case 6: if !waiting.isEmpty { abandon(waiting[random.below(waiting.count)]) }
        default: retry()
        }
        check()
    }

    /// With a server that answers, everybody is served in the end.
    mutating func settle() {
        for _ in 0..<1000 where !waiting.isEmpty {
            retry()
            if connecting > 0 { finishConnecting(succeeds: true) }
            if !leased.isEmpty { release(isReusable: true) }
            check()
        }
        if !waiting.isEmpty { problems.append("\(waiting.count) were forgotten") }
    }

    private mutating func check() {
        if state.inUse != leased.count { problems.append("in use") }
        if state.waitingCount != waiting.count { problems.append("waiting") }
        if state.connectingCount != connecting { problems.append("connecting") }
        if state.inUse + state.idleCount + state.connectingCount > limit { problems.append("limit") }
        if state.idleCount > 0, !waiting.isEmpty { problems.append("idle while some wait") }
    }

    private mutating func lease() {
        serial += 1
        switch state.lease(serial) {
        case .use(let connection): leased.append(connection)
        case .wait(let connect):
            waiting.append(serial)
            if connect { connecting += 1 }
        case .refuse: if waiting.count < 50 { problems.append("refused too early") }
        }
    }

    private mutating func release(isReusable: Bool) {
        guard !leased.isEmpty else { return }
        let connection = leased.remove(at: random.below(leased.count))
        apply(state.release(connection, isReusable: isReusable), connection)
    }

    private mutating func finishConnecting(succeeds: Bool) {
        guard connecting > 0 else { return }
        connecting -= 1
        if succeeds {
            serial += 1
            apply(state.connected(serial), serial)
            if state.startConnecting() { connecting += 1 }
        } else if case .retry = state.connectFailed(isLasting: false) {
            if retryPending { problems.append("two retries") }
            retryPending = true
        }
    }

    private mutating func apply(_ action: PoolState.ConnectionAction, _ connection: Int) {
        switch action {
        case .grant(let waiter):
            if waiting.first != waiter { problems.append("out of turn") }
            waiting.removeAll { $0 == waiter }
            leased.append(connection)
        case .park: break
        case .close(let connect): if connect { connecting += 1 }
        }
    }

    private mutating func abandon(_ waiter: Int) {
        if !state.abandon(waiter) { problems.append("abandon") }
        waiting.removeAll { $0 == waiter }
    }

    private mutating func retry() {
        guard retryPending else { return }
        retryPending = false
        if state.retryDue() { connecting += 1 }
    }
}
