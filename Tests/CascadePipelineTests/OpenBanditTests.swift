import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

private let folder = ProcessInfo.processInfo.environment["CASCADE_DATA_DIR"].map { URL(fileURLWithPath: $0 + "/obd") }
private let isThere = folder.map { FileManager.default.fileExists(atPath: $0.path + "/random/men.csv.gz") } ?? false

/// A demonstration on the Open Bandit Dataset (Saito et al. 2020): what the policy "bts" earns, from slates of the policy "random",
/// beside what it did earn. 10,000 rows each with some fifty clicks, so all intervals are wide.
@Suite(.enabled(if: isThere)) struct OpenBanditTests {
    private struct Row {
        let item: Int32
        let position: Int32
        let click: Double
        let propensity: Double
    }

    private static func unpacked(_ path: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", try #require(folder).appendingPathComponent(path).path]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    private static func rows(_ policy: String) throws -> [Row] {
        let lines = try unpacked("\(policy)/men.csv.gz").split(whereSeparator: \.isNewline)
        let titles = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        func column(_ name: String) throws -> Int { try #require(titles.firstIndex(of: name)) }
        let (item, position) = (try column("item_id"), try column("position"))
        let (click, propensity) = (try column("click"), try column("propensity_score"))
        return try lines.dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            return Row(
                item: try #require(Int32(fields[item])), position: try #require(Int32(fields[position])),
                click: try #require(Double(fields[click])), propensity: try #require(Double(fields[propensity])))
        }
    }

    /// Rows are looked at each by itself. How likely "bts" shows an item at a position is how often it did.
    private static func log(_ logged: [Row], target: [Row]) -> OffPolicyLog {
        var counts: [Int32: [Int32: Double]] = [:]
        for row in target { counts[row.position, default: [:]][row.item, default: 0] += 1 }
        let policy = counts.mapValues { items in
            let sum = items.values.reduce(0, +)
            return items.mapValues { $0 / sum }
        }
        let choices = policy.mapValues { items in
            items.sorted { $0.key < $1.key }.map { ItemProbability(item: $0.key, probability: $0.value) }
        }
        // A model by item and position: the items of another position are others.
        let slates = logged.enumerated().map { index, row in
            let targets = (choices[row.position] ?? []).map {
                ItemProbability(item: $0.item + 100 * row.position, probability: $0.probability)
            }
            let place = LoggedPlace(
                reward: row.click, logging: row.propensity, target: policy[row.position]?[row.item] ?? 0,
                item: row.item + 100 * row.position, targets: targets)
            return LoggedSlate(unit: Int32(index), places: [place])
        }
        return OffPolicyLog(slates: slates, weighting: .independent)
    }

    @Test func whatOnePolicyEarnsIsToldByTheOther() throws {
        let (random, bts) = (try Self.rows("random"), try Self.rows("bts"))
        let log = Self.log(random, target: bts)
        let earned = ClusteredRatio(bts.map { (numerator: $0.click, denominator: 1) })
        let truth = try #require(earned.interval)
        print("obd: \(random.count) rows of random, \(bts.count) of bts")
        print("  bts, as it earned   \(Self.text(earned.value)) \(Self.text(truth))")
        print("  random, as logged   \(Self.text(log.logged.value)) effective rows \(Int(log.support.effectiveSlates))")
        for estimator in OffPolicyEstimators.all(model: ItemPlaceModel()) {
            let estimate = try estimator.estimate(log)
            print("  \(estimator.name)   \(Self.text(estimate.value)) \(Self.text(estimate.interval))")
            #expect(estimate.interval.low < truth.high && truth.low < estimate.interval.high)
            #expect(estimate.interval.high - estimate.interval.low < 0.01)
        }
        #expect(log.support.effectiveSlates > 1000 && log.support.effectiveSlates < 10_000)
    }

    private static func text(_ value: Double?) -> String { value.map { String(format: "%.5f", $0) } ?? "–" }
    private static func text(_ range: ValueRange) -> String { "\(text(range.low)) to \(text(range.high))" }
}
