import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadeNN
import Foundation
import Logging

@testable import CascadeServing

/// A release of untrained models over a made-up catalog: what is served of it matters here, not how good it is.
struct ServingFixture {
    let loaded: LoadedRelease
    /// In row order.
    let items: [Item]

    static let history = (0..<5).map { HistoryEntry(itemID: id($0 * 3), at: time(0), signals: ["view"]) }

    static func id(_ number: Int) -> ItemID { ItemID("i" + String(number + 10_000)) }

    static func time(_ seconds: Double) -> Timestamp {
        Timestamp(microseconds: 1_700_000_000_000_000).adding(seconds: seconds)
    }

    /// Every 250th item is of the category "rare".
    static func item(_ number: Int) -> Item {
        Item(
            id: id(number), creatorID: "c\(number % 7)",
            categories: ["k\(number % 3)"] + (number % 250 == 0 ? ["rare"] : []),
            attributes: ["length": .number(Double(number % 50))], createdAt: time(Double(number)))
    }

    /// A content vector of an item, of the kind that the release reads.
    static func image(_ id: ItemID, _ angle: Double) -> ItemVector {
        ItemVector(itemID: id, name: "image", values: [Float(cos(angle)), Float(sin(angle)), 0.1])
    }

    /// - Parameters:
    ///   - hidden: numbers of items that are hidden in the release.
    ///   - hasVectors: whether the items have content vectors, which the models read.
    ///   - windows: what is counted over windows of time.
    ///   - times: whether the ranker is told the time of a request.
    ///   - values: the value heads of the ranker, of the signal `view`.
    ///   - ranker: changes its settings.
    init(
        items count: Int = 60, hidden: Set<Int> = [], hasVectors: Bool = false, id: String = "rel_1",
        windows: [WindowedCounter] = [], times: Bool = false, values: [String: ValueHeadSettings] = [:],
        ranker: (inout RankerSettings) -> Void = { _ in }
    ) throws {
        let items = (0..<count).map { number in
            var item = Self.item(number)
            item.hidden = hidden.contains(number)
            item.vectorsVersion = hasVectors ? "image:\(number) text:\(number)" : nil
            return item
        }
        let log = Self.log(items)
        let rows = EntityRows(users: [], items: items, log: log)
        var vectors = ItemVectors.none
        if hasVectors {
            vectors = ItemVectors(kinds: [VectorDefinition(name: "image", width: 3)], count: rows.items.count)
            for (row, item) in rows.items.enumerated() { vectors.set(Self.image(item.id, Double(row)), row: row) }
        }
        var settings = ModelSettings()
        settings.retrieval.dimension = 16
        settings.ranker.numericWidth = 4
        settings.ranker.historyWidth = 16
        settings.ranker.crossRank = 8
        settings.ranker.deep = [24, 12]
        settings.ranker.values = values
        ranker(&settings.ranker)
        var features = FeatureSettings()
        features.minimumPositives = 5
        features.windows = windows
        features.times = times
        let fitting = FeatureMapFitting(
            settings: features, retrieval: settings.retrieval.features, values: values)
        let fitted = try fitting.fit(
            log: log, rows: rows, definitions: [AttributeDefinition(entity: .item, name: "length", kind: .numeric)],
            vectors: vectors)
        var random = SeededRandom(seed: 3)
        let map = fitting.withCounterBins(
            fitted, samples: (0..<(fitted.counterLayout.columns * 40)).map { _ in Float(random.uniform() * 4 - 2) })
        let encoded = EncodedLog(log, catalog: rows, heads: map.heads, historySignals: map.historySignals)
        let tables = ItemCounters(
            map: map, log: encoded, include: Column(repeating: true, count: encoded.count), items: rows.items
        ).tables
        let bundle = try Self.bundle(
            map, settings, CounterSet(tables: tables, log: encoded, items: rows.items), items, vectors)
        try self.init(bundle, items: items, id: id)
    }

    /// The release of the same models over other items.
    init(_ former: ModelBundle, items: [Item], id: String = "rel_1") throws {
        let places = Dictionary(items.enumerated().map { ($1.id, Int32($0)) }) { first, _ in first }
        let vectors = former.vectors.renumbered(count: items.count) { places[former.rows.items[$0].id] }
        let bundle = try Self.bundle(former.map, former.settings, former.counterSet, items, vectors)
        self.items = bundle.rows.items
        loaded = try LoadedRelease(
            release: Self.release(id),
            manifest: Manifest(
                releaseID: id, retrievalModelID: "ret", rankerModelID: "rank", builtAt: "2026-01-01T00:00:00Z"),
            bundle: bundle, index: try Self.index(bundle), configHash: "c0ffee")
    }

