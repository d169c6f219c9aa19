import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

@Suite struct TimeFeaturesTests {
    /// The fixture's features with the time of a request; items came to be a minute apart, every third nobody knows when.
    private struct Fitted {
        let map: FeatureMap
        let rows: EntityRows
        let log: EncodedLog
        let fitting: FeatureMapFitting

        init(_ change: (inout FeatureSettings) -> Void = { _ in }) throws {
            var settings = FeatureFixtures.settings()
            settings.times = true
            change(&settings)
            let raw = FeatureFixtures.log(users: 30, items: 20, rows: 900, seed: 1)
            let items = FeatureFixtures.items(20).enumerated().map { number, item in
                var item = item
                item.createdAt = number % 3 == 0 ? nil : TimeFeaturesTests.born(number)
                return item
            }
            rows = EntityRows(users: FeatureFixtures.users(30), items: items, log: raw)
            fitting = FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
            map = try fitting.fit(log: raw, rows: rows, definitions: FeatureFixtures.definitions)
            log = EncodedLog(raw, catalog: rows, heads: map.heads, historySignals: map.historySignals)
        }

        func encoder(_ items: [Item]? = nil) -> CounterEncoder {
            let include = Column(repeating: true, count: log.count)
            let tables = ItemCounters(map: map, log: log, include: include, items: rows.items).tables
            return CounterEncoder(counters: ItemCounters(map: map, tables: tables, items: items ?? rows.items))
        }
    }

    private static func born(_ number: Int) -> Timestamp {
        Timestamp(microseconds: 1_600_000_000_000_000).adding(seconds: -60 * Double(number))
    }

    private static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    @Test func bucketsAreLogarithmsOfSeconds() {
        for (seconds, bucket) in [(0, 0), (1, 0), (2, 2), (-2, 2), (60, 13), (3600, 27), (86_400, 37)]
            as [(Int32, Int32)]
        {
            #expect(TimeFeatures.bucket(seconds: seconds) == bucket, "\(seconds)")
        }
        var last: Int32 = 0
        for power in 0..<31 {
            let bucket = TimeFeatures.bucket(seconds: Int32(1) << Int32(power))
            #expect(bucket >= last)
            last = bucket
        }
        #expect(last == 63)
        #expect(TimeFeatures.bucket(seconds: .min) == 63 && TimeFeatures.bucket(seconds: .max) == 63)
        #expect(TimeFeatures.seconds(from: .min, to: .max) == 1 << 30)
        #expect(TimeFeatures.seconds(from: .max, to: .min) == -(1 << 30))
        #expect(TimeFeatures.seconds(from: 1_000_000, to: 62_999_999) == 61)
        #expect(TimeFeatures.logSeconds(from: nil, to: 0).isNaN)
        #expect(TimeFeatures.logSeconds(from: 10, to: 5) == 0)
        #expect(abs(TimeFeatures.logSeconds(from: 0, to: 60_000_000) - logf(60)) < 1e-6)
    }

    @Test func theClockIsThatOfTheOffset() throws {
        func clock(_ text: String, _ offset: Double) throws -> [Int] {
            let times = TimeFeatures(utcOffsetHours: offset, lookups: 1)
            let clock = times.clock(try Self.moment(text))
            return [clock.hour, clock.weekday]
        }
        #expect(try clock("1970-01-01T00:00:00Z", 0) == [0, 3])
        #expect(try clock("2024-12-30T23:59:59Z", 0) == [23, 0])
        #expect(try clock("2024-12-30T23:59:59Z", 1) == [0, 1])
        #expect(try clock("2024-12-30T18:30:00Z", 5.5) == [0, 1])
        #expect(try clock("2024-12-30T00:10:00Z", -0.5) == [23, 6])
        #expect(try clock("1969-12-28T12:00:00Z", 0) == [12, 6])
    }

