import CascadeCore
import Synchronization

/// How timed work ended.
enum Timed<Value: Sendable>: Sendable {
    case value(Value)
    case failed(any Error)
    case late
}

/// Runs `work` and waits for it at most `limit`; work that is late is cancelled and left behind.
///
/// The work runs in a task of its own: a task group would wait for a child that does not look at its cancellation, and
/// the deadline would not hold. Cancellation of the caller ends the wait at once and cancels the work.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ clock: PipelineClock, _ work: @escaping @Sendable () async throws -> Value
) async -> Timed<Value> {
    guard limit > .zero else { return .late }
    let race = Race<Value>()
    let worker = Task {
        do { race.finish(.value(try await work())) } catch { race.finish(.failed(error)) }
    }
    let alarm = clock.alarm(limit) { race.finish(.late) }
    let outcome = await withTaskCancellationHandler {
        await withCheckedContinuation { race.wait($0) }
    } onCancel: {
        race.finish(.failed(CancellationError()))
    }
    worker.cancel()
    alarm.cancel()
    return outcome
}

/// Gives the first of several outcomes to the one who waits.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running
        case waiting(CheckedContinuation<Timed<Value>, Never>)
        case finished(Timed<Value>)
        case taken
    }

    private let state = Mutex(State.running)

    func wait(_ continuation: CheckedContinuation<Timed<Value>, Never>) {
        let early: Timed<Value>? = state.withLock { state in
            if case .finished(let outcome) = state {
                state = .taken
                return outcome
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func finish(_ outcome: Timed<Value>) {
        let waiting: CheckedContinuation<Timed<Value>, Never>? = state.withLock { state in
            switch state {
            case .running:
                state = .finished(outcome)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .finished, .taken: return nil
            }
        }
        waiting?.resume(returning: outcome)
    }
}
