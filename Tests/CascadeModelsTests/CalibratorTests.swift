import CascadeCore
import CascadeModels
import CascadeTestSupport
import Foundation
import Testing

@Suite struct CalibratorTests {
    /// Rows whose true log odds are `truth` of what the ranker says.
    private static func rows(
        _ count: Int, seed: UInt64 = 5, truth: (Double) -> Double
    ) -> (logOdds: [Double], labels: [Bool]) {
        var random = SeededRandom(seed: seed)
        let logOdds = (0..<count).map { _ in random.uniform() * 6 - 4 }
        return (logOdds, logOdds.map { random.uniform() < 1 / (1 + exp(-truth($0))) })
    }

    private static func fit(
        _ method: CalibrationMethod, _ rows: (logOdds: [Double], labels: [Bool])
    ) throws -> any Calibrator {
        try method.calibrator.init(logOdds: rows.logOdds, labels: rows.labels)
    }

    private static func calibration(_ calibrators: (String, any Calibrator)...) -> RankerCalibration {
        RankerCalibration(
            heads: calibrators.map { RankerCalibration.Head(head: $0.0, calibrator: $0.1) },
            from: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z")
    }

    /// The contract of the family.
    @Test(arguments: CalibrationMethod.allCases) func ordersStayAndFilesBringBackTheSame(method: CalibrationMethod)
        throws
    {
        let calibrator = try Self.fit(method, Self.rows(3000) { 2 * $0 - 1 })
        #expect(type(of: calibrator).method == method)
        let grid = stride(from: -20.0, through: 20, by: 0.01).map { $0 }
        let values = grid.map(calibrator.calibrated)
        #expect(values.allSatisfy { $0.isFinite })
        for (left, right) in zip(values, values.dropFirst()) { #expect(left <= right) }
        // Not even the outermost rows get the same value.
        #expect(values[0] < values[1] && values[values.count - 2] < values[values.count - 1])
        #expect(calibrator.problem == nil)
        let data = try Self.calibration(("view", calibrator)).encoded()
        let read = try RankerCalibration.decode(data, heads: ["view"], path: "x")
        #expect(grid.map(read.heads[0].calibrator.calibrated) == values)
        #expect(read.from == "2026-01-01T00:00:00Z")
    }

    @Test(arguments: CalibrationMethod.allCases.filter { $0 != .none })
    func oneOutcomeIsNotEnough(method: CalibrationMethod) throws {
        for labels in [[Bool](), [true], [false, false, false]] {
            let rows = (logOdds: labels.map { _ in 0.5 }, labels: labels)
            #expect(throws: CalibrationError.oneClass(rows: labels.count, positives: labels.count { $0 })) {
                try Self.fit(method, rows)
            }
        }
    }

    @Test func plattFindsTheLineThatRowsWereMadeBy() throws {
        let rows = Self.rows(40_000) { 0.6 * $0 - 0.8 }
        let fitted = try PlattCalibrator(logOdds: rows.logOdds, labels: rows.labels)
        #expect(abs(fitted.slope - 0.6) < 0.03, "\(fitted)")
        #expect(abs(fitted.offset + 0.8) < 0.04, "\(fitted)")
        // Both derivatives of the likelihood are zero at its maximum, up to the smoothing of the targets.
        var (slope, offset) = (0.0, 0.0)
        for (x, label) in zip(rows.logOdds, rows.labels) {
            let error = 1 / (1 + exp(-fitted.calibrated(x))) - (label ? 1 : 0)
            slope += error * x
            offset += error
        }
        #expect(abs(slope) < 5 && abs(offset) < 5, "\(slope), \(offset)")
    }

    @Test func plattWithEqualLogOddsMovesThemOnly() throws {
        let rows = (logOdds: [Double](repeating: 2, count: 100), labels: (0..<100).map { $0 < 30 })
        let fitted = try PlattCalibrator(logOdds: rows.logOdds, labels: rows.labels)
        #expect(fitted.slope == 1)
        #expect(abs(1 / (1 + exp(-fitted.calibrated(2))) - 0.3) < 0.01)
        // Rows that are parted without an error have no greatest likelihood without the smoothed targets.
        let parted = try PlattCalibrator(logOdds: [-2, -1, 1, 2], labels: [false, false, true, true])
        #expect(parted.slope.isFinite && parted.slope > 0)
    }

    @Test func plattRefusesToTurnTheOrderRound() {
        let rows = Self.rows(2000) { -$0 }
        #expect {
            try PlattCalibrator(logOdds: rows.logOdds, labels: rows.labels)
        } throws: { error in
            guard case CalibrationError.unordered(let slope) = error else { return false }
            return slope < 0 && "\(error)".contains("no matter of calibration")
        }
    }

