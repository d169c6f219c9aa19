package import CascadeCore
package import Foundation

/// Artifacts in folders of one directory, which several machines may share: written under another name first, moved to their own when
/// all is there.
package struct DirectoryArtifacts: ArtifactStore {
    private let directory: URL

    /// What the names of folders begin with that are being written.
    package static let unfinishedPrefix = ".building-"

    package init(_ directory: URL) { self.directory = directory }

    package var workspace: URL { directory }

    package func open(_ release: Release) throws -> (folder: ArtifactFolder, manifest: Manifest) {
        let folder = ArtifactFolder(directory.appendingPathComponent(release.path))
        return (folder, try folder.verify(manifestChecksum: release.manifestChecksum))
    }

    package func publish<Result>(
        _ manifest: Manifest, _ body: (ArtifactFolder) throws -> Result
    ) throws -> (folder: ArtifactFolder, checksum: String, result: Result) {
        let files = FileManager.default
        try files.createDirectory(at: directory, withIntermediateDirectories: true)
        let building = directory.appendingPathComponent(Self.unfinishedPrefix + manifest.releaseID)
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

    package func remove(_ release: Release) throws {
        let folder = directory.appendingPathComponent(release.path)
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        try FileManager.default.removeItem(at: folder)
    }
}
