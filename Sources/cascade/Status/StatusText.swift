import CascadeCore
import Foundation

/// A `StatusReport` for people, on one screen.
enum StatusText {
    static func lines(_ report: StatusReport) -> [String] {
        var rows = database(report)
        if let rowsRead = report.rows { rows += counts(rowsRead) }
        if report.rows != nil { rows += release(report.activeRelease) }
        if let releases = report.releases, !releases.isEmpty { rows.append(("releases", states(releases))) }
        rows.append(
            ("disk", "\(report.freeBytes.map(SizeText.text) ?? "–") free at \(report.dataDirectory)"))
        if let jobs = report.jobs { rows += lines(jobs) }
        if let counters = report.counters { rows.append(("counters", line(counters))) }
        return rows.map { name, text in name.padding(toLength: 12, withPad: " ", startingAt: 0) + text }
    }

    private static func database(_ report: StatusReport) -> [(String, String)] {
        let database = report.database
        let state = database.reachable ? "PostgreSQL \(database.version ?? "")" : "not reachable"
        var rows = [("database", "\(database.kind), \(database.address), \(state)")]
        if let bytes = database.bytes, let connections = database.connections, let most = database.maximumConnections {
            rows.append(("", "\(SizeText.text(bytes)), \(connections) of \(most) connections"))
        }
        if let problem = database.problem { rows.append(("", problem)) }
        if let schema = report.schema {
            let other = schema.wrong > 0 ? ", \(schema.wrong) changed or unknown" : ""
            rows.append(
                ("migrations", "\(schema.applied) applied, \(schema.pending) pending\(other); at \(schema.version)"))
        }
        return rows
    }

    private static func counts(_ rows: StatusReport.Rows) -> [(String, String)] {
        func number(_ value: Int, _ table: String) -> String {
            "\(rows.estimated.contains(table) ? "about " : "")\(value) \(table)"
        }
        let all = [
            number(rows.users, "users"), number(rows.items, "items") + " (\(rows.hiddenItems) hidden)",
            number(rows.impressions, "impressions"), number(rows.events, "events"),
        ]
        let newest = rows.newestFeedbackAt.map { "\($0), \(age(rows.newestFeedbackAgeSeconds))" } ?? "none"
        return [("rows", all.joined(separator: ", ")), ("feedback", "newest \(newest)")]
    }

    private static func release(_ active: StatusReport.ActiveRelease?) -> [(String, String)] {
        guard let active else { return [("release", "none is active; run `cascade train`")] }
        let data = active.dataUntil.map { "data until \($0)" } ?? "all data of its time"
        return [
            ("release", "\(active.id), made \(age(active.ageSeconds)), \(data)"),
            ("", "newest feedback is \(active.feedbackAheadSeconds.map(SizeText.duration) ?? "not") ahead of it"),
            (
                "",
                "\(active.items.map(String.init) ?? "unknown") items in its index, \(active.catalogItems) in the catalog"
            ),
        ]
    }

    private static func states(_ releases: [String: StatusReport.Releases]) -> String {
        releases.sorted { $0.key < $1.key }.map { "\($1.count) \($0) (\(SizeText.text($1.bytes)))" }
            .joined(separator: ", ")
    }

    private static func lines(_ jobs: StatusReport.Jobs) -> [(String, String)] {
        let states = jobs.states.sorted { $0.key < $1.key }.map { "\($1) \($0)" }.joined(separator: ", ")
        let oldest = jobs.oldestQueuedAgeSeconds.map { "; the oldest queued one waits for \(SizeText.duration($0))" }
        var rows = [("jobs", (states.isEmpty ? "none" : states) + (oldest ?? ""))]
        for schedule in jobs.schedules {
            let due = [
                schedule.dueAt.map { "due \($0)" }, schedule.dueAfterRows.map { "due after \($0) rows" },
                schedule.waiting ? "its last job has not ended" : nil,
            ]
            rows.append(
                ("schedule", "\(schedule.id) (\(schedule.kind)): \(due.compactMap(\.self).joined(separator: ", "))"))
        }
        for worker in jobs.workers {
            let lease = "lease \(worker.lapsed ? "ran out" : "until") \(worker.leaseUntil)"
            rows.append(("worker", "\(worker.name): \(worker.kind) \(worker.job), \(lease)"))
        }
        return rows
    }

    private static func line(_ counters: StatusReport.Counters) -> String {
        guard counters.series > 0 else { return "none" }
        let lag = counters.lagSeconds.map { "folded until \(SizeText.duration($0)) ago" } ?? "never folded"
        return "\(counters.series), \(lag), \(counters.notFolded) rows not folded"
    }

    private static func age(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        return seconds < 0 ? "\(SizeText.duration(-seconds)) ahead of now" : "\(SizeText.duration(seconds)) ago"
    }
}
