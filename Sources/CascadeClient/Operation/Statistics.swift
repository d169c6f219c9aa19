public import Foundation

extension CascadeClient {
    /// Counts and ages at a glance; ages and lags are seconds, sizes bytes, and what does not apply is left out.
    public struct Statistics: Codable, Equatable, Sendable {
        /// When they were read.
        public var at: Date
        /// Version, size and connections of the database.
        public var database: JSON
        /// Rows by what they hold.
        public var rows: JSON
        /// The release that is served, and how old it is; nil for none.
        public var activeRelease: JSON?
        /// Number and size of the releases by state.
        public var releases: JSON
        /// Jobs by state, schedules and workers.
        public var jobs: JSON
        /// What is counted over windows of time.
        public var counters: JSON

        private enum CodingKeys: String, CodingKey {
            case at, database, rows, releases, jobs, counters
            case activeRelease = "active_release"
        }
    }

    /// That the process runs.
    public struct Live: Codable, Equatable, Sendable {
        /// The word `ok`.
        public var status: String
    }
}
