package import CascadeCore
import CascadePostgres
import Foundation

/// Named writes in Postgres. Every call throws `StorageError`.
package struct PostgresIdempotencyStore: IdempotencyStore {
    let database: Database

    /// How often a claim is tried again whose row went away between two looks.
    private static let tries = 5

    package func claim(_ write: IdempotentWrite, lease: Double, lifetime: Double) async throws -> IdempotencyClaim {
        let attempt = String(UInt64.random(in: 0 ... .max), radix: 36)
        for _ in 0..<Self.tries {
            let claim = try await database.run { session in
                try Self.begin(write, attempt, lease, lifetime, session) ?? Self.standing(write, session)
            }
            if let claim { return claim }
        }
        return .inFlight
    }

    /// One statement, so that of several servers one alone begins.
    private static func begin(
        _ write: IdempotentWrite, _ attempt: String, _ lease: Double, _ lifetime: Double, _ session: PostgresSession
    ) throws -> IdempotencyClaim? {
        let begun = try session.query(
            """
            INSERT INTO idempotency_keys AS known (owner, key, digest, created_at, attempt, lease_until)
            VALUES (\(write.owner), \(write.key), \(bytes: write.digest), clock_timestamp(), \(attempt),
                clock_timestamp() + make_interval(secs => \(lease)))
            ON CONFLICT (owner, key) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at,
                attempt = excluded.attempt, lease_until = excluded.lease_until, status = NULL, headers = NULL, body = NULL
            WHERE known.created_at < clock_timestamp() - make_interval(secs => \(lifetime))
                OR known.lease_until < clock_timestamp()
            RETURNING attempt
            """
        ).optional()
        return begun == nil ? nil : .begun(attempt: attempt)
    }

    /// What there is instead; nil where it went away meanwhile.
    private static func standing(_ write: IdempotentWrite, _ session: PostgresSession) throws -> IdempotencyClaim? {
        let row = try session.query(
            """
            SELECT digest, status, headers::text AS headers, body FROM idempotency_keys
            WHERE owner = \(write.owner) AND key = \(write.key)
            """
        ).optional()
        guard let row else { return nil }
        guard try row.decode("digest", as: PostgresBytes.self).bytes == write.digest else { return .reused }
        guard let status = try row.decode("status", as: Int32?.self) else { return .inFlight }
        let headers: String = try row.decode("headers")
        return .answered(
            StoredAnswer(
                status: Int(status),
                headers: try JSONDecoder().decode([String: String].self, from: Data(headers.utf8)),
                body: try row.decode("body", as: PostgresBytes.self).bytes))
    }

    package func finish(_ write: IdempotentWrite, attempt: String, _ answer: StoredAnswer) async throws {
        let headers = String(decoding: try JSONEncoder().encode(answer.headers), as: UTF8.self)
        _ = try await database.run { session in
            try session.execute(
                """
                UPDATE idempotency_keys SET attempt = NULL, lease_until = NULL, status = \(Int32(answer.status)),
                    headers = \(json: headers), body = \(bytes: answer.body)
                WHERE owner = \(write.owner) AND key = \(write.key) AND attempt = \(attempt)
                """)
        }
    }

    package func release(_ write: IdempotentWrite, attempt: String) async throws {
        _ = try await database.run { session in
            try session.execute(
                """
                DELETE FROM idempotency_keys
                WHERE owner = \(write.owner) AND key = \(write.key) AND attempt = \(attempt)
                """)
        }
    }

    /// Removes what was named before `time`, in steps of 1000; gives their number.
    @discardableResult
    package func prune(before time: Timestamp) async throws -> Int {
        try await database.removeInSteps(
            """
            DELETE FROM idempotency_keys WHERE (owner, key) IN (
                SELECT owner, key FROM idempotency_keys
                WHERE created_at < \(time.sql) ORDER BY created_at LIMIT 1000)
            """)
    }
}
