extension CascadeClient {
    /// A page of the jobs, newest first.
    ///
    /// - Parameters:
    ///   - state: only jobs in this state.
    ///   - limit: rows of the page, 1 to 500.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listJobs(
        state: JobState? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws(CascadeClientError) -> Page<Job> {
        let query = [("state", state?.rawValue)] + Self.page(limit, cursor)
        return try await answer(to: Call(operation: .listJobs, query: query))
    }

    /// Queues a job for a worker.
    ///
    /// - Parameter idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func postJob(
        _ request: JobRequest, idempotencyKey: String? = nil
    ) async throws(CascadeClientError) -> Job {
        try await answer(to: Call(operation: .postJob, body: request, key: idempotencyKey))
    }

    /// One job, with lines of its log where they are asked for.
    ///
    /// - Parameters:
    ///   - logLimit: the number of lines, 0 to 1000; nil for none.
    ///   - logAfter: the number of the last line that was read.
    public func getJob(
        _ jobID: String, logLimit: Int? = nil, logAfter: Int? = nil
    ) async throws(CascadeClientError) -> Job {
        let query = [("log_limit", logLimit.map { String($0) }), ("log_after", logAfter.map { String($0) })]
        return try await answer(to: Call(operation: .getJob, path: [jobID], query: query))
    }

    /// Gives a job up, also one that runs; one that has ended is a `conflict`.
    ///
    /// - Parameter idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func cancelJob(_ jobID: String, idempotencyKey: String? = nil) async throws(CascadeClientError) -> Job {
        try await answer(to: Call(operation: .cancelJob, path: [jobID], key: idempotencyKey))
    }
}
