/// What a job does; the value is its name in the database and on the command line.
package enum JobKind: String, Sendable, Codable, CaseIterable {
    case importData = "import"
    case train
    case indexRebuild = "index_rebuild"
    case evaluate
}

/// Where a job stands.
package enum JobState: String, Sendable, Codable, CaseIterable {
    case queued, running, succeeded, failed, cancelled

    /// Whether nothing more happens to it by itself.
    package var isFinal: Bool { self != .queued && self != .running }
}

/// Long work that a worker does.
package struct Job: Sendable, Hashable {
    package var id: String
    package var kind: JobKind
    /// What it is told, by name; see `JobArguments`.
    package var params: [String: String]
    package var state: JobState
    /// The schedule that it came from.
    package var scheduleID: String?
    package var createdAt: Timestamp
    /// It does not begin before.
    package var dueAt: Timestamp
    /// When its latest attempt began.
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// How often it was begun.
    package var attempts: Int
    package var maxAttempts: Int
    /// Who does it, or did it last.
    package var worker: String?
    package var isCancelRequested: Bool
    /// The last that it said of how far it is.
    package var progress: String?
    /// Why it failed.
    package var error: String?

    package init(
        id: String, kind: JobKind, params: [String: String], state: JobState, scheduleID: String?, createdAt: Timestamp,
        dueAt: Timestamp, startedAt: Timestamp?, finishedAt: Timestamp?, attempts: Int, maxAttempts: Int,
        worker: String?,
        isCancelRequested: Bool, progress: String?, error: String?
    ) {
        self.id = id
        self.kind = kind
        self.params = params
        self.state = state
        self.scheduleID = scheduleID
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.attempts = attempts
        self.maxAttempts = maxAttempts
        self.worker = worker
        self.isCancelRequested = isCancelRequested
        self.progress = progress
        self.error = error
    }
}

/// A place in the list of jobs, which is sorted by when they were queued.
package struct JobPlace: Sendable, Hashable {
    package var createdAt: Timestamp
    package var id: String

    package init(createdAt: Timestamp, id: String) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// A line of what a job said.
package struct JobLogLine: Sendable, Hashable {
    /// Grows from line to line.
    package var number: Int64
    /// In which attempt of the job, from 1.
    package var attempt: Int
    package var at: Timestamp
    package var text: String

    package init(number: Int64, attempt: Int, at: Timestamp, text: String) {
        self.number = number
        self.attempt = attempt
        self.at = at
        self.text = text
    }
}

/// What is to be done again and again.
package struct JobSchedule: Sendable, Hashable {
    package var id: String
    package var kind: JobKind
    package var params: [String: String]
    /// Seconds from one job to the next; nil: not by time.
    package var everySeconds: Int64?
    /// Rows that events and impressions take in from one job to the next, about; nil: not by them.
    package var afterEvents: Int64?
    /// Since when the next job is waited for.
    package var countedFrom: Timestamp

    package init(
        id: String, kind: JobKind, params: [String: String], everySeconds: Int64?, afterEvents: Int64?,
        countedFrom: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.params = params
        self.everySeconds = everySeconds
        self.afterEvents = afterEvents
        self.countedFrom = countedFrom
    }
}
