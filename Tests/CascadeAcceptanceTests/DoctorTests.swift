import CascadeCore
import CascadePostgres
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeStorage
@testable import cascade

/// Every check of `cascade doctor` is provoked; those that need a trained release are in `OperatorPathTests`.
@Suite struct DoctorTests {
    private func withSession(
        migrated: Bool = true, _ body: (Session) async throws -> Void
    ) async throws {
        let migrations = migrated ? TestDatabase.repositoryMigrations : nil
        try await TestDatabase.with(migrations: migrations) { database async throws in
            try await withTemporaryDirectory { directory async throws in
                var configuration = CascadeConfiguration()
                configuration.data.directory = directory.path
                try await body(
                    Session(
                        configuration: configuration, storage: Storage(pool: database.pool), dataDirectory: directory,
                        cluster: nil))
            }
        }
    }

    private func finding(_ check: any DoctorCheck, _ context: DoctorContext) async -> Doctor.Finding {
        let finding = await Doctor.finding(check, context)
        #expect((finding.remedy == nil) == (finding.level == .ok), "\(finding)")
        #expect(!finding.found.isEmpty)
        return finding
    }

    private func level(_ check: any DoctorCheck, _ context: DoctorContext) async -> Diagnosis.Level {
        await finding(check, context).level
    }

    // The contract of all checks.

