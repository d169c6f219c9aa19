import CascadeServing
import Logging
import Synchronization
import Testing

@Suite struct UpkeepTests {
    private struct Trouble: Error {}

    /// It goes on after a failure, and ends with its task.
    @Test func itIsDoneAgainAndAgain() async throws {
        let times = Mutex(0)
        let ended = AsyncStream<Void>.makeStream()
        let upkeep = Upkeep("it cannot be done", every: .milliseconds(1), logger: ServingFixture.quiet) {
            let time = times.withLock { times in
                times += 1
                return times
            }
            if time == 2 { throw Trouble() }
            if time == 5 { ended.continuation.finish() }
        }
        let running = Task { try await upkeep.run() }
        for await _ in ended.stream {}
        running.cancel()
        try await running.value
        #expect(times.withLock { $0 } >= 5)
    }
}
