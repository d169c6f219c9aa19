import CascadeCore
import CascadeFeatures
import CascadeNN
import Foundation
import Testing

@testable import CascadeModels
@testable import CascadeTraining

/// What keeps the ranker from learning rows by heart, on users who like every other category.
@Suite struct RankerRegularizationTests {
    private typealias Fixture = RankerTrainerTests

    private static func train(
        _ data: TrainingData, _ change: (inout RankerSettings) -> Void
    ) throws -> (model: RankingModel, store: ParameterStore, summary: TrainingSummary) {
        try RankerTrainer(settings: Fixture.settings(change), seed: 3, workers: 2).train(data)
    }

    private static func lengths(_ store: ParameterStore) -> [Float] {
        store.tables.flatMap { table in
            let values = Array(store.weights(table))
            return stride(from: 0, to: values.count, by: table.dimension).map { row in
                values[row..<(row + table.dimension)].reduce(0) { $0 + $1 * $1 }.squareRoot()
            }
        }
    }

    /// Rows that no step has looked up keep their length.
    @Test func rowsOfTheTableStayShort() throws {
        let data = try Fixture.data()
        let random = ParameterStore()
        _ = try RankingModel(settings: Fixture.settings(), map: data.map, store: random)
        try random.allocate(seed: 3)
        let start = Self.lengths(random)
        let free = zip(Self.lengths(try Self.train(data) { _ in }.store), start).filter { $0 != $1 }
        let short = zip(Self.lengths(try Self.train(data) { $0.tableNorm = 0.08 }.store), start).filter { $0 != $1 }
        #expect(free.contains { $0.0 > 0.1 })
        #expect(!short.isEmpty)
        #expect(short.allSatisfy { $0.0 <= 0.08 * (1 + 1e-6) })
    }

    @Test func decayIsOfWeightsAndNotOfBiases() throws {
        let data = try Fixture.data()
        func squares(_ store: ParameterStore) -> Float {
            let decayed = store.parameters.filter { store.options($0).weightDecay }
            return decayed.flatMap { Array(store.weights($0)) }.reduce(0) { $0 + $1 * $1 }
        }
        let free = try Self.train(data) { $0.normalization = .layer }.store
        let decayed = try Self.train(data) {
            $0.normalization = .layer
            $0.weightDecay = 1
        }.store
        #expect(squares(decayed) < 0.95 * squares(free))
        let spared = Set(decayed.parameters.filter { !decayed.options($0).weightDecay }.map(\.name))
        #expect(!spared.isEmpty)
        for parameter in decayed.parameters {
            let isSpared = parameter.name.contains("ias") || parameter.name.hasSuffix("gain")
            #expect(spared.contains(parameter.name) == isSpared, "\(parameter.name)")
        }
    }

    /// Users like items of one parity, so the factors of these lie together; nothing but rows of identifiers begins there.
    @Test func identifiersStartAtFactors() throws {
        let data = try Fixture.data()
        let start = try FactorizedStart(data, seed: 3).rankerRows()
        let trained = try Self.train(data) {
            $0.initial = .ials
            $0.learningRate = 1e-30
            $0.tableDecay = 0
        }.store
        let random = ParameterStore()
        _ = try RankingModel(settings: Fixture.settings(), map: data.map, store: random)
        try random.allocate(seed: 3)
        let table = try #require(trained.tables.first)
        let (first, other) = (Array(trained.weights(table)), Array(random.weights(random.tables[0])))
        let d = table.dimension
        func row(_ values: [Float], _ row: Int32) -> [Float] { Array(values[(Int(row) * d)..<(Int(row) * d + d)]) }
        let changed = (0..<Int32(table.rows)).filter { row(first, $0) != row(other, $0) }
        #expect(Set(changed) == start.rows)
        let written = start.rows.flatMap { row(first, $0) }
        let squares: Float = written.reduce(0) { $0 + $1 * $1 }
        let size = (squares / Float(written.count)).squareRoot() / RankingModel.tableDeviation
        #expect(size > 0.7 && size < 1.3, "\(size)")
        let encoder = EntityEncoder(layout: data.map.ranker.items, table: data.map.ranker.table)
        let columns = try #require(encoder.missingIdentifier?.columns)
        func vector(_ item: Int) -> [Float] {
            columns.flatMap { row(first, data.rankerItems.lookups[item * data.map.ranker.items.lookupWidth + $0]) }
        }
        func mean(_ pairs: [(Int, Int)]) -> Float {
            var sum: Float = 0
            for (left, right) in pairs {
                for (a, b) in zip(vector(left), vector(right)) { sum += a * b }
            }
            return sum / Float(pairs.count)
        }
        let pairs = (0..<40).flatMap { left in (0..<left).map { (left, $0) } }
        let alike = mean(pairs.filter { ($0.0 + $0.1) % 2 == 0 })
        let unlike = mean(pairs.filter { ($0.0 + $0.1) % 2 == 1 })
        #expect(alike > unlike, "\(alike), \(unlike)")
    }

