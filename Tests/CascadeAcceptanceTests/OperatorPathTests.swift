import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import CascadePostgres
import CascadeServing
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

/// What an operator does with a trained world: backup and restore, status, doctor.
@Suite(.serialized) struct OperatorPathTests {
    @Test func aTrainedWorldIsLookedAtAndComesBack() async throws {
        try await World.with { world in
            try await statusTellsAll(world)
            try await doctorFindsWhatIsWrong(world)
            try await embeddingsAreThoseOfTheIndex(world)
            try await aBackupComesBackElsewhere(world)
            try await aBackupIsWholeOrNotThere(world)
            try await whatIsDamagedIsNotRestored(world)
        }
    }

    private func statusTellsAll(_ world: World) async throws {
        let empty = StatusReport(at: "", database: .init(kind: "url", address: ""), dataDirectory: "")
        let report = try await StatusReader(configuration: world.session.configuration).fill(empty, world.session)
        #expect(report.database.reachable && report.database.problem == nil)
        #expect(report.schema?.pending == 0 && report.schema?.wrong == 0)
        #expect(report.rows?.items == 250 && report.rows?.estimated == [])
        let active = try #require(report.activeRelease)
        #expect(active.id == world.release.id)
        #expect(active.items == 250 && active.catalogItems == 250)
        #expect(active.dataUntil == World.split.rfc3339)
        #expect(active.feedbackAheadSeconds.map { (2 * 86_400.0...4 * 86_400).contains($0) } == true)
        #expect(report.releases?["active"]?.count == 1)
        #expect(report.releases?["active"].map { $0.bytes > 10_000 } == true)
        let text = StatusText.lines(report).joined(separator: "\n")
        #expect(text.contains(world.release.id) && text.contains("250 items in its index, 250 in the catalog"))
        #expect(StatusText.lines(report).count < 24)
        let json = try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any]
        #expect((json?["active_release"] as? [String: Any])?["feedback_ahead_seconds"] is Double)
    }

    private func doctorFindsWhatIsWrong(_ world: World) async throws {
        let context = try await DoctorContext(world.session)
        let sound = await Doctor.examine(context)
        #expect(sound.skipped.isEmpty)
        // The tests' server is fast and forgets: see ClusterSettings.testing.
        let failed = sound.checks.filter { $0.level == .fail }.map(\.name)
        #expect(failed == ["durability"], "\(sound.lines)")
        #expect(await level(ActiveReleaseCheck(), context) == .ok)
        #expect(await level(RankerCheck(), context) == .ok)
        #expect(await level(IndexDeltaCheck(), context) == .ok)
        #expect(await level(IndexDeltaCheck(most: -1), context) == .warn)
        #expect(await level(FreshnessCheck(), context) == .ok)
        #expect(await level(FreshnessCheck(most: 3600), context) == .warn)
        try await doctorReadsArtifacts(world)
    }

    private func doctorReadsArtifacts(_ world: World) async throws {
        let folder = world.session.releaseDirectory.appendingPathComponent(world.release.path)
        let aside = folder.deletingLastPathComponent().appendingPathComponent("aside")
        try FileManager.default.copyItem(at: folder, to: aside)
        let path = folder.appendingPathComponent(ModelBundle.FileName.counters)
        var data = try Data(contentsOf: path)
        data[data.count / 2] ^= 1
        // A file of its own: the running service has the former mapped.
        try data.write(to: path, options: .atomic)
        let damaged = try await DoctorContext(world.session)
        let finding = await Doctor.finding(ActiveReleaseCheck(), damaged)
        #expect(finding.level == .fail && finding.found.contains(ModelBundle.FileName.counters))
        try FileManager.default.removeItem(at: folder)
        let missing = try await DoctorContext(world.session)
        #expect(await level(ReleaseFoldersCheck(), missing) == .fail)
        #expect(await level(ActiveReleaseCheck(), missing) == .fail)
        try FileManager.default.moveItem(at: aside, to: folder)
        #expect(await level(ActiveReleaseCheck(), try await DoctorContext(world.session)) == .ok)
    }

    private func level(_ check: any DoctorCheck, _ context: DoctorContext) async -> Diagnosis.Level {
        await Doctor.finding(check, context).level
    }

    private func embeddingsAreThoseOfTheIndex(_ world: World) async throws {
        try await withTemporaryDirectory { directory in
            let loaded = try #require(world.service.holder.current?.loaded)
            let rows = loaded.bundle.rows.items.count
            let wanted = try loaded.bundle.retrieval.itemVectors(rows: 0..<rows)
            for name in ["v.npy", "v.safetensors"] {
                let path = directory.appendingPathComponent(name).path
                let made = try await ExportRun(session: world.session, path: path).embeddings(world.release)
                #expect(made.rows == rows && made.columns * rows == wanted.count)
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                // The numbers are the end of either form.
                let numbers = data.suffix(wanted.count * 4).withUnsafeBytes { bytes in
                    (0..<wanted.count).map {
                        Float(
                            bitPattern: UInt32(
                                littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                    }
                }
                #expect(numbers == wanted)
                let lines = try String(contentsOfFile: EmbeddingFiles.identifiers(of: path), encoding: .utf8)
                    .split(separator: "\n")
                let names = try lines.map { try JSONDecoder().decode(String.self, from: Data($0.utf8)) }
                #expect(names == loaded.bundle.rows.items.map(\.id.rawValue))
            }
        }
    }

    private func aBackupComesBackElsewhere(_ world: World) async throws {
        try await withTemporaryDirectory { directory in
            let folder = BackupFolder(url: directory.appendingPathComponent("backup"))
            let manifest = try await BackupRun(session: world.session, folder: folder).run()
            #expect(manifest.activeRelease == world.release.id)
            #expect(manifest.releases.allSatisfy { $0.leftOut == nil })
            #expect(try folder.verify() == manifest)
            let mode = try FileManager.default.attributesOfItem(atPath: folder.url.path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            try await withEmpty(world, directory.appendingPathComponent("data")) { session in
                #expect(try await RestoreRun(session: session, folder: folder).run() == manifest)
                let former = world.session.storage
                #expect(try await session.storage.counts() == former.counts())
                #expect(try await session.storage.catalog.items() == former.catalog.items())
                try await ReleaseCheck.verify(try await session.releaseOrActive(nil), session)
                let service = try await PipelineService(session, logger: World.quiet)
                defer { service.compute.shutdown() }
                await service.follower.refresh()
                #expect(service.holder.current?.stamp.releaseID == world.release.id)
                // What changes after the restore is followed.
                _ = try await session.storage.catalog.put(Item(id: ItemID("new after restore"), title: "new"))
                await service.follower.follow()
                #expect(service.holder.current?.delta.servedCount == 1)
                // A second time only with leave; then it is as it was in the backup.
                await #expect(throws: BackupError.self) {
                    _ = try await RestoreRun(session: session, folder: folder).run()
                }
                _ = try await RestoreRun(session: session, folder: folder, replacing: true).run()
                #expect(try await session.storage.catalog.items() == former.catalog.items())
            }
        }
    }

    /// Runs `body` with a session on an empty database and data directory.
    private func withEmpty(
        _ world: World, _ directory: URL, _ body: @Sendable (Session) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await body(
                Session(
                    configuration: world.session.configuration, storage: Storage(pool: database.pool),
                    dataDirectory: directory, cluster: nil))
        }
    }

    private func aBackupIsWholeOrNotThere(_ world: World) async throws {
        try await withTemporaryDirectory { directory in
            let folder = BackupFolder(url: directory.appendingPathComponent("b"))
            // What a killed backup left is removed by the next.
            let abandoned = directory.appendingPathComponent(".b.unfinished-999999")
            try FileManager.default.createDirectory(at: abandoned, withIntermediateDirectories: true)
            let release = world.session.releaseDirectory.appendingPathComponent(world.release.path)
            let aside = directory.appendingPathComponent("aside")
            try FileManager.default.moveItem(at: release, to: aside)
            await #expect {
                _ = try await BackupRun(session: world.session, folder: folder).run()
            } throws: { error in
                if case BackupError.activeReleaseUnsound(let id, _) = error { id == world.release.id } else { false }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["aside"])
            let bare = BackupRun(session: world.session, folder: folder, withArtifacts: false)
            let manifest = try await bare.run()
            #expect(manifest.files.keys.sorted() == [BackupFolder.dump])
            #expect(manifest.releases.allSatisfy { $0.leftOut != nil })
            try FileManager.default.moveItem(at: aside, to: release)
            await #expect(throws: BackupError.exists(path: folder.url.path)) { _ = try await bare.run() }
        }
    }

    private func whatIsDamagedIsNotRestored(_ world: World) async throws {
        try await withTemporaryDirectory { directory in
            let folder = BackupFolder(url: directory.appendingPathComponent("b"))
            let manifest = try await BackupRun(session: world.session, folder: folder, linking: false).run()
            try await withEmpty(world, directory.appendingPathComponent("data")) { session in
                for name in manifest.files.keys.sorted().prefix(2) + [BackupFolder.dump] {
                    let path = folder.file(name)
                    let whole = try Data(contentsOf: path)
                    var damaged = whole
                    damaged[whole.count / 2] ^= 4
                    for content in [damaged, whole.dropLast()] {
                        try content.write(to: path)
                        await #expect {
                            _ = try await RestoreRun(session: session, folder: folder).run()
                        } throws: { error in
                            if case BackupError.damaged(let file, _) = error { file == path.path } else { false }
                        }
                    }
                    try whole.write(to: path)
                }
                #expect(try await session.storage.restoreTarget().filled.isEmpty)
                #expect(!FileManager.default.fileExists(atPath: session.releaseDirectory.path))
                try Data(#"{"format": 2}"#.utf8).write(to: folder.file(BackupFolder.manifest))
                await #expect {
                    _ = try await RestoreRun(session: session, folder: folder).run()
                } throws: { error in
                    "\(error)".contains("newer program")
                }
            }
        }
    }
}
