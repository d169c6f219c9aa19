import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadeNN
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@testable import CascadeTraining

/// Training that was killed goes on where it was kept, to the bits that it would have given.
@Suite struct ResumeTests {
    /// Time that stands still, but for one look: then the interval has passed, and at the look after it the folder is copied, as
    /// it stood at the moment of a kill.
    private final class Moments: Sendable {
        private let start = ContinuousClock().now
        private let looks = Mutex(0)
        private let due: Int
        private let copy: @Sendable () -> Void

        init(due: Int, copy: @escaping @Sendable () -> Void) {
            self.due = due
            self.copy = copy
        }

        func now() -> ContinuousClock.Instant {
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            if look == due + 1 { copy() }
            return look < due ? start : start + .seconds(60)
        }
    }

    private static func inputs() -> TrainingInputs {
        TrainingInputs(
            period: Period(), log: InteractionLog(), users: [], items: [], definitions: [], vectors: .none)
    }

    private static func plan() throws -> TrainingCheckpoints.Plan {
        try TrainingCheckpoints.Plan(TrainingSettings(), Period())
    }

    /// Trains once undisturbed, keeping itself behind step `due` and copied one step later, and once from the copy on.
    private static func compare(
        due: Int, sourceLocation: SourceLocation = #_sourceLocation,
        _ train: (TrainingCheckpoints) throws -> ParameterStore
    ) throws {
        try withTemporaryDirectory { directory in
            let (first, second) = (
                directory.appendingPathComponent("first"), directory.appendingPathComponent("second")
            )
            try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
            // The first look is the beginning's.
            let moments = Moments(due: due + 1) { try? FileManager.default.copyItem(at: first, to: second) }
            let undisturbed = try train(
                TrainingCheckpoints(
                    try plan(), inputs(), began: .now, in: first, every: .seconds(60), now: { moments.now() }))
            let kept = try FileManager.default.subpathsOfDirectory(atPath: second.path)
            #expect(kept.contains { $0.contains("step-") }, "\(kept)", sourceLocation: sourceLocation)
            let left = try #require(
                TrainingCheckpoints.left(try plan(), period: Period(), in: second, every: nil),
                "nothing was kept behind step \(due)", sourceLocation: sourceLocation)
            try expect(try train(left.checkpoints), equals: undisturbed, in: directory, sourceLocation)
            // The one that nothing disturbed left the model finished: it is taken as it is.
            let finished = try #require(TrainingCheckpoints.left(try plan(), period: Period(), in: first, every: nil))
            try expect(try train(finished.checkpoints), equals: undisturbed, in: directory, sourceLocation)
        }
    }

    private static func expect(
        _ store: ParameterStore, equals other: ParameterStore, in directory: URL, _ sourceLocation: SourceLocation
    ) throws {
        let paths = (directory.appendingPathComponent("a").path, directory.appendingPathComponent("b").path)
        try store.save(to: paths.0)
        try other.save(to: paths.1)
        #expect(
            FileManager.default.contentsEqual(atPath: paths.0, andPath: paths.1), "the bits differ",
            sourceLocation: sourceLocation)
    }

    /// In the first epoch and in the last; the sketch counts what was drawn before, and thresholds are estimated at the beginning
    /// of some epochs.
    @Test(
        arguments: [
            ("plain", 3), ("plain", 7), ("plain", 17), ("sketch", 11), ("thresholds", 7), ("thresholds", 16),
            ("causal", 10),
        ])
    func retrievalGoesOn(kind: String, due: Int) throws {
        let settings = RetrievalTrainerTests.settings {
            $0.userTower = kind == "causal" ? "sasrec" : "features"
            $0.userID = kind != "causal"
            $0.epochs = 3
            if kind == "sketch" { $0.itemFrequencies = .sketch }
            if kind == "thresholds" { $0.loss = "softmax_loss_at_k" }
        }
        let data = try RetrievalTrainerTests.data(settings)
        try Self.compare(due: due) { checkpoints in
            try RetrievalTrainer(settings: settings, seed: 3, workers: 2)
                .train(data, checkpoint: checkpoints.stage("retrieval", seed: 3)).store
        }
    }

    /// Of a ranker with a teacher the first 15 looks are the teacher's, and one the end of it.
    @Test(
        arguments: [
            ("plain", 2), ("plain", 5), ("averaged", 6), ("restarted", 5), ("restarted", 7), ("pairs", 13),
            ("teachers", 6), ("teachers", 20),
        ])
    func aRankerGoesOn(kind: String, due: Int) throws {
        let settings = RankerTrainerTests.settings {
            if kind == "averaged" { $0.average = 0.9 }
            if kind == "restarted" { $0.tableRestart = true }
            if kind == "pairs" { $0.loss = "pairwise" }
            if kind == "teachers" { $0.teachers = 1 }
        }
        let data = try RankerTrainerTests.data()
        try Self.compare(due: due) { checkpoints in
            try RankerTrainer(settings: settings, seed: 3, workers: 2).train(data, checkpoints: checkpoints).store
        }
    }

    @Test func interestsGoOn() throws {
        let retrieval = InterestTrainerTests.retrieval("pooled")
        let data = try InterestTrainerTests.data(retrieval)
        let start = try RetrievalTrainer(settings: retrieval, seed: 3, workers: 2).train(data).store
        let settings = InterestTrainerTests.interests { $0.epochs = 2 }
        try Self.compare(due: 5) { checkpoints in
            try InterestTrainer(settings: settings, retrieval: retrieval, seed: 3, workers: 2).train(
                data, start: start, clusters: InterestTrainerTests.clusters, count: InterestTrainerTests.groups,
                checkpoint: checkpoints.stage("interests", seed: 3)
            ).store
        }
    }

    // MARK: what was read

    private static func full() throws -> TrainingInputs {
        var log = InteractionLog()
        log.users = [UserID("u/1"), UserID("ü\"\n")]
        log.items = [ItemID("a"), ItemID("b")]
        log.signals = ["click", "like"]
        log.userIndex = [0, 0, 1]
        log.itemIndex = [1, 0, 1]
        log.time = [-5, 7, .max]
        log.feedback = [1, 0, 3]
        log.observed = [3, 1, 3]
        log.isImpression = [true, false, true]
        log.position = [-1, 3, 0]
        log.surfaces = ["home"]
        log.surface = [0, 1, 1]
        log.declared = [1, 0, 3]
        log.values = ["like": [.nan, 2, -1.5]]
        var answers = AnswerLog()
        answers.users = [UserID("u/1")]
        answers.items = [ItemID("b")]
        (answers.userIndex, answers.itemIndex, answers.time, answers.signal) = ([0], [0], [9], [1])
        log.answers = answers
        let items = [
            Item(
                id: ItemID("b"), title: "t", creatorID: "c", categories: ["x", "y"],
                attributes: ["n": .number(1.5), "t": .text("v"), "l": .list(["p", "q"]), "f": .flag(true)],
                createdAt: Timestamp(microseconds: 12), hidden: true, vectorsVersion: "clip:1"),
            Item(id: ItemID("a")),
        ]
        var vectors = ItemVectors(kinds: [VectorDefinition(name: "clip", width: 3)], count: 2)
        vectors.set(ItemVector(itemID: ItemID("b"), name: "clip", values: [1, -2, 3]), row: 0)
        return TrainingInputs(
            period: Period(until: Timestamp(microseconds: 99)), log: log,
            users: [User(id: UserID("ü\"\n"), attributes: ["age": .number(3)], createdAt: Timestamp(microseconds: 4))],
            items: items, definitions: [AttributeDefinition(entity: .user, name: "age", kind: .numeric)],
            vectors: vectors)
    }

    @Test func whatWasReadIsReadAgain() throws {
        try withTemporaryDirectory { folder in
            let inputs = try Self.full()
            try inputs.write(to: folder)
            let read = try TrainingInputs(period: inputs.period, folder: folder)
            #expect(read.users == inputs.users && read.items == inputs.items)
            #expect(read.definitions == inputs.definitions && read.period == inputs.period)
            expectEqual(read.log, inputs.log)
            let answers = try #require(read.log.answers)
            #expect(!answers.users.isEmpty && !answers.items.isEmpty)
            #expect(
                answers.userIndex == [0] && answers.itemIndex == [0] && answers.time == [9] && answers.signal == [1])
            #expect(read.vectors.vectors(ofRow: 0, id: ItemID("b")).map(\.values) == [[1, -2, 3]])
            #expect(read.vectors.vectors(ofRow: 1, id: ItemID("a")).isEmpty)
        }
    }

    /// Cut anywhere, a file is told to be cut short and never read as less than it was.
    @Test func aFileThatWasCutShortIsTold() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appendingPathComponent("log").path
            try InteractionLogFile.write(try Self.full().log, to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0..<(whole.count - 7) {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect("\(length) of \(whole.count) bytes") { try InteractionLogFile.read(path) } throws: {
                    guard case .corruptArtifact(let file, _) = $0 as? ModelError else { return false }
                    return file == path
                }
            }
        }
    }

    // MARK: which run is taken up

    @Test func onlyTheSameRunThatNobodyWorksInIsTakenUp() throws {
        try withTemporaryDirectory { directory in
            let plan = try Self.plan()
            func left(_ plan: TrainingCheckpoints.Plan) -> Bool {
                TrainingCheckpoints.left(plan, period: Period(), in: directory, every: nil) != nil
            }
            #expect(!left(plan), "there is none yet")
            var run: TrainingCheckpoints? = TrainingCheckpoints(
                plan, Self.inputs(), began: .now, in: directory, every: .zero)
            #expect(!left(plan), "it has kept nothing")
            try run?.begin()
            #expect(!left(plan), "it is at work")
            #expect(TrainingCheckpoints.abandoned(in: directory, before: Timestamp.now.adding(seconds: 60)).isEmpty)
            run = nil
            #expect(left(plan))
            var other = TrainingSettings()
            other.seed = 7
            #expect(!left(try TrainingCheckpoints.Plan(other, Period())), "another seed is another run")
            #expect(
                !left(try TrainingCheckpoints.Plan(TrainingSettings(), Period(until: .now))),
                "another period is another run")
            other = TrainingSettings()
            other.checkpointMinutes = 3
            #expect(left(try TrainingCheckpoints.Plan(other, Period())), "how often it is kept makes no other run")
            #expect(TrainingCheckpoints.abandoned(in: directory, before: Timestamp.now.adding(seconds: -60)).isEmpty)
            #expect(TrainingCheckpoints.abandoned(in: directory, before: Timestamp.now.adding(seconds: 60)).count == 1)
            let taken = try #require(TrainingCheckpoints.left(plan, period: Period(), in: directory, every: nil))
            taken.checkpoints.end()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        }
    }

    /// One whose inputs were damaged is passed over, and the one before it is taken.
    @Test func aDamagedRunIsPassedOver() throws {
        try withTemporaryDirectory { directory in
            let plan = try Self.plan()
            try TrainingCheckpoints(plan, try Self.full(), began: .now, in: directory, every: .zero).begin()
            let folder = try #require(try FileManager.default.contentsOfDirectory(atPath: directory.path).first)
            let log = directory.appendingPathComponent("\(folder)/inputs/log.columns")
            try Data(contentsOf: log).prefix(100).write(to: log)
            #expect(TrainingCheckpoints.left(plan, period: Period(), in: directory, every: nil) == nil)
        }
    }
}