    @Test func onlyAMapWithTimesHasTheirColumns() throws {
        let (plain, _, _, _) = try FeatureFixtures.fitted()
        let fitted = try Fitted { $0.utcOffsetHours = -3 }
        let map = fitted.fitting.withCounterBins(
            fitted.map, samples: [Float](repeating: 0, count: fitted.map.counterLayout.columns))
        #expect(map.ranker.times == TimeFeatures(utcOffsetHours: -3, lookups: 1))
        #expect(map.retrieval.times == nil && plain.ranker.times == nil)
        #expect(map.counterLayout.timeOffset == plain.counterLayout.columns)
        #expect(map.counterLayout.columns == plain.counterLayout.columns + 2)
        #expect(try FeatureMap.decode(try map.encoded()) == map)
        // A map that knows nothing of times is the bytes that it was before there were such.
        let full = FeatureMapFitting(settings: FeatureFixtures.settings(), retrieval: .init(dimension: 16))
            .withCounterBins(plain, samples: [Float](repeating: 0, count: plain.counterLayout.columns))
        let bytes = try full.encoded()
        #expect(!String(decoding: bytes, as: UTF8.self).contains("times"))
        #expect(try FeatureMap.decode(bytes) == full)
        for damage in [TimeFeatures(utcOffsetHours: 0, lookups: 0), TimeFeatures(utcOffsetHours: 99, lookups: 1)] {
            var broken = map
            broken.ranker.times = damage
            let data = try broken.encoded()
            #expect(throws: FeatureError.self) { try FeatureMap.decode(data) }
        }
    }

