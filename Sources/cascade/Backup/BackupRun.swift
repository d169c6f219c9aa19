import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation
import Synchronization

/// Makes a backup: the database as of one moment, and the artifacts of every release in it that may still be served.
///
/// Written under another name and renamed when it is whole, so a backup that is there is whole.
struct BackupRun: Sendable {
    let session: Session
    let folder: BackupFolder
    /// Whether artifacts may be second names of the files that are served, which never change.
    var linking = true
    var withArtifacts = true

    /// Throws `BackupError`, `StorageError`.
    func run() async throws -> BackupManifest {
        let target = folder.url
        if FileManager.default.fileExists(atPath: target.path) { throw BackupError.exists(path: target.path) }
        let parent = target.deletingLastPathComponent()
        try UnfinishedFolder.removeAbandoned(target)
        let unfinished = try UnfinishedFolder.make(target)
        do {
            let manifest = try await write(into: BackupFolder(url: unfinished))
            try DurableFiles.rename(unfinished, to: target)
            try DurableFiles.flush(parent)
            return manifest
        } catch {
            try? FileManager.default.removeItem(at: unfinished)
            throw error
        }
    }

    private func write(into folder: BackupFolder) async throws -> BackupManifest {
        let all = folder.file(BackupFolder.releases)
        try FileManager.default.createDirectory(at: all, withIntermediateDirectories: true)
        let kept = Mutex<[BackupManifest.Release]>([])
        let contents = try await session.storage.dump(to: folder.file(BackupFolder.dump)) { contents in
            let releases = try place(contents.releases, in: all)
            kept.withLock { $0 = releases }
        }
        var releases = kept.withLock { $0 }
        var files = [BackupFolder.dump: try ArtifactFolder.describe(folder.file(BackupFolder.dump).path)]
        for index in releases.indices {
            try noting(&releases[index], in: all) { release in
                files.merge(try Self.verify(release, in: all)) { first, _ in first }
            }
        }
        try DurableFiles.flush(all)
        let manifest = BackupManifest(contents, releases: releases, files: files)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let path = folder.file(BackupFolder.manifest)
        try encoder.encode(manifest).write(to: path)
        try DurableFiles.flush(path)
        return manifest
    }

    /// Puts the artifacts of all releases that may be served aside; nothing deletes them meanwhile, and nobody activates.
    private func place(_ releases: [Release], in all: URL) throws -> [BackupManifest.Release] {
        var entries: [BackupManifest.Release] = []
        for release in releases where [.active, .ready, .retired].contains(release.state) {
            var entry = BackupManifest.Release(
                id: release.id, state: release.state.rawValue, path: release.path,
                manifestSHA256: release.manifestChecksum, leftOut: withArtifacts ? nil : "not wanted")
            try noting(&entry, in: all) { entry in
                try ReleaseFiles.place(
                    session.releaseDirectory.appendingPathComponent(entry.path),
                    at: all.appendingPathComponent(entry.path), linking: linking)
            }
            entries.append(entry)
        }
        return entries
    }

    /// Does `work` for a release that is not left out; where its artifacts are not whole, it is, unless it is the active one.
    private func noting(
        _ entry: inout BackupManifest.Release, in all: URL, _ work: (BackupManifest.Release) throws -> Void
    ) throws {
        if entry.leftOut != nil { return }
        do {
            try work(entry)
        } catch let error as ModelError {
            // Otherwise it would be found out when the backup is needed.
            guard entry.state != ReleaseState.active.rawValue else {
                throw BackupError.activeReleaseUnsound(id: entry.id, reason: error.description)
            }
            try? FileManager.default.removeItem(at: all.appendingPathComponent(entry.path))
            entry.leftOut = error.description
        }
    }

    /// Holds the artifacts of a release at their new place against its manifest; gives them by their path in the backup.
    private static func verify(_ release: BackupManifest.Release, in all: URL) throws -> [String: Manifest.File] {
        let folder = ArtifactFolder(all.appendingPathComponent(release.path))
        let manifest = try folder.verify(manifestChecksum: release.manifestSHA256)
        let prefix = BackupManifest.folder(of: release.path)
        var files = ["\(prefix)/\(Manifest.fileName)": try ArtifactFolder.describe(folder.path(Manifest.fileName))]
        for (name, file) in manifest.files { files["\(prefix)/\(name)"] = file }
        return files
    }
}
