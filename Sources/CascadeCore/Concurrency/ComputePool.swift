import Foundation
import Synchronization

/// A bounded set of threads for work that computes for milliseconds, so that the cooperative pool never does.
///
/// Work is first come, first served. A task that is cancelled while its work waits gets `CancellationError` and the
/// work never starts; work that has started looks at `ComputePool.Cancellation` between its chunks.
package final class ComputePool: Sendable {
    /// Tells running work that nobody waits for it any more.
    package final class Cancellation: Sendable {
        private let flag = Atomic<Bool>(false)

        package init() {}

        package var isCancelled: Bool { flag.load(ordering: .relaxed) }

        package func cancel() { flag.store(true, ordering: .relaxed) }

        /// Throws `CancellationError` once nobody waits for the result.
        package func check() throws { if isCancelled { throw CancellationError() } }
    }

    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var head = 0
        var closed = false
    }

    private let queue = Mutex(Queue())
    private let available = DispatchSemaphore(value: 0)

    /// Starts `threads` threads (at least one).
    package init(threads: Int, name: String = "compute") {
        self.threads = max(1, threads)
        for number in 0..<self.threads {
            let thread = Thread { [weak self, available] in
                while true {
                    available.wait()
                    guard let job = self?.take() else { return }
                    job()
                }
            }
            thread.name = "\(name)-\(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// The number of threads.
    package let threads: Int

    /// Runs `work` on one of the threads and gives its result back.
    package func run<Result: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
                submit {
                    if cancellation.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        continuation.resume(with: Swift.Result { try work(cancellation) })
                    }
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Ends the threads once the waiting work is done.
    package func shutdown() {
        queue.withLock { $0.closed = true }
        for _ in 0..<threads { available.signal() }
    }

    deinit { for _ in 0..<threads { available.signal() } }

    private func submit(_ job: @escaping @Sendable () -> Void) {
        queue.withLock { $0.jobs.append(job) }
        available.signal()
    }

    private func take() -> (@Sendable () -> Void)? {
        queue.withLock { queue in
            guard queue.head < queue.jobs.count else { return nil }
            let job = queue.jobs[queue.head]
            queue.head += 1
            if queue.head > 1024, queue.head * 2 > queue.jobs.count {
                queue.jobs.removeFirst(queue.head)
                queue.head = 0
            }
            return job
        }
    }
}
