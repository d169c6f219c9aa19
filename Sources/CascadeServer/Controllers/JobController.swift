import CascadeCore
import CascadeJobs
import HTTPTypes
import Hummingbird

/// Long work that workers do: to queue, to follow and to give up.
struct JobController: Sendable {
    /// How often a job may be begun where the request says nothing, and at most.
    static let usualAttempts = 3
    static let maximumAttempts = 100
    /// The most lines of a job's log in one answer.
    static let maximumLines = 1000

    let jobs: any JobStore

    func post(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let wish = JobDocument.wish(try call.object(problems))
        try problems.check()
        guard let wish else { throw RequestFailure(.internal, "a job without problems could not be read") }
        let job = try await jobs.add(wish.kind, params: wish.params, maxAttempts: wish.maxAttempts)
        var response = Response.json(JobDocument.json(of: job), status: .accepted)
        response.headers[.location] = "/v1/jobs/\(job.id)"
        return response
    }

    func list(_ call: Call) async throws -> Response {
        let problems = Problems()
        let query = QueryReader(call.query, problems: problems)
        let word = query.text("state")
        let state = word.flatMap(JobState.init)
        if word != nil, state == nil {
            let words = JobState.allCases.map(\.rawValue).joined(separator: ", ")
            problems.add(query.place("state"), "invalid", "must be one of \(words)")
        }
        let page = PageRequest(query, of: ["jobs", state?.rawValue ?? ""], parts: 2)
        let place = page.place.flatMap { JobDocument.place(of: $0) }
        if place == nil, page.place != nil { page.refuseCursor(query) }
        query.refuseUnknown()
        try problems.check()
        let found = try await jobs.jobs(state: state, after: place, limit: page.readLimit)
        return .json(page.json(found, place: JobDocument.parts) { JobDocument.json(of: $0) })
    }

    func get(_ call: Call) async throws -> Response {
        let problems = Problems()
        let id = call.identifier("job_id", problems)
        let query = QueryReader(call.query, problems: problems)
        let limit = query.integer("log_limit", in: 0...Self.maximumLines) ?? 0
        let after = query.integer("log_after", in: 0...Int.max) ?? 0
        query.refuseUnknown()
        try problems.check()
        let job = try await job(id)
        let lines = limit > 0 ? try await jobs.log(of: id, after: Int64(after), limit: limit) : nil
        return .json(JobDocument.json(of: job, log: lines))
    }

    func cancel(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = call.identifier("job_id", problems)
        try problems.check()
        if let cancelled = try await jobs.cancel(id) { return .json(JobDocument.json(of: cancelled)) }
        let state = try await job(id).state.rawValue
        throw RequestFailure(.conflict, "job '\(id)' has ended already: it is \(state)")
    }

    private func job(_ id: String) async throws -> Job {
        guard let job = try await jobs.job(id) else { throw RequestFailure.missing("job '\(id)'") }
        return job
    }
}
