import CascadeModels
import Foundation

/// The files of a release's folder at a second place.
enum ReleaseFiles {
    /// Puts what the folder's manifest names, and the manifest, into a new folder, and writes that out.
    ///
    /// Throws `ModelError.corruptArtifact` where the manifest or a file is missing; checks no checksum.
    static func place(_ source: URL, at target: URL, linking: Bool) throws {
        let path = source.appendingPathComponent(Manifest.fileName)
        guard let data = FileManager.default.contents(atPath: path.path) else {
            throw ModelError.corruptArtifact(file: path.path, reason: "the file is missing")
        }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data) else {
            throw ModelError.corruptArtifact(file: path.path, reason: "it is no manifest")
        }
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for name in manifest.files.keys.sorted() + [Manifest.fileName] {
            let file = source.appendingPathComponent(name)
            guard BackupFolder.isPlain(name), FileManager.default.fileExists(atPath: file.path) else {
                throw ModelError.corruptArtifact(file: file.path, reason: "the file is missing")
            }
            try DurableFiles.place(file, at: target.appendingPathComponent(name), linking: linking)
        }
        try DurableFiles.flush(target)
    }
}
