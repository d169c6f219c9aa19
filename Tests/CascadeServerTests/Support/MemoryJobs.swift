import CascadeCore
import CascadeServer

/// Jobs in memory, of which a test can say how they stand.
actor MemoryJobs: JobStore {
    private(set) var list: [Job] = []
    private var lines: [String: [JobLogLine]] = [:]

    func set(_ id: String, _ change: @Sendable (inout Job) -> Void) {
        for index in list.indices where list[index].id == id { change(&list[index]) }
    }

    func say(_ line: JobLogLine, of id: String) { lines[id, default: []].append(line) }

    func add(_ kind: JobKind, params: [String: String], maxAttempts: Int) -> Job {
        let job = Job(
            id: "job_\(list.count)", kind: kind, params: params, state: .queued, scheduleID: nil,
            createdAt: Timestamp(milliseconds: Int64(list.count)), dueAt: Timestamp(milliseconds: 0), startedAt: nil,
            finishedAt: nil, attempts: 0, maxAttempts: maxAttempts, worker: nil, isCancelRequested: false,
            progress: nil, error: nil)
        list.append(job)
        return job
    }

    func jobs(state: JobState?, after: JobPlace?, limit: Int) -> [Job] {
        let shown = list.filter { job in
            state.map { $0 == job.state } ?? true
                && after.map { (job.createdAt, job.id) < ($0.createdAt, $0.id) } ?? true
        }
        return Array(shown.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.prefix(limit))
    }

    func job(_ id: String) -> Job? { list.first { $0.id == id } }

    func log(of id: String, after: Int64, limit: Int) -> [JobLogLine] {
        Array((lines[id] ?? []).filter { $0.number > after }.prefix(limit))
    }

    func cancel(_ id: String) -> Job? {
        guard let index = list.firstIndex(where: { $0.id == id && !$0.state.isFinal }) else { return nil }
        list[index].isCancelRequested = true
        if list[index].state == .queued { list[index].state = .cancelled }
        return list[index]
    }

    // What workers ask for, which the server never does.
    func claim(_ worker: String, kinds: [JobKind], lease: Double) -> Job? { nil }
    func renew(_ job: Job, lease: Double, progress: String?, lines: [String]) -> JobLease { .lost }
    func finish(_ job: Job, _ outcome: JobOutcome, lines: [String]) -> Bool { false }
    func retry(_ id: String) -> Job? { nil }
    func setSchedule(
        _ id: String, _ kind: JobKind, params: [String: String], everySeconds: Int64?, afterEvents: Int64?,
        maxAttempts: Int
    ) {}
    func removeSchedule(_ id: String) -> Bool { false }
    func schedules() -> [JobSchedule] { [] }
    func enqueueDue() -> [Job] { [] }
}

/// Activates by keeping in mind what was asked.
actor StubReleaseControl: ReleaseControlling {
    private var active: [Release] = []

    func activate(_ id: String) throws -> Release {
        if id == "unsound" { throw RequestFailure(.conflict, "release unsound cannot be served") }
        if id == "unknown" { throw RequestFailure(.notFound, "there is no release 'unknown'") }
        var release = Release(
            id: id, state: .active, createdAt: Timestamp(milliseconds: 0), activatedAt: nil, retrievalModelID: "two_1",
            rankerModelID: nil, path: "", manifestChecksum: "abc", configJSON: "{}", metricsJSON: "{}")
        release.activatedAt = Timestamp(milliseconds: 1)
        active.append(release)
        return release
    }

    func rollback() -> Release? {
        _ = active.popLast()
        return active.last
    }
}

/// Statistics with every member.
struct StubStatistics: StatisticsReading {
    func statistics() -> ServiceStatistics {
        ServiceStatistics(
            at: "2026-01-01T00:00:00Z",
            database: .init(version: "15.1", bytes: 7, connections: 2, maximumConnections: 100),
            rows: .init(
                users: 1, items: 2, hiddenItems: 3, impressions: 4, events: 5, estimated: ["events"],
                newestFeedbackAt: "2026-01-01T00:00:00Z", newestFeedbackAgeSeconds: 1.5),
            activeRelease: .init(
                id: "rel_42", createdAt: "2026-01-01T00:00:00Z", ageSeconds: 1, activatedAt: "2026-01-01T00:00:00Z",
                dataUntil: "2026-01-01T00:00:00Z", feedbackAheadSeconds: 2, items: 2, catalogItems: 2),
            releases: ["active": .init(count: 1, bytes: 9)],
            jobs: .init(
                states: ["queued": 1], oldestQueuedAgeSeconds: 3,
                schedules: [
                    .init(id: "s", kind: "train", dueAt: "2026-01-01T00:00:00Z", dueAfterRows: 1, waiting: false)
                ],
                workers: [
                    .init(name: "w", job: "j", kind: "train", leaseUntil: "2026-01-01T00:00:00Z", lapsed: false)
                ]),
            counters: .init(series: 1, notFolded: 0, foldedUntil: "2026-01-01T00:00:00Z", lagSeconds: 1))
    }
}
