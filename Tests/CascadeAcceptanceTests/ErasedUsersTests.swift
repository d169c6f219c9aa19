import CascadeCore
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

@Suite struct ErasedUsersTests {
    /// A database with an active release whose weights go back to a training that ended so many days ago.
    private static func with(
        days: Double, _ body: @Sendable (Storage, ErasedUsers) async throws -> Void
    ) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database async throws in
            let storage = Storage(pool: database.pool)
            let made = Timestamp.now.adding(seconds: -days * 86_400)
            func model(_ id: String, _ createdAt: Timestamp, from: String?) -> ModelVersion {
                ModelVersion(
                    id: id, kind: .retrieval, createdAt: createdAt, configJSON: "{}", seed: 1, metricsJSON: "{}",
                    dataPeriod: Period(), parentID: nil, checksum: "x", warmFrom: from)
            }
            let release = Release(
                id: "r", state: .ready, createdAt: .now, activatedAt: nil, retrievalModelID: "warm",
                rankerModelID: nil, path: "r", manifestChecksum: "x", configJSON: "{}", metricsJSON: "{}")
            // What went on from it since makes the weights no younger.
            try await storage.releases.register(
                release,
                models: [
                    model("cold", made, from: nil), model("warm", max(.now, made.adding(seconds: 60)), from: "cold"),
                ])
            try await storage.releases.activate("r")
            try await withTemporaryDirectory { directory async throws in
                try await body(storage, ErasedUsers(storage: storage, directory: directory))
            }
        }
    }

    private static func erase(_ storage: Storage) async throws {
        _ = try await storage.catalog.put(User(id: UserID("u")))
        _ = try #require(try await storage.eraser.erase(UserID("u")))
    }

    @Test func weightsOfBeforeAnErasureAreNotGoneOnFrom() async throws {
        try await Self.with(days: 3) { storage, erased async throws in
            try await erased.refuseWarmStart()
            try await Self.erase(storage)
            await #expect { try await erased.refuseWarmStart() } throws: {
                "\($0)".contains("train anew, without --warm")
            }
        }
    }

    /// A training that began behind the erasure knows nothing of the user.
    @Test func weightsOfBehindItAre() async throws {
        try await Self.with(days: -2) { storage, erased async throws in
            try await Self.erase(storage)
            try await erased.refuseWarmStart()
        }
    }

    @Test func whatKilledTrainingsKeptGoes() async throws {
        try await Self.with(days: 0) { storage, erased async throws in
            let kept = erased.directory.appendingPathComponent(".training-run_1")
            let release = erased.directory.appendingPathComponent("rel_1")
            for folder in [kept, release] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            }
            try await erased.forget()
            #expect(FileManager.default.fileExists(atPath: kept.path), "nobody was erased")
            try await Self.erase(storage)
            try await erased.forget()
            #expect(!FileManager.default.fileExists(atPath: kept.path))
            #expect(FileManager.default.fileExists(atPath: release.path))
        }
    }
}
