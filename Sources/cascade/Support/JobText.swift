import CascadeCore
import CascadeJobs
import Foundation

/// Jobs and schedules as text for people.
enum JobText {
    /// One line: identifier, state, kind, when, and what there is to say.
    static func line(_ job: Job) -> String {
        let said = job.error ?? (job.state == .running ? job.progress : nil)
        return [
            job.id.padding(toLength: 18, withPad: " ", startingAt: 0),
            job.state.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0),
            job.kind.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0), job.createdAt.rfc3339,
            parameters(job.params), said.map { "(\($0))" } ?? "",
        ].filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// All there is to know, a line each.
    static func lines(_ job: Job) -> [String] {
        let rows: [(String, String?)] = [
            ("job", job.id), ("kind", job.kind.rawValue), ("parameters", parameters(job.params)),
            ("state", job.state.rawValue + (job.isCancelRequested && !job.state.isFinal ? ", to be given up" : "")),
            ("schedule", job.scheduleID), ("created", job.createdAt.rfc3339),
            ("due", job.state == .queued ? job.dueAt.rfc3339 : nil), ("started", job.startedAt?.rfc3339),
            ("finished", job.finishedAt?.rfc3339), ("attempts", "\(job.attempts) of \(job.maxAttempts)"),
            ("worker", job.worker), ("progress", job.progress), ("error", job.error),
        ]
        return rows.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return name.padding(toLength: 12, withPad: " ", startingAt: 0) + value
        }
    }

    static func line(_ schedule: JobSchedule) -> String {
        let times = [
            schedule.everySeconds.map { "every \(JobInterval.text($0))" },
            schedule.afterEvents.map { "after \($0) events" },
        ].compactMap(\.self).joined(separator: " or ")
        return "\(schedule.id)  \(schedule.kind.rawValue)  \(times), since \(schedule.countedFrom.rfc3339)  "
            + parameters(schedule.params)
    }

    private static func parameters(_ params: [String: String]) -> String {
        params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
