import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Testing

@Suite struct JobStoreTests {
    private static let all = JobKind.allCases

    @Test func aJobIsQueuedClaimedAndDone() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            let added = try await jobs.add(.train, params: ["until": "2026-01-01", "odd": "ü/\"'"], maxAttempts: 2)
            #expect(added.state == .queued && added.attempts == 0 && added.params["odd"] == "ü/\"'")
            #expect(try await jobs.claim("w", kinds: [.importData], lease: 30) == nil)
            let claimed = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(claimed.id == added.id && claimed.state == .running && claimed.attempts == 1)
            #expect(claimed.worker == "w" && claimed.startedAt != nil)
            #expect(try await jobs.claim("other", kinds: Self.all, lease: 30) == nil)
            #expect(try await jobs.renew(claimed, lease: 30, progress: "half", lines: ["one", "two"]) == .held)
            #expect(try await jobs.job(added.id)?.progress == "half")
            #expect(try await jobs.finish(claimed, .succeeded, lines: ["three"]))
            let ended = try #require(try await jobs.job(added.id))
            #expect(ended.state == .succeeded && ended.finishedAt != nil && ended.progress == nil)
            let log = try await jobs.log(of: added.id, after: 0, limit: 10)
            #expect(log.map(\.text) == ["one", "two", "three"] && log.allSatisfy { $0.attempt == 1 })
            #expect(try await jobs.log(of: added.id, after: log[1].number, limit: 10).map(\.text) == ["three"])
            #expect(try await jobs.finish(claimed, .succeeded, lines: []) == false)
            #expect(try await jobs.cancel(added.id) == nil)
            #expect(try await jobs.retry(added.id) == nil)
        }
    }

    @Test func manyWorkersShareJobsWithoutDoingOneTwice() async throws {
        try await withStorage { storage async throws in
            var ids: Set<String> = []
            for _ in 0..<40 { ids.insert(try await storage.jobs.add(.evaluate, params: [:], maxAttempts: 1).id) }
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var mine: [String] = []
                        while let job = try await storage.jobs.claim("w\(worker)", kinds: Self.all, lease: 30) {
                            mine.append(job.id)
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 40 && Set(claimed) == ids)
        }
    }

    @Test func aLeaseThatEndsGivesTheJobToAnotherAndTheFirstChangesNothing() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            let id = try await jobs.add(.train, params: [:], maxAttempts: 2).id
            let first = try #require(try await jobs.claim("first", kinds: Self.all, lease: 30))
            try await Self.endLease(of: id, storage)
            let second = try #require(try await jobs.claim("second", kinds: Self.all, lease: 30))
            #expect(second.id == id && second.attempts == 2)
            #expect(try await jobs.renew(first, lease: 30, progress: "x", lines: ["late"]) == .lost)
            #expect(try await jobs.finish(first, .succeeded, lines: ["late"]) == false)
            #expect(try await jobs.log(of: id, after: 0, limit: 10).isEmpty)
            #expect(try await jobs.job(id)?.worker == "second")
            // The last attempt that is allowed: nobody begins it again.
            try await Self.endLease(of: id, storage)
            #expect(try await jobs.claim("third", kinds: Self.all, lease: 30) == nil)
            let ended = try #require(try await jobs.job(id))
            #expect(ended.state == .failed && ended.error?.contains("second") == true)
            let again = try #require(try await jobs.retry(id))
            #expect(again.state == .queued && again.attempts == 0 && again.error == nil && again.finishedAt == nil)
            #expect(try await jobs.claim("third", kinds: Self.all, lease: 30)?.id == id)
        }
    }

    @Test func aFailedAttemptWaitsAndIsLimited() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            let id = try await jobs.add(.train, params: [:], maxAttempts: 2).id
            let first = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(try await jobs.finish(first, .failed("no room", retryAfter: 60), lines: []))
            let waiting = try #require(try await jobs.job(id))
            #expect(waiting.state == .queued && waiting.error == "no room" && waiting.finishedAt == nil)
            #expect(waiting.dueAt.seconds - Timestamp.now.seconds > 50)
            #expect(try await jobs.claim("w", kinds: Self.all, lease: 30) == nil)
            try await storage.pool.execute("UPDATE jobs SET due_at = now()")
            let second = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(second.error == nil)
            #expect(try await jobs.finish(second, .failed("no room", retryAfter: 60), lines: []))
            #expect(try await jobs.job(id)?.state == .failed)
            let other = try await jobs.add(.train, params: [:], maxAttempts: 5).id
            let only = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(try await jobs.finish(only, .failed("usage", retryAfter: nil), lines: []))
            #expect(try await jobs.job(other)?.state == .failed)
        }
    }

    @Test func whatAWorkerHandsBackDoesNotCount() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            let id = try await jobs.add(.train, params: [:], maxAttempts: 1).id
            let first = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(try await jobs.finish(first, .returned, lines: []))
            let again = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(again.id == id && again.attempts == 1)
        }
    }

    @Test func aJobIsGivenUpInEveryState() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            let queued = try await jobs.add(.train, params: [:], maxAttempts: 1).id
            #expect(try await jobs.cancel(queued)?.state == .cancelled)
            #expect(try await jobs.claim("w", kinds: Self.all, lease: 30) == nil)
            let id = try await jobs.add(.train, params: [:], maxAttempts: 3).id
            let running = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            #expect(try await jobs.cancel(id)?.isCancelRequested == true)
            #expect(try await jobs.renew(running, lease: 30, progress: nil, lines: []) == .cancelled)
            #expect(try await jobs.finish(running, .cancelled, lines: []))
            #expect(try await jobs.job(id)?.state == .cancelled)
            // One whose worker is gone is given up by whoever looks next.
            let left = try await jobs.add(.train, params: [:], maxAttempts: 3).id
            _ = try await jobs.claim("w", kinds: Self.all, lease: 30)
            _ = try await jobs.cancel(left)
            try await Self.endLease(of: left, storage)
            #expect(try await jobs.claim("w", kinds: Self.all, lease: 30) == nil)
            #expect(try await jobs.job(left)?.state == .cancelled)
            #expect(try await jobs.jobs(state: .cancelled, limit: 10).map(\.id) == [left, id, queued])
            #expect(try await jobs.cancel("nothing") == nil)
            // In pages, by the place of the last of the page before.
            var (listed, place): ([String], JobPlace?) = ([], nil)
            while let job = try await jobs.jobs(state: .cancelled, after: place, limit: 1).first {
                listed.append(job.id)
                place = JobPlace(createdAt: job.createdAt, id: job.id)
            }
            #expect(listed == [left, id, queued])
        }
    }

    @Test func aScheduleIsDueByTimeOneJobAtATime() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            try await jobs.setSchedule(
                "nightly", .train, params: ["activate": "false"], everySeconds: 3600, afterEvents: nil, maxAttempts: 2)
            #expect(try await jobs.enqueueDue().isEmpty)
            try await storage.pool.execute("UPDATE job_schedules SET counted_from = now() - interval '2 hours'")
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await storage.jobs.enqueueDue().count } }
                return try await group.reduce(0, +)
            }
            #expect(made == 1)
            let job = try #require(try await jobs.jobs(state: .queued, limit: 10).first)
            #expect(job.scheduleID == "nightly" && job.params == ["activate": "false"] && job.maxAttempts == 2)
            // Late again, but its job has not ended.
            try await storage.pool.execute("UPDATE job_schedules SET counted_from = now() - interval '2 hours'")
            #expect(try await jobs.enqueueDue().isEmpty)
            let claimed = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            _ = try await jobs.finish(claimed, .succeeded, lines: [])
            #expect(try await jobs.enqueueDue().count == 1)
            #expect(try await jobs.schedules().map(\.id) == ["nightly"])
            #expect(try await jobs.removeSchedule("nightly"))
            #expect(try await jobs.removeSchedule("nightly") == false)
        }
    }

    @Test func aScheduleIsDueByNewEvents() async throws {
        try await withStorage { storage async throws in
            let jobs = storage.jobs
            try await jobs.setSchedule(
                "fresh", .indexRebuild, params: [:], everySeconds: nil, afterEvents: 50, maxAttempts: 1)
            #expect(try await jobs.enqueueDue().isEmpty)
            _ = try await storage.feedback.append((0..<60).map { makeEvent("e\($0)", "click", "u", "i", Double($0)) })
            // The statistics come late; a look of the connection that wrote pushes them out.
            var made: [Job] = []
            for _ in 0..<100 where made.isEmpty {
                try await storage.pool.execute("SELECT pg_stat_force_next_flush()")
                try await Task.sleep(for: .milliseconds(100))
                made = try await jobs.enqueueDue()
            }
            #expect(made.map(\.kind) == [.indexRebuild])
            let claimed = try #require(try await jobs.claim("w", kinds: Self.all, lease: 30))
            _ = try await jobs.finish(claimed, .succeeded, lines: [])
            #expect(try await jobs.enqueueDue().isEmpty)
        }
    }

    @Test func aScheduleNeedsAReason() async throws {
        try await withStorage { storage async throws in
            let error = await storageError {
                try await storage.jobs.setSchedule(
                    "never", .train, params: [:], everySeconds: nil, afterEvents: nil, maxAttempts: 1)
            }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    private static func endLease(of id: String, _ storage: Storage) async throws {
        try await storage.pool.execute(
            "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE job_id = \(id)")
    }
}
