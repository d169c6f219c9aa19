package import CascadeCore
import CascadePostgres

/// What users of an A/B test were shown and did, as the identifiers of recommendations tell the arms. Every call throws `StorageError`.
package struct ExperimentOutcomes: Sendable {
    let database: Database

    /// A user under one arm.
    package struct Row: Hashable, Sendable {
        package let user: String
        package let arm: String
        package let impressions: Int
        /// By the order of the signals that were asked for: impressions that recorded it, and that received it.
        package let recorded: [Int]
        package let given: [Int]
    }

    /// Names of all signals, sorted.
    package func signals() async throws -> [String] {
        try await database.read { session in
            try session.query("SELECT name FROM signals ORDER BY name").column("name")
        }
    }

    /// One row a user and arm, of impressions that were shown in the period.
    ///
    /// - Parameters:
    ///   - test: its name; letters, digits and underscores.
    ///   - signals: an event counts for the impression that it answers, whenever it was done.
    package func users(of test: String, signals: [String], in period: Period) async throws -> [Row] {
        try await database.read { session in
            var numbers: [Int] = []
            for signal in signals {
                let number: Int? = try session.query("SELECT signal_id::integer FROM signals WHERE name = \(signal)")
                    .optional()?.decode(0)
                guard let number else {
                    throw StorageError.invalidValue(reason: "there is no signal \"\(signal)\"; name one that was sent")
                }
                numbers.append(number)
            }
            return try session.query(Self.query(test, numbers, period), timeout: Database.bulkLimit).map { row in
                Row(
                    user: try row.decode("user_id"), arm: try row.decode("arm"), impressions: try row.decode("shown"),
                    recorded: try numbers.indices.map { try row.decode("recorded_\($0)", as: Int.self) },
                    given: try numbers.indices.map { try row.decode("given_\($0)", as: Int.self) })
            }
        }
    }

    private static func query(_ test: String, _ signals: [Int], _ period: Period) -> SQL {
        let mark = ".\(test)-"
        let pattern = "\\.\(test)-([a-z0-9_]+)"
        let from: SQL = period.from.map { "AND i.shown_at >= \($0.sql)" } ?? ""
        let until: SQL = period.until.map { "AND i.shown_at < \($0.sql)" } ?? ""
        let counts = zip(signals, 0...).map { signal, place in
            SQL(
                raw: """
                    , count(*) FILTER (WHERE observed IS NULL OR (observed >> \(signal)) & 1 = 1) AS recorded_\(place),
                    count(*) FILTER (WHERE (observed IS NULL OR (observed >> \(signal)) & 1 = 1)
                        AND (bits >> \(signal)) & 1 = 1) AS given_\(place)
                    """)
        }
        let matches: SQL = """
            e.item_id = i.item_id AND e.user_id = i.user_id
                AND e.occurred_at >= i.shown_at - \(InteractionQuery.lateness)
            """
        return """
            SELECT user_id, arm, count(*) AS shown\(SQL.joined(counts, separator: "")) FROM (
                SELECT i.user_id, substring(i.recommendation_id FROM \(pattern)) AS arm, i.observed,
                    coalesce((SELECT bit_or(1 << e.signal_id) FROM events e
                        WHERE e.impression_id = i.impression_id AND \(matches)), 0)
                    | coalesce((SELECT bit_or(1 << e.signal_id) FROM events e
                        WHERE e.recommendation_id = i.recommendation_id AND \(matches)
                            AND \(AnswerRules.namesNoImpression) AND \(AnswerRules.isFirst)), 0) AS bits
                FROM impressions i WHERE strpos(i.recommendation_id, \(mark)) > 0 \(from) \(until)
            ) AS shown_items
            WHERE arm IS NOT NULL GROUP BY user_id, arm ORDER BY user_id, arm
            """
    }
}
