import Dispatch
import Synchronization

/// The parts of one piece of work, which the thread that needs them and its helpers take one after another.
final class SharedParts<Part: Sendable>: Sendable {
    private struct State {
        var results: [Part?]
        /// The part that is begun next.
        var next = 0
        /// Parts that were begun and have not ended.
        var unfinished = 0
        var error: (any Error)?
        var isAwaited = false
    }

    private let body: @Sendable (Int) throws -> Part
    private let state: Mutex<State>
    private let finished = DispatchSemaphore(value: 0)

    init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Part) {
        self.body = body
        state = Mutex(State(results: [Part?](repeating: nil, count: max(0, count))))
    }

    /// Takes parts until none is left.
    func run() {
        while let part = begin() { end(part, Result { try body(part) }) }
    }

    /// Takes what is left, waits for what helpers have begun, and gives the results in order.
    func complete() throws -> [Part] {
        run()
        let waits = state.withLock { state in
            state.isAwaited = state.unfinished > 0
            return state.isAwaited
        }
        if waits { finished.wait() }
        return try state.withLock { state in
            if let error = state.error { throw error }
            return state.results.compactMap(\.self)
        }
    }

    private func begin() -> Int? {
        state.withLock { state in
            guard state.error == nil, state.next < state.results.count else { return nil }
            defer { state.next += 1 }
            state.unfinished += 1
            return state.next
        }
    }

    private func end(_ part: Int, _ result: Result<Part, any Error>) {
        let isLast = state.withLock { state in
            state.unfinished -= 1
            switch result {
            case .success(let value): state.results[part] = value
            case .failure(let error): if state.error == nil { state.error = error }
            }
            return state.isAwaited && state.unfinished == 0
        }
        if isLast { finished.signal() }
    }
}
