/// Runs one piece of asynchronous work at a time, in the order in which they came.
actor Turns {
    private var last: Task<Void, Never>?

    /// Waits for its turn and for `work`, which the caller's cancellation does not stop.
    func take(_ work: @escaping @Sendable () async -> Void) async {
        let former = last
        let task = Task {
            await former?.value
            await work()
        }
        last = task
        await task.value
    }
}
