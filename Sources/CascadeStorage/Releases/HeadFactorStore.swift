package import CascadeCore
import CascadePostgres
import Foundation

/// What heads count for in Postgres: one version after another, the latest in force. Every call throws `StorageError`.
package struct HeadFactorStore: Sendable {
    let database: Database

    /// The versions, newest first, at most `limit`.
    package func versions(limit: Int = 100) async throws -> [HeadFactors] {
        try await database.run { session in
            try session.query(
                "SELECT \(raw: HeadFactors.columns) FROM head_factors ORDER BY version DESC LIMIT \(limit)"
            ).map { row in try HeadFactors(row) }
        }
    }

    /// The version in force, or nil while nothing was ever said.
    package func inForce() async throws -> HeadFactors? {
        try await database.run { session in try HeadFactors.inForce(session) }
    }

    /// The version of that number, or nil.
    package func version(_ version: Int) async throws -> HeadFactors? {
        try await database.run { session in
            try session.query("SELECT \(raw: HeadFactors.columns) FROM head_factors WHERE version = \(version)")
                .optional().map { row in try HeadFactors(row) }
        }
    }

    /// Puts a new version in force and tells all servers.
    ///
    /// - Parameter change: makes the new factors of those in force; runs within the transaction, one change at a time.
    package func change(
        note: String, _ change: @escaping @Sendable ([String: Double]) throws -> [String: Double]
    ) async throws -> HeadFactors {
        try await database.transaction { session in
            try session.query("SELECT pg_advisory_xact_lock(hashtextextended('cascade head factors', 0))")
            let factors = try change(HeadFactors.inForce(session)?.factors ?? [:])
            for (head, factor) in factors where !factor.isFinite {
                throw StorageError.invalidValue(reason: "the factor of \(head), \(factor), is not a number")
            }
            let json = String(decoding: try JSONEncoder().encode(factors), as: UTF8.self)
            let row = try session.query(
                """
                INSERT INTO head_factors (factors, note) VALUES (\(json: json), \(note))
                RETURNING \(raw: HeadFactors.columns)
                """
            ).first
            guard let row else { throw StorageError.corruptValue(reason: "the factors were not written") }
            let added = try HeadFactors(row)
            try session.query("SELECT pg_notify(\(PostgresReleaseStore.channel), \(String(added.version)))")
            return added
        }
    }
}

extension HeadFactors {
    static let columns = "version, factors, note, created_at"

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        let json: String = try row.decode("factors")
        guard let factors = try? JSONDecoder().decode([String: Double].self, from: Data(json.utf8)) else {
            throw StorageError.corruptValue(reason: "factors of heads \(json) are not numbers by name")
        }
        self.init(
            version: Int(try row.decode("version", as: Int64.self)), factors: factors,
            note: try row.decode("note"),
            createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)))
    }

    /// The latest version.
    static func inForce(_ session: PostgresSession) throws -> HeadFactors? {
        try session.query("SELECT \(raw: columns) FROM head_factors ORDER BY version DESC LIMIT 1")
            .optional().map { row in try HeadFactors(row) }
    }
}