/// Releases of a database that goes away when one is to be registered.
private struct Unregistering: ReleaseStore, ReleaseTrainingStore {
    let store: any ReleaseStore & ReleaseTrainingStore

    func register(_ release: Release, models: [ModelVersion], report: String?) async throws {
        throw StorageError.unavailable(.connectionLost(message: "gone", statement: nil))
    }

    func releases() async throws -> [Release] { try await store.releases() }
    func release(_ id: String) async throws -> Release? { try await store.release(id) }
    func report(of id: String) async throws -> String? { try await store.report(of: id) }
    func activeRelease() async throws -> Release? { try await store.activeRelease() }
    func shadowRelease() async throws -> Release? { try await store.shadowRelease() }
    func activate(_ id: String) async throws { try await store.activate(id) }
    func rollback() async throws -> Release? { try await store.rollback() }
    func modelVersion(_ id: String) async throws -> ModelVersion? { try await store.modelVersion(id) }
    func activations() -> AsyncStream<Void> { store.activations() }
    func begin(_ training: ReleaseTraining) async throws { try await store.begin(training) }
    func pulse(of id: String) async throws { try await store.pulse(of: id) }
    func fail(_ id: String, reason: String) async throws { try await store.fail(id, reason: reason) }
    func trainings() async throws -> [ReleaseTraining] { try await store.trainings() }
}

