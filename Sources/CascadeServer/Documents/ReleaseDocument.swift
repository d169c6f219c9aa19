import CascadeCore

/// A release as JSON.
enum ReleaseDocument {
    /// One release as in a list.
    static func json(of release: Release) -> JSONValue { .object(members(of: release)) }

    /// One release that is asked for by its name, with what is long: its configuration, and how it was trained and measured.
    static func json(of release: Release, report: String?) -> JSONValue {
        .object(
            members(of: release) + [
                .init("config", embedded(release.configJSON)), .init("report", report.map(embedded) ?? .null),
            ])
    }

    private static func members(of release: Release) -> [JSONValue.Member] {
        [
            .init("release_id", .string(release.id)),
            .init("state", .string(release.state.rawValue)),
            .init("created_at", .string(release.createdAt.rfc3339)),
            .init("activated_at", .text(release.activatedAt?.rfc3339)),
            .init("retrieval_model_id", .string(release.retrievalModelID)),
            .init("ranker_model_id", .text(release.rankerModelID)),
            .init("manifest_sha256", .string(release.manifestChecksum)),
            .init("metrics", embedded(release.metricsJSON)),
        ]
    }

    /// A release that is trained, or whose training came to nothing.
    static func json(of training: ReleaseTraining, withConfiguration: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("release_id", .string(training.id)),
            .init("state", .string(training.state.rawValue)),
            .init("created_at", .string(training.beganAt.rfc3339)),
            .init("heard_at", .string(training.heardAt.rfc3339)),
            .init("job_id", .text(training.jobID)),
            .init("failure", .text(training.failure)),
        ]
        if withConfiguration { members.append(.init("config", embedded(training.configJSON))) }
        return .object(members)
    }

    /// Stored JSON as a part of the answer; text that is none becomes null, so that the answer stays readable.
    private static func embedded(_ text: String) -> JSONValue { (try? JSONParser.parse(text)) ?? .null }
}
