import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeTraining

/// What is read once is read from the cache as long as nothing changes, and never longer.
@Suite struct InteractionLogCacheTests {
    private static func files(_ directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent(".logs").path).sorted()
    }

    @Test(arguments: [false, true]) func whatIsKeptIsWhatIsRead(timed: Bool) async throws {
        try await TrainingFixture.with { fixture in
            let cache = InteractionLogCache(in: fixture.directory, limit: 3)
            func read(_ period: Period, _ cache: InteractionLogCache?) async throws -> InteractionLog {
                try await fixture.storage.feedback.interactions(
                    in: period, timed: timed, values: ["click"], cache: cache)
            }
            let period = Period(until: TrainingFixture.split)
            let plain = try await read(period, nil)
            #expect(plain.count > 1000)
            expectEqual(try await read(period, cache), plain)
            let first = try Self.files(fixture.directory)
            #expect(first.count == 1)
            expectEqual(try await read(period, cache), plain)
            #expect(try Self.files(fixture.directory) == first, "it was read from there")

            // What comes behind the period is not of it.
            let late = TrainingFixture.split.adding(seconds: 2 * 86_400)
            func event(_ id: String, _ time: Timestamp) -> Event {
                Event(id: id, type: "click", userID: UserID("new"), itemID: ItemID("i"), occurredAt: time)
            }
            _ = try await fixture.storage.feedback.append([event("late", late)])
            expectEqual(try await read(period, cache), plain)
            #expect(try Self.files(fixture.directory) == first)
            _ = try await fixture.storage.feedback.append([event("early", TrainingFixture.split.adding(seconds: -9))])
            #expect(try await read(period, cache).count == plain.count + 1)
            #expect(try Self.files(fixture.directory).count == 2)

            // An erased user takes the content along.
            _ = try await fixture.storage.eraser.erase(UserID("new"))
            expectEqual(try await read(period, cache), plain)
        }
    }

    @Test func thoseUsedLastAreKept() async throws {
        try await TrainingFixture.with { fixture in
            let cache = InteractionLogCache(in: fixture.directory, limit: 2)
            func read(_ days: Int) async throws -> String {
                let until = TrainingFixture.split.adding(seconds: Double(-86_400 * days))
                _ = try await fixture.storage.feedback.interactions(
                    in: Period(until: until), timed: false, values: [], cache: cache)
                // The clock of files is coarse.
                try await Task.sleep(for: .milliseconds(20))
                return try Self.files(fixture.directory).joined(separator: " ")
            }
            let one = try await read(1)
            #expect(try await read(2).contains(one))
            #expect(try await read(1).contains(one))
            let last = try await read(3)
            #expect(last.contains(one) && last.split(separator: " ").count == 2)
        }
    }

    @Test func anAlteredFileIsReadAnew() async throws {
        try await TrainingFixture.with { fixture in
            let cache = InteractionLogCache(in: fixture.directory, limit: 2)
            func read() async throws -> InteractionLog {
                try await fixture.storage.feedback.interactions(in: Period(), timed: false, values: [], cache: cache)
            }
            let plain = try await read()
            let name = try #require(try Self.files(fixture.directory).first)
            let path = fixture.directory.appendingPathComponent(".logs/\(name)")
            var bytes = try Data(contentsOf: path)
            for place in stride(from: 16, to: bytes.count - 16, by: bytes.count / 7) {
                let byte = bytes[place]
                bytes[place] = byte ^ 0x40
                try FileManager.default.removeItem(at: path)
                try bytes.write(to: path)
                bytes[place] = byte
                expectEqual(try await read(), plain)
            }
        }
    }

    @Test func itsFilesAreFoundByTheTimeOfTheirReading() async throws {
        try await TrainingFixture.with { fixture in
            let before = Timestamp.now
            let cache = InteractionLogCache(in: fixture.directory, limit: 2)
            _ = try await fixture.storage.feedback.interactions(in: Period(), timed: false, values: [], cache: cache)
            #expect(InteractionLogCache.kept(in: fixture.directory, before: before).isEmpty)
            #expect(
                InteractionLogCache.kept(in: fixture.directory, before: Timestamp.now.adding(seconds: 1)).count == 1)
            let none = InteractionLogCache(in: fixture.directory.appendingPathComponent("other"), limit: 0)
            _ = try await fixture.storage.feedback.interactions(in: Period(), timed: false, values: [], cache: none)
            #expect(try Self.files(fixture.directory.appendingPathComponent("other")).isEmpty)
        }
    }

    /// A log in files, and all that is made of it, trains to the bits that one in memory trains to.
    @Test func filesTrainToTheSameBits() async throws {
        struct Files: InteractionCache {
            let place: ColumnPlace
            func log(of content: String) -> InteractionLog? { nil }
            func keep(_ log: InteractionLog, of content: String) -> InteractionLog { log }
        }
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.ranker.teachers = 1
            settings.ranker.towers = .vectors
            let users = try await fixture.storage.catalog.users()
            let items = try await fixture.storage.catalog.items()
            let definitions = try await fixture.storage.catalog.attributeDefinitions()
            var stores: [[Float]] = []
            for cache in [nil, Files(place: .files(in: fixture.directory.path, above: 0))] {
                let log = try await fixture.storage.feedback.interactions(
                    in: Period(), timed: true, values: [], cache: cache)
                #expect(log.place == cache?.place ?? .memory)
                let data = try TrainingData(
                    period: Period(), log: log, users: users, items: items, definitions: definitions,
                    settings: settings.features, retrieval: settings.retrieval)
                #expect(data.log.place == log.place && data.historyEnd.place == log.place)
                let retrieval = try RetrievalTrainer(settings: settings.retrieval, seed: 1, workers: 2).train(data)
                let told = try TowerTraining(
                    settings: settings,
                    checkpoints: TrainingCheckpoints(
                        try TrainingCheckpoints.Plan(settings, Period()),
                        TrainingInputs(
                            period: Period(), log: log, users: users, items: items, definitions: definitions,
                            vectors: .none),
                        began: .now, in: fixture.directory, every: nil)
                ).told(data, (retrieval.model, retrieval.store), report: { _ in })
                let ranker = try RankerTrainer(settings: settings.ranker, seed: 1, workers: 2).trainAll(told)
                stores.append(retrieval.store.allWeights + (ranker.members.first?.store.allWeights ?? []))
            }
            #expect(stores[0].count > 10_000 && stores[0] == stores[1])
        }
    }
}

extension ParameterStore {
    fileprivate var allWeights: [Float] { tables.flatMap { Array(weights($0)) } }
}
