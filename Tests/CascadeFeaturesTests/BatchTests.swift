import CascadeCore
import Testing

@testable import CascadeFeatures

@Suite struct BatchTests {
    @Test func itemsAreEncodedOnceAndPointedAt() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.ranker.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.ranker, items: items)
        let history: [Int32] = [4, 2, 4]
        let codes: [UInt8] = [1, 0, 3]
        let context = HistorySlice.lend(items: history, codes: codes) {
            assembler.addContext(users: users, row: 1, history: $0)
        }
        assembler.addRow(context: context, item: 2, counters: nil)
        assembler.addRow(context: context, item: 7, counters: nil)
        let batch = assembler.batch
        #expect(batch.catalogRow == [4, 2, 7])
        #expect(batch.historyItem == [0, 1, 0])
        #expect(batch.historyCode == [3, 0, 1])
        #expect(batch.historyAge == [0, 1, 2])
        #expect(batch.historyOffsets == [0, 3])
        #expect(batch.rowItem == [1, 2])
        #expect(batch.items.count == 3)
    }

    @Test func longPastsKeepTheirNewestSteps() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.ranker.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.ranker, items: items)
        let history = (0..<15).map { Int32($0) }
        HistorySlice.lend(items: history, codes: [UInt8](repeating: 0, count: 15)) {
            _ = assembler.addContext(users: users, row: 0, history: $0, without: 13)
        }
        #expect(assembler.batch.steps == map.ranker.historyLength)
        #expect(assembler.batch.catalogRow == [14, 12, 11, 10, 9, 8, 7, 6, 5, 4])
    }

    @Test func retrievalStepsAreLookups() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.retrieval.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.retrieval, items: items)
        HistorySlice.lend(items: [3, 5], codes: [0, 1]) {
            _ = assembler.addContext(users: users, row: 0, history: $0)
        }
        #expect(assembler.batch.items.count == 0)
        #expect(assembler.batch.historyLookups == Array(items.historyLookups[10..<12] + items.historyLookups[6..<8]))
    }

    /// An item that training did not meet and one whose identifier is dropped look the same.
    @Test func itemsWithoutAKnownIdentifierAreAllAlike() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let known = map.retrieval.encode(rows).items
        let unknown = map.retrieval.encode(rows) { $0.id != rows.items[5].id }.items
        let missing = try #require(
            EntityEncoder(layout: map.retrieval.items, table: map.retrieval.table).missingIdentifier)
        let width = known.layout.lookupWidth
        for row in rows.items.indices {
            let lookups = Array(unknown.lookups[(row * width)..<((row + 1) * width)])
            var expected = Array(known.lookups[(row * width)..<((row + 1) * width)])
            if row == 5 { expected.replaceSubrange(missing.columns, with: missing.rows) }
            #expect(lookups == expected)
        }
        let assembler = BatchAssembler(map: map, space: map.retrieval, items: known)
        for row in 0..<8 { assembler.addItem(Int32(row)) }
        var random = SeededRandom(seed: 1)
        assembler.dropIdentifiers(0, missing, random: &random)
        #expect(assembler.batch.items.lookups == Array(known.lookups.prefix(8 * width)))
        assembler.dropIdentifiers(1, missing, random: &random)
        #expect(
            Array(assembler.batch.items.lookups[(5 * width)..<(6 * width)])
                == Array(unknown.lookups[(5 * width)..<(6 * width)]))
    }

    @Test func aNewBatchForgetsTheLast() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.ranker.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.ranker, items: items)
        func fill() {
            assembler.begin()
            let context = HistorySlice.lend(items: [1], codes: [1]) {
                assembler.addContext(users: users, row: 2, history: $0)
            }
            assembler.addRow(context: context, item: 3, counters: nil)
        }
        fill()
        let first = assembler.batch
        fill()
        #expect(assembler.batch == first)
    }
}
