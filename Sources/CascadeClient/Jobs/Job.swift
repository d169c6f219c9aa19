public import Foundation

extension CascadeClient {
    /// Long work that a worker does.
    public struct Job: Codable, Equatable, Sendable {
        /// The job.
        public var jobID: String
        /// What it does.
        public var kind: JobKind
        /// What it was asked for by.
        public var params: [String: String]
        /// How it stands.
        public var state: JobState
        /// The schedule that queued it; nil for none.
        @ExplicitNull public var scheduleID: String?
        /// When it was queued.
        public var createdAt: Date
        /// When it may begin.
        public var dueAt: Date
        /// When it last began.
        @ExplicitNull public var startedAt: Date?
        /// When it ended.
        @ExplicitNull public var finishedAt: Date?
        /// How often it was begun.
        public var attempts: Int
        /// How often it may be begun.
        public var maxAttempts: Int
        /// The worker that does it.
        @ExplicitNull public var worker: String?
        /// Whether its worker is asked to give it up.
        public var cancelRequested: Bool
        /// Where it is.
        @ExplicitNull public var progress: String?
        /// Why it failed.
        @ExplicitNull public var error: String?
        /// What it said, oldest first; only where lines were asked for.
        public var log: [JobLine]?

        private enum CodingKeys: String, CodingKey {
            case kind, params, state, attempts, worker, progress, error, log
            case jobID = "job_id"
            case scheduleID = "schedule_id"
            case createdAt = "created_at"
            case dueAt = "due_at"
            case startedAt = "started_at"
            case finishedAt = "finished_at"
            case maxAttempts = "max_attempts"
            case cancelRequested = "cancel_requested"
        }
    }

    /// A line of a job's log.
    public struct JobLine: Codable, Equatable, Sendable {
        /// Its place, from 1.
        public var number: Int
        /// The attempt that said it, from 1.
        public var attempt: Int
        /// When it was said.
        public var at: Date
        /// What was said.
        public var text: String
    }
}
