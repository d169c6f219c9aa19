/// What a worker is to do with the job that it holds.
package enum JobLease: Sendable, Equatable {
    case held
    /// Someone asked for the job to be given up.
    case cancelled
    /// The job is another worker's by now, or ended: whatever this one does of it must stop.
    case lost
}

/// How an attempt of a job ended.
package enum JobOutcome: Sendable, Equatable {
    case succeeded
    /// `retryAfter`: seconds until the next attempt, where there may be one; nil: trying again would not help.
    case failed(String, retryAfter: Double?)
    case cancelled
    /// The worker stops: another may begin it at once, and this attempt does not count.
    case returned
}

/// The jobs, and who does them.
///
/// A job that is claimed is the worker's until its lease ends, and every call for it names worker and attempt, so that one whose
/// lease ended changes nothing any more.
package protocol JobStore: Sendable {
    /// Queues a job.
    func add(_ kind: JobKind, params: [String: String], maxAttempts: Int) async throws -> Job

    /// The newest jobs, newest first, at most `limit`; of one state where one is named, and behind a place where one is.
    func jobs(state: JobState?, after: JobPlace?, limit: Int) async throws -> [Job]

    /// The job of that identifier, or nil.
    func job(_ id: String) async throws -> Job?

    /// Lines of a job's log behind the one numbered `after`, oldest first, at most `limit`.
    func log(of id: String, after: Int64, limit: Int) async throws -> [JobLogLine]

    /// Gives the job that waits longest to `worker` for `lease` seconds: one that is due, or one whose lease ended. One that was
    /// begun as often as it may be becomes failed instead.
    ///
    /// - Parameter kinds: what the worker does.
    func claim(_ worker: String, kinds: [JobKind], lease: Double) async throws -> Job?

    /// Renews a lease, and keeps what the job said since.
    func renew(
        _ job: Job, lease: Double, progress: String?, lines: [String]
    ) async throws -> JobLease

    /// Ends an attempt; false, and nothing changes, where the lease was lost. A failed one is queued again where it may be.
    func finish(_ job: Job, _ outcome: JobOutcome, lines: [String]) async throws -> Bool

    /// Gives a job up: at once while it is queued, and as soon as its worker hears of it while it runs. Nil where it has ended.
    func cancel(_ id: String) async throws -> Job?

    /// Queues a job that failed or was given up anew, with all its attempts; nil where it has not.
    func retry(_ id: String) async throws -> Job?

    /// Adds a schedule or replaces the one of the same identifier; the next job is waited for from now on.
    func setSchedule(
        _ id: String, _ kind: JobKind, params: [String: String], everySeconds: Int64?, afterEvents: Int64?,
        maxAttempts: Int
    ) async throws

    /// Removes a schedule; its jobs stay. False where there is none.
    func removeSchedule(_ id: String) async throws -> Bool

    /// All schedules, by their identifiers.
    func schedules() async throws -> [JobSchedule]

    /// Queues the jobs of schedules that are due, none of which has one queued or running; gives them.
    func enqueueDue() async throws -> [Job]
}

extension JobStore {
    /// The newest jobs, newest first, at most `limit`; of one state where one is named.
    package func jobs(state: JobState?, limit: Int) async throws -> [Job] {
        try await jobs(state: state, after: nil, limit: limit)
    }
}
