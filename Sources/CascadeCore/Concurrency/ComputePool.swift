import Foundation
import Synchronization

/// A bounded set of threads for work that computes for milliseconds, so that the cooperative pool never does.
///
/// Work is first come, first served. A task that is cancelled while its work waits gets `CancellationError` and the
/// work never starts; work that has started looks at `ComputePool.Cancellation` between its chunks.
package final class ComputePool: Sendable {
    /// Tells running work that nobody waits for it any more, and lends it threads that have nothing to do.
    package final class Cancellation: Sendable {
        private let flag = Atomic<Bool>(false)
        /// Where the work runs; nil for work outside of any pool, which gets no help.
        private let pool: ComputePool?

        package init() { pool = nil }

        init(pool: ComputePool) { self.pool = pool }

        /// Threads that could help at this moment.
        package var idleThreads: Int { pool?.idleThreads ?? 0 }

        /// Runs `body` for 0..<count on this thread and on threads of the pool that have nothing to do, and gives the results in
        /// that order.
        ///
        /// This thread begins at once and takes every part that no other one has begun, so it never waits for a thread to become
        /// free. After an error no further part is begun, and the first one is thrown.
        package func shared<Part: Sendable>(
            _ count: Int, _ body: @escaping @Sendable (Int) throws -> Part
        ) throws -> [Part] {
            let parts = SharedParts(count, body)
            for _ in 0..<max(0, min(count - 1, idleThreads)) { pool?.submit { parts.run() } }
            return try parts.complete()
        }

        package var isCancelled: Bool { flag.load(ordering: .relaxed) }

        package func cancel() { flag.store(true, ordering: .relaxed) }

        /// Throws `CancellationError` once nobody waits for the result.
        package func check() throws { if isCancelled { throw CancellationError() } }
    }

    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var head = 0
        /// Jobs that threads are at.
        var running = 0
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
                    self?.queue.withLock { $0.running -= 1 }
                }
            }
            thread.name = "\(name)-\(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// The number of threads.
    package let threads: Int

    /// Threads that neither work nor have work waiting for them.
    package var idleThreads: Int {
        queue.withLock { max(0, threads - $0.running - ($0.jobs.count - $0.head)) }
    }

    /// Runs `work` on one of the threads and gives its result back.
    package func run<Result: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation(pool: self)
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

    func submit(_ job: @escaping @Sendable () -> Void) {
        queue.withLock { $0.jobs.append(job) }
        available.signal()
    }

    private func take() -> (@Sendable () -> Void)? {
        queue.withLock { queue in
            guard queue.head < queue.jobs.count else { return nil }
            let job = queue.jobs[queue.head]
            // What the job holds on to goes with it, not with the list.
            queue.jobs[queue.head] = {}
            queue.head += 1
            queue.running += 1
            if queue.head > 1024, queue.head * 2 > queue.jobs.count {
                queue.jobs.removeFirst(queue.head)
                queue.head = 0
            }
            return job
        }
    }
}
