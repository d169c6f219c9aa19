import Foundation
import Synchronization

/// Hands values from one thread that may block to one task that may not, with room for a few.
final class BatchChannel<Value: Sendable>: Sendable {
    private enum Ending {
        case finished
        case failed(any Error)
    }

    private enum Found {
        case value(Value)
        case end(Ending)
        case nothing
    }

    private struct State {
        var values: [Value] = []
        var ending: Ending?
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    // Starts at 0, because a semaphore must not end below its start, and values may be left over.
    private let room = DispatchSemaphore(value: 0)

    /// `capacity` values may wait; the thread that sends one more waits itself.
    init(capacity: Int) {
        for _ in 0..<max(1, capacity) { room.signal() }
    }

    /// Adds a value, waiting for room; false when nobody takes values any more.
    func send(_ value: Value) -> Bool {
        room.wait()
        let (accepted, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed else { return (false, nil) }
            state.values.append(value)
            return (true, state.waiting.take())
        }
        waiting?.resume()
        return accepted
    }

    /// Says that no value follows; with an error, the taker gets it after the values.
    func finish(throwing error: (any Error)? = nil) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.ending == nil { state.ending = error.map { .failed($0) } ?? .finished }
            return state.waiting.take()
        }
        waiting?.resume()
    }

    /// Says that nobody takes values any more, and wakes the thread that waits for room.
    func close() {
        state.withLock { $0.isClosed = true }
        room.signal()
        finish(throwing: CancellationError())
    }

    /// The next value in order; nil after the last. One task at a time may wait here.
    func next() async throws -> Value? {
        while true {
            let found = state.withLock { state -> Found in
                if !state.values.isEmpty { return .value(state.values.removeFirst()) }
                return state.ending.map { .end($0) } ?? .nothing
            }
            switch found {
            case .value(let value):
                room.signal()
                return value
            case .end(.finished): return nil
            case .end(.failed(let error)): throw error
            case .nothing: await wait()
            }
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                if !state.values.isEmpty || state.ending != nil { return true }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