    /// Two pairs of features that say the same: each is taken away with its other half.
    @Test func aFeatureIsMaskedWithWhatTellsMostOfIt() throws {
        var random = SeededRandom(seed: 9)
        let items = (0..<300).map { (number: Int) -> Item in
            let (size, colour) = (random.below(6), random.below(6))
            return Item(
                id: ItemID("i\(number)"), creatorID: "c\(colour)", categories: ["k\(size)"],
                attributes: ["weight": .number(Double(size) + 0.1), "tone": .text("t\(colour)")])
        }
        let layout = EntityLayout(
            entity: .item,
            single: [
                CategoricalFeature(entity: .item, source: .creator, lookups: 2),
                CategoricalFeature(entity: .item, source: .attribute("tone"), lookups: 1),
            ], multi: [CategoricalFeature(entity: .item, source: .categories, lookups: 1, multi: true)],
            numeric: [NumericFeature(entity: .item, source: .attribute("weight"))],
            bins: [])
        let encoded = EntityEncoder(layout: layout, table: UnifiedTable(rows: 5000, dimension: 2)).encode(items)
        let masks = FeatureMasks(encoded, columns: [0..<4, 4..<6, 6..<8, 8..<11])
        let colours: [Float] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
        let sizes: [Float] = colours.map { 1 - $0 }
        #expect(masks.masks == [colours, colours, sizes, sizes])
        #expect(Set((0..<20).map { masks.mask($0) }).count == 2, "seeds are drawn")
    }

    @Test func viewsOfAnItemComeToAgree() throws {
        // Numbers that tell items apart, or their views have little to agree by.
        let loss = try Self.train(try Fixture.data { $0.numbers = .piecewiseLinear }) {
            $0.numericWidth = 8
            $0.corruption = 0.9
            $0.epochs = 10
        }.summary.loss
        // Chance among some forty items: .1 of a coin of two heads and .9 of log 40.
        let chance: Float = 0.1 * 1.39 + 0.9 * Float(log(40.0))
        #expect(loss < 0.75 * chance, "\(loss) of \(chance)")
    }

    @Test func itemsOfOneFeatureCannotBeCorrupted() throws {
        var map = try Fixture.data().map
        map.ranker.items.single = []
        map.ranker.items.multi = []
        map.ranker.items.numeric = Array(map.ranker.items.numeric.prefix(1))
        map.ranker.items.bins = Array(map.ranker.items.bins.prefix(1))
        let settings = Fixture.settings { $0.corruption = 0.1 }
        #expect(throws: ModelError.self) { try RankingModel(settings: settings, map: map, store: ParameterStore()) }
    }

    private static func probabilities(
        _ data: TrainingData, _ trained: [(model: RankingModel, store: ParameterStore)]
    ) throws -> [Float] {
        let rows = (0..<Int32(data.log.count)).map { $0 }
        var labels = TeacherLabels(data, teachers: trained.count)
        for (model, store) in trained { try labels.add(model, store, data, rows: rows) }
        return rows.flatMap { row in
            data.map.heads.indices.map { labels.probability(row: Int(row), head: $0) }
        }
    }

