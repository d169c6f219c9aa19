import CascadeCore
import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels
@testable import CascadeTraining

/// Identifiers that start at vectors of a contrastive first stage, on users who like every other category.
@Suite struct ContrastiveStartTests {
    private typealias Fixture = RankerTrainerTests

    /// Identifiers of items and users with rows of their own, so that nothing else lies on what is started.
    private static func data(userID: Bool = true, tables: TableEncoding = .collisionless) throws -> TrainingData {
        try Fixture.data {
            var categorical = [
                CategoricalFeature(entity: .item, source: .id, lookups: 2),
                CategoricalFeature(entity: .item, source: .categories, lookups: 1, multi: true),
                CategoricalFeature(entity: .user, source: .attribute("side"), lookups: 1),
            ]
            if userID { categorical.append(CategoricalFeature(entity: .user, source: .id, lookups: 2)) }
            $0.schema = FeatureSchema(categorical: categorical, numeric: [], counters: [.id])
            $0.tables = tables
        }
    }

    private static func train(
        _ data: TrainingData, _ change: (inout RankerSettings) -> Void
    ) throws -> ParameterStore {
        try RankerTrainer(settings: Fixture.settings(change), seed: 3, workers: 2).train(data).store
    }

    /// The table as training begins it.
    private static func begun(_ data: TrainingData, _ start: StartingRows) throws -> [[Float]] {
        let store = ParameterStore()
        _ = try RankingModel(settings: Fixture.settings(), map: data.map, store: store)
        try store.allocate(seed: 3)
        start.write(to: store.weights(store.tables[0]))
        return rows(store)
    }

    private static func rows(_ store: ParameterStore) -> [[Float]] {
        let (table, values) = (store.tables[0], Array(store.weights(store.tables[0])))
        return (0..<table.rows).map { Array(values[($0 * table.dimension)..<(($0 + 1) * table.dimension)]) }
    }

    /// An identifier's rows side by side.
    private static func vectors(_ table: [[Float]], _ entities: EncodedEntities, _ space: UnifiedTable) throws
        -> [[Float]]
    {
        let columns = try #require(EntityEncoder(layout: entities.layout, table: space).missingIdentifier).columns
        return (0..<entities.count).map { entity in
            columns.flatMap { table[Int(entities.lookups[entity * entities.layout.lookupWidth + $0])] }
        }
    }

    private static func mean(_ pairs: [([Float], [Float])]) -> Float {
        pairs.map { zip($0, $1).reduce(0) { $0 + $1.0 * $1.1 } }.reduce(0, +) / Float(max(1, pairs.count))
    }

    /// Items that the same users like lie together, and users near the items that they like.
    @Test(arguments: TableEncoding.allCases) func identifiersStartNearWhatTheyGoWith(tables: TableEncoding) throws {
        let data = try Self.data(tables: tables)
        let start = try ContrastiveStart(data, seed: 3, workers: 2).rankerRows()
        let table = try Self.begun(data, start)
        let space = data.map.ranker.table
        let items = try Self.vectors(table, data.rankerItems, space)
        let users = try Self.vectors(table, data.rankerUsers, space)
        let pairs = (0..<40).flatMap { left in (0..<left).map { (left, $0) } }
        func ofItems(_ parity: Int) -> [([Float], [Float])] {
            pairs.filter { ($0.0 + $0.1) % 2 == parity }.map { (items[$0.0], items[$0.1]) }
        }
        #expect(Self.mean(ofItems(0)) > Self.mean(ofItems(1)))
        func both(_ parity: Int) -> [([Float], [Float])] {
            (0..<40).flatMap { user in (0..<40).map { (user, $0) } }.filter { ($0.0 + $0.1) % 2 == parity }
                .map { (users[$0.0], items[$0.1]) }
        }
        #expect(Self.mean(both(0)) > Self.mean(both(1)))
    }

    @Test func onlyIdentifiersStartThere() throws {
        for userID in [false, true] {
            let data = try Self.data(userID: userID)
            let start = try ContrastiveStart(data, seed: 3, workers: 2).rankerRows()
            #expect(start.rows.count == (userID ? 160 : 80), "two rows each")
            let written = try Self.begun(data, start).enumerated().filter { start.rows.contains(Int32($0.offset)) }
            let squares: Float = written.flatMap(\.element).reduce(0) { $0 + $1 * $1 }
            let size = (squares / Float(written.count * 8)).squareRoot() / RankingModel.tableDeviation
            #expect(abs(size - 1) < 0.05, "\(size)")
        }
    }

    /// Over its passes the start stays to the bit, while other rows learn; afterwards it learns too.
    @Test(arguments: [InitialEmbeddings.ials, .contrastive]) func theStartStaysOverItsPasses(
        initial: InitialEmbeddings
    ) throws {
        let data = try Self.data(userID: false)
        let start =
            initial == .ials
            ? try FactorizedStart(data, seed: 3).rankerRows()
            : try ContrastiveStart(data, seed: 3, workers: 2).rankerRows()
        let begun = try Self.begun(data, start)
        func moved(epochs: Int, frozen: Int) throws -> Set<Int32> {
            let table = Self.rows(
                try Self.train(data) {
                    $0.initial = initial
                    $0.epochs = epochs
                    $0.tableFrozenEpochs = frozen
                })
            return Set((0..<Int32(table.count)).filter { table[Int($0)] != begun[Int($0)] })
        }
        let free = try moved(epochs: 1, frozen: 0)
        #expect(start.rows.isSubset(of: free))
        #expect(try moved(epochs: 1, frozen: 1) == free.subtracting(start.rows))
        #expect(try moved(epochs: 2, frozen: 2) == free.subtracting(start.rows))
        #expect(try moved(epochs: 2, frozen: 1) == free)
    }

    @Test func narrowIdentifiersAreRefused() throws {
        let data = try Fixture.data {
            $0.tableDimension = 1
            $0.lookups = 2
        }
        #expect { try ContrastiveStart(data, seed: 3, workers: 2).rankerRows() } throws: {
            "\($0)".contains("features.table_dimension")
        }
    }

    @Test func settingsAreChecked() {
        func problems(_ change: (inout RankerSettings) -> Void) -> [String] { Fixture.settings(change).problems() }
        #expect(problems { $0.tableFrozenEpochs = 1 }.contains { $0.contains("ranker.initial") })
        #expect(problems { $0.tableFrozenEpochs = -1 }.contains { $0.contains("ranker.table_frozen_epochs") })
        #expect(
            problems {
                $0.initial = .contrastive
                $0.tableFrozenEpochs = 1
                $0.tableRestart = true
            }.contains { $0.contains("ranker.table_restart") })
        #expect(
            problems {
                $0.initial = .contrastive
                $0.tableFrozenEpochs = 1
            }.isEmpty)
        var retrieval = RetrievalSettings()
        retrieval.initial = .contrastive
        #expect(retrieval.problems().contains { $0.contains("retrieval.initial") })
    }
}
