package import CascadeCore

/// What does a job; a process of its own in service.
package protocol JobExecutor: Sendable {
    /// Does the job to its end; when its task is cancelled, what it began is stopped before it returns.
    ///
    /// - Parameter say: takes what the job tells, a line at a time; may be called from any thread.
    func execute(_ job: Job, say: @escaping @Sendable (String) -> Void) async -> JobOutcome
}