    /// The same release with retrieval by interests.
    init(_ former: ServingFixture, interests: LoadedInterests) throws {
        items = former.items
        loaded = try LoadedRelease(
            release: former.loaded.release, manifest: former.loaded.manifest, bundle: former.loaded.bundle,
            index: former.loaded.index, interests: interests, configHash: "c0ffee")
    }

    /// The same release with calibrated probabilities.
    init(_ former: ServingFixture, calibration: RankerCalibration) throws {
        items = former.items
        loaded = try LoadedRelease(
            release: former.loaded.release, manifest: former.loaded.manifest,
            bundle: former.loaded.bundle.with(calibration: calibration), index: former.loaded.index,
            interests: former.loaded.interests, configHash: "c0ffee")
    }

    /// Models of fixed weights over `items`.
    private static func bundle(
        _ map: FeatureMap, _ settings: ModelSettings, _ counters: CounterSet, _ items: [Item],
        _ vectors: ItemVectors = .none
    ) throws -> ModelBundle {
        let retrievalStore = ParameterStore()
        let retrieval = try RetrievalModels.make(settings: settings.retrieval, map: map, store: retrievalStore)
        try retrievalStore.allocate(seed: 6)
        let rankerStore = ParameterStore()
        let ranker = try RankingModel(settings: settings.ranker, map: map, store: rankerStore)
        try rankerStore.allocate(seed: 5)
        return try ModelBundle(
            map: map, settings: settings, rows: EntityRows(users: [], items: items), counters: counters,
            retrieval: (retrieval, retrievalStore), rankers: [(ranker, rankerStore)],
            neighbours: nextThree(items.count),
            vectors: vectors)
    }

    /// The three rows behind each, the nearest first.
    private static func nextThree(_ count: Int) -> ItemNeighbours {
        ItemNeighbours(
            lists: (0..<count).map { row in
                (1...3).map { ItemNeighbour(row: Int32((row + $0) % count), score: 1 / Float($0)) }
            })
    }

    static func release(_ id: String = "rel_1", efSearch: Int? = nil) -> Release {
        Release(
            id: id, state: .active, createdAt: time(0), activatedAt: nil, retrievalModelID: "ret",
            rankerModelID: "rank", path: id, manifestChecksum: "", configJSON: "{}", metricsJSON: "{}",
            efSearch: efSearch)
    }

    private static func index(_ bundle: ModelBundle) throws -> HNSWIndex {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("serving-\(UInt64.random(in: 0 ... .max))").path
        // The index maps the file, which may go.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<bundle.rows.items.count)
        return try HNSWBuilder(parameters: HNSWParameters(efSearch: 64), threads: 1).build(
            vectors: vectors, dimension: bundle.retrieval.dimension, path: path)
    }

    /// Twenty users with some interactions each.
    private static func log(_ items: [Item]) -> InteractionLog {
        var random = SeededRandom(seed: 1)
        var log = InteractionLog()
        log.users = (0..<20).map { UserID("u\($0 + 10)") }
        log.items = items.map(\.id)
        log.signals = ["view", "like"]
        for user in 0..<20 {
            for step in 0..<25 {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(random.below(min(60, items.count))))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(random.uniform() < 0.4 ? (random.uniform() < 0.3 ? 3 : 1) : 0)
                log.observed.append(3)
                log.isImpression.append(true)
            }
        }
        log.values["view"] = Column(
            log.feedback.indices.map { log.feedback[$0] & 1 == 0 ? .nan : Float($0 % 30) }, at: .memory)
        return log
    }

    /// The snapshot after some changes of the catalog.
    func snapshot(
        _ changes: [CatalogChange] = [], limit: Int = 1000, efSearch: Int? = nil, monitor: RecallMonitor? = nil,
        counters: CounterReader? = nil
    ) throws -> ReleaseSnapshot {
        var builder = DeltaBuilder(loaded, limit: limit)
        for change in changes { builder.take(change) }
        return ReleaseSnapshot(
            loaded, release: Self.release(loaded.release.id, efSearch: efSearch), delta: try builder.delta(),
            monitor: monitor, counters: counters)
    }

    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
