import CascadeCore

/// The body of `GET /health/ready`.
enum ReadinessDocument {
    static func json(of report: ReadinessReport, now: Timestamp) -> JSONValue {
        [
            "status": .string(word(for: report.status)),
            "checks": .array(
                report.checks.map {
                    ["name": .string($0.name), "status": .string($0.status.rawValue), "detail": .text($0.detail)]
                }),
            "release_id": .text(report.releaseID),
            "index": report.index.map { json(of: $0, now) } ?? .null,
            "model": report.model.map { json(of: $0, now) } ?? .null,
        ]
    }

    private static func word(for status: ReadinessReport.Status) -> String {
        switch status {
        case .ok: "ready"
        case .degraded: "degraded"
        case .failed: "not_ready"
        }
    }

    private static func json(of index: ReadinessReport.Index, _ now: Timestamp) -> JSONValue {
        [
            "version": .string(index.version), "items": .integer(index.items),
            "built_at": .string(index.builtAt.rfc3339), "age_seconds": age(index.builtAt, now),
        ]
    }

    private static func json(of model: ReadinessReport.Model, _ now: Timestamp) -> JSONValue {
        [
            "version": .text(model.version), "retrieval_version": .string(model.retrievalVersion),
            "trained_at": .string(model.trainedAt.rfc3339), "age_seconds": age(model.trainedAt, now),
        ]
    }

    private static func age(_ time: Timestamp, _ now: Timestamp) -> JSONValue {
        .integer(Int(max(0, now.seconds - time.seconds)))
    }
}
