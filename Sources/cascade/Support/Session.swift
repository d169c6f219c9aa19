import ArgumentParser
import CascadeCore
import CascadeModels
import CascadePostgres
import CascadeStorage
import CascadeTraining
import Foundation
import Logging

/// An open database with its stores, for the duration of a command.
struct Session: Sendable {
    let configuration: CascadeConfiguration
    let storage: Storage
    let dataDirectory: URL
    let cluster: LocalCluster?

    /// The folder of all releases.
    var releaseDirectory: URL { dataDirectory.appendingPathComponent("releases") }

    /// Where the artifacts of releases are.
    var artifacts: any ArtifactStore { DirectoryArtifacts(releaseDirectory) }

    /// Feedback whose logs are read into files beside the releases and kept there, but for those that may hold of users who were
    /// erased since.
    func cachedFeedback() async throws -> CachedFeedback {
        try await ErasedUsers(storage: storage, directory: releaseDirectory).forget()
        return CachedFeedback(
            storage.feedback, InteractionLogCache(in: releaseDirectory, limit: configuration.training.cachedLogs))
    }

    /// The release that a command names; throws for one that is not known or not built.
    func release(_ id: String) async throws -> Release {
        try await storage.releases.builtRelease(id)
    }

    /// The release that a command names, or the active one where it names none.
    func releaseOrActive(_ id: String?) async throws -> Release {
        if let id { return try await release(id) }
        guard let active = try await storage.releases.activeRelease() else { throw TrainingError.noActiveRelease }
        return active
    }

    /// The period that a release is measured on: the one that is named, or without its beginning what came after the release's
    /// training data.
    func heldOut(_ period: Period, of release: Release) async throws -> Period {
        guard period.from == nil else { return period }
        let model = try await storage.releases.modelVersion(release.retrievalModelID)
        guard let until = model?.dataPeriod.until else {
            throw ValidationError(
                "release \(release.id) was trained without --until, so nothing is held out; name a period with --from")
        }
        return Period(from: until, until: period.until)
    }

    /// Opens the database, migrates it unless told otherwise, runs `body`, and closes what was opened.
    static func with<Result: Sendable>(
        _ options: GlobalOptions, migrating: Bool = true, _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        try await with(try options.load(), migrating: migrating, body)
    }

    /// The same for a configuration that was read already.
    static func with<Result: Sendable>(
        _ configuration: CascadeConfiguration, migrating: Bool = true,
        _ body: @Sendable (Session) async throws -> Result
    ) async throws -> Result {
        let session = try await open(configuration, migrating: migrating)
        do {
            let result = try await body(session)
            try await session.close()
            return result
        } catch {
            try? await session.close()
            throw error
        }
    }

    /// The private cluster of a configuration without a database URL.
    static func localCluster(_ configuration: CascadeConfiguration) -> LocalCluster {
        LocalCluster(dataDirectory: directory(configuration))
    }

    /// - Parameters:
    ///   - migrating: false leaves the schema as it is, for commands that look at it or replace it.
    ///   - requestTimeout: that of a server's requests. No statement takes longer then, unless the configuration says so
    ///     or it reads a whole data set: on a connection that went silent, one without a limit would never end. Callers are told that the
    ///     database is away while they have time to hear it.
    static func open(_ configuration: CascadeConfiguration, migrating: Bool = true, requestTimeout: Duration? = nil)
        async throws -> Session
    {
        let directory = directory(configuration)
        var options = PostgresPool.Options()
        options.maximumConnections = configuration.database.maxConnections
        if let requestTimeout {
            options.leaseTimeout = min(options.leaseTimeout, requestTimeout / 2)
            options.awayTimeout = .milliseconds(250)
        }
        let timeout = configuration.database.statementTimeoutMilliseconds
        let statementTimeout: Duration? = timeout > 0 ? .milliseconds(timeout) : requestTimeout
        let storage: Storage
        var cluster: LocalCluster?
        if configuration.database.url.isEmpty {
            let local = localCluster(configuration)
            var address = try await local.start()
            address.statementTimeout = statementTimeout
            storage = Storage(pool: PostgresPool(address, options: options))
            cluster = local
        } else {
            storage = try stores(configuration.database, options, statementTimeout)
        }
        let session = Session(
            configuration: configuration, storage: storage, dataDirectory: directory, cluster: cluster)
        do {
            if migrating { try await storage.migrate(directory: try ProjectFiles.locate("Migrations")) }
        } catch {
            try? await session.close()
            throw error
        }
        return session
    }

    /// The stores of a database that somebody else looks after.
    private static func stores(
        _ settings: CascadeConfiguration.DatabaseSettings, _ options: PostgresPool.Options,
        _ statementTimeout: Duration?
    ) throws -> Storage {
        do throws(PostgresError) {
            var direct: PostgresConfiguration?
            if !settings.directURL.isEmpty { direct = try PostgresConfiguration(url: settings.directURL) }
            var address = try PostgresConfiguration(url: settings.url)
            address.statementTimeout = statementTimeout
            address.preparesStatements = settings.prepareStatements
            address.sharesSessions = direct != nil
            return Storage(
                pool: PostgresPool(address, options: options), direct: direct,
                replica: try replica(settings, like: address, options))
        } catch {
            throw StorageError(error)
        }
    }

    /// The copy that some reads may go to, where there is one; reached as the primary is.
    private static func replica(
        _ settings: CascadeConfiguration.DatabaseSettings, like primary: PostgresConfiguration,
        _ options: PostgresPool.Options
    ) throws(PostgresError) -> ReplicaReads? {
        if settings.replicaURL.isEmpty { return nil }
        var address = try PostgresConfiguration(url: settings.replicaURL)
        address.statementTimeout = primary.statementTimeout
        address.preparesStatements = primary.preparesStatements
        address.sharesSessions = primary.sharesSessions
        var options = options
        // The primary is there for those who would have to wait.
        options.leaseTimeout = .milliseconds(250)
        return ReplicaReads(
            pool: PostgresPool(address, options: options), maximumLag: .milliseconds(settings.replicaLagMilliseconds))
    }

    func close() async throws {
        storage.close()
        try await cluster?.release()
    }

    /// The data directory of a configuration.
    static func directory(_ configuration: CascadeConfiguration) -> URL {
        URL(fileURLWithPath: (configuration.data.directory as NSString).expandingTildeInPath).standardizedFileURL
    }
}
