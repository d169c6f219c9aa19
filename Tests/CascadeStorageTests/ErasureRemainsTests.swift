import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

/// What the answer says of the active release: whether its models can have read the user.
@Suite struct ErasureRemainsTests {
    private struct Trained {
        var period = Period(from: at(0), until: at(100))
        var trainedAt = at(200)
        var config = #"{"retrieval":{"user_id":false}}"#
        var metrics = #"{"index.recall": 0.99}"#
        var releasedAt = at(200)
        /// Whether the training went on from other models.
        var isWarm = false
    }

    private func activate(_ storage: Storage, _ trained: Trained) async throws {
        var model = ReleaseStoreTests.model("two-tower", .retrieval)
        model.dataPeriod = trained.period
        model.createdAt = trained.trainedAt
        model.configJSON = trained.config
        var release = ReleaseStoreTests.release("r1")
        release.rankerModelID = nil
        var former = ReleaseStoreTests.model("former", .retrieval)
        former.createdAt = at(-500)
        if trained.isWarm { model.warmFrom = "former" }
        release.createdAt = trained.releasedAt
        release.metricsJSON = trained.metrics
        try await storage.releases.register(release, models: trained.isWarm ? [former, model] : [model])
        try await storage.releases.activate("r1")
    }

    private func remains(
        _ trained: Trained, _ write: (Storage) async throws -> Void
    ) async throws -> [UserErasure.Remains] {
        try await withStorage { storage async throws in
            try await activate(storage, trained)
            try await write(storage)
            let erased = try #require(try await storage.eraser.erase(UserID("u")))
            #expect(erased.releaseID == "r1")
            return erased.remains
        }
    }

    private func event(_ seconds: Double) -> (Storage) async throws -> Void {
        { _ = try await $0.feedback.append([makeEvent("e", "click", "u", "i", seconds)]) }
    }

    @Test(arguments: [(-1.0, false), (0, true), (99.9, true), (100, false), (150, false)])
    func interactionsOfThePeriodRemain(seconds: Double, expected: Bool) async throws {
        #expect(try await remains(Trained(), event(seconds)) == (expected ? [.interactions] : []))
        let shown = try await remains(Trained()) { storage in
            _ = try await storage.feedback.append([makeImpression("m", "u", "i", seconds)])
        }
        #expect(shown == (expected ? [.interactions] : []))
    }

    @Test func anOpenPeriodEndsWithTheTraining() async throws {
        let open = Trained(period: Period())
        #expect(try await remains(open, event(-1e6)) == [.interactions])
        #expect(try await remains(open, event(199)) == [.interactions])
        #expect(try await remains(open, event(201)).isEmpty)
    }

    @Test func anIdentifierRemainsWhereItIsAFeature() async throws {
        let named = Trained(config: #"{"retrieval":{"user_id":true}}"#)
        #expect(try await remains(named, event(50)) == [.interactions, .userID])
        #expect(try await remains(named, event(150)).isEmpty)
    }

    /// What the models have learned that a training went on from came before its own period.
    @Test func aTrainingThatWentOnHoldsWhatCameBefore() async throws {
        #expect(try await remains(Trained(isWarm: true), event(-400)) == [.interactions])
        #expect(try await remains(Trained(isWarm: true), event(150)).isEmpty)
    }

    /// A calibration is fitted to rows behind the period of the models.
    @Test func aCalibratedReleaseHoldsWhatCameBeforeIt() async throws {
        let calibrated = Trained(metrics: #"{"calibration.click.ece": 0.01}"#, releasedAt: at(500))
        #expect(try await remains(calibrated, event(450)) == [.interactions])
        #expect(try await remains(calibrated, event(501)).isEmpty)
    }

    @Test func attributesRemainThatWereThereAtTheTraining() async throws {
        let user = User(id: UserID("u"))
        let past = try await remains(Trained()) { _ = try await $0.catalog.put(user) }
        #expect(past.isEmpty)
        let future = Trained(trainedAt: Timestamp.now.adding(seconds: 3600))
        #expect(try await remains(future) { _ = try await $0.catalog.put(user) } == [.attributes])
        // A later write does not make the row younger.
        let old = try await remains(Trained()) { storage in
            _ = try await storage.catalog.put(user)
            try await storage.pool.execute("UPDATE users SET added_at = '-infinity'")
            _ = try await storage.catalog.put(User(id: user.id, attributes: ["n": .number(1)]))
        }
        #expect(old == [.attributes])
    }
}
