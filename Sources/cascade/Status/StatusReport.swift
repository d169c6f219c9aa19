import CascadeCore
import Foundation

/// Data, versions, ages and lags: what `cascade status` prints, and with `--json` as it stands, in snake case.
///
/// Members that do not apply are left out. Times are RFC 3339, ages and lags seconds, sizes bytes.
struct StatusReport: Codable, Equatable {
    struct Database: Codable, Equatable {
        /// `private`, or `url` where one is configured.
        var kind: String
        /// The URL without its password, or the folder of the private Postgres.
        var address: String
        var reachable = false
        /// Why it is not reachable, or what it lacks.
        var problem: String?
        var version: String?
        var bytes: Int?
        var connections: Int?
        var maximumConnections: Int?
    }

    struct Schema: Codable, Equatable {
        var applied = 0
        var pending = 0
        /// Altered after they had been applied, or of a newer program.
        var wrong = 0
        var version = 0
    }

    typealias Rows = ServiceStatistics.Rows
    typealias ActiveRelease = ServiceStatistics.ActiveRelease
    typealias Releases = ServiceStatistics.Releases
    typealias Jobs = ServiceStatistics.Jobs
    typealias Counters = ServiceStatistics.Counters

    var at: String
    var database: Database
    var schema: Schema?
    var rows: Rows?
    var activeRelease: ActiveRelease?
    /// By state.
    var releases: [String: Releases]?
    var jobs: Jobs?
    var counters: Counters?
    var dataDirectory: String
    var freeBytes: Int?

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
