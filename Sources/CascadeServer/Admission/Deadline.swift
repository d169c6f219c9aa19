import CascadeCore

/// Runs `work` and cancels it at `deadline`.
///
/// - Throws: `RequestFailure.deadlineExceeded` when the deadline came first, otherwise what `work` throws. Work that
///   does not look at cancellation delays the failure until it ends.
func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let worker = Task { try await work() }
    let alarm = AlarmClock.shared.alarm(after: deadline - .now) { worker.cancel() }
    let result = await withTaskCancellationHandler {
        await worker.result
    } onCancel: {
        worker.cancel()
    }
    guard alarm.cancel() else { throw RequestFailure.deadlineExceeded }
    return try result.get()
}
