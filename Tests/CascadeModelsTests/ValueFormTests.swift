import CascadeCore
import CascadeFeatures
import CascadeNN
import Foundation
import Testing

@testable import CascadeModels

@Suite struct ValueFormTests {
    /// A case of Scripts/golden/make_values.py.
    private struct Golden: Decodable {
        let low, high, sigma, value, mean: Double
        let bins: Int
        let targets: [Double]

        static func read() throws -> [Golden] {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../Scripts/golden")
            return try JSONDecoder().decode(
                [Golden].self, from: Data(contentsOf: folder.appendingPathComponent("values.json")))
        }

        /// A head between these ends.
        func head(_ transform: ValueTransform = .none) -> ValueHead {
            var settings = ValueHeadSettings(signal: "play")
            (settings.bins, settings.sigma, settings.transform) = (bins, sigma, transform)
            return ValueHead(
                name: "w", settings: settings, rows: 1, average: 0, range: -1e9...1e9, centre: 0, deviation: 1,
                ends: low...high)
        }
    }

    static func head(
        _ loss: ValueLossKind, bins: Int = 32, transform: ValueTransform = .none
    ) -> ValueHead {
        var settings = ValueHeadSettings(signal: "play")
        (settings.loss, settings.bins, settings.transform) = (loss, bins, transform)
        return ValueHead(
            name: "w", settings: settings, rows: 9, average: 3, range: 0...20, centre: 2, deviation: 4, ends: -3...23)
    }

    static func targets(_ form: any ValueForm, _ value: Float) -> [Float] {
        var targets = [Float](repeating: -1, count: form.columns)
        targets.withUnsafeMutableBufferPointer { form.write(target: value, into: $0.baseAddress!) }
        return targets
    }

    static func value(_ form: any ValueForm, _ outputs: [Float]) -> Float {
        outputs.withUnsafeBufferPointer { form.value(of: $0.baseAddress!) }
    }

    @Test func targetsAreThoseOfTheGoldenFile() throws {
        let golden = try Golden.read()
        #expect(golden.count == 90)
        for one in golden {
            let form = HistogramValue(one.head())
            let targets = Self.targets(form, Float(one.value))
            #expect(targets.count == one.bins)
            for (target, expected) in zip(targets, one.targets) {
                #expect(abs(Double(target) - expected) < 1e-5, "\(one)")
            }
            #expect(abs(targets.reduce(0, +) - 1) < 1e-5)
            // Logits whose softmax are the targets stand for their mean.
            let value = Self.value(form, targets.map { $0 > 0 ? log($0) : -100 })
            #expect(abs(Double(value) - one.mean) < 1e-4 * (one.high - one.low), "\(one)")
        }
    }

    /// Within the ends of a fitted range a target's mean is the value, which is what makes the expectation right.
    @Test func targetsKeepTheMean() {
        let form = ValueForms.make(Self.head(.histogram))
        for value: Float in [0, 0.3, 7, 19.9, 20] {
            let own = Self.value(form, Self.targets(form, value).map { $0 > 0 ? log($0) : -100 })
            #expect(abs(own - value) < 0.01, "\(value) became \(own)")
        }
        // What lies beyond is cut.
        #expect(Self.targets(form, 90) == Self.targets(form, 20))
    }

    @Test func oneNumberIsInUnitsOfTheTrainingPeriod() {
        let form = ValueForms.make(Self.head(.squared))
        #expect(form.columns == 1)
        #expect(Self.targets(form, 10) == [2] && Self.targets(form, 99) == [4.5])
        #expect(Self.value(form, [2]) == 10)
        // What is foretold stays in the range that was learned.
        #expect(Self.value(form, [-1]) == 0 && Self.value(form, [99]) == 20 && Self.value(form, [.nan]).isNaN)
        let logarithmic = ValueForms.make(Self.head(.squared, transform: .log1p))
        #expect(abs(Self.value(logarithmic, Self.targets(logarithmic, 7)) - 7) < 1e-4)
    }

    /// With logarithms the bins stand for values, so that the expectation is one of values.
    @Test func binsOfLogarithmsStandForValues() {
        var settings = ValueHeadSettings(signal: "play")
        (settings.bins, settings.transform) = (10, .log1p)
        let form = HistogramValue(
            ValueHead(
                name: "w", settings: settings, rows: 9, average: 3, range: 0...50, centre: 2, deviation: 4,
                ends: 0...4))
        var outputs = [Float](repeating: -100, count: 10)
        (outputs[2], outputs[7]) = (3, 3)
        #expect(abs(Double(Self.value(form, outputs)) - (expm1(1.0) + expm1(3.0)) / 2) < 1e-4)
    }

