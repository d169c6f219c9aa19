extension ServiceStatistics {
    /// Jobs, schedules and workers.
    package struct Jobs: Codable, Hashable, Sendable {
        /// How many there are, by state.
        package var states: [String: Int]
        package var oldestQueuedAgeSeconds: Double?
        package var schedules: [Schedule]
        package var workers: [Worker]

        package init(
            states: [String: Int], oldestQueuedAgeSeconds: Double?, schedules: [Schedule], workers: [Worker]
        ) {
            self.states = states
            self.oldestQueuedAgeSeconds = oldestQueuedAgeSeconds
            self.schedules = schedules
            self.workers = workers
        }
    }

    /// When a schedule queues its next job.
    package struct Schedule: Codable, Hashable, Sendable {
        package var id: String
        package var kind: String
        package var dueAt: String?
        package var dueAfterRows: Int?
        /// Whether its last job has not ended.
        package var waiting: Bool

        package init(id: String, kind: String, dueAt: String?, dueAfterRows: Int?, waiting: Bool) {
            self.id = id
            self.kind = kind
            self.dueAt = dueAt
            self.dueAfterRows = dueAfterRows
            self.waiting = waiting
        }
    }

    /// A worker with the job that it holds.
    package struct Worker: Codable, Hashable, Sendable {
        package var name: String
        package var job: String
        package var kind: String
        package var leaseUntil: String
        /// Whether nobody was heard of since.
        package var lapsed: Bool

        package init(name: String, job: String, kind: String, leaseUntil: String, lapsed: Bool) {
            self.name = name
            self.job = job
            self.kind = kind
            self.leaseUntil = leaseUntil
            self.lapsed = lapsed
        }
    }
}
