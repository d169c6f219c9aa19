import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Testing

@testable import CascadeTraining

@Suite struct HeadThresholdsTests {
    /// Ten users who met the first eight of ten items.
    private func data(_ settings: RetrievalSettings) throws -> TrainingData {
        var log = InteractionLog()
        log.users = (0..<10).map { UserID("u\($0)") }
        log.items = (0..<8).map { ItemID("i\($0)") }
        log.signals = ["click"]
        for user in 0..<10 {
            for step in 0..<4 {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32((user + step) % 8))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        return try TrainingData(
            period: Period(), log: log, users: [], items: (0..<10).map { Item(id: ItemID("i\($0)")) }, definitions: [],
            settings: FeatureSettings(), retrieval: settings)
    }

    private var settings: RetrievalSettings {
        var settings = RetrievalSettings()
        settings.dimension = 8
        settings.hidden = 8
        settings.uniformNegatives = 64
        settings.head = 2
        return settings
    }

    @Test func estimatesComeAfterTheFirstEpochAndEveryFifth() throws {
        let data = try data(settings)
        let store = ParameterStore()
        let model = try RetrievalModels.make(settings: settings, map: data.map, store: store)
        try store.allocate(seed: 1)
        let columns = try RetrievalColumns(
            settings, try RetrievalLosses.type(named: settings.loss), data, rows: 4, epoch: 40, seed: 1)
        #expect(columns.pool == (0..<8).map { Int32($0) })
        var thresholds = HeadThresholds(settings, data, items: columns.pool, seed: 1)
        try thresholds.renew(epoch: 0, model: model, store: store)
        #expect(thresholds.of([0, 3]).allSatisfy { $0 < -100 })
        for epoch in [1, 5, 10] {
            var due = HeadThresholds(settings, data, items: columns.pool, seed: 1)
            try due.renew(epoch: epoch, model: model, store: store)
            #expect(due.of([0, 3]).allSatisfy { abs($0) <= 1 })
        }
        try thresholds.renew(epoch: 4, model: model, store: store)
        #expect(thresholds.of([0]).allSatisfy { $0 < -100 })
    }

    /// What nobody met is no negative, in any loss.
    @Test(arguments: ["sampled_softmax", "full_softmax", "gbce"]) func itemsThatNobodyMetAreNotDrawn(loss: String)
        throws
    {
        let data = try data(settings)
        let columns = try RetrievalColumns(
            settings, try RetrievalLosses.type(named: loss), data, rows: 4, epoch: 40, seed: 1)
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        var random = SeededRandom(seed: 2)
        _ = columns.draw(into: assembler, random: &random)
        #expect(Set(assembler.batch.catalogRow) == Set(0..<8))
        #expect(columns.negatives == 7)
    }

    /// Two own items, and two drawn ones that stand for three items each.
    private let scored: [(score: Float, weight: Float)] = [(0.9, 1), (0.1, 1), (0.5, 3), (0.3, 3)]

    @Test(arguments: [(1, 0.9), (2, 0.5), (4, 0.5), (5, 0.3), (7, 0.3), (8, 0.1), (100, 0.1)] as [(Float, Float)])
    func theScoreOfThePlaceIsTheThreshold(place: Float, expected: Float) {
        #expect(HeadThresholds.threshold(scored, place: place) == expected)
    }

    @Test func withoutItemsEveryRowWeighsOne() {
        #expect(HeadThresholds.threshold([], place: 20) < -100)
    }
}
