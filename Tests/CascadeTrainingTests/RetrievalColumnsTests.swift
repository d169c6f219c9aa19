import CascadeCore
import CascadeFeatures
import CascadeModels
import Testing

@testable import CascadeTraining

/// Corrections from counts of the whole period beside those from a sketch of the targets so far.
@Suite struct RetrievalColumnsTests {
    private static let items = 300
    private static let targets = 128

    /// Interactions of 200 users with items whose frequencies fall from one to the next.
    private static func data(_ settings: RetrievalSettings, seed: UInt64) throws -> TrainingData {
        var random = SeededRandom(seed: seed)
        var log = InteractionLog()
        log.users = (0..<200).map { UserID("u\($0 + 1000)") }
        log.items = (0..<items).map { ItemID("i\($0 + 1000)") }
        log.signals = ["click"]
        for user in 0..<200 {
            for step in 0..<30 {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(Double(items) * random.uniform() * random.uniform() * random.uniform()))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        return try TrainingData(
            period: Period(), log: log, users: [], items: [], definitions: [], settings: FeatureSettings(),
            retrieval: settings)
    }

    private static func settings(_ loss: String, _ frequencies: ItemFrequencies) -> RetrievalSettings {
        var settings = RetrievalSettings()
        settings.loss = loss
        settings.itemFrequencies = frequencies
        settings.uniformNegatives = 50
        return settings
    }

    private static func columns(_ settings: RetrievalSettings, _ data: TrainingData) throws -> RetrievalColumns {
        try RetrievalColumns(
            settings, try RetrievalLosses.type(named: settings.loss), data, rows: targets, epoch: data.log.count,
            seed: 7)
    }

    /// The columns that a worker draws after `order` was observed, with both corrections.
    private static func corrections(
        _ loss: String, seed: UInt64, observed: (TrainingData) -> [Int32]
    ) throws -> [(item: Int32, exact: Float, sketch: Float)] {
        let data = try data(settings(loss, .exact), seed: seed)
        let exact = try columns(settings(loss, .exact), data)
        var sketch = try columns(settings(loss, .sketch), data)
        let order = observed(data)
        for start in stride(from: 0, to: order.count, by: 100) {
            sketch.observe(order[start..<min(order.count, start + 100)])
        }
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        var random = SeededRandom(seed: seed)
        for _ in 0..<targets { assembler.addItem(data.log.item[random.below(data.log.count)]) }
        let before = exact.draw(into: assembler, random: &random)
        let after = sketch.corrections(of: assembler.batch.catalogRow)
        return zip(assembler.batch.catalogRow, zip(before, after)).map { ($0, $1.0, $1.1) }
    }

    @Test(arguments: ["sampled_softmax", "logq", "corrected_logq"], [1, 2, 3] as [UInt64])
    func correctionsAgreeAfterAnEpoch(loss: String, seed: UInt64) throws {
        // That a batch's own number of columns stands for the expected one moves all by the same.
        let tolerance: Float = loss == "corrected_logq" ? 0.15 : 0.001
        for (item, exact, sketch) in try Self.corrections(loss, seed: seed, observed: { Array($0.log.item) }) {
            #expect(
                abs(exact - sketch) < tolerance, "seed \(seed), item \(item): exact \(exact), sketch \(sketch)")
        }
    }

    /// In the middle of the second epoch an item stands at what it had in one epoch and the half of the next.
    @Test(arguments: [1, 2, 3] as [UInt64]) func correctionsStayNearBetweenEpochs(seed: UInt64) throws {
        let found = try Self.corrections("sampled_softmax", seed: seed) { data in
            let order = shuffled((0..<Int32(data.log.count)).map { $0 }, seed: seed).map { data.log.item[Int($0)] }
            return order + order.prefix(order.count / 2)
        }
        let away = found.map { abs($0.exact - $0.sketch) }
        #expect(away.max()! < 0.6, "seed \(seed): \(away.max()!)")
        #expect(away.reduce(0, +) / Float(away.count) < 0.15, "seed \(seed): \(away.reduce(0, +) / Float(away.count))")
    }

    /// What came first fades: after epochs of other targets it is corrected as what is drawn at random only.
    @Test func oldTargetsFade() throws {
        let data = try Self.data(Self.settings("logq", .sketch), seed: 1)
        var columns = try Self.columns(Self.settings("logq", .sketch), data)
        func observe(_ item: Int32) {
            let epoch = [Int32](repeating: item, count: data.log.count)
            columns.observe(epoch[...])
        }
        observe(0)
        let fresh = columns.corrections(of: [0, 299])
        for _ in 0..<12 { observe(1) }
        let faded = columns.corrections(of: [0, 299])
        #expect(fresh[0] == 0)
        #expect(faded[0] < -1)
        #expect(abs(faded[0] - faded[1]) < 0.3, "\(faded)")
        #expect(fresh[1] == faded[1])
    }

    @Test func lossesWithoutACorrectionHaveNone() throws {
        let settings = Self.settings("gbce", .sketch)
        let data = try Self.data(settings, seed: 2)
        var columns = try Self.columns(settings, data)
        columns.observe(data.log.item[...])
        #expect(columns.corrections(of: [0, 1, 2]) == [0, 0, 0])
    }
}
