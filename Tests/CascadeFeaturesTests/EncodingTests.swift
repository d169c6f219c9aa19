import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

@Suite struct EncodingTests {
    /// Rows of the table are part of every release: they must never change.
    @Test func rowsOfTheUnifiedTableAreStable() {
        let table = UnifiedTable(rows: 1000, dimension: 8)
        let hash = UnifiedTable.hash("video-1")
        let rows = (0..<4).map { table.row(hash, seed: UnifiedTable.seed(feature: "item.id", lookup: $0)) }
        #expect(rows.allSatisfy { (0..<1000).contains($0) })
        #expect(Set(rows).count > 1)
        #expect(rows == (0..<4).map { table.row(hash, seed: UnifiedTable.seed(feature: "item.id", lookup: $0)) })
        #expect(rows[0] != table.row(hash, seed: UnifiedTable.seed(feature: "item.creator", lookup: 0)))
    }

    @Test func fitsOnTheLogOnlyAndSurvivesJSON() throws {
        let (map, _, _, _) = try FeatureFixtures.fitted()
        #expect(Set(map.heads) == ["view", "like"])
        #expect(map.heads.first == "view")
        #expect(map.ranker.items.numeric.map(\.name) == ["item.length"])
        #expect(!map.ranker.items.single.contains { $0.name == "item.blurb" })
        #expect(!map.retrieval.users.single.contains { $0.source == .id })
        let complete = FeatureMapFitting(settings: FeatureFixtures.settings(), retrieval: .init(dimension: 16))
            .withCounterBins(map, samples: [Float](repeating: 0.5, count: map.counterLayout.columns * 3))
        #expect(try FeatureMap.decode(complete.encoded()) == complete)
        #expect(throws: FeatureError.self) { try FeatureMap.decode(Data("{}".utf8)) }
        #expect(throws: FeatureError.self) { try FeatureMap.decode(map.encoded()) }
    }

    @Test func anEmptyLogIsRefused() {
        #expect(throws: FeatureError.noTrainingRows) {
            try FeatureMapFitting(settings: FeatureSettings(), retrieval: .init(dimension: 8))
                .fit(log: InteractionLog(), rows: EntityRows(users: [], items: []), definitions: [])
        }
    }

    @Test func badSchemasNameTheFeature() {
        let schema = FeatureSchema(
            categorical: [
                .init(entity: .item, source: .id, lookups: 9), .init(entity: .user, source: .creator, lookups: 1),
            ], numeric: [], counters: [.id, .id])
        let problems = schema.problems().joined(separator: "\n")
        #expect(problems.contains("item.id: lookups"))
        #expect(problems.contains("user.creator"))
        #expect(problems.contains("counter is declared twice"))
    }

    /// A new user is told apart by what has a value that training could learn of.
    @Test func whatTellsOfANewUser() {
        let town = CategoricalFeature(entity: .user, source: .attribute("town"), lookups: 1)
        let tags = CategoricalFeature(entity: .user, source: .attribute("tags"), lookups: 1, multi: true)
        let table = UnifiedTable(rows: 100, dimension: 4)
        let known = TokenVocabulary([UnifiedTable.hash("rome")])
        func tells(
            _ attributes: [String: AttributeValue], identified: Bool = false, vocabulary: TokenVocabulary? = nil
        ) -> Bool {
            let id = CategoricalFeature(entity: .user, source: .id, lookups: 1)
            let single = identified ? [id, town] : [town]
            var layout = EntityLayout(
                entity: .user, single: single, multi: [tags],
                numeric: [.init(entity: .user, source: .attribute("age"))],
                bins: [.piecewiseLinear(PiecewiseLinear(edges: [0, 1]))])
            if vocabulary != nil {
                layout.tables = layout.categorical.map { _ in
                    FeatureTable(encoding: .unified, first: 0, rows: 100, vocabulary: vocabulary)
                }
            }
            return EntityEncoder(layout: layout, table: table).tells(
                ofNew: User(id: UserID("u"), attributes: attributes))
        }
        #expect(!tells([:]) && !tells(["tags": .list([])]) && !tells(["other": .text("x")]))
        #expect(tells(["town": .text("rome")]) && tells(["tags": .list(["x"])]) && tells(["age": .number(0)]))
        #expect(!tells(["town": .text("rome")], identified: true))
        #expect(tells(["town": .text("rome")], vocabulary: known) && !tells(["town": .text("oslo")], vocabulary: known))
    }

    @Test func missingValuesAreEncodedAsSuch() {
        let layout = EntityLayout(
            entity: .item, single: [.init(entity: .item, source: .creator, lookups: 2)],
            multi: [.init(entity: .item, source: .categories, lookups: 1, multi: true)],
            numeric: [.init(entity: .item, source: .attribute("length"))],
            bins: [.piecewiseLinear(PiecewiseLinear(edges: [0, 1]))])
        let table = UnifiedTable(rows: 100, dimension: 4)
        let encoded = EntityEncoder(layout: layout, table: table).encode([
            Item(id: ItemID("a")),
            Item(id: ItemID("b"), creatorID: "x", categories: ["k", "l"], attributes: ["length": .number(0.5)]),
        ])
        #expect(encoded.count == 2)
        #expect(encoded.lookups.count == 4)
        #expect(encoded.numeric[0].isNaN)
        #expect(encoded.numeric[1] == 0.5)
        #expect(encoded.tokenOffsets == [[0, 1, 3]])
    }

    @Test func thePastEndsBeforeTheSecondOfTheRow() throws {
        let (_, _, log, _) = try FeatureFixtures.fitted(users: 3, items: 5, rows: 60)
        for row in 0..<log.count {
            let end = log.historyEnd(of: row)
            #expect(end <= row)
            let start = Int(log.userStart[Int(log.user[row])])
            for past in start..<end { #expect(log.time[past] / 1_000_000 < log.time[row] / 1_000_000) }
            for same in end..<row { #expect(log.time[same] / 1_000_000 == log.time[row] / 1_000_000) }
        }
    }

    @Test func rowsOutsideTheCatalogAreLeftOut() {
        var log = InteractionLog()
        log.users = [UserID("a")]
        log.items = [ItemID("gone"), ItemID("here")]
        log.signals = ["view"]
        log.userIndex = [0, 0]
        log.itemIndex = [0, 1]
        log.time = [1, 2]
        log.feedback = [1, 1]
        log.observed = [1, 1]
        log.isImpression = [true, true]
        let rows = EntityRows(users: [], items: [Item(id: ItemID("here"))], log: log, catalogIsClosed: true)
        let encoded = EncodedLog(log, catalog: rows, heads: ["view"], historySignals: ["view"])
        #expect(encoded.count == 1)
        #expect(encoded.userStart == [0, 1])
    }
}
