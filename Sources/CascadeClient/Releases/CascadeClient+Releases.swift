extension CascadeClient {
    /// The longest that a server takes to read and check the files of a release.
    public static let activationTimeout = Duration.seconds(600)

    /// All releases on one page, newest first.
    public func listReleases() async throws(CascadeClientError) -> Page<AnyRelease> {
        try await answer(to: Call(operation: .listReleases))
    }

    /// One release with its configuration.
    public func getRelease(_ releaseID: String) async throws(CascadeClientError) -> AnyRelease {
        try await answer(to: Call(operation: .getRelease, path: [releaseID]))
    }

    /// Serves a release once all of it was found whole.
    ///
    /// - Parameters:
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    ///   - timeout: the longest wait for the answer.
    public func activateRelease(
        _ releaseID: String, idempotencyKey: String? = nil, timeout: Duration = activationTimeout
    ) async throws(CascadeClientError) -> Release {
        try await answer(
            to: Call(operation: .activateRelease, path: [releaseID], key: idempotencyKey, timeout: timeout))
    }

    /// Serves the release that was active before.
    ///
    /// - Parameters:
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    ///   - timeout: the longest wait for the answer.
    public func rollbackRelease(
        idempotencyKey: String? = nil, timeout: Duration = activationTimeout
    ) async throws(CascadeClientError) -> Release {
        try await answer(to: Call(operation: .rollbackRelease, key: idempotencyKey, timeout: timeout))
    }
}
