import Foundation

/// Runs work that blocks on a thread of its own and suspends the caller meanwhile.
func onOwnThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws(PostgresError) -> Value
) async throws(PostgresError) -> Value {
    let result = await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<Value, PostgresError>, Never>) in
        Thread.detachNewThread {
            do throws(PostgresError) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}
