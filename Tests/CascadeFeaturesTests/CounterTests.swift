import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

@Suite struct CounterTests {
    /// Counts a row's numbers from the raw log, with dictionaries and no folds arrays: the scalar twin.
    private func naive(
        _ map: FeatureMap, _ rows: EntityRows, _ log: EncodedLog, row: Int, end: Int, folds: [UInt8]
    ) -> [Float] {
        let heads = map.counterHeads
        let user = Int(log.user[row])
        let item = Int(log.item[row])
        func token(_ key: FeatureSource, _ item: Int) -> UInt64 {
            CounterKeys.hash(key, .item(rows.items[item]), bins: map.ranker.items)
        }
        func rate(_ key: FeatureSource, _ item: Int, _ head: Int) -> (Float, Float) {
            var given: Float = 0
            var shown: Float = 0
            for other in 0..<log.count where folds[Int(log.user[other])] != folds[user] {
                guard token(key, Int(log.item[other])) == token(key, item) else { continue }
                shown += 1
                if log.positives[other] >> UInt32(head) & 1 == 1 { given += 1 }
            }
            let prior = Float(map.headRates[head])
            let smoothing = min(100, max(20, 2 / prior))
            return ((given + smoothing * prior) / (shown + smoothing), shown)
        }
        func logOdds(_ p: Float) -> Float { logf(min(max(p, 1e-4), 1 - 1e-4) / (1 - min(max(p, 1e-4), 1 - 1e-4))) }
        var result: [Float] = []
        for key in map.counters {
            for head in 0..<heads { result.append(logOdds(rate(key, item, head).0)) }
            result.append(log1pf(rate(key, item, 0).1))
        }
        let start = Int(log.userStart[user])
        let past = Array(start..<end)
        let steps = Float(past.count)
        func given(_ rows: [Int], _ head: Int) -> Float {
            Float(rows.count { log.positives[$0] >> UInt32(head) & 1 == 1 })
        }
        let rates = (0..<heads).map { head -> Float in
            let prior = Float(map.headRates[head])
            let smoothing = min(20, max(5, 0.3 / prior))
            return (given(past, head) + smoothing * prior) / (steps + smoothing)
        }
        result += rates.map(logOdds)
        let prior = Float(map.headRates[0])
        let smoothing = min(20, max(5, 0.3 / prior))
        let hoped = past.reduce(Float(0)) { $0 + rate(map.counters[0], Int(log.item[$1]), 0).0 }
        result.append(log1pf(steps))
        result.append((given(past, 0) - hoped) / (steps + smoothing))
        result.append((hoped + smoothing * prior) / (steps + smoothing))
        result.append((given(Array(past.suffix(5)), 0) + 3 * rates[0]) / (min(steps, 5) + 3))
        result.append((given(Array(past.suffix(15)), 0) + 3 * rates[0]) / (min(steps, 15) + 3))
        for key in map.counters {
            let met = past.filter { token(key, Int(log.item[$0])) == token(key, item) }
            for head in 0..<heads {
                result.append(
                    logOdds((given(met, head) + 3 * rates[head]) / (Float(met.count) + 3)) - logOdds(rates[head]))
            }
            result.append(log1pf(Float(met.count)))
            result.append(Float(met.count) / (steps + 3))
        }
        for head in 0..<heads { result.append(result[head] + result[map.counterLayout.userOffset + head]) }
        return result
    }

    @Test func numbersAgreeWithTheirTwin() throws {
        let seed: UInt64 = 3
        let (map, rows, log, _) = try FeatureFixtures.fitted(users: 12, items: 9, rows: 240, seed: seed)
        let include = Column(repeating: true, count: log.count)
        let folds = CounterEncoder.folds(of: rows.users, count: 4)
        let counters = ItemCounters(map: map, log: log, include: include, items: rows.items)
        let encoder = CounterEncoder(counters: counters, log: log, include: include, userFolds: folds, folds: 4)
        var output = [Float](repeating: 0, count: map.counterLayout.columns)
        for row in stride(from: 0, to: log.count, by: 7) {
            let end = log.historyEnd(of: row)
            write(encoder, log, row: row, end: end, fold: folds[Int(log.user[row])], into: &output)
            let expected = naive(map, rows, log, row: row, end: end, folds: folds)
            #expect(output.count == expected.count)
            for (column, pair) in zip(output, expected).enumerated() {
                #expect(abs(pair.0 - pair.1) < 1e-4, "seed \(seed), row \(row), column \(column)")
            }
        }
    }

