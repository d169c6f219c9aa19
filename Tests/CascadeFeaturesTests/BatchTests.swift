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
        let context = assembler.addContext(
            users: users, row: 1, history: HistorySlice(items: history, codes: codes, count: 3))
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
        assembler.addContext(
            users: users, row: 0,
            history: HistorySlice(items: history, codes: [UInt8](repeating: 0, count: 15), count: 15),
            without: 13)
        #expect(assembler.batch.steps == map.ranker.historyLength)
        #expect(assembler.batch.catalogRow == [14, 12, 11, 10, 9, 8, 7, 6, 5, 4])
    }

    @Test func retrievalStepsAreLookups() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.retrieval.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.retrieval, items: items)
        assembler.addContext(users: users, row: 0, history: HistorySlice(items: [3, 5], codes: [0, 1], count: 2))
        #expect(assembler.batch.items.count == 0)
        #expect(assembler.batch.historyLookups == Array(items.historyLookups[10..<12] + items.historyLookups[6..<8]))
    }

    @Test func aNewBatchForgetsTheLast() throws {
        let (map, rows, _, _) = try FeatureFixtures.fitted()
        let (users, items) = map.ranker.encode(rows)
        let assembler = BatchAssembler(map: map, space: map.ranker, items: items)
        func fill() {
            assembler.begin()
            let context = assembler.addContext(
                users: users, row: 2, history: HistorySlice(items: [1], codes: [1], count: 1))
            assembler.addRow(context: context, item: 3, counters: nil)
        }
        fill()
        let first = assembler.batch
        fill()
        #expect(assembler.batch == first)
    }
}
