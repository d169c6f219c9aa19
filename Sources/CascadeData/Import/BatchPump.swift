import CascadeCore

/// Makes values on a thread of its own while a task takes them: value n+1 is made while value n is taken.
enum BatchPump {
    /// Runs `make`, which gives values to its argument until that says false, and `take` for each of them in order.
    ///
    /// Throws what either of them throws, and `CancellationError` when the task is cancelled; both have ended then.
    static func run<Value: Sendable>(
        name: String, make: @escaping @Sendable (_ send: (Value) -> Bool) throws -> Void,
        take: (Value) async throws -> Void
    ) async throws {
        let pool = ComputePool(threads: 1, name: name)
        defer { pool.shutdown() }
        let channel = BatchChannel<Value>(capacity: 1)
        async let making: Void = pool.run { cancellation in
            do {
                try make { !cancellation.isCancelled && channel.send($0) }
                channel.finish()
            } catch {
                channel.finish(throwing: error)
            }
        }
        var failure: (any Error)?
        do {
            try await withTaskCancellationHandler {
                while let value = try await channel.next() {
                    try Task.checkCancellation()
                    try await take(value)
                }
            } onCancel: {
                channel.close()
            }
        } catch {
            failure = error
        }
        channel.close()
        do {
            try await making
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
    }
}
