import Dispatch
import Synchronization

/// Runs `body` over 0..<count on all cores and gives the results in that order.
///
/// - Parameter piece: how many a core takes at a time; much work each wants few.
///
/// Blocks the calling thread: not for the cooperative pool. The first error wins.
package func parallelMap<Result: Sendable>(
    _ count: Int, piece: Int = 64, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    let pieces = (count + piece - 1) / piece
    let state = Mutex<(results: [Int: [Result]], error: (any Error)?)>(([:], nil))
    DispatchQueue.concurrentPerform(iterations: pieces) { index in
        if state.withLock({ $0.error != nil }) { return }
        do {
            let range = (index * piece)..<min(count, (index + 1) * piece)
            let part = try range.map(body)
            state.withLock { $0.results[index] = part }
        } catch {
            state.withLock { if $0.error == nil { $0.error = error } }
        }
    }
    return try state.withLock { state in
        if let error = state.error { throw error }
        return (0..<pieces).flatMap { state.results[$0] ?? [] }
    }
}
