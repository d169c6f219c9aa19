import CascadeCore
import CascadeModels
import CascadePostgres
import CascadeStorage
import Foundation

/// Restores a backup into a database, migrated or not, and its artifacts into the data directory.
///
/// The artifacts come first: files that no release names do no harm. The database follows in one transaction, so a restore
/// that is killed is simply run again.
struct RestoreRun: Sendable {
    /// Opened without migrating.
    let session: Session
    let folder: BackupFolder
    /// Whether rows that are there may be lost.
    var replacing = false
    var linking = true

    /// Throws `BackupError`, `StorageError`.
    func run() async throws -> BackupManifest {
        let manifest = try folder.verify()
        let target = try await session.storage.restoreTarget()
        let known = try MigrationFile.load(directory: try ProjectFiles.locate("Migrations"))
        try check(manifest, target, known: known.count)
        for release in manifest.releases where release.leftOut == nil { try place(release) }
        let rows = try await session.storage.restore(from: folder.file(BackupFolder.dump))
        for (table, expected) in manifest.rows.sorted(by: { $0.key < $1.key }) where rows[table] != expected {
            throw BackupError.rowsDiffer(table: table, expected: expected, found: rows[table] ?? 0)
        }
        try await session.storage.migrate(directory: try ProjectFiles.locate("Migrations"))
        try await verifyActive(manifest)
        return manifest
    }

    private func check(_ manifest: BackupManifest, _ target: RestoreTarget, known: Int) throws {
        if manifest.schemaVersion > known {
            throw BackupError.newerSchema(backup: manifest.schemaVersion, program: known)
        }
        if target.others > 0 { throw BackupError.databaseInUse(sessions: target.others) }
        if !target.filled.isEmpty, !replacing { throw BackupError.databaseHasRows(tables: target.filled) }
    }

    /// Puts the artifacts of a release in place unless they are there and whole.
    private func place(_ release: BackupManifest.Release) throws {
        guard BackupFolder.isPlain(release.path) else {
            throw BackupError.noBackup(path: folder.url.path, reason: "it has a release at \(release.path)")
        }
        let target = session.releaseDirectory.appendingPathComponent(release.path)
        if (try? ArtifactFolder(target).verify(manifestChecksum: release.manifestSHA256)) != nil { return }
        // `cascade release gc` removes folders of that name that a killed run left.
        let name = ".building-restore-\(release.id)"
        let unfinished = session.releaseDirectory.appendingPathComponent(name)
        try? FileManager.default.removeItem(at: unfinished)
        try FileManager.default.createDirectory(at: session.releaseDirectory, withIntermediateDirectories: true)
        try ReleaseFiles.place(
            folder.file(BackupManifest.folder(of: release.path)), at: unfinished, linking: linking)
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try DurableFiles.rename(unfinished, to: target)
    }

    private func verifyActive(_ manifest: BackupManifest) async throws {
        guard let active = try await session.storage.releases.activeRelease() else { return }
        // Said by the manifest already, and by the command.
        if manifest.releases.contains(where: { $0.id == active.id && $0.leftOut != nil }) { return }
        do {
            try await ReleaseCheck.verify(active, session)
        } catch {
            throw BackupError.activeReleaseNotLoaded(id: active.id, reason: "\(error)")
        }
    }
}
