import CascadeCore
import CascadeModels
import Foundation
import Testing

/// A store whose artifacts are elsewhere, as objects are: published to there file by file with the manifest last, and brought here to be opened.
private struct DistantArtifacts: ArtifactStore {
    let objects: URL
    let workspace: URL

    func open(_ release: Release) throws -> (folder: ArtifactFolder, manifest: Manifest) {
        let here = workspace.appendingPathComponent("fetched-\(release.id)")
        if !FileManager.default.fileExists(atPath: here.path) {
            let there = objects.appendingPathComponent(release.path)
            guard FileManager.default.fileExists(atPath: there.appendingPathComponent(Manifest.fileName).path) else {
                throw ModelError.corruptArtifact(file: there.path, reason: "it is not in the store")
            }
            try FileManager.default.copyItem(at: there, to: here)
        }
        let folder = ArtifactFolder(here)
        return (folder, try folder.verify(manifestChecksum: release.manifestChecksum))
    }

    func publish<Result>(
        _ manifest: Manifest, _ body: (ArtifactFolder) throws -> Result
    ) throws -> (folder: ArtifactFolder, checksum: String, result: Result) {
        let made = try DirectoryArtifacts(workspace).publish(manifest, body)
        let there = objects.appendingPathComponent(manifest.releaseID)
        try FileManager.default.createDirectory(at: there, withIntermediateDirectories: true)
        let names = try FileManager.default.contentsOfDirectory(atPath: made.folder.url.path)
        for name in names.filter({ $0 != Manifest.fileName }) + [Manifest.fileName] {
            try FileManager.default.copyItem(
                at: made.folder.url.appendingPathComponent(name), to: there.appendingPathComponent(name))
        }
        return made
    }

    func remove(_ release: Release) throws {
        for folder in [
            workspace.appendingPathComponent("fetched-\(release.id)"), objects.appendingPathComponent(release.path),
        ] where FileManager.default.fileExists(atPath: folder.path) {
            try FileManager.default.removeItem(at: folder)
        }
    }
}

/// What every store of artifacts does.
@Suite struct ArtifactStoreTests {
    enum Kind: CaseIterable { case directory, distant }

    private struct Failure: Error {}

    private static func with(
        _ kind: Kind, _ body: (_ store: any ArtifactStore, _ kept: URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("artifacts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (here, there) = (folder.appendingPathComponent("here"), folder.appendingPathComponent("there"))
        switch kind {
        case .directory: try body(DirectoryArtifacts(here), here)
        case .distant: try body(DistantArtifacts(objects: there, workspace: here), there)
        }
    }

    private static func manifest(_ id: String) -> Manifest {
        Manifest(releaseID: id, retrievalModelID: "ret", rankerModelID: nil, builtAt: "2026-01-01T00:00:00Z")
    }

    private static func release(_ id: String, checksum: String) -> Release {
        Release(
            id: id, state: .ready, createdAt: .now, activatedAt: nil, retrievalModelID: "ret", rankerModelID: nil,
            path: id, manifestChecksum: checksum, configJSON: "{}", metricsJSON: "{}")
    }

    private static func published(_ store: any ArtifactStore, _ id: String) throws -> Release {
        let made = try store.publish(manifest(id)) { folder in
            try Data("weights of \(id)".utf8).write(to: URL(fileURLWithPath: folder.path("weights")))
            return 7
        }
        #expect(made.result == 7)
        return release(id, checksum: made.checksum)
    }

    @Test(arguments: Kind.allCases) func whatIsPublishedIsOpened(kind: Kind) throws {
        try Self.with(kind) { (store, _) throws in
            for id in ["rel_1", "rel_2"] {
                let release = try Self.published(store, id)
                let (folder, manifest) = try store.open(release)
                #expect(manifest.releaseID == id && manifest.files.keys.sorted() == ["weights"])
                #expect(try String(contentsOfFile: folder.path("weights"), encoding: .utf8) == "weights of \(id)")
            }
        }
    }

    @Test(arguments: Kind.allCases) func whatIsNotFinishedIsNotKept(kind: Kind) throws {
        try Self.with(kind) { (store, kept) throws in
            #expect(throws: Failure.self) {
                try store.publish(Self.manifest("rel_1")) { folder in
                    try Data("half".utf8).write(to: URL(fileURLWithPath: folder.path("weights")))
                    throw Failure()
                }
            }
            let left = (try? FileManager.default.contentsOfDirectory(atPath: kept.path)) ?? []
            #expect(left.isEmpty)
            #expect(throws: ModelError.self) { try store.open(Self.release("rel_1", checksum: "0")) }
            #expect(try store.open(Self.published(store, "rel_1")).manifest.releaseID == "rel_1", "the name is free")
        }
    }

    @Test(arguments: Kind.allCases) func whatIsAlteredIsTold(kind: Kind) throws {
        try Self.with(kind) { (store, kept) throws in
            let release = try Self.published(store, "rel_1")
            let file = kept.appendingPathComponent("rel_1/weights")
            try FileManager.default.removeItem(at: file)
            try Data("WEIGHTS of rel_1".utf8).write(to: file)
            #expect { try store.open(release) } throws: {
                guard case .corruptArtifact(let file, let reason) = $0 as? ModelError else { return false }
                return file.hasSuffix("weights") && reason.contains("altered")
            }
            let other = try Self.published(store, "rel_2")
            #expect { try store.open(Self.release("rel_2", checksum: release.manifestChecksum)) } throws: {
                "\($0)".contains("checksum")
            }
            #expect(try store.open(other).manifest.releaseID == "rel_2")
        }
    }

    @Test(arguments: Kind.allCases) func whatIsRemovedIsGone(kind: Kind) throws {
        try Self.with(kind) { (store, _) throws in
            let (first, second) = (try Self.published(store, "rel_1"), try Self.published(store, "rel_2"))
            try store.remove(first)
            try store.remove(first)
            #expect(throws: ModelError.self) { try store.open(first) }
            #expect(try store.open(second).manifest.releaseID == "rel_2")
        }
    }
}
