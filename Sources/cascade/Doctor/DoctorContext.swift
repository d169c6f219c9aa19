import CascadeCore
import CascadePostgres
import CascadeServing
import CascadeStorage
import Foundation
import Logging

/// What checks look at, read once for all of them.
struct DoctorContext: Sendable {
    var configuration: CascadeConfiguration
    var dataDirectory: URL
    /// Nil where the database cannot be reached.
    var session: Session?
    /// Why not.
    var problem: String?
    /// Whether there is no private Postgres yet.
    var isAbsent = false
    var server: ServerFacts?
    /// Seconds by which the database's clock is ahead of this machine's.
    var clockAhead = 0.0
    /// Transactions that were prepared and not ended.
    var prepared: [String] = []
    var migrations: [MigrationState] = []
    var releases: [Release] = []
    var active: Release?
    /// The end of the data that the active release's models saw.
    var dataUntil: Timestamp?
    /// The active release as a server would serve it; nil where it cannot be loaded.
    var served: ReleaseSnapshot?
    var servedProblem: String?
    var rows = RowCounts()
    var sample = FeedbackSample()
    var jobs = JobFacts()
    var now = Timestamp.now

    var releaseDirectory: URL { dataDirectory.appendingPathComponent("releases") }

    /// What may be looked at.
    var reach: DoctorNeed {
        guard session != nil else { return .nothing }
        let isMigrated = !migrations.isEmpty && migrations.allSatisfy { $0.state != .pending }
        return isMigrated ? .schema : .database
    }

    init(_ configuration: CascadeConfiguration) {
        self.configuration = configuration
        dataDirectory = Session.directory(configuration)
    }

    /// Reads everything from an open session; a schema that is not up to date is not read any further.
    init(_ session: Session) async throws {
        self.init(session.configuration)
        dataDirectory = session.dataDirectory
        self.session = session
        let storage = session.storage
        let before = Timestamp.now
        let server = try await storage.serverFacts()
        clockAhead = server.clock.seconds - (before.seconds + Timestamp.now.seconds) / 2
        self.server = server
        prepared = try await storage.preparedTransactions()
        migrations = try await storage.migrationStatus(directory: try ProjectFiles.locate("Migrations"))
        guard reach == .schema else { return }
        releases = try await storage.releases.releases()
        active = try await storage.releases.activeRelease()
        rows = try await storage.rowCounts()
        sample = try await storage.feedbackSample()
        jobs = try await storage.jobs.facts()
        if let active { try await load(active, session) }
    }

    /// Verifies every checksum on the way.
    private mutating func load(_ active: Release, _ session: Session) async throws {
        dataUntil =
            try await session.storage.releases.modelVersion(active.retrievalModelID)?.dataPeriod.until
            ?? active.createdAt
        var logger = Logger(label: "cascade.doctor")
        logger.logLevel = .critical
        let service = try await PipelineService(session, logger: logger, patient: true)
        defer { service.compute.shutdown() }
        await service.follower.refresh()
        served = service.holder.current
        servedProblem = service.holder.problem
    }
}
