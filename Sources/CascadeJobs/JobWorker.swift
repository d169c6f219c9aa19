package import CascadeCore
package import Logging

/// Does jobs, one at a time: claim → execute under a lease that is renewed → finish; read it top to bottom.
///
/// Several workers share a database: a job is one's at a time. One that is not heard of for a lease loses its job to another,
/// and stops it as soon as it notices.
package struct JobWorker: Sendable {
    package let store: any JobStore
    package let executor: any JobExecutor
    /// Unique among the workers.
    package let name: String
    /// What it does.
    package let kinds: [JobKind]
    /// Seconds that a job is held for after the worker was last heard of.
    package let lease: Double
    /// How often it looks for work.
    package let poll: Duration
    package let logger: Logger

    package init(
        store: any JobStore, executor: any JobExecutor, name: String, kinds: [JobKind] = JobKind.allCases,
        lease: Double = 30, poll: Duration = .seconds(1), logger: Logger
    ) {
        self.store = store
        self.executor = executor
        self.name = name
        self.kinds = kinds
        self.lease = lease
        self.poll = poll
        self.logger = logger
    }

    /// Works until its task is cancelled; a job that runs then is stopped and handed back.
    ///
    /// - Parameter untilIdle: returns as soon as there is nothing to do; failures of the database are thrown then.
    package func run(untilIdle: Bool = false) async throws {
        while !Task.isCancelled {
            do {
                for job in try await store.enqueueDue() {
                    logger.info("a schedule is due", metadata: Self.metadata(job))
                }
                if let job = try await store.claim(name, kinds: kinds, lease: lease) {
                    await work(on: job)
                    continue
                }
                if untilIdle { return }
            } catch is CancellationError {
                return
            } catch {
                if untilIdle { throw error }
                logger.warning("jobs cannot be looked at; trying again", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: poll)
        }
    }

    private func work(on job: Job) async {
        logger.info("a job begins", metadata: Self.metadata(job))
        let outbox = JobOutbox()
        let run = Task { await executor.execute(job) { outbox.add($0) } }
        let keeper = Task { await hold(job, outbox, stopping: run) }
        var outcome = await withTaskCancellationHandler {
            await run.value
        } onCancel: {
            run.cancel()
        }
        keeper.cancel()
        let held = await keeper.value
        switch held {
        case .lost: return logger.warning("a job is another's by now", metadata: Self.metadata(job))
        case .cancelled: outcome = .cancelled
        case .held where Task.isCancelled: outcome = .returned
        case .held: break
        }
        await finish(job, outcome, outbox)
    }

    /// Renews the lease until its task is cancelled, or stops the run that is not to go on.
    private func hold(_ job: Job, _ outbox: JobOutbox, stopping run: Task<JobOutcome, Never>) async -> JobLease {
        var heard = ContinuousClock.now
        while (try? await Task.sleep(for: .seconds(lease / 3))) != nil {
            let said = outbox.take()
            do {
                let state = try await store.renew(job, lease: lease, progress: said.progress, lines: said.lines)
                if state != .held {
                    run.cancel()
                    return state
                }
                heard = .now
            } catch {
                outbox.putBack(said.lines)
                guard ContinuousClock.now - heard > .seconds(lease) else { continue }
                run.cancel()
                return .lost
            }
        }
        return .held
    }

    /// Tells the database how a job ended; as long as it does not answer, again.
    private func finish(_ job: Job, _ outcome: JobOutcome, _ outbox: JobOutbox) async {
        let lines = outbox.take().lines
        let until = ContinuousClock.now.advanced(by: .seconds(lease))
        // Not given up with the worker's task, since the job has ended whatever becomes of the worker.
        let told = await Task {
            while true {
                do { return try await store.finish(job, outcome, lines: lines) } catch {
                    guard ContinuousClock.now < until else { return false }
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
        }.value
        var metadata = Self.metadata(job)
        metadata["outcome"] = "\(outcome)"
        if told {
            logger.info("a job ended", metadata: metadata)
        } else {
            logger.warning("a job ended, and the database does not take it from this worker", metadata: metadata)
        }
    }

    private static func metadata(_ job: Job) -> Logger.Metadata {
        ["job_id": "\(job.id)", "kind": "\(job.kind.rawValue)", "attempt": "\(job.attempts)"]
    }
}
