import CascadeModels
import Foundation

/// The folder of a backup: `manifest.json`, `database.dump`, and `releases/` as in the data directory.
struct BackupFolder {
    static let manifest = "manifest.json"
    static let dump = "database.dump"
    static let releases = "releases"

    let url: URL

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Reads the manifest and holds every file against its checksum.
    ///
    /// Throws `BackupError.noBackup`, and `.damaged` naming the first file that is missing, of another size or altered.
    func verify() throws -> BackupManifest {
        let manifest = try readManifest()
        for (name, wanted) in manifest.files.sorted(by: { $0.key < $1.key }) {
            guard Self.isPlain(name) else {
                throw BackupError.noBackup(path: url.path, reason: "its manifest names the file \(name)")
            }
            let path = file(name).path
            guard let found = try? ArtifactFolder.describe(path) else {
                throw BackupError.damaged(file: path, reason: "it is missing or cannot be read")
            }
            guard found.bytes == wanted.bytes else {
                throw BackupError.damaged(
                    file: path, reason: "it has \(found.bytes) bytes where the manifest says \(wanted.bytes)")
            }
            guard found.sha256 == wanted.sha256 else {
                throw BackupError.damaged(file: path, reason: "its SHA-256 is not the manifest's")
            }
        }
        return manifest
    }

    private func readManifest() throws -> BackupManifest {
        guard let data = FileManager.default.contents(atPath: file(Self.manifest).path) else {
            throw BackupError.noBackup(
                path: url.path, reason: "it has no \(Self.manifest); name the folder of a backup")
        }
        struct Form: Decodable { let format: Int }
        guard let form = try? JSONDecoder().decode(Form.self, from: data) else {
            throw BackupError.noBackup(path: url.path, reason: "its \(Self.manifest) is of something else")
        }
        guard form.format == 1, let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data) else {
            throw BackupError.noBackup(
                path: url.path, reason: "it has form \(form.format), this program reads form 1; use a newer program")
        }
        guard manifest.files[Self.dump] != nil else {
            throw BackupError.noBackup(path: url.path, reason: "its manifest names no \(Self.dump)")
        }
        return manifest
    }

    /// Whether a path stays below the folder.
    static func isPlain(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/")
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !["", ".", ".."].contains($0)
            }
    }
}
