import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

@Suite struct ValueHeadTests {
    /// Watch times of what was viewed, from 1 to 10, and of every ninth view none.
    private static func log() -> InteractionLog {
        var log = FeatureFixtures.log(users: 30, items: 20, rows: 900, seed: 1)
        log.values["view"] = Column(
            log.feedback.indices.map { row in
                log.feedback[row] & 1 == 0 || row % 9 == 0 ? .nan : Float(row % 10 + 1)
            })
        // Some rows record nothing, and some answer nothing that was shown.
        for row in stride(from: 5, to: log.count, by: 11) { (log.feedback[row], log.observed[row]) = (2, 2) }
        for row in stride(from: 7, to: log.count, by: 13) { log.isImpression[row] = false }
        return log
    }

    private static func fit(
        _ log: InteractionLog, name: String = "watch_time", signal: String = "view", minimum: Int = 5,
        _ change: (inout ValueHeadSettings) -> Void = { _ in }
    ) throws -> FeatureMap {
        var settings = ValueHeadSettings(signal: signal)
        change(&settings)
        var features = FeatureFixtures.settings()
        features.minimumPositives = minimum
        let rows = EntityRows(
            users: FeatureFixtures.users(30), items: FeatureFixtures.items(20), log: log)
        return try FeatureMapFitting(
            settings: features, retrieval: .init(dimension: 16), values: [name: settings]
        ).fit(log: log, rows: rows, definitions: FeatureFixtures.definitions)
    }

    @Test func aRowTellsItsValueOrNone() throws {
        let log = Self.log()
        let column = log.valueColumn(of: "view")
        let map = try Self.fit(log)
        let encoded = EncodedLog(
            log, catalog: EntityRows(users: FeatureFixtures.users(30), items: FeatureFixtures.items(20), log: log),
            heads: map.heads, historySignals: map.historySignals, values: map.valueHeads)
        for row in 0..<log.count {
            let expected: Float? =
                !log.isImpression[row] || log.observed[row] & 1 == 0
                ? nil : log.feedback[row] & 1 == 0 ? 0 : row % 9 == 0 ? nil : Float(row % 10 + 1)
            #expect((column[row].isNaN ? nil : column[row]) == expected, "row \(row)")
            let own = encoded.values[0][row]
            #expect((own.isNaN ? nil : own) == expected, "row \(row)")
            #expect(encoded.isTold(row) == log.isImpression[row])
        }
        // Where values were not read nothing is known of them.
        var unread = log
        unread.values = [:]
        #expect(unread.valueColumn(of: "view").allSatisfy { $0.isNaN })
    }

