import CascadeCore
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
        report.database.reachable = true
        let migrations = try await storage.migrationStatus(directory: try ProjectFiles.locate("Migrations"))
        report.schema = Self.schema(migrations)
        guard report.schema?.pending == 0 else {
            let facts = try await storage.serverFacts()
            report.database.version = facts.version
            report.database.problem = "the schema is not up to date; run `cascade db upgrade`"
            return report
        }
        let statistics = try await StatisticsReader(
            storage: storage, releaseDirectory: session.releaseDirectory
        ).read(at: now)
        report.database.version = statistics.database.version
        report.database.bytes = statistics.database.bytes
        report.database.connections = statistics.database.connections
        report.database.maximumConnections = statistics.database.maximumConnections
        report.rows = statistics.rows
        report.activeRelease = statistics.activeRelease
        report.releases = statistics.releases
        report.jobs = statistics.jobs
        report.counters = statistics.counters
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
}
