import CascadeCore
import CascadePostgres
import Testing

@testable import CascadeStorage

/// A release from the moment its training begins.
@Suite struct ReleaseTrainingTests {
    private static func training(_ id: String, job: String? = nil) -> ReleaseTraining {
        ReleaseTraining(id: id, beganAt: at(5), heardAt: at(5), configJSON: #"{"dim": 8}"#, jobID: job)
    }

    private func make(silent id: String, _ storage: Storage) async throws {
        try await storage.database.run { session in
            _ = try session.execute(
                "UPDATE releases SET heard_at = heard_at - interval '121 seconds' WHERE release_id = \(id)")
        }
    }

    @Test func whatIsTrainedIsSeenAndBecomesTheRelease() async throws {
        try await withStorage { storage async throws in
            try await storage.releases.begin(Self.training("r1", job: "job_1"))
            let seen = try #require(try await storage.releases.trainings().first)
            #expect(seen.id == "r1" && seen.state == .training && seen.beganAt == at(5))
            #expect(seen.jobID == "job_1" && seen.failure == nil && seen.configJSON == #"{"dim": 8}"#)
            #expect(try await storage.releases.releases().isEmpty)
            #expect(try await storage.releases.release("r1") == nil)
            let error = await storageError { try await storage.releases.activate("r1") }
            #expect(error == .releaseNotBuilt(id: "r1", failure: nil))
            let shadow = await storageError { try await storage.releases.shadow("r1", share: 0.5) }
            #expect(shadow == .releaseNotBuilt(id: "r1", failure: nil))
            let effort = await storageError { try await storage.releases.setSearchEffort(50, of: "r1") }
            #expect(effort == .unknownRelease(id: "r1"))

            try await ReleaseStoreTests.register(storage, ["r1"])
            #expect(try await storage.releases.trainings().isEmpty)
            #expect(try await storage.releases.release("r1") == ReleaseStoreTests.release("r1"))
            try await storage.releases.activate("r1")
            // Told too late: the release stays.
            try await storage.releases.fail("r1", reason: "late")
            try await storage.releases.pulse(of: "r1")
            #expect(try await storage.releases.activeRelease()?.id == "r1")
            #expect(try await storage.releases.trainings().isEmpty)
        }
    }

    @Test func aNameIsTakenOnce() async throws {
        try await withStorage { storage async throws in
            try await storage.releases.begin(Self.training("r1"))
            let twice = await storageError { try await storage.releases.begin(Self.training("r1")) }
            #expect(twice == .alreadyRegistered(id: "r1"))
            try await ReleaseStoreTests.register(storage, ["r2"])
            let built = await storageError { try await storage.releases.begin(Self.training("r2")) }
            #expect(built == .alreadyRegistered(id: "r2"))
        }
    }

    @Test func aFailureIsRemembered() async throws {
        try await withStorage { storage async throws in
            try await storage.releases.begin(Self.training("r1"))
            try await storage.releases.fail("r1", reason: "no rows")
            try await storage.releases.fail("r1", reason: "another")
            let failed = try #require(try await storage.releases.trainings().first)
            #expect(failed.state == .failed && failed.failure == "no rows")
            let error = await storageError { try await storage.releases.activate("r1") }
            #expect(error == .releaseNotBuilt(id: "r1", failure: "no rows"))
            #expect("\(String(describing: error))".contains("no rows"))
        }
    }

    /// A killed training counts as failed by itself; one that was only cut off goes on, and may end as a release.
    @Test func silenceIsFailureUntilItIsHeardOfAgain() async throws {
        try await withStorage { storage async throws in
            try await storage.releases.begin(Self.training("r1"))
            try await make(silent: "r1", storage)
            let silent = try #require(try await storage.releases.trainings().first)
            #expect(silent.state == .failed)
            #expect(silent.failure?.contains("has not been heard of since") == true)
            try await storage.releases.pulse(of: "r1")
            #expect(try await storage.releases.trainings().first?.state == .training)
            try await make(silent: "r1", storage)
            try await ReleaseStoreTests.register(storage, ["r1"])
            #expect(try await storage.releases.release("r1")?.state == .ready)
        }
    }

    @Test func oldFailuresAreForgottenAndLivingTrainingsAreNot() async throws {
        try await withStorage { storage async throws in
            for id in ["living", "failed", "silent"] { try await storage.releases.begin(Self.training(id)) }
            try await storage.releases.fail("failed", reason: "no rows")
            for id in ["failed", "silent"] { try await make(silent: id, storage) }
            func remove(before moment: Timestamp, dryRun: Bool = false) async throws -> [String] {
                _ = try await storage.releases.removeUnneeded(keeping: 0, madeBefore: moment, dryRun: dryRun)
                return try await storage.releases.trainings().map(\.id)
            }
            #expect(try await remove(before: at(5)) == ["silent", "living", "failed"])
            #expect(try await remove(before: at(6), dryRun: true).count == 3)
            #expect(try await remove(before: at(6)) == ["living"])
            #expect(try await storage.releases.releases().isEmpty)
            // One that was only cut off and forgotten too soon still becomes its release.
            try await ReleaseStoreTests.register(storage, ["silent"])
            #expect(try await storage.releases.release("silent")?.state == .ready)
        }
    }

    /// The database itself refuses what is neither trained nor whole.
    @Test func nothingHalfMadeIsServable() async throws {
        try await withStorage { storage async throws in
            try await storage.releases.begin(Self.training("r1"))
            for state in ["ready", "active", "retired"] {
                await #expect(throws: (any Error).self) {
                    try await storage.database.run { session in
                        _ = try session.execute("UPDATE releases SET state = \(state) WHERE release_id = 'r1'")
                    }
                }
            }
            #expect(try await storage.releases.trainings().first?.state == .training)
        }
    }
}
