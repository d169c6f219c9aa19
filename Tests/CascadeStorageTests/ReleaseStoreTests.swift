import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct ReleaseStoreTests {
    static func model(_ id: String, _ kind: ModelKind = .ranker, checksum: String = "abc") -> ModelVersion {
        ModelVersion(
            id: id, kind: kind, createdAt: at(1), configJSON: #"{"dim": 64}"#, seed: .max - 1,
            metricsJSON: #"{"auc": 0.74}"#, dataPeriod: Period(from: nil, until: at(0)), parentID: nil,
            checksum: checksum)
    }

    static func release(_ id: String, _ seconds: Double = 0) -> Release {
        Release(
            id: id, state: .ready, createdAt: at(seconds), activatedAt: nil, retrievalModelID: "two-tower",
            rankerModelID: "dcn", path: "releases/\(id)", manifestChecksum: "f00", configJSON: "{}",
            metricsJSON: #"{"recall": 0.5}"#)
    }

    static func register(_ storage: Storage, _ ids: [String]) async throws {
        for (number, id) in ids.enumerated() {
            try await storage.releases.register(
                release(id, Double(number)), models: [model("two-tower", .retrieval), model("dcn")])
        }
    }

    private func states(_ storage: Storage) async throws -> [String: ReleaseState] {
        Dictionary(uniqueKeysWithValues: try await storage.releases.releases().map { ($0.id, $0.state) })
    }

    @Test func whatIsRegisteredComesBack() async throws {
        try await withStorage { storage async throws in
            var child = Self.model("child")
            child.parentID = "dcn"
            child.codeVersion = "1.2.3 abc"
            child.dataPeriod = Period(from: at(-10), until: at(10))
            try await Self.register(storage, ["r1", "r2"])
            var tuned = Self.release("r3", 9)
            tuned.efSearch = 77
            try await storage.releases.register(tuned, models: [child])
            #expect(try await storage.releases.release("r1") == Self.release("r1"))
            #expect(try await storage.releases.release("r3") == tuned)
            #expect(try await storage.releases.releases().map(\.id) == ["r3", "r2", "r1"])
            #expect(try await storage.releases.modelVersion("child") == child)
            #expect(try await storage.releases.modelVersion("dcn") == Self.model("dcn"))
            #expect(try await storage.releases.modelVersion("nothing") == nil)
            #expect(try await storage.releases.release("nothing") == nil)
            #expect(try await storage.releases.activeRelease() == nil)
        }
    }

    /// Over trainings that went on from each other, the first is where the weights begin; another parent alone says nothing.
    @Test func whereWeightsBeginIsFound() async throws {
        try await withStorage { storage async throws in
            var models = ["cold", "warm", "warmer"].enumerated().map { number, id in
                var model = Self.model(id, .retrieval)
                model.createdAt = at(Double(number) * 10)
                return model
            }
            models[1].warmFrom = "cold"
            models[2].warmFrom = "warm"
            var anew = Self.model("anew", .retrieval)
            anew.createdAt = at(40)
            anew.parentID = "warmer"
            var release = Self.release("r1")
            release.retrievalModelID = "anew"
            release.rankerModelID = nil
            try await storage.releases.register(release, models: models + [anew])
            #expect(try await storage.releases.modelVersion("warmer")?.warmFrom == "warm")
            #expect(try await storage.releases.coldStart(of: "warmer") == at(0))
            #expect(try await storage.releases.coldStart(of: "cold") == at(0))
            #expect(try await storage.releases.coldStart(of: "anew") == at(40))
            #expect(try await storage.releases.coldStart(of: "nothing") == nil)
        }
    }

    @Test func whatNothingNeedsIsRemovedForGood() async throws {
        try await withStorage { storage async throws in
            // r1 to r5 were active one after another, r6 never, r7 is young.
            try await Self.register(storage, ["r1", "r2", "r3", "r4", "r5", "r6"])
            for id in ["r1", "r2", "r3", "r4", "r5"] { try await storage.releases.activate(id) }
            try await storage.releases.register(Self.release("r7", 100), models: [])
            func remove(dryRun: Bool) async throws -> [String] {
                try await storage.releases.removeUnneeded(keeping: 2, madeBefore: at(50), dryRun: dryRun).map(\.id)
            }
            #expect(try await remove(dryRun: true) == ["r1", "r2", "r6"])
            #expect(try await storage.releases.releases().allSatisfy { $0.state != .removed })
            #expect(try await remove(dryRun: false) == ["r1", "r2", "r6"])
            #expect(try await remove(dryRun: false).isEmpty)
            #expect(
                try await states(storage) == [
                    "r1": .removed, "r2": .removed, "r3": .retired, "r4": .retired, "r5": .active, "r6": .removed,
                    "r7": .ready,
                ])
            let error = await storageError { try await storage.releases.activate("r1") }
            #expect(error == .releaseNotServable(id: "r1"))
            #expect(try await storage.releases.rollback()?.id == "r4")
            #expect(try await storage.releases.rollback()?.id == "r3")
            #expect(try await storage.releases.rollback() == nil)
        }
    }

    @Test func anIdentifierIsRegisteredOnce() async throws {
        try await withStorage { storage async throws in
            try await Self.register(storage, ["r1"])
            let again = await storageError { try await Self.register(storage, ["r1"]) }
            #expect(again == .alreadyRegistered(id: "r1"))
            let other = await storageError {
                try await storage.releases.register(Self.release("r2"), models: [Self.model("dcn", checksum: "other")])
            }
            #expect(other == .alreadyRegistered(id: "dcn"))
            #expect(try await storage.releases.release("r2") == nil)
            let orphan = await storageError {
                var release = Self.release("r3")
                release.rankerModelID = "nobody"
                try await storage.releases.register(release, models: [])
            }
            guard case .refusedValue = orphan else {
                Issue.record("\(String(describing: orphan))")
                return
            }
        }
    }

    @Test func activatingRetiresTheFormer() async throws {
        try await withStorage { storage async throws in
            try await Self.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            try await storage.releases.activate("r2")
            #expect(try await states(storage) == ["r1": .retired, "r2": .active])
            let active = try await storage.releases.activeRelease()
            #expect(active?.id == "r2" && active?.activatedAt != nil)
            let missing = await storageError { try await storage.releases.activate("r9") }
            #expect(missing == .unknownRelease(id: "r9"))
            #expect(try await storage.releases.activeRelease()?.id == "r2")
        }
    }

    @Test func aFailedReleaseIsNeverActive() async throws {
        try await withStorage { storage async throws in
            try await Self.register(storage, ["r1", "r2", "r3"])
            try await storage.releases.activate("r1")
            try await storage.releases.activate("r2")
            try await storage.releases.activate("r3")
            try await storage.pool.execute("UPDATE releases SET state = 'failed' WHERE release_id = 'r2'")
            let error = await storageError { try await storage.releases.activate("r2") }
            #expect(error == .releaseNotServable(id: "r2"))
            #expect(try await storage.releases.rollback()?.id == "r1")
            #expect(try await states(storage) == ["r1": .active, "r2": .failed, "r3": .retired])
        }
    }

    @Test func rollingBackWalksBackAndForwardAgain() async throws {
        try await withStorage { storage async throws in
            try await Self.register(storage, ["a", "b", "c", "d"])
            #expect(try await storage.releases.rollback() == nil)
            for id in ["a", "b", "c", "c", "a"] { try await storage.releases.activate(id) }
            #expect(try await storage.releases.rollback()?.id == "c")
            #expect(try await storage.releases.rollback()?.id == "b")
            try await storage.releases.activate("d")
            #expect(try await storage.releases.rollback()?.id == "b")
            let last = try await storage.releases.rollback()
            #expect(last?.id == "a" && last?.state == .active)
            #expect(try await storage.releases.rollback() == nil)
            #expect(try await storage.releases.activeRelease() == last)
        }
    }

    @Test func activationsAtOnceLeaveExactlyOne() async throws {
        try await withStorage { storage async throws in
            let ids = (0..<5).map { "r\($0)" }
            try await Self.register(storage, ids)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        if number % 4 == 3 {
                            _ = try await storage.releases.rollback()
                        } else {
                            try await storage.releases.activate(ids[number % 5])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let active = try await storage.releases.releases().filter { $0.state == .active }
            #expect(active.count == 1)
            let standing = try await storage.pool.query(
                """
                SELECT release_id FROM release_activations WHERE rolled_back_at IS NULL
                ORDER BY activation_id DESC LIMIT 1
                """
            ).column("release_id", as: String.self)
            #expect(active.map(\.id) == standing)
        }
    }

    @Test func theDatabaseItselfRefusesASecondActiveRelease() async throws {
        try await withStorage { storage async throws in
            try await Self.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            await #expect(throws: (any Error).self) {
                try await storage.pool.execute("UPDATE releases SET state = 'active' WHERE release_id = 'r2'")
            }
        }
    }
}
