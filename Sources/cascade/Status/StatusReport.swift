import CascadeCore
import CascadeStorage
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

    struct Rows: Codable, Equatable {
        var users: Int
        var items: Int
        var hiddenItems: Int
        var impressions: Int
        var events: Int
        /// Tables whose number is the server's estimate.
        var estimated: [String]
        var newestFeedbackAt: String?
        var newestFeedbackAgeSeconds: Double?
    }

    struct ActiveRelease: Codable, Equatable {
        var id: String
        var createdAt: String
        var ageSeconds: Double
        var activatedAt: String?
        /// The end of the data that its models were trained on; without one they saw all that was there.
        var dataUntil: String?
        /// How far the newest feedback is ahead of that data, or of the release's making.
        var feedbackAheadSeconds: Double?
        /// Items that it was built with; absent where its folder is not whole.
        var items: Int?
        var catalogItems: Int
    }

    struct Releases: Codable, Equatable {
        var count: Int
        var bytes: Int
    }

    struct Schedule: Codable, Equatable {
        var id: String
        var kind: String
        var dueAt: String?
        var dueAfterRows: Int?
        var waiting: Bool
    }

    struct Worker: Codable, Equatable {
        var name: String
        var job: String
        var kind: String
        var leaseUntil: String
        var lapsed: Bool
    }

    struct Jobs: Codable, Equatable {
        var states: [String: Int]
        var oldestQueuedAgeSeconds: Double?
        var schedules: [Schedule]
        var workers: [Worker]
    }

    struct Counters: Codable, Equatable {
        var series: Int
        var notFolded: Int
        var foldedUntil: String?
        /// How long ago that was, where anything is counted.
        var lagSeconds: Double?
    }

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