extension ResumeTests {
    /// Of a run that came to nothing in its last moment the models stay, with what it had read: what was written since is not in
    /// the release of the run that goes on with it.
    @Test func aRunGoesOnWithWhatItHadRead() async throws {
        var world = TrainingFixture.small
        world.impressions = 4_000
        try await TrainingFixture.with(world: world) { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            settings.ranker.epochs = 1
            settings.checkpointMinutes = 1e-9
            func run(
                _ store: any ReleaseStore & ReleaseTrainingStore, resume: Bool, owner: String? = nil
            ) async throws -> (Release, String) {
                let steps = Mutex<[String]>([])
                let release = try await TrainingRun(
                    catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, releases: store,
                    artifacts: DirectoryArtifacts(fixture.directory), settings: settings,
                    report: { report in
                        if case .step(let text) = report { steps.withLock { $0.append(text) } }
                    }
                ).run(Period(), activate: false, resume: resume, owner: owner)
                return (release, steps.withLock { $0.joined(separator: "\n") })
            }
            func sums(_ release: Release) async throws -> [String?] {
                [
                    try await fixture.storage.releases.modelVersion(release.retrievalModelID)?.checksum,
                    try await fixture.storage.releases.modelVersion(release.rankerModelID ?? "")?.checksum,
                ]
            }
            func kept() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path).filter {
                    $0.hasPrefix(".training-")
                }
            }
            let (undisturbed, _) = try await run(fixture.storage.releases, resume: false)
            #expect(try kept().isEmpty, "a run that is done keeps nothing")
            await #expect(throws: StorageError.self) {
                try await run(Unregistering(store: fixture.storage.releases), resume: false)
            }
            #expect(try kept().count == 1)
            let failed = try #require(try await fixture.storage.releases.trainings().first)
            #expect(failed.state == .failed)
            #expect(failed.failure?.contains("gone") == true)
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 20, items: 40))
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("new"), categories: ["new"]))
            // A job's is another run.
            let (others, told) = try await run(fixture.storage.releases, resume: true, owner: "job_1")
            #expect(told.contains("begins anew") && told.contains("reading interactions"))
            #expect(try await sums(others) != sums(undisturbed))
            let (resumed, said) = try await run(fixture.storage.releases, resume: true)
            #expect(said.contains("going on with the training of") && !said.contains("reading interactions"))
            #expect(try await sums(resumed) == sums(undisturbed))
            #expect(try kept().isEmpty)
        }
    }
}