    @Test func rangesAreFittedOrTaken() throws {
        let log = Self.log()
        let values = log.valueColumn(of: "view").filter { !$0.isNaN }.map(Double.init)
        let fitted = try #require(try Self.fit(log).valueHeads.first)
        #expect(fitted.rows == values.count)
        #expect(abs(fitted.average - values.reduce(0, +) / Double(values.count)) < 1e-9)
        #expect(fitted.minimum == 0 && fitted.maximum == 10)
        // Three deviations of a target lie beyond both ends of the range.
        let width = (fitted.high - fitted.low) / 32
        #expect(abs(fitted.low + 3 * 0.75 * width) < 1e-9 && abs(fitted.high - 10 - 3 * 0.75 * width) < 1e-9)
        let taken = try #require(
            try Self.fit(log) {
                ($0.minimum, $0.maximum) = (0, 6)
            }.valueHeads.first)
        #expect((taken.low, taken.high) == (0, 6) && (taken.minimum, taken.maximum) == (0, 6))
        #expect(taken.average == fitted.average, "the mean is of values as they are")
        #expect(taken.learned(8) == 6 && taken.learned(-1) == 0 && taken.learned(2.5) == 2.5)
        let logarithmic = try #require(try Self.fit(log) { $0.transform = .log1p }.valueHeads.first)
        #expect(abs(logarithmic.learned(10) - log1p(10)) < 1e-12 && logarithmic.maximum == 10)
        #expect(logarithmic.low < 0 && logarithmic.high > log1p(10))
        let learned = values.map { fitted.learned(Float($0)) }
        #expect(abs(fitted.centre - learned.reduce(0, +) / Double(learned.count)) < 1e-9)
    }

    @Test func whatCannotBeLearnedIsTold() throws {
        let log = Self.log()
        var negative = log
        negative.values["view"] = log.values["view"].map { Column($0.map { -$0 }) }
        var alike = log
        alike.values["view"] = log.values["view"].map { Column($0.map { $0 * 0 }) }
        var unread = log
        unread.values = [:]
        func told(_ text: String, _ body: () throws -> FeatureMap) {
            #expect { try body() } throws: { "\($0)".contains("ranker.values: ") && "\($0)".contains(text) }
        }
        told("there is no signal 'play'; there are view, like") { try Self.fit(log, signal: "play") }
        told("view: a signal has that name") { try Self.fit(log, name: "view") }
        told("features.minimum_positives") { try Self.fit(unread) }
        told("transform log1p") { try Self.fit(negative) { $0.transform = .log1p } }
        told("set minimum: 0") { try Self.fit(negative) { $0.transform = .log1p } }
        told("all values are cut") { try Self.fit(alike) }
        told("all values are cut") { try Self.fit(log) { $0.minimum = 50 } }
        told("no heads") { try Self.fit(log, minimum: 5000) }
    }

    /// What a release keeps; one of before there were values has none.
    @Test func mapsKeepTheirValueHeads() throws {
        let map = FeatureMapFitting(settings: FeatureFixtures.settings(), retrieval: .init(dimension: 16))
            .withCounterBins(try Self.fit(Self.log()) { $0.loss = .squared }, samples: [])
        let again = try FeatureMap.decode(try map.encoded())
        #expect(again == map && again.outputs == ["view", "like", "watch_time"])
        #expect(again.valueSignals == ["view"])
        let text = String(decoding: try map.encoded(), as: UTF8.self)
        let old = try FeatureFixtures.fitted().map
        let plain = FeatureMapFitting(settings: FeatureFixtures.settings(), retrieval: .init(dimension: 16))
            .withCounterBins(old, samples: [])
        #expect(!String(decoding: try plain.encoded(), as: UTF8.self).contains("\"values\""))
        #expect(try FeatureMap.decode(try plain.encoded()).valueHeads.isEmpty)
        for broken in [
            text.replacing("\"watch_time\"", with: "\"like\""), text.replacing("\"bins\":32", with: "\"bins\":1"),
        ] {
            #expect(throws: FeatureError.self) { try FeatureMap.decode(Data(broken.utf8)) }
        }
    }

    @Test func settingsAreChecked() {
        func problems(_ change: (inout ValueHeadSettings) -> Void) -> String {
            var settings = ValueHeadSettings(signal: "play")
            change(&settings)
            return settings.problems(under: "ranker.values.w").joined(separator: "\n")
        }
        #expect(problems { _ in }.isEmpty)
        #expect(problems { $0.signal = "" }.contains("ranker.values.w.signal"))
        #expect(problems { $0.bins = 1 }.contains("ranker.values.w.bins must be 2 to 1024"))
        #expect(problems { $0.bins = 5 }.contains("ranker.values.w.bins must be at least 6 for a sigma of 0.75"))
        #expect(problems { ($0.bins, $0.loss) = (5, .squared) }.isEmpty)
        #expect(problems { $0.sigma = 0 }.contains("ranker.values.w.sigma"))
        #expect(problems { $0.maximum = .infinity }.contains("must be numbers"))
        #expect(problems { ($0.minimum, $0.maximum) = (2, 2) }.contains("ranker.values.w.minimum must be below"))
        #expect(problems { ($0.minimum, $0.transform) = (-1, .log1p) }.contains("ranker.values.w.transform"))
    }
}
