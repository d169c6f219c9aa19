import CascadeCore
import CascadePostgres
import Foundation

extension Job {
    static let columns = """
        job_id, kind, params, state, schedule_id, created_at, due_at, started_at, finished_at, attempts, max_attempts, \
        worker, cancel_requested, progress, error
        """

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        let state: String = try row.decode("state")
        guard let state = JobState(rawValue: state) else {
            throw StorageError.corruptValue(reason: "\"\(state)\" is no state of a job")
        }
        func time(_ column: String) throws -> Timestamp? {
            try row.decode(column, as: PostgresTimestamp?.self).map(Timestamp.init)
        }
        self.init(
            id: try row.decode("job_id"), kind: try JobKind(row), params: try JobParameters.read(row), state: state,
            scheduleID: try row.decode("schedule_id"),
            createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
            dueAt: Timestamp(try row.decode("due_at", as: PostgresTimestamp.self)), startedAt: try time("started_at"),
            finishedAt: try time("finished_at"), attempts: Int(try row.decode("attempts", as: Int32.self)),
            maxAttempts: Int(try row.decode("max_attempts", as: Int32.self)), worker: try row.decode("worker"),
            isCancelRequested: try row.decode("cancel_requested"), progress: try row.decode("progress"),
            error: try row.decode("error"))
    }
}

extension JobSchedule {
    static let columns = "schedule_id, kind, params, every_seconds, after_events, counted_from"

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        self.init(
            id: try row.decode("schedule_id"), kind: try JobKind(row), params: try JobParameters.read(row),
            everySeconds: try row.decode("every_seconds"), afterEvents: try row.decode("after_events"),
            countedFrom: Timestamp(try row.decode("counted_from", as: PostgresTimestamp.self)))
    }
}

extension JobKind {
    fileprivate init(_ row: Row) throws {
        let kind: String = try row.decode("kind")
        guard let kind = JobKind(rawValue: kind) else {
            throw StorageError.corruptValue(reason: "\"\(kind)\" is no kind of job")
        }
        self = kind
    }
}

/// What a job is told, as a JSON object of texts.
enum JobParameters {
    static func json(_ params: [String: String]) throws -> String {
        String(decoding: try JSONEncoder().encode(params), as: UTF8.self)
    }

    fileprivate static func read(_ row: Row) throws -> [String: String] {
        let json: String = try row.decode("params")
        guard let params = try? JSONDecoder().decode([String: String].self, from: Data(json.utf8)) else {
            throw StorageError.corruptValue(reason: "the parameters \(json) of a job are not texts by name")
        }
        return params
    }
}
