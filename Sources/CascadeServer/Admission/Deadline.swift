/// Runs `work` and cancels it at `deadline`.
///
/// - Throws: `RequestFailure.deadlineExceeded` when the deadline came first, otherwise what `work` throws. Work that
///   does not look at cancellation delays the failure until it ends.
func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw RequestFailure.deadlineExceeded }
        return value
    }
}
