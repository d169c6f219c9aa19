import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Logging
import Synchronization
import Testing

@testable import CascadeJobs

@Suite struct JobWorkerTests {
    /// Does what a closure says.
    private struct Closure: JobExecutor {
        let body: @Sendable (Job, @Sendable (String) -> Void) async -> JobOutcome

        func execute(_ job: Job, say: @escaping @Sendable (String) -> Void) async -> JobOutcome { await body(job, say) }
    }

    private nonisolated(nonsending) func withStorage(_ body: (Storage) async throws -> Void) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database in
            try await body(Storage(pool: database.pool))
        }
    }

    private static func worker(
        _ storage: Storage, lease: Double = 30,
        _ body: @escaping @Sendable (Job, @Sendable (String) -> Void) async -> JobOutcome
    ) -> JobWorker {
        JobWorker(
            store: storage.jobs, executor: Closure(body: body), name: "w", lease: lease, poll: .milliseconds(20),
            logger: Logger(label: "test"))
    }

    @Test func jobsAreDoneInTurnAndTheirWordsKept() async throws {
        try await withStorage { storage async throws in
            var ids: [String] = []
            for number in 0..<3 {
                ids.append(
                    try await storage.jobs.add(.evaluate, params: ["release": "r\(number)"], maxAttempts: 1).id)
            }
            try await Self.worker(storage) { job, say in
                say("doing \(job.params["release"] ?? "")")
                say("  progress is no line of the log")
                return job.params["release"] == "r1" ? .failed("it broke", retryAfter: nil) : .succeeded
            }.run(untilIdle: true)
            let jobs = try await storage.jobs.jobs(state: nil, limit: 10)
            #expect(jobs.reversed().map(\.id) == ids)
            #expect(jobs.reversed().map(\.state) == [.succeeded, .failed, .succeeded])
            #expect(jobs[1].error == "it broke")
            for (number, id) in ids.enumerated() {
                #expect(try await storage.jobs.log(of: id, after: 0, limit: 10).map(\.text) == ["doing r\(number)"])
            }
        }
    }

    @Test func aJobThatIsGivenUpIsStopped() async throws {
        try await withStorage { storage async throws in
            let id = try await storage.jobs.add(.train, params: [:], maxAttempts: 3).id
            let worker = Self.worker(storage, lease: 0.3) { _, say in
                say("begun")
                say("  halfway")
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
                return .succeeded
            }
            let run = Task { try await worker.run(untilIdle: true) }
            try await Self.until { try await storage.jobs.job(id)?.progress == "halfway" }
            _ = try await storage.jobs.cancel(id)
            try await run.value
            #expect(try await storage.jobs.job(id)?.state == .cancelled)
            #expect(try await storage.jobs.log(of: id, after: 0, limit: 10).map(\.text) == ["begun"])
        }
    }

    @Test func aWorkerThatStopsHandsItsJobBack() async throws {
        try await withStorage { storage async throws in
            let id = try await storage.jobs.add(.train, params: [:], maxAttempts: 1).id
            let worker = Self.worker(storage) { _, _ in
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
                return .cancelled
            }
            let run = Task { try await worker.run() }
            try await Self.until { try await storage.jobs.job(id)?.state == .running }
            run.cancel()
            try await run.value
            let job = try #require(try await storage.jobs.job(id))
            #expect(job.state == .queued && job.attempts == 0)
        }
    }

    @Test func aJobThatBecameAnothersIsStoppedAndNotTouched() async throws {
        try await withStorage { storage async throws in
            let id = try await storage.jobs.add(.train, params: [:], maxAttempts: 3).id
            let stopped = Mutex(false)
            let worker = Self.worker(storage, lease: 0.3) { _, _ in
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
                stopped.withLock { $0 = true }
                return .succeeded
            }
            let run = Task { try await worker.run() }
            try await Self.until { try await storage.jobs.job(id)?.state == .running }
            // Another worker's, as if this one had not been heard of for long.
            try await storage.pool.execute(
                "UPDATE jobs SET worker = 'other', attempts = 2, lease_until = now() + interval '1 hour'")
            try await Self.until { stopped.withLock { $0 } }
            run.cancel()
            try await run.value
            let job = try #require(try await storage.jobs.job(id))
            #expect(job.state == .running && job.worker == "other" && job.attempts == 2)
        }
    }

    @Test func schedulesAreFollowed() async throws {
        try await withStorage { storage async throws in
            try await storage.jobs.setSchedule(
                "often", .evaluate, params: [:], everySeconds: 60, afterEvents: nil, maxAttempts: 1)
            try await storage.pool.execute("UPDATE job_schedules SET counted_from = now() - interval '1 hour'")
            try await Self.worker(storage) { _, _ in .succeeded }.run(untilIdle: true)
            #expect(try await storage.jobs.jobs(state: .succeeded, limit: 10).map(\.scheduleID) == ["often"])
        }
    }

    @Test func whatAJobSaysIsBounded() {
        let outbox = JobOutbox()
        for number in 0..<5000 { outbox.add("line \(number)\0") }
        outbox.add(String(repeating: "x", count: 100_000))
        let said = outbox.take()
        #expect(said.lines.count == 2001 && said.lines[0] == "line 0" && said.lines[2000].contains("left out"))
        #expect(outbox.take().lines.isEmpty)
    }

    private nonisolated(nonsending) static func until(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<500 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("it did not happen within ten seconds")
    }
}
