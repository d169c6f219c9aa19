import CPostgres
package import Foundation

/// Brings a schema up to date with the numbered SQL files of a directory.
///
/// Each file runs in a transaction of its own together with its row in `schema_migrations`. Migrators that start at the
/// same time wait for one another. What was applied is never changed: a changed file is an error.
package struct Migrator: Sendable {
    private let directory: URL

    /// Any number that nothing else locks; the same in every Cascade.
    private static let lockKey: Int64 = 0x6361_7363_6164_65
    /// The SQLSTATE of a privilege that is missing.
    private static let notAllowed = "42501"

    package init(directory: URL) { self.directory = directory }

    /// Applies what is pending and gives it back, oldest first. A schema that is up to date is only looked at, which any login may
    /// that reads `schema_migrations`; one that is not and may not be changed is `.migration(.notAllowed)`.
    @discardableResult
    package func migrate(_ connection: PostgresConnection) async throws -> [MigrationState] {
        try await connection.withSession { session in
            let files = try MigrationFile.load(directory: directory)
            let applied = try AppliedMigration.load(session)
            let pending = files.filter { applied[$0.version] == nil }
            if pending.isEmpty {
                try Self.check(files, applied)
                return []
            }
            try session.query("SELECT pg_advisory_lock(\(Self.lockKey))", timeout: .seconds(600))
            // Ends with the connection too, so a killed migrator leaves no lock.
            defer { try? session.shielded("SELECT pg_advisory_unlock(\(Self.lockKey))") }
            do {
                return try apply(files, session)
            } catch PostgresError.server(let failure) where failure.sqlState == Self.notAllowed {
                throw PostgresError.migration(.notAllowed(pending: pending.map(\.file), reason: failure.message))
            }
        }
    }

    /// Keeps all migrators of the database waiting while `body` runs on `connection`.
    package static func keepingOut<Value>(
        _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        try await connection.query("SELECT pg_advisory_lock(\(lockKey))", timeout: .seconds(600))
        do {
            let value = try await body()
            try await connection.query("SELECT pg_advisory_unlock(\(lockKey))")
            return value
        } catch {
            try? await connection.withSession { session in
                try session.shielded("SELECT pg_advisory_unlock(\(lockKey))")
            }
            throw error
        }
    }

    /// What is applied and what is pending, in order; changes nothing.
    package func status(_ connection: PostgresConnection) async throws -> [MigrationState] {
        try await connection.withSession { session in
            let files = try MigrationFile.load(directory: directory)
            return Self.states(files, try AppliedMigration.load(session))
        }
    }

    /// Joins files and rows, in the order of their versions.
    static func states(_ files: [MigrationFile], _ applied: [Int: AppliedMigration]) -> [MigrationState] {
        var states = files.map { file in
            let row = applied[file.version]
            let state: MigrationState.State =
                switch row {
                case nil: .pending
                case let row? where row.checksum == file.checksum: .applied(at: row.appliedAt)
                case let row?: .changed(at: row.appliedAt)
                }
            return MigrationState(version: file.version, name: file.name, state: state)
        }
        let known = Set(files.map(\.version))
        for row in applied.values.sorted(by: { $0.version < $1.version }) where !known.contains(row.version) {
            states.append(MigrationState(version: row.version, name: row.name, state: .unknown(at: row.appliedAt)))
        }
        return states
    }

    private func apply(_ files: [MigrationFile], _ session: PostgresSession) throws(PostgresError) -> [MigrationState] {
        try session.script(
            """
            SET client_min_messages = warning;
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
            RESET client_min_messages
            """)
        let applied = try AppliedMigration.load(session)
        try Self.check(files, applied)
        var done: [MigrationState] = []
        for file in files where applied[file.version] == nil { done.append(try apply(file, session)) }
        return done
    }

    /// Refuses to go on from a past that is not the one of these files.
    private static func check(_ files: [MigrationFile], _ applied: [Int: AppliedMigration]) throws(PostgresError) {
        for file in files {
            guard let row = applied[file.version] else { continue }
            if row.name != file.name { throw .migration(.renamed(file: file.file, applied: row.name)) }
            if row.checksum != file.checksum { throw .migration(.changed(file: file.file)) }
        }
        for row in applied.values.sorted(by: { $0.version < $1.version }) where row.version > files.count {
            throw .migration(.missingFile(version: row.version, name: row.name))
        }
    }

    private func apply(_ file: MigrationFile, _ session: PostgresSession) throws(PostgresError) -> MigrationState {
        do throws(PostgresError) {
            try session.begin(.readCommitted, readOnly: false)
            try session.run(script: file.text, limit: nil)
            if PQtransactionStatus(session.connection) != PQTRANS_INTRANS {
                throw .migration(.endedTransaction(file: file.file))
            }
            let appliedAt: PostgresTimestamp = try session.query(
                """
                INSERT INTO schema_migrations (version, name, checksum)
                VALUES (\(file.version), \(file.name), \(file.checksum)) RETURNING applied_at
                """
            ).single().decode(0)
            try session.commit()
            return MigrationState(version: file.version, name: file.name, state: .applied(at: appliedAt))
        } catch {
            session.rollback()
            // Whose login it is matters then, and not where in the file.
            throw error.serverFailure?.sqlState == Self.notAllowed ? error : Self.located(error, in: file)
        }
    }

    /// Names the file and the line in it at which the server stopped.
    private static func located(_ error: PostgresError, in file: MigrationFile) -> PostgresError {
        guard let failure = error.serverFailure else { return error }
        let line = failure.position.map { position in
            file.text.unicodeScalars.prefix(position - 1).count { $0 == "\n" } + 1
        }
        let remedy = failure.hint.map { "; \($0)" } ?? ""
        return .migration(
            .failed(file: file.file, line: line, reason: "\(failure.message) [\(failure.sqlState)]\(remedy)"))
    }
}