    @Test(arguments: [-12.5, 14.5, .nan]) func aClockOfNoPlaceIsRefused(offset: Double) {
        #expect { try Fitted { $0.utcOffsetHours = offset } } throws: {
            "\($0)".contains("features.utc_offset_hours must be -12 to 14")
        }
    }

    @Test func contextsTellTheMomentAndStepsHowLongAgoTheyWere() throws {
        let fitted = try Fitted()
        let (users, items) = fitted.map.ranker.encode(fitted.rows)
        let assembler = BatchAssembler(map: fitted.map, space: fitted.map.ranker, items: items)
        let seconds: [Int64] = [100, 1000, 1000, 3590]
        func add(_ text: String) throws {
            let moment = try Self.moment(text)
            HistorySlice.lend(items: [1, 2, 3, 4], codes: [0, 1, 0, 1], times: seconds.map { $0 * 1_000_000 }) {
                _ = assembler.addContext(users: users, row: 0, history: $0, at: moment)
            }
        }
        for moment in ["1970-01-01T01:00:00Z", "1970-01-02T01:59:59Z", "1970-01-08T01:00:00Z"] { try add(moment) }
        let batch = assembler.batch
        #expect(batch.historySeconds.prefix(4) == [10, 2600, 2600, 3500])
        #expect(batch.contextLookups.count == 6)
        #expect(Set(stride(from: 0, to: 6, by: 2).map { batch.contextLookups[$0] }).count == 1, "the same hour")
        #expect(
            batch.contextLookups[1] != batch.contextLookups[3] && batch.contextLookups[1] == batch.contextLookups[5])
        #expect(batch.contextLookups.allSatisfy { (0..<Int32(fitted.map.ranker.table.rows)).contains($0) })
        assembler.begin()
        #expect(assembler.batch.contextLookups.isEmpty && assembler.batch.historySeconds.isEmpty)
        // The retrieval model is told nothing of it.
        let (retrievalUsers, retrievalItems) = fitted.map.retrieval.encode(fitted.rows)
        let other = BatchAssembler(map: fitted.map, space: fitted.map.retrieval, items: retrievalItems)
        HistorySlice.lend(items: [1], codes: [0], times: [5]) {
            _ = other.addContext(users: retrievalUsers, row: 0, history: $0)
        }
        #expect(other.batch.contextLookups.isEmpty && other.batch.historySeconds.isEmpty)
    }

    @Test func stepsJustBeforeARowCanBeHidden() throws {
        let fitted = try Fitted()
        let (users, items) = fitted.map.ranker.encode(fitted.rows)
        let assembler = BatchAssembler(map: fitted.map, space: fitted.map.ranker, items: items)
        func steps(hiding hidden: Int64, times: [Int64] = [10, 20, 30, 40]) -> [Int32] {
            assembler.begin()
            let codes = times.map { _ in UInt8(0) }
            HistorySlice.lend(items: times.indices.map { Int32($0 + 1) }, codes: codes, times: times) {
                _ = assembler.addContext(
                    users: users, row: 0, history: $0, at: Timestamp(microseconds: 50), hiding: hidden)
            }
            let batch = assembler.batch
            #expect(batch.historyAge == batch.historyItem.indices.map { Int32($0) })
            return batch.historyItem.map { batch.catalogRow[Int($0)] }
        }
        #expect(steps(hiding: 0) == [4, 3, 2, 1])
        #expect(steps(hiding: 10) == [4, 3, 2, 1])
        #expect(steps(hiding: 11) == [3, 2, 1])
        #expect(steps(hiding: 25) == [2, 1])
        #expect(steps(hiding: 41) == [4], "the newest stays where all would go")
        #expect(steps(hiding: .max) == [4])
        #expect(steps(hiding: 41, times: []).isEmpty)
    }

    @Test func rowsTellTheGapAndTheAgeOfTheItem() throws {
        let fitted = try Fitted()
        var encoder = fitted.encoder(Array(fitted.rows.items.prefix(10)))
        encoder.append(Array(fitted.rows.items.suffix(10)))
        let whole = fitted.encoder()
        let offset = fitted.map.counterLayout.timeOffset
        let moment = Timestamp(microseconds: 1_600_000_000_000_000).adding(seconds: 90)
        func times(_ encoder: CounterEncoder, _ item: Int32, _ past: [Int64]) -> [Float] {
            var output = [Float](repeating: 7, count: fitted.map.counterLayout.columns)
            output.withUnsafeMutableBufferPointer { buffer in
                HistorySlice.lend(items: past.map { _ in 2 }, codes: past.map { _ in 0 }, times: past) {
                    encoder.write(history: $0, item: item, fold: nil, at: moment, into: buffer.baseAddress!)
                }
            }
            return Array(output[offset...])
        }
        let past = [30, 60].map { moment.adding(seconds: -$0).microseconds }.reversed()
        for item in [1, 5, 13, 19] {
            let found = times(whole, Int32(item), Array(past))
            #expect(abs(found[0] - logf(30)) < 1e-5)
            #expect(abs(found[1] - logf(90 + 60 * Float(item))) < 1e-5)
            #expect(times(encoder, Int32(item), Array(past)) == found, "items behind the catalog are no other")
        }
        #expect(times(whole, 3, [])[0].isNaN && times(whole, 3, [])[1].isNaN)
    }

    /// What comes after a row changes none of its times.
    @Test func nothingOfTheFutureIsRead() throws {
        let fitted = try Fitted()
        let (users, items) = fitted.map.ranker.encode(fitted.rows)
        let assembler = BatchAssembler(map: fitted.map, space: fitted.map.ranker, items: items)
        func seen(_ times: [Int64], row: Int) -> (batch: Batch, numbers: [Float]) {
            let user = Int(fitted.log.user[row])
            let start = Int(fitted.log.userStart[user])
            let moment = Timestamp(microseconds: fitted.log.time[row])
            var numbers = [Float](repeating: 0, count: fitted.map.counterLayout.columns)
            let past = start..<fitted.log.historyEnd(of: row)
            assembler.begin()
            HistorySlice.lend(
                items: Array(fitted.log.item[past]), codes: Array(fitted.log.code[past]), times: Array(times[past])
            ) { history in
                _ = assembler.addContext(users: users, row: user, history: history, at: moment)
                numbers.withUnsafeMutableBufferPointer {
                    fitted.encoder().write(
                        history: history, item: fitted.log.item[row], fold: nil, at: moment, into: $0.baseAddress!)
                }
            }
            return (assembler.batch, Array(numbers[fitted.map.counterLayout.timeOffset...]))
        }
        let row = 407
        let before = seen(Array(fitted.log.time), row: row)
        var later = Array(fitted.log.time)
        for other in later.indices where later[other] >= fitted.log.time[row] { later[other] += 5_000_000_000 }
        let after = seen(later, row: row)
        #expect(before.batch == after.batch && before.batch.steps > 0)
        #expect(zip(before.numbers, after.numbers).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
        #expect(before.batch.historySeconds.allSatisfy { $0 >= 0 })
    }
}
