import CascadeCore
import Synchronization
import Testing

@testable import CascadeTraining

@Suite struct AnnouncedTrainingTests {
    private final class Recorder: ReleaseTrainingStore {
        struct Refused: Error {}

        let calls = Mutex<[String]>([])
        let refuses: Bool

        init(refuses: Bool = false) { self.refuses = refuses }

        func begin(_ training: ReleaseTraining) throws {
            if refuses { throw Refused() }
            calls.withLock { $0.append("begin \(training.id) \(training.jobID ?? "by hand") \(training.configJSON)") }
        }
        func pulse(of id: String) throws {
            calls.withLock { $0.append("pulse \(id)") }
            throw Refused()
        }
        /// As a database that does nothing for a cancelled task.
        func fail(_ id: String, reason: String) throws {
            try Task.checkCancellation()
            calls.withLock { $0.append("fail \(id): \(reason) (told)") }
        }
        func trainings() -> [ReleaseTraining] { [] }

        var said: [String] { calls.withLock { $0 } }
    }

    private func announced(_ store: Recorder, pulse: Double = 60) -> AnnouncedTraining {
        AnnouncedTraining(store: store, id: "r1", configJSON: "{}", jobID: "job_1", pulse: pulse)
    }

    @Test func whatSucceedsIsAnnouncedAndNoMore() async throws {
        let store = Recorder()
        #expect(try await announced(store).run { 7 } == 7)
        #expect(store.said == ["begin r1 job_1 {}"])
    }

    /// Signs of life go on although one of them does not arrive, and end with the work.
    @Test func itGivesSignsOfLife() async throws {
        let store = Recorder()
        try await announced(store, pulse: 0.001).run {
            while store.said.count < 4 { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(store.said[1...3] == ["pulse r1", "pulse r1", "pulse r1"])
        try await Task.sleep(for: .milliseconds(20))
        let told = store.said.count
        try await Task.sleep(for: .milliseconds(20))
        #expect(store.said.count == told)
    }

    @Test func aFailureIsToldAndThrown() async throws {
        struct Broken: Error, CustomStringConvertible { let description = String(repeating: "x", count: 3_000) }
        let store = Recorder()
        await #expect(throws: Broken.self) { try await announced(store).run { throw Broken() } }
        #expect(store.said.last == "fail r1: " + String(repeating: "x", count: 2_000) + " (told)")
    }

    @Test func aCancelledTrainingIsToldToo() async throws {
        let store = Recorder()
        let training = Task { try await announced(store).run { try await Task.sleep(for: .seconds(3600)) } }
        while store.said.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        training.cancel()
        await #expect(throws: CancellationError.self) { try await training.value }
        #expect(store.said.last?.hasPrefix("fail r1: ") == true && store.said.last?.hasSuffix("(told)") == true)
    }

    /// Where it cannot be announced, its release could not be registered either.
    @Test func whatCannotBeAnnouncedDoesNotBegin() async throws {
        await #expect(throws: Recorder.Refused.self) {
            try await announced(Recorder(refuses: true)).run { Issue.record("it began") }
        }
    }
}