    @Test func aPastThatWasCountedGivesTheSameNumbers() throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let (map, rows, log, _) = try FeatureFixtures.fitted(users: 12, items: 9, rows: 240, seed: seed)
            let include = Column(repeating: true, count: log.count)
            let stranger = Item(id: ItemID("new"), creatorID: "nobody", categories: ["none"])
            var encoder = CounterEncoder(
                counters: ItemCounters(map: map, log: log, include: include, items: rows.items))
            encoder.append([stranger])
            for row in stride(from: 0, to: log.count, by: 13) {
                let steps = Int(log.userStart[Int(log.user[row])])..<log.historyEnd(of: row)
                HistorySlice.lend(
                    items: steps.map { log.item[$0] }, codes: steps.map { log.code[$0] },
                    times: steps.map { log.time[$0] }
                ) { history in
                    let past = encoder.past(history)
                    let moment = Timestamp(microseconds: log.time[row])
                    for item in 0...Int32(rows.items.count) {
                        func numbers(_ write: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
                            var output = [Float](repeating: 0, count: map.counterLayout.columns)
                            output.withUnsafeMutableBufferPointer { write($0.baseAddress!) }
                            return output
                        }
                        let single = numbers {
                            encoder.write(history: history, item: item, fold: nil, at: moment, into: $0)
                        }
                        let counted = numbers { encoder.write(past: past, item: item, at: moment, into: $0) }
                        #expect(single == counted, "seed \(seed), row \(row), item \(item)")
                    }
                }
            }
        }
    }

    @Test func aRowDoesNotSeeItsOwnLabel() throws {
        let (map, rows, log, raw) = try FeatureFixtures.fitted()
        var flipped = raw
        let row = 400
        flipped.feedback[row] ^= 3
        let other = EncodedLog(flipped, catalog: rows, heads: map.heads, historySignals: map.historySignals)
        #expect(other.positives[row] != log.positives[row])
        #expect(numbers(map, rows, log, row: row) == numbers(map, rows, other, row: row))
    }

    private func numbers(_ map: FeatureMap, _ rows: EntityRows, _ log: EncodedLog, row: Int) -> [Float] {
        let include = Column(repeating: true, count: log.count)
        let folds = CounterEncoder.folds(of: rows.users, count: 4)
        let counters = ItemCounters(map: map, log: log, include: include, items: rows.items)
        let encoder = CounterEncoder(counters: counters, log: log, include: include, userFolds: folds, folds: 4)
        var output = [Float](repeating: 0, count: map.counterLayout.columns)
        write(encoder, log, row: row, end: log.historyEnd(of: row), fold: folds[Int(log.user[row])], into: &output)
        return output
    }

    private func write(
        _ encoder: CounterEncoder, _ log: EncodedLog, row: Int, end: Int, fold: UInt8?, into output: inout [Float]
    ) {
        let start = Int(log.userStart[Int(log.user[row])])
        log.item.withUnsafeBufferPointer { items in
            log.code.withUnsafeBufferPointer { codes in
                log.time.withUnsafeBufferPointer { times in
                    output.withUnsafeMutableBufferPointer {
                        encoder.write(
                            history: HistorySlice(
                                items: items.baseAddress! + start, codes: codes.baseAddress! + start,
                                times: times.baseAddress! + start, count: end - start),
                            item: log.item[row], fold: fold, at: Timestamp(microseconds: log.time[row]),
                            into: $0.baseAddress!)
                    }
                }
            }
        }
    }

    @Test func withoutKeysNothingIsCounted() throws {
        var settings = FeatureFixtures.settings()
        settings.schema = FeatureSchema(
            categorical: [CategoricalFeature(entity: .item, source: .id, lookups: 2)], numeric: [], counters: [])
        let raw = FeatureFixtures.log(users: 12, items: 9, rows: 240, seed: 2)
        let rows = EntityRows(users: FeatureFixtures.users(12), items: FeatureFixtures.items(9), log: raw)
        for times in [false, true] {
            settings.times = times
            let map = try FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
                .fit(log: raw, rows: rows, definitions: FeatureFixtures.definitions)
            #expect(map.counterHeads > 0)
            #expect(map.counterLayout.columns == (times ? 2 : 0) && map.counterLayout.timeOffset == 0)
            let log = EncodedLog(raw, catalog: rows, heads: map.heads, historySignals: map.historySignals)
            let values = numbers(map, rows, log, row: 200)
            #expect(values.count == map.counterLayout.columns && values.allSatisfy { $0.isNaN || $0 > 0 })
        }
        let windows = CounterLayout(keys: 0, heads: 2, windowColumns: 9, timeColumns: 2)
        #expect((windows.windowOffset, windows.timeOffset, windows.columns) == (0, 9, 11))
    }

    @Test func filesSurviveAndDamagedOnesAreRefused() throws {
        let (map, rows, log, _) = try FeatureFixtures.fitted()
        let tables = ItemCounters(
            map: map, log: log, include: Column(repeating: true, count: log.count), items: rows.items
        ).tables
        let set = CounterSet(tables: tables, log: log, items: rows.items)
        let data = CounterFile.encode(set, heads: map.counterHeads)
        #expect(try CounterFile.decode(data, map: map) == set)
        for length in stride(from: 0, to: data.count, by: 97) {
            #expect(throws: FeatureError.self) { try CounterFile.decode(data.prefix(length), map: map) }
        }
        #expect(throws: FeatureError.self) { try CounterFile.decode(data + [0], map: map) }
    }

    @Test func unknownTokensTakeThePrior() throws {
        let (map, rows, log, _) = try FeatureFixtures.fitted()
        let tables = ItemCounters(
            map: map, log: log, include: Column(repeating: true, count: log.count), items: rows.items
        ).tables
        let stranger = Item(id: ItemID("new"), creatorID: "nobody", categories: ["none"])
        let encoder = CounterEncoder(counters: ItemCounters(map: map, tables: tables, items: [stranger]))
        var output = [Float](repeating: 0, count: map.counterLayout.columns)
        output.withUnsafeMutableBufferPointer { buffer in
            HistorySlice.lend(items: [], codes: []) {
                encoder.write(
                    history: $0, item: 0, fold: nil, at: Timestamp(microseconds: 0), into: buffer.baseAddress!)
            }
        }
        let prior = Float(map.headRates[0])
        #expect(abs(output[0] - logf(prior / (1 - prior))) < 1e-5)
        #expect(output.allSatisfy { $0.isFinite })
    }

    /// Events without impressions count too, and where nothing was fed back, what was shown.
    @Test func popularityCountsInteractionsWithFeedback() throws {
        let items = ["a", "b", "c"].map { Item(id: ItemID($0)) }
        func popularity(feedback: [UInt32], impressions: Bool) -> [Float] {
            var raw = InteractionLog()
            raw.users = [UserID("u")]
            raw.items = items.map(\.id)
            raw.signals = ["click"]
            for (row, mask) in feedback.enumerated() {
                raw.userIndex.append(0)
                raw.itemIndex.append(Int32(row % 2))
                raw.time.append(Int64(row))
                raw.feedback.append(mask)
                raw.observed.append(1)
                raw.isImpression.append(impressions)
            }
            let rows = EntityRows(users: [], items: items, log: raw)
            let log = EncodedLog(raw, catalog: rows, heads: [], historySignals: ["click"])
            return CounterSet(tables: [], log: log, items: rows.items).popularity(of: items)
        }
        #expect(popularity(feedback: [1, 1, 1], impressions: false) == [2, 1, 0])
        #expect(popularity(feedback: [0, 1, 0], impressions: true) == [0, 1, 0])
        #expect(popularity(feedback: [0, 0, 0], impressions: true) == [2, 1, 0])
    }
}