    @Test func namesAreStableAndTheirOwn() {
        let names = DoctorChecks.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }, "\(name)") }
    }

    @Test func everyCheckWorksOnAnEmptyDatabase() async throws {
        try await withSession { session async throws in
            let context = try await DoctorContext(session)
            let before = try await session.storage.counts()
            let report = await Doctor.examine(context)
            #expect(report.checks.map(\.name) == DoctorChecks.all.map(\.name))
            #expect(report.skipped.isEmpty)
            for finding in report.checks {
                #expect((finding.remedy == nil) == (finding.level == .ok), "\(finding)")
                #expect(!finding.found.contains("cannot be checked"), "\(finding)")
                #expect(!finding.found.contains("\n"))
            }
            // The tests' server forgets in a crash.
            #expect(report.checks.filter { $0.level == .fail }.map(\.name) == ["durability"], "\(report.lines)")
            #expect(try await session.storage.counts() == before)
            let json = try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any]
            #expect(json?["level"] as? String == "fail")
            #expect((json?["checks"] as? [[String: Any]])?.count == report.checks.count)
            #expect(report.lines.last?.hasSuffix("1 fail") == true)
        }
    }

    @Test func withoutADatabaseTheRestIsLookedAt() async throws {
        try await withTemporaryDirectory { directory async throws in
            var configuration = CascadeConfiguration()
            configuration.data.directory = directory.path
            configuration.database.url = "postgresql://nobody:s3cret@127.0.0.1:1/none"
            let report = try await Doctor.examine(configuration)
            #expect(report.level == .fail)
            let server = try #require(report.checks.first { $0.name == "server" })
            #expect(server.level == .fail && server.remedy?.contains("database.url") == true)
            #expect(!(try report.json().contains("s3cret")))
            #expect(report.skipped.contains("migrations") && report.checks.contains { $0.name == "disk_space" })
            configuration.database.url = ""
            let absent = try await Doctor.examine(configuration)
            #expect(absent.checks.first { $0.name == "server" }?.level == .warn)
            #expect(!FileManager.default.fileExists(atPath: directory.appendingPathComponent("postgres/data").path))
        }
    }

    @Test func anErrorOfACheckIsAFailure() async {
        struct Broken: DoctorCheck {
            struct Reason: Error {}
            let name = "broken"
            let needs = DoctorNeed.nothing
            func look(_ context: DoctorContext) async throws -> Diagnosis { throw Reason() }
        }
        let report = await Doctor.examine(DoctorContext(CascadeConfiguration()), [Broken()])
        #expect(report.level == .fail && report.checks[0].found.contains("Reason"))
    }

    @Test func aConfigurationThatCannotBeReadIsAFinding() async throws {
        #expect(Doctor.report(unreadable: CommandFailure("no")).level == .fail)
        var configuration = CascadeConfiguration()
        configuration.database.maxConnections = 0
        #expect(await level(ConfigurationCheck(), DoctorContext(configuration)) == .fail)
        #expect(await level(ConfigurationCheck(), DoctorContext(CascadeConfiguration())) == .ok)
    }

    // Files.

    @Test func foldersAreLookedAt() async throws {
        try await withTemporaryDirectory { directory async throws in
            var configuration = CascadeConfiguration()
            configuration.data.directory = directory.path
            let context = DoctorContext(configuration)
            #expect(await level(DataDirectoryCheck(), context) == .ok)
            chmod(directory.path, 0o777)
            #expect(await level(DataDirectoryCheck(), context) == .warn)
            chmod(directory.path, 0o755)
            #expect(await level(UnfinishedFoldersCheck(seconds: -1), context) == .ok)
            let left = context.releaseDirectory.appendingPathComponent(".building-x")
            try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
            #expect(await level(UnfinishedFoldersCheck(), context) == .ok)
            #expect(await level(UnfinishedFoldersCheck(seconds: -1), context) == .warn)
            #expect(await level(DiskSpaceCheck(least: 1), context) == .ok)
            #expect(await level(DiskSpaceCheck(least: .max / 4), context) == .fail)
            let free = try #require(ReleaseFolders.freeBytes(at: directory))
            #expect(await level(DiskSpaceCheck(least: free * 2), context) == .warn)
        }
    }

    // The server.

    @Test func theServerIsLookedAt() async throws {
        try await withSession { session async throws in
            var context = try await DoctorContext(session)
            #expect(await level(ServerCheck(), context) == .ok)
            #expect(
                await finding(DurabilityCheck(), context).found.contains("fsync, full_page_writes, synchronous_commit"))
            context.server?.durability = [
                "fsync": "on", "full_page_writes": "on", "synchronous_commit": "remote_apply",
            ]
            #expect(await level(DurabilityCheck(), context) == .ok)
            #expect(await level(PrivilegesCheck(), context) == .ok)
            context.server?.mayCreate = false
            #expect(await level(PrivilegesCheck(), context) == .fail)
            context.server?.connections = 20
            context.server?.maximumConnections = 100
            #expect(await level(ConnectionsCheck(), context) == .ok)
            context.server?.connections = 95
            #expect(await level(ConnectionsCheck(), context) == .warn)
            context.server?.maximumConnections = 10
            #expect(await level(ConnectionsCheck(), context) == .fail)
            #expect(abs(context.clockAhead) < 2)
            for (seconds, wanted) in [(0.1, Diagnosis.Level.ok), (-5, .warn), (90, .fail)] {
                context.clockAhead = seconds
                #expect(await level(ClockCheck(), context) == wanted)
            }
            context.server?.isReadOnly = true
            #expect(await level(ServerCheck(), context) == .fail)
            context.server?.encoding = "SQL_ASCII"
            #expect(await finding(ServerCheck(), context).found.contains("SQL_ASCII"))
            context.server?.majorVersion = 14
            #expect(await finding(ServerCheck(), context).found.contains("older"))
        }
    }

    @Test func aRoleWithoutRightsIsNoticed() async throws {
        try await withSession { session async throws in
            let role = "role_\(UInt32.random(in: 0 ... .max))"
            try await session.storage.pool.execute("CREATE ROLE \(identifier: role)")
            try await session.storage.pool.withConnection { connection in
                try await connection.execute("SET ROLE \(identifier: role)")
                let may: Bool = try await connection.query(
                    "SELECT has_schema_privilege(current_schema()::text, 'CREATE')"
                ).single().decode(0)
                #expect(!may)
                try await connection.execute("RESET ROLE")
            }
            try await session.storage.pool.execute("DROP ROLE \(identifier: role)")
        }
    }

    @Test func transactionsThatLastAreFound() async throws {
        try await withSession { session async throws in
            var context = try await DoctorContext(session)
            #expect(await level(TransactionsCheck(longest: 0), context) == .ok)
            let other = try await PostgresConnection.connect(session.storage.pool.configuration)
            try await other.execute("BEGIN")
            try await other.execute("INSERT INTO items (item_id) VALUES ('x')")
            let found = await finding(TransactionsCheck(longest: 0), context)
            #expect(found.level == .warn && found.remedy?.contains("pg_terminate_backend") == true)
            #expect(await level(TransactionsCheck(), context) == .ok)
            await other.close()
            #expect(await level(PreparedTransactionsCheck(), context) == .ok)
            // The tests' server prepares none.
            context.prepared = ["forgotten"]
            #expect(await finding(PreparedTransactionsCheck(), context).remedy?.contains("'forgotten'") == true)
        }
    }

    @Test func theSchemaIsLookedAt() async throws {
        try await withSession(migrated: false) { session async throws in
            let context = try await DoctorContext(session)
            #expect(context.reach == .database)
            #expect(await finding(MigrationsCheck(), context).remedy == "cascade db upgrade")
            #expect(await Doctor.examine(context).skipped.contains("catalog"))
        }
        try await withSession { session async throws in
            #expect(await level(MigrationsCheck(), try await DoctorContext(session)) == .ok)
            #expect(await level(IndexesCheck(), try await DoctorContext(session)) == .ok)
            let pool = session.storage.pool
            try await pool.execute(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_by_change'::regclass")
            let index = await finding(IndexesCheck(), try await DoctorContext(session))
            #expect(index.level == .warn && index.remedy == "REINDEX INDEX items_by_change")
            try await pool.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'later', '')")
            let later = await finding(MigrationsCheck(), try await DoctorContext(session))
            #expect(later.level == .fail && later.found.contains("9999 later"))
        }
    }

    // The data.

    @Test func theCatalogIsLookedAt() async throws {
        try await withSession { session async throws in
            #expect(await level(CatalogCheck(), try await DoctorContext(session)) == .warn)
            #expect(await level(HiddenItemsCheck(), try await DoctorContext(session)) == .ok)
            for (id, hidden) in [("a", true), ("b", true), ("c", false)] {
                _ = try await session.storage.catalog.put(Item(id: ItemID(id), hidden: hidden))
            }
            let context = try await DoctorContext(session)
            #expect(await level(CatalogCheck(), context) == .ok)
            #expect(await level(HiddenItemsCheck(), context) == .warn)
            #expect(await level(HiddenItemsCheck(most: 0.7), context) == .ok)
        }
    }

    @Test func feedbackIsLookedAt() async throws {
        try await withSession { session async throws in
            let storage = session.storage
            #expect(await level(FeedbackCheck(), try await DoctorContext(session)) == .warn)
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            _ = try await storage.catalog.put(User(id: UserID("u")))
            let now = Timestamp.now
            func impression(_ id: String, _ user: String, _ item: String, ahead: Double = 0) -> Impression {
                Impression(
                    id: id, userID: UserID(user), itemID: ItemID(item), shownAt: now.adding(seconds: ahead),
                    recommendationID: "r" + id)
            }
            func event(_ id: String, impression: String? = nil, recommendation: String? = nil) -> Event {
                Event(
                    id: id, type: "click", userID: UserID("u"), itemID: ItemID("a"), occurredAt: now,
                    impressionID: impression, recommendationID: recommendation)
            }
            _ = try await storage.feedback.append([event("alone")])
            #expect(await finding(FeedbackCheck(), try await DoctorContext(session)).found.contains("no ranker"))
            _ = try await storage.feedback.append([impression("1", "u", "a"), impression("2", "u", "a")])
            _ = try await storage.feedback.append([event("e1", impression: "1"), event("e2", recommendation: "r2")])
            var context = try await DoctorContext(session)
            for check: any DoctorCheck in [
                FeedbackCheck(), FeedbackItemsCheck(), FeedbackUsersCheck(), FeedbackTimesCheck(),
                FeedbackAnswersCheck(),
            ] { #expect(await level(check, context) == .ok, "\(check.name)") }
            #expect(context.sample.answers == 2 && context.sample.unanswered == 0)
            _ = try await storage.feedback.append([
                impression("3", "stranger", "unknown"), impression("4", "stranger", "unknown", ahead: 3600),
                impression("5", "stranger", "unknown"),
            ])
            _ = try await storage.feedback.append([
                event("e3", impression: "none"), event("e4", recommendation: "none"),
            ])
            context = try await DoctorContext(session)
            for check: any DoctorCheck in [
                FeedbackItemsCheck(), FeedbackUsersCheck(), FeedbackTimesCheck(), FeedbackAnswersCheck(),
            ] { #expect(await level(check, context) == .warn, "\(check.name)") }
            #expect(context.sample.impressions == .init(rows: 5, unknownItems: 3, unknownUsers: 3, future: 1))
            #expect(context.sample.answers == 4 && context.sample.unanswered == 2)
            context.rows.users = 0
            #expect(await level(FeedbackUsersCheck(), context) == .ok)
        }
    }

    // Releases.

    @Test func releasesAreLookedAt() async throws {
        try await withSession { session async throws in
            var context = try await DoctorContext(session)
            #expect(await finding(ActiveReleaseCheck(), context).remedy == "cascade train")
            for check: any DoctorCheck in [RankerCheck(), FreshnessCheck(), IndexDeltaCheck(), ReleaseFoldersCheck()] {
                #expect(await level(check, context) == .ok, "\(check.name)")
            }
            let model = ModelVersion(
                id: "m", kind: .retrieval, createdAt: .now, configJSON: "{}", seed: 1, metricsJSON: "{}",
                dataPeriod: Period(), parentID: nil, checksum: "")
            for id in ["r1", "r2"] {
                let release = Release(
                    id: id, state: .ready, createdAt: .now, activatedAt: nil, retrievalModelID: "m",
                    rankerModelID: nil, path: id, manifestChecksum: "", configJSON: "{}", metricsJSON: "{}")
                try await session.storage.releases.register(release, models: [model])
            }
            context = try await DoctorContext(session)
            #expect(await level(ReleaseFoldersCheck(), context) == .warn)
            try await session.storage.releases.activate("r2")
            context = try await DoctorContext(session)
            #expect(await level(ReleaseFoldersCheck(), context) == .fail)
            #expect(await level(ActiveReleaseCheck(), context) == .fail)
            #expect(await level(RankerCheck(), context) == .warn)
        }
    }

    @Test func countersAreLookedAt() async throws {
        try await withSession { session async throws in
            let context = try await DoctorContext(session)
            #expect(await level(CountersCheck(), context) == .ok)
            let pool = session.storage.pool
            try await pool.execute(
                """
                INSERT INTO counter_series (definition, parts, widths, spans, first_signal)
                VALUES ('d', '{item}', '{0}', '{0}', 0)
                """)
            #expect(await level(CountersCheck(), context) == .ok)
            try await pool.execute("INSERT INTO counter_recent VALUES (1, 'k', 1, 1, 1, 1, 0, 0)")
            #expect(await finding(CountersCheck(), context).found.contains("never folded"))
            try await pool.execute("UPDATE counter_state SET folded_until = extract(epoch FROM now())::bigint - 60")
            #expect(await level(CountersCheck(), context) == .ok)
            #expect(await level(CountersCheck(longest: 30), context) == .warn)
        }
    }

    // Jobs.

    @Test func jobsAreLookedAt() async throws {
        try await withSession { session async throws in
            let (jobs, pool) = (session.storage.jobs, session.storage.pool)
            for check: any DoctorCheck in [JobLeasesCheck(), QueuedJobsCheck(), FailedJobsCheck(), SchedulesCheck()] {
                #expect(await level(check, try await DoctorContext(session)) == .ok, "\(check.name)")
            }
            let waiting = try await jobs.add(.train, params: [:], maxAttempts: 3)
            #expect(await level(QueuedJobsCheck(), try await DoctorContext(session)) == .ok)
            #expect(await level(QueuedJobsCheck(longest: -1), try await DoctorContext(session)) == .warn)
            let taken = try #require(try await jobs.claim("w:1", kinds: [.train], lease: 60))
            #expect(taken.id == waiting.id)
            #expect(await level(JobLeasesCheck(), try await DoctorContext(session)) == .ok)
            try await pool.execute("UPDATE jobs SET lease_until = now() - interval '1 minute'")
            let lapsed = await finding(JobLeasesCheck(), try await DoctorContext(session))
            #expect(lapsed.level == .warn && lapsed.found.contains("w:1"))
            _ = try await jobs.finish(taken, .failed("why", retryAfter: nil), lines: [])
            let failed = await finding(FailedJobsCheck(), try await DoctorContext(session))
            #expect(failed.level == .warn && failed.remedy?.contains("cascade jobs show \(taken.id)") == true)
            try await jobs.setSchedule(
                "nightly", .train, params: [:], everySeconds: 3600, afterEvents: 100, maxAttempts: 1)
            #expect(await level(SchedulesCheck(), try await DoctorContext(session)) == .ok)
            try await pool.execute("UPDATE job_schedules SET counted_from = now() - interval '2 hours'")
            let overdue = await finding(SchedulesCheck(), try await DoctorContext(session))
            #expect(overdue.level == .warn && overdue.found.contains("nightly"))
            #expect(overdue.remedy?.contains("cascade work") == true)
        }
    }
}
