package import CascadeCore
import CascadePostgres

/// What a recommendation was and how it came about, kept for a while so that it can be explained.
package struct RecommendationTrace: Hashable, Sendable {
    package var recommendationID: String
    package var userID: UserID?
    package var releaseID: String?
    package var createdAt: Timestamp
    /// The JSON of the trace, whatever the pipeline put into it.
    package var json: String

    package init(
        recommendationID: String, userID: UserID?, releaseID: String?, createdAt: Timestamp, json: String
    ) {
        self.recommendationID = recommendationID
        self.userID = userID
        self.releaseID = releaseID
        self.createdAt = createdAt
        self.json = json
    }
}

/// Traces of recommendations in Postgres. Every call throws `StorageError`.
package struct TraceStore: Sendable {
    let database: Database

    /// Writes traces, all of them or none; one of the same recommendation is replaced.
    package func put(_ traces: [RecommendationTrace]) async throws {
        if traces.isEmpty { return }
        try await database.transaction { session in
            for trace in traces.sorted(by: { ByteOrder.precedes($0.recommendationID, $1.recommendationID) }) {
                try session.execute(
                    """
                    INSERT INTO recommendation_traces (recommendation_id, user_id, release_id, created_at, trace)
                    VALUES (\(trace.recommendationID), \(trace.userID?.rawValue), \(trace.releaseID),
                        \(trace.createdAt.sql), \(trace.json)::json)
                    ON CONFLICT (recommendation_id) DO UPDATE SET user_id = excluded.user_id,
                        release_id = excluded.release_id, created_at = excluded.created_at, trace = excluded.trace
                    """)
            }
        }
    }

    /// The trace of a recommendation, or nil when it was not kept or is pruned. Its JSON is what was put.
    package func trace(_ recommendationID: String) async throws -> RecommendationTrace? {
        try await database.run { session in
            let row = try session.query(
                """
                SELECT user_id, release_id, created_at, trace FROM recommendation_traces
                WHERE recommendation_id = \(recommendationID)
                """
            ).optional()
            return try row.map { row in
                RecommendationTrace(
                    recommendationID: recommendationID,
                    userID: try row.decode("user_id", as: String?.self).map(UserID.init),
                    releaseID: try row.decode("release_id"),
                    createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
                    json: try row.decode("trace"))
            }
        }
    }

    /// Hands the JSON of a period's traces to `body`, newest first, until there are no more or `body` gives false.
    package func visit(in period: Period, _ body: (String) async throws -> Bool) async throws {
        var last: (createdAt: PostgresTimestamp, id: String)?
        while true {
            let page = try await database.read { [last] session in
                let from: SQL = period.from.map { "AND created_at >= \($0.sql)" } ?? ""
                let until: SQL = period.until.map { "AND created_at < \($0.sql)" } ?? ""
                let behind: SQL =
                    last.map { "AND (created_at, recommendation_id) < (\($0.createdAt), \($0.id))" } ?? ""
                return try session.query(
                    """
                    SELECT recommendation_id, created_at, trace FROM recommendation_traces
                    WHERE true \(from) \(until) \(behind)
                    ORDER BY created_at DESC, recommendation_id DESC LIMIT 200
                    """
                ).map { row in
                    (
                        createdAt: try row.decode("created_at", as: PostgresTimestamp.self),
                        id: try row.decode("recommendation_id", as: String.self),
                        json: try row.decode("trace", as: String.self)
                    )
                }
            }
            for row in page { guard try await body(row.json) else { return } }
            guard let end = page.last else { return }
            last = (end.createdAt, end.id)
            try Task.checkCancellation()
        }
    }

    /// Removes the traces from before `time`; gives their number.
    ///
    /// In steps of 10,000.
    @discardableResult
    package func prune(before time: Timestamp) async throws -> Int {
        try await database.removeInSteps(
            """
            DELETE FROM recommendation_traces WHERE recommendation_id IN (
                SELECT recommendation_id FROM recommendation_traces
                WHERE created_at < \(time.sql) ORDER BY created_at LIMIT 10000)
            """)
    }
}
