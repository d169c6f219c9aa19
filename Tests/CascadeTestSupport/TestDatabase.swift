package import CascadePostgres
package import Foundation

/// A fresh database of a test's own on the process' private Postgres.
///
///     try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database in
///         try await database.pool.execute("INSERT INTO …")
///     }
///
/// The migrations of a directory run once a process; every test gets a copy of the result.
package struct TestDatabase: Sendable {
    /// The address of the database.
    package let configuration: PostgresConfiguration
    /// A pool on it, closed after the test.
    package let pool: PostgresPool

    /// The address as a program takes it; the tests' server knows no passwords.
    package var url: String {
        let parts = configuration.description.dropFirst("postgresql://".count).split(separator: "@", maxSplits: 1)
        let rest = parts.last.map(String.init) ?? ""
        let directory = rest.prefix(while: { $0 != ":" })
        return
            "host='\(directory)' port=5432 user='\(configuration.user ?? "")' dbname='\(configuration.database ?? "")'"
    }

    /// The migrations that the product ships.
    package static let repositoryMigrations: URL = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Migrations")

    /// Lends a database with the schema of `migrations` (empty without) and drops it afterwards.
    @discardableResult
    package nonisolated(nonsending) static func with<Value>(
        migrations: URL? = nil, connections: Int = 8, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let name = "test_\(UUID().uuidString.lowercased().prefix(18))"
        let template = try await TemplateDatabases.shared.name(for: migrations)
        let administration = try await TemplateDatabases.shared.pool()
        try await administration.execute("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
        let configuration = administration.configuration.with(database: name)
        let pool = PostgresPool(configuration, options: PostgresPool.Options(maximumConnections: connections))
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(TestDatabase(configuration: configuration, pool: pool)))
        } catch {
            result = .failure(error)
        }
        pool.close()
        // A cancelled test still has to clean up.
        try await Task { _ = try await administration.execute("DROP DATABASE \(identifier: name) WITH (FORCE)") }.value
        return try result.get()
    }
}

/// The migrated databases that tests copy, one a directory of migrations.
private actor TemplateDatabases {
    static let shared = TemplateDatabases()

    private var templates: [String: Task<String, any Error>] = [:]
    private var administration: Task<PostgresPool, any Error>?

    /// Connections to the maintenance database.
    func pool() async throws -> PostgresPool {
        if administration == nil {
            administration = Task {
                let configuration = try await TestCluster.configuration()
                let options = PostgresPool.Options(maximumConnections: 4, leaseTimeout: .seconds(120))
                return PostgresPool(configuration, options: options)
            }
        }
        guard let administration else { throw CancellationError() }
        return try await administration.value
    }

    /// The database to copy, migrated on the first call.
    func name(for migrations: URL?) async throws -> String {
        guard let migrations else { return "template1" }
        let key = migrations.standardizedFileURL.path
        if let known = templates[key] { return try await known.value }
        let name = "template_cascade_\(templates.count)"
        let made = Task {
            let administration = try await pool()
            try await administration.execute("CREATE DATABASE \(identifier: name)")
            let connection = try await PostgresConnection.connect(administration.configuration.with(database: name))
            try await Migrator(directory: migrations).migrate(connection)
            // A database cannot be copied while someone is connected to it.
            await connection.close()
            try await administration.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
            return name
        }
        templates[key] = made
        return try await made.value
    }
}
