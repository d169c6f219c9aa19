import CascadeCore
import CascadeJobs

/// A job as JSON, and the wish for one.
enum JobDocument {
    /// What `POST /v1/jobs` asks for.
    struct Wish {
        var kind: JobKind
        var params: [String: String]
        var maxAttempts: Int
    }

    /// The most parameters that are read; no kind has so many.
    private static let maximumParameters = 32

    /// Reads the members of the body; nil where there is a problem.
    static func wish(_ reader: ObjectReader) -> Wish? {
        let word = reader.text("kind", required: true, maximumBytes: 64)
        var params: [String: String] = [:]
        for entry in reader.entries("params", maximumCount: maximumParameters) ?? [] {
            params[entry.name] = text(entry.value, at: entry.pointer, reader.problems)
        }
        let attempts = reader.integer("max_attempts", in: 1...JobController.maximumAttempts)
        reader.refuseUnknown()
        guard let word, reader.problems.isEmpty else { return nil }
        do throws(JobError) {
            let kind = try JobArguments.kind(word)
            _ = try JobArguments.of(kind, params)
            return Wish(kind: kind, params: params, maxAttempts: attempts ?? JobController.usualAttempts)
        } catch {
            reader.problems.add(pointer(of: error), code(of: error), error.description)
            return nil
        }
    }

    /// Numbers and switches may come as such; a job is told texts.
    private static func text(_ value: JSONValue, at pointer: String, _ problems: Problems) -> String? {
        switch value {
        case .string(let text) where text.utf8.count <= 4096: return text
        case .string(let text):
            problems.add(pointer, "too_long", "must have at most 4096 bytes, not \(text.utf8.count)")
        case .bool(let flag): return String(flag)
        default:
            if let number = value.wholeNumber { return String(number) }
            problems.add(pointer, "wrong_type", "must be text, a whole number, or true or false, not \(value.kind)")
        }
        return nil
    }

    private static func pointer(of error: JobError) -> String {
        switch error {
        case .unknownKind: "/kind"
        case .unknownParameter(_, let name, _), .missingParameter(_, let name), .badValue(let name, _, _):
            JSONPointer.member(name, of: "/params")
        case .notStarted: ""
        }
    }

    private static func code(of error: JobError) -> String {
        switch error {
        case .unknownParameter: "unknown_member"
        case .missingParameter: "missing"
        default: "invalid"
        }
    }

    /// The job; `log` only where it was asked for.
    static func json(of job: Job, log: [JobLogLine]? = nil) -> JSONValue {
        let params = job.params.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        var members: [JSONValue.Member] = [
            .init("job_id", .string(job.id)), .init("kind", .string(job.kind.rawValue)),
            .init("params", .object(params)), .init("state", .string(job.state.rawValue)),
            .init("schedule_id", .text(job.scheduleID)), .init("created_at", .string(job.createdAt.rfc3339)),
            .init("due_at", .string(job.dueAt.rfc3339)), .init("started_at", .text(job.startedAt?.rfc3339)),
            .init("finished_at", .text(job.finishedAt?.rfc3339)), .init("attempts", .integer(job.attempts)),
            .init("max_attempts", .integer(job.maxAttempts)), .init("worker", .text(job.worker)),
            .init("cancel_requested", .bool(job.isCancelRequested)), .init("progress", .text(job.progress)),
            .init("error", .text(job.error)),
        ]
        if let log { members.append(.init("log", .array(log.map(json)))) }
        return .object(members)
    }

    private static func json(of line: JobLogLine) -> JSONValue {
        [
            "number": .integer(Int(line.number)), "attempt": .integer(line.attempt), "at": .string(line.at.rfc3339),
            "text": .string(line.text),
        ]
    }

    /// The place of a job in the list as texts.
    static func parts(of job: Job) -> [String] { [String(job.createdAt.microseconds), job.id] }

    /// The place that such texts stand for.
    static func place(of parts: [String]) -> JobPlace? {
        guard parts.count == 2, let microseconds = Int64(parts[0]) else { return nil }
        return JobPlace(createdAt: Timestamp(microseconds: microseconds), id: parts[1])
    }
}
