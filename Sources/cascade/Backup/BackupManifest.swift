import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation

/// What a backup holds: the file `manifest.json` of its folder, written last.
struct BackupManifest: Codable, Equatable {
    /// A release in the backup's database.
    struct Release: Codable, Equatable {
        var id: String
        var state: String
        /// Its folder below `releases`.
        var path: String
        var manifestSHA256: String
        /// Why its artifacts are not in the backup; nil where they are.
        var leftOut: String?

        enum CodingKeys: String, CodingKey {
            case id, state, path
            case manifestSHA256 = "manifest_sha256"
            case leftOut = "left_out"
        }
    }

    /// The version of this form.
    var format = 1
    var createdAt: String
    /// The version of the server that was dumped.
    var postgres: String
    /// The latest migration of the dumped schema.
    var schemaVersion: Int
    var migrations: [DumpContents.Migration]
    var activeRelease: String?
    var releases: [Release]
    /// Rows by table.
    var rows: [String: Int]
    /// Every file but this one, by its path in the folder.
    var files: [String: Manifest.File]

    enum CodingKeys: String, CodingKey {
        case format, postgres, migrations, releases, rows, files
        case createdAt = "created_at"
        case schemaVersion = "schema_version"
        case activeRelease = "active_release"
    }

    init(_ contents: DumpContents, releases: [Release], files: [String: Manifest.File]) {
        createdAt = Timestamp.now.rfc3339
        postgres = contents.server
        schemaVersion = contents.migrations.last?.version ?? 0
        migrations = contents.migrations
        activeRelease = contents.releases.first { $0.state == .active }?.id
        self.releases = releases
        rows = contents.rows
        self.files = files
    }

    /// The folder of a release's artifacts in a backup, as the keys of `files` begin.
    static func folder(of path: String) -> String { "\(BackupFolder.releases)/\(path)" }
}
