import CascadeCore
import CascadeStorage

/// Every job that runs has a worker that is heard of.
struct JobLeasesCheck: DoctorCheck {
    let name = "job_leases"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let lapsed = context.jobs.leases.filter(\.hasLapsed)
        guard let first = lapsed.first else {
            return .ok("\(context.jobs.leases.count) jobs run, each with its worker")
        }
        return .warn(
            "\(lapsed.count) jobs have a worker that is not heard of, such as \(first.job) (\(first.worker)), and none takes them",
            "start a worker: `cascade work`")
    }
}

/// What waits is taken.
struct QueuedJobsCheck: DoctorCheck {
    let name = "queued_jobs"
    let needs = DoctorNeed.schema
    /// Workers look every few seconds.
    var longest = 600.0

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let count = context.jobs.states["queued"] ?? 0
        guard let oldest = context.jobs.oldestDueAt else { return .ok("\(count) jobs wait, none is due") }
        let age = context.now.seconds - oldest.seconds
        let text = "\(count) jobs wait, the oldest for \(SizeText.duration(age))"
        // A worker does one job at a time, so the others may wait for long.
        let isTaken = context.jobs.leases.contains { !$0.hasLapsed }
        return age > longest && !isTaken
            ? .warn("\(text), and no worker has any", "start a worker: `cascade work`") : .ok(text)
    }
}

/// Jobs succeed.
struct FailedJobsCheck: DoctorCheck {
    let name = "failed_jobs"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let last = context.jobs.failed.first else { return .ok("none failed within a day") }
        return .warn(
            "\(context.jobs.failed.count) failed within a day",
            "see why: `cascade jobs show \(last)`; then `cascade jobs retry \(last)`")
    }
}

/// Schedules queue their jobs when these are due, which workers see to.
struct SchedulesCheck: DoctorCheck {
    let name = "schedules"
    let needs = DoctorNeed.schema
    var longest = 600.0

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let overdue = context.jobs.schedules.filter { ($0.overdueSeconds ?? 0) > longest }
        guard let first = overdue.first else { return .ok("\(context.jobs.schedules.count), none is overdue") }
        return .warn(
            "\(overdue.map(\.schedule).joined(separator: ", ")) overdue, for "
                + "\(SizeText.duration(first.overdueSeconds ?? 0)): no worker runs",
            "start a worker: `cascade work`")
    }
}