    @Test func teachersAreHeardInTheMean() throws {
        let data = try Fixture.data()
        let settings = Fixture.settings()
        let teachers = try [4, 5].map { (seed: UInt64) in
            let trained = try RankerTrainer(settings: settings, seed: seed, workers: 2).train(data)
            return (model: trained.model, store: trained.store)
        }
        let each = try teachers.map { try Self.probabilities(data, [$0]) }
        let both = try Self.probabilities(data, teachers)
        #expect(each[0] != each[1])
        let errors = both.indices.map { abs(both[$0] - (each[0][$0] + each[1][$0]) / 2) }
        #expect(errors.allSatisfy { $0 < 1e-6 })
        #expect(both.allSatisfy { $0 > 0 && $0 < 1 })
    }

    /// A student that hears nothing but its teachers comes nearer to them than one that hears nothing of them.
    @Test func aStudentFollowsItsTeachers() throws {
        let data = try Fixture.data()
        func learn(_ change: (inout RankerSettings) -> Void) throws -> [Float] {
            let trained = try Self.train(data) {
                $0.epochs = 12
                change(&$0)
            }
            return try Self.probabilities(data, [(trained.model, trained.store)])
        }
        let settings = Fixture.settings { $0.epochs = 12 }
        let teachers = try [4, 5].map { (seed: UInt64) in
            let trained = try RankerTrainer(settings: settings, seed: seed, workers: 2).train(data)
            return (model: trained.model, store: trained.store)
        }
        let taught = try Self.probabilities(data, teachers)
        func distance(_ values: [Float]) -> Float { zip(values, taught).map { abs($0 - $1) }.reduce(0, +) }
        let alone = distance(try learn { _ in })
        let direct = distance(
            try learn {
                $0.teachers = 2
                $0.teacherForm = .direct
                $0.teacherWeight = 1
            })
        #expect(direct < 0.9 * alone, "\(direct), \(alone)")
        let auxiliary = try learn { $0.teachers = 2 }
        let unheard = try learn { _ in }
        #expect(auxiliary != unheard)
    }

    /// First places are viewed more, whatever lies there: that is learned apart, and no item's score reads it.
    @Test func placesAreLearnedApart() throws {
        let data = try Fixture.data(firstPlaces: 4)
        let trained = try Self.train(data) {
            $0.debiasPosition = true
            $0.epochs = 20
        }
        let parameter = try #require(trained.store.parameters.first { $0.name == "ranker.position" })
        let view = try #require(data.map.heads.firstIndex(of: "view"))
        let weights = stride(from: view, to: parameter.count, by: parameter.columns).map {
            trained.store.weights(parameter)[$0]
        }
        #expect(weights[0] > weights[4] + 0.3, "\(weights.prefix(5))")
        #expect(weights.dropFirst(5).allSatisfy { $0 == 0 }, "places that are not there")
        let before = try Self.probabilities(data, [(trained.model, trained.store)])
        for place in 0..<parameter.count { trained.store.weights(parameter)[place] = 100 }
        #expect(try Self.probabilities(data, [(trained.model, trained.store)]) == before)
    }

    @Test func settingsAreChecked() {
        func problems(_ change: (inout RankerSettings) -> Void) -> String {
            Fixture.settings(change).problems().joined(separator: "\n")
        }
        let several = problems {
            $0.tableNorm = -1
            $0.weightDecay = 2
            $0.corruption = 1
            $0.corruptionTemperature = 0
            $0.teachers = 33
            $0.teacherWeight = -.infinity
        }
        for key in [
            "table_norm", "weight_decay", "corruption must", "corruption_temperature", "teachers", "teacher_weight",
        ] {
            #expect(several.contains("ranker.\(key)"), "\(key)")
        }
        #expect(
            problems {
                $0.teachers = 1
                $0.loss = "weighted_target"
            }.contains("ranker.teachers"))
        let direct = problems {
            $0.teachers = 1
            $0.teacherForm = .direct
            $0.teacherWeight = 2
            $0.loss = "pairwise"
        }
        #expect(direct.contains("ranker.teacher_weight") && direct.contains("ranker.teacher_form"))
        #expect(problems { $0.teacherWeight = 2 }.isEmpty)
    }
}
