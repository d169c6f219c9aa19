import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation
import Testing

/// Keeps what a generated world writes, to be told again in the order of time.
private actor WorldKeeper: ImportSink {
    var items: [Item] = []
    var impressions: [Impression] = []
    var events: [Event] = []

    func declare(attributes: [AttributeDefinition], signals: [String]) {}
    func vectorDefinitions() -> [VectorDefinition] { [] }
    func declare(vectors: [VectorDefinition]) {}
    func write(_ batch: ImportBatch) -> ImportOutcome {
        items += batch.items
        impressions += batch.impressions
        events += batch.events
        return ImportOutcome()
    }
}

@Suite(.serialized) struct WindowedParityTests {
    private static let windows = [
        WindowedCounter(by: [.item], over: [.seconds(3600), .seconds(86_400), .all]),
        WindowedCounter(by: [.user], over: [.seconds(604_800)]),
        WindowedCounter(by: [.user, .creator], over: [.seconds(604_800), .all]),
        WindowedCounter(by: [.categories], over: [.seconds(86_400)]),
    ]

    private static func layout() -> WindowedLayout {
        WindowedLayout(
            definition: WindowedCounters(counters: windows, heads: ["click", "long_view"]), rates: [0.2, 0.1])
    }

    private static func activate(_ storage: Storage, _ windows: WindowedCounters) async throws {
        let model = ModelVersion(
            id: "m", kind: .retrieval, createdAt: .now, configJSON: "{}", seed: 1, metricsJSON: "{}",
            dataPeriod: Period(), parentID: nil, checksum: "x")
        let release = Release(
            id: "r", state: .ready, createdAt: .now, activatedAt: nil, retrievalModelID: "m", rankerModelID: nil,
            path: "r", manifestChecksum: "x", configJSON: "{}", metricsJSON: "{}", windows: windows)
        try await storage.releases.register(release, models: [model])
        try await storage.releases.activate("r")
    }

    /// The columns of a pair as a server reads them.
    private static func served(
        _ storage: Storage, _ layout: WindowedLayout, user: UserID, item: Item, at moment: Timestamp
    ) async throws -> [Float] {
        let keys = layout.definition.counters.enumerated().compactMap { place, counter in
            counter.key(user: user, item: item).map { CounterKey(counter: place, key: $0) }
        }
        let counts = try await storage.counters.counts(keys, of: layout.definition, at: moment)
        return layout.columns(of: counts.flatMap { $0 })
    }

