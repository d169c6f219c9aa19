/// Counts and ages of a service at a glance: what `cascade status` and `GET /v1/stats` tell.
///
/// Encoded in snake case. Members that do not apply are left out. Times are RFC 3339, ages and lags seconds, sizes bytes.
package struct ServiceStatistics: Codable, Hashable, Sendable {
    /// When it was read.
    package var at: String
    package var database: Database
    package var rows: Rows
    package var activeRelease: ActiveRelease?
    /// By state.
    package var releases: [String: Releases]
    package var jobs: Jobs
    package var counters: Counters

    package init(
        at: String, database: Database, rows: Rows, activeRelease: ActiveRelease?, releases: [String: Releases],
        jobs: Jobs, counters: Counters
    ) {
        self.at = at
        self.database = database
        self.rows = rows
        self.activeRelease = activeRelease
        self.releases = releases
        self.jobs = jobs
        self.counters = counters
    }

    package struct Database: Codable, Hashable, Sendable {
        package var version: String
        /// Of the whole database on the disk.
        package var bytes: Int
        /// Of all databases of the server.
        package var connections: Int
        package var maximumConnections: Int

        package init(version: String, bytes: Int, connections: Int, maximumConnections: Int) {
            self.version = version
            self.bytes = bytes
            self.connections = connections
            self.maximumConnections = maximumConnections
        }
    }

    package struct Rows: Codable, Hashable, Sendable {
        package var users: Int
        package var items: Int
        package var hiddenItems: Int
        package var impressions: Int
        package var events: Int
        /// What of the above is the server's estimate.
        package var estimated: [String]
        package var newestFeedbackAt: String?
        package var newestFeedbackAgeSeconds: Double?

        package init(
            users: Int, items: Int, hiddenItems: Int, impressions: Int, events: Int, estimated: [String],
            newestFeedbackAt: String?, newestFeedbackAgeSeconds: Double?
        ) {
            self.users = users
            self.items = items
            self.hiddenItems = hiddenItems
            self.impressions = impressions
            self.events = events
            self.estimated = estimated
            self.newestFeedbackAt = newestFeedbackAt
            self.newestFeedbackAgeSeconds = newestFeedbackAgeSeconds
        }
    }

    package struct ActiveRelease: Codable, Hashable, Sendable {
        package var id: String
        package var createdAt: String
        package var ageSeconds: Double
        package var activatedAt: String?
        /// The end of the data that its models were trained on; without one they saw all that was there.
        package var dataUntil: String?
        /// How far the newest feedback is ahead of that data, or of the release's making.
        package var feedbackAheadSeconds: Double?
        /// Items that it was built with; absent where that is not known.
        package var items: Int?
        package var catalogItems: Int

        package init(
            id: String, createdAt: String, ageSeconds: Double, activatedAt: String?, dataUntil: String?,
            feedbackAheadSeconds: Double?, items: Int?, catalogItems: Int
        ) {
            self.id = id
            self.createdAt = createdAt
            self.ageSeconds = ageSeconds
            self.activatedAt = activatedAt
            self.dataUntil = dataUntil
            self.feedbackAheadSeconds = feedbackAheadSeconds
            self.items = items
            self.catalogItems = catalogItems
        }
    }

    package struct Releases: Codable, Hashable, Sendable {
        package var count: Int
        /// Of their artifacts on this machine.
        package var bytes: Int

        package init(count: Int, bytes: Int) {
            self.count = count
            self.bytes = bytes
        }
    }

    package struct Counters: Codable, Hashable, Sendable {
        package var series: Int
        package var notFolded: Int
        package var foldedUntil: String?
        /// How long ago that was, where anything is counted.
        package var lagSeconds: Double?

        package init(series: Int, notFolded: Int, foldedUntil: String?, lagSeconds: Double?) {
            self.series = series
            self.notFolded = notFolded
            self.foldedUntil = foldedUntil
            self.lagSeconds = lagSeconds
        }
    }
}
