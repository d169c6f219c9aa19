import CascadeModels
import Foundation

/// Makes the folder of a release: written under another name first, moved to its own when all is there.
enum ReleaseFolder {
    /// Writes what `body` writes, and the manifest over it, into the folder of release `manifest.releaseID`.
    ///
    /// Nothing stays of a folder that could not be finished.
    static func write<Result>(
        _ manifest: Manifest, in directory: URL, _ body: (ArtifactFolder) throws -> Result
    ) throws -> (folder: ArtifactFolder, checksum: String, result: Result) {
        let files = FileManager.default
        try files.createDirectory(at: directory, withIntermediateDirectories: true)
        let building = directory.appendingPathComponent(".building-\(manifest.releaseID)")
        try? files.removeItem(at: building)
        try files.createDirectory(at: building, withIntermediateDirectories: false)
        do {
            let folder = ArtifactFolder(building)
            let result = try body(folder)
            let checksum = try folder.seal(manifest)
            let final = directory.appendingPathComponent(manifest.releaseID)
            try files.moveItem(at: building, to: final)
            return (ArtifactFolder(final), checksum, result)
        } catch {
            try? files.removeItem(at: building)
            throw error
        }
    }
}
