import CascadeCore
import CascadePostgres

/// What a log of interactions was read from: two readings with one description give one log.
///
/// The rows that a reading depends on are told by their number and the exclusive or of a hash of each, which Postgres computes in one
/// pass that neither sorts nor sends them.
struct InteractionContent: CustomStringConvertible, Sendable {
    let description: String

    /// Counts up whenever a reading of the same rows gives another log.
    private static let version = 1

    init(
        _ period: Period, timed: Bool, values: [String], known signals: [String], _ session: PostgresSession
    ) throws {
        let parts = [
            "version \(Self.version)",
            "from \(period.from?.rfc3339 ?? "-") until \(period.until?.rfc3339 ?? "-")",
            "timed \(timed)", "values \(values.sorted().map(\.debugDescription))",
            "signals \(signals.map(\.debugDescription))",
            "events \(try Self.digest(InteractionQuery.eventsRead(in: period), session))",
            "impressions \(try Self.digest(InteractionQuery.impressionsRead(in: period), session))",
        ]
        description = parts.joined(separator: "; ")
    }

    private static func digest(_ rows: SQL, _ session: PostgresSession) throws -> String {
        let query: SQL = """
            SELECT count(*), coalesce(bit_xor(hash_record_extended(read, 0)), 0) FROM (\(rows)) AS read
            """
        let found = try session.query(query, timeout: Database.bulkLimit).map { row in
            "\(try row.decode(0, as: Int64.self)) \(try row.decode(1, as: Int64.self))"
        }
        return found.joined()
    }
}