    /// The losses of both forms against differences, with a row of weight 0, and by hand.
    @Test(arguments: ValueLossKind.allCases) func lossesHaveTheirSlopes(kind: ValueLossKind) throws {
        let form = ValueForms.make(Self.head(kind, bins: 6))
        let (rows, columns) = (4, form.columns)
        var random = SeededRandom(seed: 2)
        var outputs = (0..<(rows * columns)).map { _ in Float(random.uniform() * 4 - 2) }
        let targets = [1, 5, 12, 19].flatMap { Self.targets(form, $0) }
        let weights: [Float] = [1, 0, 2, 0.5]
        func run() throws -> (loss: Double, slopes: [Float]) {
            let store = ParameterStore()
            try store.allocate(seed: 1)
            let plan = Plan(store: store, mode: .training)
            let dimension = plan.dimension("rows", capacity: rows)
            let x = plan.input(dimension, columns: columns, name: "x", differentiable: true)
            let t = plan.input(dimension, columns: columns, name: "t")
            let w = plan.input(dimension, columns: 1, name: "w")
            let loss = form.recordLoss(plan, outputs: x, targets: t, weights: w)
            try plan.seal()
            try plan.setCount(dimension, rows)
            for (value, numbers) in [(x, outputs), (t, targets), (w, weights)] {
                let cells = plan.floats(value)
                for (place, number) in numbers.enumerated() { cells[place] = number }
            }
            try plan.forward()
            try plan.backward(from: loss)
            return (Double(plan.scalar(loss)), plan.gradients(of: x))
        }
        let (loss, slopes) = try run()
        #expect(abs(loss - Self.plain(kind, outputs, targets, weights, columns)) < 1e-5)
        for place in outputs.indices {
            let kept = outputs[place]
            outputs[place] = kept + 1e-2
            let above = Self.plain(kind, outputs, targets, weights, columns)
            outputs[place] = kept - 1e-2
            let below = Self.plain(kind, outputs, targets, weights, columns)
            outputs[place] = kept
            #expect(abs((above - below) / 2e-2 - Double(slopes[place])) < 1e-3, "\(place)")
        }
    }

    /// The formulas in double.
    private static func plain(
        _ kind: ValueLossKind, _ outputs: [Float], _ targets: [Float], _ weights: [Float], _ columns: Int
    ) -> Double {
        var total = 0.0
        for row in weights.indices {
            let own = (row * columns)..<((row + 1) * columns)
            let (x, t) = (outputs[own].map(Double.init), targets[own].map(Double.init))
            let loss: Double
            switch kind {
            case .squared: loss = (x[0] - t[0]) * (x[0] - t[0])
            case .histogram:
                let whole = log(x.reduce(0) { $0 + exp($1) })
                loss = zip(x, t).reduce(0) { $0 + $1.1 * (whole - $1.0) }
            }
            total += Double(weights[row]) * loss
        }
        return total / Double(weights.count)
    }

    @Test func valuesAreNeverCalibrated() {
        let halved = RankerCalibration(
            heads: [.init(head: "view", calibrator: PlattCalibrator(slope: 1, offset: 1))], from: "", until: "")
        let served = halved.calibrated([0.5, 12, 0.5, -3], columns: 2)
        #expect(served[0] > 0.7 && served[2] > 0.7 && served[1] == 12 && served[3] == -3)
    }

    @Test func settingsAndFeaturesMustAgree() throws {
        let fixture = try ModelFixture()
        var settings = fixture.settings.ranker
        settings.values = ["w": ValueHeadSettings(signal: "view")]
        #expect {
            try RankingModel(settings: settings, map: fixture.map, store: ParameterStore())
        } throws: {
            "\($0)".contains("ranker.values")
        }
        settings.conversions = ["like": "w"]
        settings.values["x"] = ValueHeadSettings(signal: "")
        let problems = settings.problems().joined(separator: "\n")
        #expect(problems.contains("ranker.conversions: w is a value") && problems.contains("ranker.values.x.signal"))
    }
}
