import CascadeCore
import CascadeModels
import CascadeObservability
import CascadePostgres
import CascadeStorage
import Foundation

/// Gathers a `StatusReport`; changes nothing, not even the schema.
struct StatusReader {
    let configuration: CascadeConfiguration
    var now = Timestamp.now

    /// The report, and the failure where the database cannot be reached.
    func read() async throws -> (report: StatusReport, failure: (any Error)?) {
        // Missing, they say nothing of the database.
        _ = try ProjectFiles.locate("Migrations")
        let directory = Session.directory(configuration)
        var report = StatusReport(
            at: now.rfc3339, database: try await address(), dataDirectory: directory.path,
            freeBytes: ReleaseFolders.freeBytes(at: directory))
        // The first command that needs it makes it; a look does not.
        if report.database.problem != nil { return (report, nil) }
        do {
            let found = report
            report = try await Session.with(configuration, migrating: false) { session in
                try await fill(found, session)
            }
            return (report, nil)
        } catch {
            report.database.problem = Redaction.scrubbed("\(error)")
            return (report, error)
        }
    }

    private func address() async throws -> StatusReport.Database {
        if !configuration.database.url.isEmpty {
            return .init(kind: "url", address: Redaction.scrubbed(configuration.database.url))
        }
        let status = try await Session.localCluster(configuration).status()
        var database = StatusReport.Database(kind: "private", address: status.home)
        if status.state == .absent { database.problem = "there is none yet; the first command that needs it makes it" }
        return database
    }

    /// Adds what the database of an open session tells.
    func fill(_ empty: StatusReport, _ session: Session) async throws -> StatusReport {
        var report = empty
        let storage = session.storage
        let facts = try await storage.serverFacts()
        report.database.reachable = true
        report.database.version = facts.version
        report.database.bytes = facts.bytes
        report.database.connections = facts.connections
        report.database.maximumConnections = facts.maximumConnections
        let migrations = try await storage.migrationStatus(directory: try ProjectFiles.locate("Migrations"))
        report.schema = Self.schema(migrations)
        guard report.schema?.pending == 0 else {
            report.database.problem = "the schema is not up to date; run `cascade db upgrade`"
            return report
        }
        let counts = try await storage.rowCounts()
        report.rows = StatusReport.Rows(
            users: counts.users, items: counts.items, hiddenItems: counts.hiddenItems,
            impressions: counts.impressions, events: counts.events, estimated: counts.estimated,
            newestFeedbackAt: counts.latestFeedbackAt?.rfc3339,
            newestFeedbackAgeSeconds: counts.latestFeedbackAt.map { now.seconds - $0.seconds })
        report.activeRelease = try await activeRelease(counts, session)
        report.releases = Self.releases(try await storage.releases.releases(), session)
        report.jobs = Self.jobs(try await storage.jobs.facts(), now)
        let counters = try await storage.counters.status(withBuckets: false)
        report.counters = StatusReport.Counters(
            series: counters.counters, notFolded: counters.recent, foldedUntil: counters.foldedUntil?.rfc3339,
            lagSeconds: counters.counters > 0 ? counters.foldedUntil.map { now.seconds - $0.seconds } : nil)
        return report
    }

    static func schema(_ states: [MigrationState]) -> StatusReport.Schema {
        var schema = StatusReport.Schema()
        for state in states {
            switch state.state {
            case .pending: schema.pending += 1
            case .applied: schema.applied += 1
            case .changed, .unknown: schema.wrong += 1
            }
            if state.state != .pending { schema.version = max(schema.version, state.version) }
        }
        return schema
    }

    private func activeRelease(_ counts: RowCounts, _ session: Session) async throws -> StatusReport.ActiveRelease? {
        guard let active = try await session.storage.releases.activeRelease() else { return nil }
        let until = try await session.storage.releases.modelVersion(active.retrievalModelID)?.dataPeriod.until
        let seen = until ?? active.createdAt
        let catalog = session.releaseDirectory.appendingPathComponent(active.path)
            .appendingPathComponent(CatalogFile.name)
        return StatusReport.ActiveRelease(
            id: active.id, createdAt: active.createdAt.rfc3339, ageSeconds: now.seconds - active.createdAt.seconds,
            activatedAt: active.activatedAt?.rfc3339, dataUntil: until?.rfc3339,
            feedbackAheadSeconds: counts.latestFeedbackAt.map { max(0, $0.seconds - seen.seconds) },
            items: (try? Data(contentsOf: catalog, options: .alwaysMapped)).map { data in data.count { $0 == 10 } },
            catalogItems: counts.items)
    }

    private static func releases(_ releases: [Release], _ session: Session) -> [String: StatusReport.Releases] {
        var states: [String: StatusReport.Releases] = [:]
        for release in releases {
            let bytes = ReleaseFolders.bytes(of: session.releaseDirectory.appendingPathComponent(release.path))
            states[release.state.rawValue, default: .init(count: 0, bytes: 0)].count += 1
            states[release.state.rawValue, default: .init(count: 0, bytes: 0)].bytes += bytes
        }
        return states
    }

    private static func jobs(_ facts: JobFacts, _ now: Timestamp) -> StatusReport.Jobs {
        StatusReport.Jobs(
            states: facts.states, oldestQueuedAgeSeconds: facts.oldestDueAt.map { now.seconds - $0.seconds },
            schedules: facts.schedules.map {
                .init(
                    id: $0.schedule, kind: $0.kind, dueAt: $0.at?.rfc3339, dueAfterRows: $0.afterRows,
                    waiting: $0.isWaiting)
            },
            workers: facts.leases.map {
                .init(name: $0.worker, job: $0.job, kind: $0.kind, leaseUntil: $0.until.rfc3339, lapsed: $0.hasLapsed)
            })
    }
}
