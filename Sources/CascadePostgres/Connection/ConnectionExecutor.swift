import Foundation
import Synchronization

/// Runs the jobs of one actor on one thread of its own, where they may block.
///
/// The thread keeps the executor alive until `stop`, so that the last job never runs on a freed executor.
final class ConnectionExecutor: SerialExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var head = 0
    }

    private let queue = Mutex(Queue())
    private let available = DispatchSemaphore(value: 0)

    init(name: String) {
        let thread = Thread { [self] in runJobs() }
        thread.name = name
        // Row closures of COPY run here too.
        thread.stackSize = 2 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.jobs.append(job) }
        available.signal()
    }

    /// Ends the thread after the jobs that are waiting. Called once, when the actor is gone.
    func stop() { available.signal() }

    private func runJobs() {
        while true {
            available.wait()
            // A signal without a job is the one of `stop`.
            guard let job = take() else { return }
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    private func take() -> UnownedJob? {
        queue.withLock { queue in
            guard queue.head < queue.jobs.count else { return nil }
            let job = queue.jobs[queue.head]
            queue.head += 1
            if queue.head == queue.jobs.count {
                queue.jobs.removeAll(keepingCapacity: true)
                queue.head = 0
            }
            return job
        }
    }
}