    @Test func aReplayedLogGivesEveryImpressionWhatTrainingSees() async throws {
        var world = TrainingFixture.small
        world.users = 40
        world.items = 60
        world.impressions = 600
        world.days = 3
        world.interests = 4
        let keeper = WorldKeeper()
        _ = try await GeneratedWorld(world).write(to: keeper)
        let (items, impressions, events) = (
            await keeper.items, await keeper.impressions, await keeper.events
        )
        try await TrainingFixture.with(world: nil) { fixture in
            let storage = fixture.storage
            let layout = Self.layout()
            try await storage.importSink.declare(
                attributes: GeneratedWorld.attributeDefinitions, signals: GeneratedWorld.signals)
            for item in items { _ = try await storage.catalog.put(item) }
            try await Self.activate(storage, layout.definition)
            let catalog = Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) })
            // Second by second: what a server would have read before it is stored.
            var seen: [String: [Float]] = [:]
            let shown = Dictionary(grouping: impressions) { $0.shownAt.second }
            let given = Dictionary(grouping: events) { $0.occurredAt.second }
            for (number, second) in Set(shown.keys).union(given.keys).sorted().enumerated() {
                for impression in shown[second] ?? [] {
                    seen[impression.id + " " + impression.itemID.rawValue] = try await Self.served(
                        storage, layout, user: impression.userID, item: catalog[impression.itemID]!,
                        at: impression.shownAt)
                }
                _ = try await storage.feedback.append(shown[second] ?? [])
                _ = try await storage.feedback.append(given[second] ?? [])
                if number % 40 == 0 {
                    try await storage.counters.fold(at: Timestamp(microseconds: second * 1_000_000))
                }
            }
            let log = try await storage.feedback.interactions(in: Period(), timed: true)
            let rows = EntityRows(users: [], items: items, log: log)
            let values = WindowedValues(layout, log: log, rows: rows)
            let byPlace = Dictionary(
                grouping: impressions
            ) { "\($0.userID) \($0.itemID) \($0.shownAt.microseconds)" }
            var compared = 0
            for row in 0..<log.count where log.isImpression[row] {
                let item = log.items[Int(log.itemIndex[row])]
                let user = log.users[Int(log.userIndex[row])]
                for impression in byPlace["\(user) \(item) \(log.time[row])"] ?? [] {
                    #expect(values.values(row: row) == seen[impression.id + " " + item.rawValue])
                    compared += 1
                }
            }
            #expect(compared == impressions.count)
            #expect(Set(seen.values).count > compared / 4)

            // A new process over the same database, and one after a rebuild, read what a replay to the end holds.
            let end = Timestamp(microseconds: (log.time.max() ?? 0) + 3_600_000_000)
            var replay = WindowedReplay(layout.definition, log: log, rows: rows)
            replay.advance(to: end.second)
            let restarted = Storage(pool: storage.pool)
            for rebuilt in [false, true] {
                if rebuilt { try await restarted.counters.rebuild(at: end) }
                for (number, item) in items.enumerated() {
                    let user = log.users[number % log.users.count]
                    #expect(
                        try await Self.served(restarted, layout, user: user, item: item, at: end)
                            == layout.columns(of: replay.totals(user: user, item: item)))
                }
            }
        }
    }

    @Test func aRebuildOfAnImportedLogGivesWhatTrainingSees() async throws {
        try await TrainingFixture.with { fixture in
            let storage = fixture.storage
            let layout = Self.layout()
            try await Self.activate(storage, layout.definition)
            let log = try await storage.feedback.interactions(in: Period(), timed: true)
            let items = try await storage.catalog.items()
            let rows = EntityRows(users: [], items: items, log: log)
            let values = WindowedValues(layout, log: log, rows: rows)
            let chosen = stride(from: 0, to: log.count, by: 97).filter { log.isImpression[$0] }
                .sorted { log.time[$0] < log.time[$1] }
            // Half of them out of what is not folded, half out of buckets.
            let middle = Timestamp(microseconds: log.time[chosen[chosen.count / 2]])
            for (start, part) in [(Timestamp(microseconds: 0), chosen), (middle, chosen)] {
                try await storage.counters.rebuild(at: start)
                for row in part where log.time[row] >= start.microseconds {
                    let item = rows.items[Int(rows.itemRow[log.items[Int(log.itemIndex[row])]]!)]
                    let served = try await Self.served(
                        storage, layout, user: log.users[Int(log.userIndex[row])], item: item,
                        at: Timestamp(microseconds: log.time[row]))
                    #expect(values.values(row: row) == served)
                }
            }
        }
    }

    @Test func aReleaseCountsWhatItWasTrainedWith() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.features.windows = Self.windows
            let release = try await fixture.run(settings)
            let windows = try #require(release.windows)
            #expect(windows.counters == Self.windows && windows.heads.count == 2)
            #expect(try await fixture.storage.counters.status().counters == Self.windows.count)
            #expect(try await fixture.storage.counters.status().buckets > 0)
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            let bundle = try ModelBundle(folder: folder)
            #expect(bundle.map.windows == windows)
            let log = try await fixture.storage.feedback.interactions(in: Period(), timed: true)
            let users = try await fixture.storage.catalog.users()
            let report = try EvaluationRun.evaluate(
                bundle, log: log, users: users, heldOut: .period(Period(from: TrainingFixture.split)), history: .frozen,
                baselines: [], alsoRolling: true)
            let numbers = report.numbers
            for name in ["ranker.click.auc", "rolling.ranker.click.auc"] {
                #expect(try #require(numbers[name]) > 0.6, "\(name)")
            }
            #expect(numbers["ranker.click.auc"] != numbers["rolling.ranker.click.auc"])

            // Importance starts from the figures of the report, so it sees the counters that the ranker was scored with. Of one day,
            // since every feature is permuted.
            let day = Period(from: TrainingFixture.split, until: TrainingFixture.split.adding(seconds: 86_400))
            for history in HistoryMode.allCases {
                var options = RankerEvaluationOptions()
                options.importance = ImportanceOptions()
                options.importance?.rows = 1_000_000
                let permuted = try EvaluationRun.evaluate(
                    bundle, log: log, users: users, heldOut: .period(day), history: history, baselines: [],
                    ranker: options, retrieves: false)
                let whole = try #require(permuted.importance?.heads.first { $0.head == "click" })
                #expect(abs(whole.auc - (try #require(permuted.numbers["ranker.click.auc"]))) < 1e-9)
            }
            let untimed = try await fixture.storage.feedback.interactions(in: Period())
            #expect(throws: TrainingError.self) {
                try EvaluationRun.evaluate(
                    bundle, log: untimed, users: users, heldOut: .period(Period(from: TrainingFixture.split)),
                    history: .frozen)
            }
        }
    }
}
