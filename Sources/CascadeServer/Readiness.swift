package import CascadeCore

/// Whether the server can do its work, and with what.
package struct ReadinessReport: Hashable, Sendable {
    /// How one part is.
    package enum Status: String, Hashable, Sendable {
        /// It works.
        case ok
        /// It does not work, and requests are answered without it.
        case degraded
        /// It does not work, and no request can be answered well without it.
        case failed
    }

    /// One part that was looked at.
    package struct Check: Hashable, Sendable {
        package var name: String
        package var status: Status
        /// What is the matter, in words that anybody may read.
        package var detail: String?

        package init(name: String, status: Status, detail: String? = nil) {
            self.name = name
            self.status = status
            self.detail = detail
        }
    }

    /// The served index.
    package struct Index: Hashable, Sendable {
        package var version: String
        package var items: Int
        package var builtAt: Timestamp

        package init(version: String, items: Int, builtAt: Timestamp) {
            self.version = version
            self.items = items
            self.builtAt = builtAt
        }
    }

    /// The served models.
    package struct Model: Hashable, Sendable {
        /// The version of the ranker; nil in a release without one.
        package var version: String?
        package var retrievalVersion: String
        package var trainedAt: Timestamp

        package init(version: String?, retrievalVersion: String, trainedAt: Timestamp) {
            self.version = version
            self.retrievalVersion = retrievalVersion
            self.trainedAt = trainedAt
        }
    }

    package var checks: [Check]
    package var releaseID: String?
    package var index: Index?
    package var model: Model?

    package init(checks: [Check], releaseID: String? = nil, index: Index? = nil, model: Model? = nil) {
        self.checks = checks
        self.releaseID = releaseID
        self.index = index
        self.model = model
    }

    /// The worst of the checks.
    package var status: Status {
        if checks.contains(where: { $0.status == .failed }) { return .failed }
        return checks.contains { $0.status == .degraded } ? .degraded : .ok
    }
}

/// Looks whether the parts of the server work.
package protocol ReadinessProviding: Sendable {
    /// The present state; it should take milliseconds, since a probe asks every few seconds.
    func readiness() async -> ReadinessReport
}
