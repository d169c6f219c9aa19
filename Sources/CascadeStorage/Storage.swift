package import CascadePostgres
package import Foundation
package import Logging

/// All stores over one pool of connections.
///
///     let storage = try Storage(url: "postgresql://cascade@localhost/cascade")
///     try await storage.migrate(directory: URL(fileURLWithPath: "Migrations"))
///     let items = try await storage.catalog.items()
///
/// Opens no connection before the first call. Every store throws `StorageError`.
package struct Storage: Sendable {
    /// Items, users and declared attributes.
    package let catalog: PostgresCatalogStore
    /// Events and impressions.
    package let feedback: PostgresFeedbackStore
    /// The logs of both by month.
    package let logs: PostgresLogStore
    /// What users are related to, such as the creators they follow.
    package let relations: PostgresRelationStore
    /// What users asked never to see again.
    package let hiddenItems: PostgresHiddenItemStore
    /// Removes users.
    package let eraser: PostgresUserEraser
    /// Model versions and releases.
    package let releases: PostgresReleaseStore
    /// Where imports go.
    package let importSink: PostgresImportSink
    /// What is counted over windows of time.
    package let counters: PostgresCounterStore
    /// Traces of recommendations.
    package let traces: TraceStore
    /// What next pages are made from.
    package let pages: PostgresPageStore
    /// Writes that are named by their callers.
    package let idempotency: PostgresIdempotencyStore
    /// What came of recommendations that were shown.
    package let outcomes: SlateOutcomes
    /// What users of A/B tests were shown and did.
    package let experiments: ExperimentOutcomes
    /// What heads count for.
    package let headFactors: HeadFactorStore
    /// Long work, and who does it.
    package let jobs: PostgresJobStore
    /// Keys of the REST service.
    package let apiKeys: PostgresAPIKeyStore
    /// Kinds of feedback.
    package let signals: SignalRegistry
    /// The connections, for their numbers and for whatever else needs one.
    package let pool: PostgresPool

    let database: Database
    /// The server itself, where the pool leads to a proxy: what a session keeps goes there.
    private let direct: PostgresConfiguration
    private let logger: Logger

    /// Uses a pool that belongs to the caller.
    ///
    /// - Parameters:
    ///   - direct: leads to the server itself where the pool leads to a proxy that shares sessions; listening and migrating go
    ///     there.
    ///   - replica: where reads go that may be a moment old.
    package init(
        pool: PostgresPool, direct: PostgresConfiguration? = nil, replica: ReplicaReads? = nil,
        logger: Logger = Logger(label: "cascade.storage")
    ) {
        let direct = direct ?? pool.configuration
        let database = Database(pool: pool, replica: replica)
        let attributes = AttributeRegistry(database)
        let vectors = VectorRegistry(database)
        self.pool = pool
        self.database = database
        self.direct = direct
        self.logger = logger
        signals = SignalRegistry(database)
        catalog = PostgresCatalogStore(database: database, attributes: attributes, vectors: vectors)
        let months = LogMonths(database)
        feedback = PostgresFeedbackStore(database: database, signals: signals, months: months)
        logs = PostgresLogStore(database: database)
        relations = PostgresRelationStore(database: database)
        hiddenItems = PostgresHiddenItemStore(database: database)
        eraser = PostgresUserEraser(database: database)
        releases = PostgresReleaseStore(database: database, listening: direct, logger: logger)
        importSink = PostgresImportSink(
            database: database, signals: signals, attributes: attributes, vectors: vectors, months: months)
        counters = PostgresCounterStore(database: database)
        traces = TraceStore(database: database)
        pages = PostgresPageStore(database: database)
        idempotency = PostgresIdempotencyStore(database: database)
        outcomes = SlateOutcomes(database: database)
        experiments = ExperimentOutcomes(database: database)
        headFactors = HeadFactorStore(database: database)
        jobs = PostgresJobStore(database: database)
        apiKeys = PostgresAPIKeyStore(database: database)
    }

    /// Makes a pool for a database URL such as `postgresql://user@host:5432/database`.
    ///
    /// Throws `.database(.invalidConnectionString)`, whose text does not quote the URL.
    package init(
        url: String, options: PostgresPool.Options = .init(), statementTimeout: Duration? = nil,
        logger: Logger = Logger(label: "cascade.storage")
    ) throws(StorageError) {
        do throws(PostgresError) {
            var configuration = try PostgresConfiguration(url: url)
            configuration.statementTimeout = statementTimeout
            self.init(pool: PostgresPool(configuration, options: options, logger: logger), logger: logger)
        } catch {
            throw StorageError(error)
        }
    }

    /// Brings the schema up to date with the numbered SQL files of `directory`; gives what was applied, oldest first.
    ///
    /// Several programs may do so at once; the others wait. Throws `.database(.migration)`.
    @discardableResult
    package func migrate(directory: URL) async throws -> [MigrationState] {
        try await directly { connection in try await Migrator(directory: directory).migrate(connection) }
    }

    /// What is migrated and what is pending.
    package func migrationStatus(directory: URL) async throws -> [MigrationState] {
        try await directly { connection in try await Migrator(directory: directory).status(connection) }
    }

    /// Lends a connection with a session of its own.
    private func directly<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let pool =
            direct == pool.configuration
            ? pool : PostgresPool(direct, options: .init(maximumConnections: 1), logger: logger)
        defer { if pool !== self.pool { pool.close() } }
        do {
            return try await pool.withConnection { connection in try await body(connection) }
        } catch {
            throw Database.storageError(error)
        }
    }

    /// Ends all connections; calls that wait for one fail.
    package func close() {
        pool.close()
        database.replica?.pool.close()
    }
}