    /// The greatest of the least means of all stretches: what pooling must find, computed the long way.
    @Test func isotonicIsTheTwinOfTheMinimaxFormula() throws {
        for seed in UInt64(1)...10 {
            let rows = Self.rows(100, seed: seed) { $0 }
            let fitted = try IsotonicCalibrator(logOdds: rows.logOdds, labels: rows.labels)
            let order = rows.logOdds.indices.sorted { rows.logOdds[$0] < rows.logOdds[$1] }
            let rate = Double(rows.labels.count { $0 }) / 100
            // Groups of ten, each with one more row of the overall rate.
            let groups = (0..<10).map { group in
                Double(order[(group * 10)..<(group * 10 + 10)].count { rows.labels[$0] }) + rate
            }
            func mean(_ from: Int, _ to: Int) -> Double {
                groups[from...to].reduce(0, +) / Double(11 * (to - from + 1))
            }
            let expected = (0..<10).map { group in
                (0...group).map { from in (group..<10).map { mean(from, $0) }.min() ?? 0 }.max() ?? 0
            }
            var blocks: [Double] = []
            for value in expected where blocks.last.map({ abs($0 - value) > 1e-9 }) ?? true { blocks.append(value) }
            #expect(fitted.values.count == blocks.count, "seed \(seed)")
            for (value, block) in zip(fitted.values, blocks) {
                #expect(abs(value - log(block / (1 - block))) < 1e-9, "seed \(seed)")
            }
            for (point, value) in zip(fitted.points, fitted.values) {
                #expect(abs(fitted.calibrated(point) - value) < 1e-9)
            }
        }
    }

    @Test func isotonicMendsWhatALineCannot() throws {
        let truth = { (x: Double) in x < -1 ? 0.2 * x - 1 : 2 * x + 0.8 }
        let rows = Self.rows(60_000, truth: truth)
        let isotonic = try Self.fit(.isotonic, rows)
        let platt = try Self.fit(.platt, rows)
        func error(_ calibrator: any Calibrator) -> Double {
            stride(from: -3.8, through: 1.8, by: 0.1).map { x in
                abs(1 / (1 + exp(-calibrator.calibrated(x))) - 1 / (1 + exp(-truth(x))))
            }.reduce(0, +) / 57
        }
        #expect(error(isotonic) < 0.02, "\(error(isotonic))")
        #expect(error(isotonic) < 0.5 * error(platt), "\(error(isotonic)), \(error(platt))")
    }

    @Test func isotonicPoolsEqualLogOdds() throws {
        let fitted = try IsotonicCalibrator(
            logOdds: [Double](repeating: 1, count: 50), labels: (0..<50).map { $0 < 10 })
        #expect(fitted.points == [1])
        #expect(abs(1 / (1 + exp(-fitted.calibrated(1))) - 0.2) < 1e-9)
        #expect(fitted.calibrated(3) - fitted.calibrated(1) == 2)
    }

    @Test func eachHeadHasItsOwnAndWhatIsNoNumberStaysNone() {
        let calibration = Self.calibration(
            ("view", PlattCalibrator(slope: 1, offset: 1)), ("like", IdentityCalibrator()))
        let result = calibration.calibrated([0.5, 0.5, .nan, 0.25, 1, 0])
        #expect(abs(result[0] - Float(1 / (1 + exp(-1.0)))) < 1e-6)
        #expect(result[1] == 0.5 && result[2].isNaN && result[3] == 0.25)
        #expect(result[4] > 0.9999 && result[4] <= 1 && result[5] == 0)
    }

    @Test func whatCannotBeUsedIsRefusedByFile() throws {
        func refuses(_ text: String, _ part: String) {
            #expect {
                try RankerCalibration.decode(Data(text.utf8), heads: ["view"], path: "calibration.json")
            } throws: { error in
                guard case ModelError.corruptArtifact("calibration.json", let reason) = error else { return false }
                return reason.contains(part)
            }
        }
        func file(_ head: String, _ method: String, _ parameters: String) -> String {
            #"{"from": "a", "until": "b", "heads": [{"head": "\#(head)", "method": "\#(method)", "parameters": \#(parameters)}]}"#
        }
        refuses("", "no calibration")
        refuses(file("view", "magic", "{}"), "no calibration")
        refuses(file("view", "platt", #"{"slope": 1}"#), "no calibration")
        refuses(file("like", "platt", #"{"slope": 1, "offset": 0}"#), "the ranker has view")
        refuses(file("view", "platt", #"{"slope": 0, "offset": 0}"#), "slope")
        refuses(file("view", "isotonic", #"{"points": [], "values": []}"#), "0 points")
        refuses(file("view", "isotonic", #"{"points": [1, 2], "values": [1]}"#), "2 points with 1")
        refuses(file("view", "isotonic", #"{"points": [2, 1], "values": [1, 2]}"#), "out of order")
        refuses(file("view", "isotonic", #"{"points": [1, 2], "values": [2, 1]}"#), "out of order")
    }
}
