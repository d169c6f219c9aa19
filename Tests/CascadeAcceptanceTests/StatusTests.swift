import CascadeCore
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

@Suite struct StatusTests {
    private func withReport(
        migrated: Bool = true, _ fill: (Storage) async throws -> Void = { _ in },
        _ body: (StatusReport) async throws -> Void
    ) async throws {
        let migrations = migrated ? TestDatabase.repositoryMigrations : nil
        try await TestDatabase.with(migrations: migrations) { database async throws in
            try await withTemporaryDirectory { directory async throws in
                let storage = Storage(pool: database.pool)
                try await fill(storage)
                let session = Session(
                    configuration: CascadeConfiguration(), storage: storage, dataDirectory: directory, cluster: nil)
                let empty = StatusReport(
                    at: "", database: .init(kind: "url", address: "x"), dataDirectory: directory.path)
                try await body(
                    try await StatusReader(configuration: session.configuration).fill(empty, session))
            }
        }
    }

    @Test func anEmptyDatabaseSaysSo() async throws {
        try await withReport { report async throws in
            #expect(report.rows?.items == 0 && report.rows?.newestFeedbackAt == nil)
            #expect(report.activeRelease == nil && report.releases == [:])
            let text = StatusText.lines(report).joined(separator: "\n")
            #expect(text.contains("none is active; run `cascade train`"))
            #expect(text.contains("newest none"))
            #expect(text.contains("jobs        none"))
            #expect(text.contains("counters    none"))
        }
    }

    @Test func aSchemaThatIsNotThereIsNamed() async throws {
        try await withReport(migrated: false) { report async throws in
            #expect(report.database.reachable && report.rows == nil)
            #expect(report.schema?.applied == 0 && report.schema.map { $0.pending > 10 } == true)
            #expect(report.database.problem?.contains("cascade db upgrade") == true)
            #expect(StatusText.lines(report).joined().contains("pending"))
        }
    }

    @Test func jobsSchedulesAndWorkersAreTold() async throws {
        try await withReport { storage async throws in
            _ = try await storage.jobs.add(.evaluate, params: [:], maxAttempts: 1)
            _ = try await storage.jobs.add(.train, params: [:], maxAttempts: 1)
            _ = try await storage.jobs.claim("w:1", kinds: [.train], lease: 60)
            try await storage.jobs.setSchedule(
                "nightly", .train, params: [:], everySeconds: 86_400, afterEvents: 500, maxAttempts: 1)
        } _: { report async throws in
            let jobs = try #require(report.jobs)
            #expect(jobs.states == ["queued": 1, "running": 1])
            #expect(jobs.oldestQueuedAgeSeconds.map { $0 > -5 && $0 < 60 } == true)
            #expect(jobs.workers.map(\.name) == ["w:1"] && jobs.workers[0].lapsed == false)
            #expect(jobs.schedules.map(\.id) == ["nightly"])
            #expect(jobs.schedules[0].dueAfterRows == 500 && jobs.schedules[0].dueAt != nil)
            let text = StatusText.lines(report).joined(separator: "\n")
            #expect(text.contains("nightly (train): due 2") && text.contains("w:1: train job_"))
        }
    }

    @Test func aDatabaseThatIsAwayIsNoSuccess() async throws {
        try await withTemporaryDirectory { directory async throws in
            var configuration = CascadeConfiguration()
            configuration.data.directory = directory.path
            configuration.database.url = "postgresql://nobody:s3cret@127.0.0.1:1/none"
            let (report, failure) = try await StatusReader(configuration: configuration).read()
            #expect(!report.database.reachable && failure != nil)
            #expect(failure.map(ExitCodes.code) == ExitCodes.unavailable)
            #expect(!(try report.json().contains("s3cret")))
            #expect(report.freeBytes.map { $0 > 0 } == true)
            configuration.database.url = ""
            let (absent, none) = try await StatusReader(configuration: configuration).read()
            #expect(none == nil && absent.database.problem?.contains("there is none yet") == true)
        }
    }

    @Test func sizesAndTimesAreReadable() {
        #expect(SizeText.text(0) == "0 bytes" && SizeText.text(1536) == "1.5 KiB")
        #expect(SizeText.text(3 << 40) == "3.0 TiB")
        #expect(SizeText.duration(59) == "59 s" && SizeText.duration(90) == "1.5 min")
        #expect(SizeText.duration(-7200) == "-2.0 h" && SizeText.duration(86_400 * 3) == "3.0 d")
        #expect(SizeText.percent(0.125) == "12.5 %")
    }
}
