import CascadeCore
import Synchronization

/// Lets a bounded number of requests run at once and a bounded number wait for a bounded time; others are refused.
///
/// Refusing early keeps the time of those that were let in: a long queue would answer everyone too late.
final class AdmissionGate: Sendable {
    private enum Turn {
        case admitted, expired, cancelled
    }

    private struct State {
        var queue: AdmissionQueue
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Turn, Never>] = [:]
        /// The end of those whose wait was over before it began.
        var ended: [UInt64: Turn] = [:]
    }

    private let name: String
    private let longestWait: Duration
    private let state: Mutex<State>

    /// `name` says in the refusal what there is too much of.
    init(name: String, limit: Int, maximumWaiting: Int, longestWait: Duration) {
        self.name = name
        self.longestWait = longestWait
        state = Mutex(State(queue: AdmissionQueue(limit: limit, maximumWaiting: maximumWaiting)))
    }

    /// What runs and what waits at this moment.
    var load: (running: Int, waiting: Int) {
        state.withLock { ($0.queue.running, $0.queue.waiting.count) }
    }

    /// Runs `work` when its turn comes.
    ///
    /// - Throws: `RequestFailure` with code `unavailable` when the queue is full or the wait too long,
    ///   `CancellationError` when the task is cancelled while it waits, and what `work` throws.
    func run<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        let (id, decision) = state.withLock { state in
            state.nextID += 1
            return (state.nextID, state.queue.arrive(state.nextID))
        }
        switch decision {
        case .run: return
        case .refuse: throw refusal
        case .wait: break
        }
        // Once it was long enough; when the turn came before, there is nothing left to end.
        let alarm = AlarmClock.shared.alarm(after: longestWait) { self.withdraw(id, .expired) }
        defer { alarm.cancel() }
        switch await waitForTurn(id) {
        case .admitted: return
        case .expired: throw refusal
        case .cancelled: throw CancellationError()
        }
    }

    private var refusal: RequestFailure {
        .unavailable("the server has more \(name) than it can take at once; repeat the request a little later")
    }

    private func waitForTurn(_ id: UInt64) async -> Turn {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: Turn? = state.withLock { state in
                    if let end = state.ended.removeValue(forKey: id) { return end }
                    // The turn may have come between joining the queue and waiting here.
                    guard state.queue.waiting.contains(id) else { return .admitted }
                    state.waiters[id] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            withdraw(id, .cancelled)
        }
    }

    private func withdraw(_ id: UInt64, _ turn: Turn) {
        let waiter = state.withLock { state -> CheckedContinuation<Turn, Never>? in
            guard state.queue.abandon(id) else { return nil }
            if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
            state.ended[id] = turn
            return nil
        }
        waiter?.resume(returning: turn)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Turn, Never>? in
            state.queue.leave().flatMap { state.waiters.removeValue(forKey: $0) }
        }
        next?.resume(returning: .admitted)
    }
}
