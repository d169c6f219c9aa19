import Foundation
import Testing

@testable import CascadeNN

@Suite struct LossTests {
    private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

    @Test func labelsMayBeSoft() throws {
        let soft: [Float] = [0, 0.25, 0.5, 1, 0.9, 0.1]
        let run = try ScalarRun(given: ["t": soft]) { b in
            let n = b.rows("rows", 3)
            return b.plan.binaryCrossEntropy(
                logits: b.operand("x", n, 2, in: -3...3), labels: b.operand("t", n, 2), weights: b.operand("w", n, 2))
        }
        var expected = 0.0
        for row in 0..<3 {
            for column in 0..<2 {
                let (x, t) = (run["x", row, column], run["t", row, column])
                let p = 1 / (1 + exp(-x))
                expected -= run["w", row, column] * (t * log(p) + (1 - t) * log(1 - p)) / 3
            }
        }
        expectClose(run.values, [Float(expected)], "binaryCrossEntropy")
    }

    @Test func columnsAreLossesOfTheirOwn() throws {
        let columns = try ScalarRun { b in
            let n = b.rows("rows", 5)
            return b.plan.binaryCrossEntropyColumns(
                logits: b.operand("x", n, 3, in: -3...3), labels: b.operand("t", n, 3, in: 0...1),
                weights: b.operand("w", n, 3, in: 0...2))
        }
        for column in 0..<3 {
            let sum = (0..<5).reduce(0.0) { sum, row in
                let x = columns["x", row, column]
                return sum + columns["w", row, column] * (softplus(x) - columns["t", row, column] * x)
            }
            expectClose([columns.values[column]], [Float(sum / 5)], "column \(column)")
        }
    }

    @Test func sharesOfClassesAreWeighed() throws {
        // A target of zero does not ask for a finite logit.
        let run = try ScalarRun(given: [
            "x": [1, -2, 0.5, 3, -.infinity, 1, 0, 0, 0], "t": [0.2, 0.3, 0.5, 1, 0, 0.4, 1, 1, 1], "w": [1, 2, 0],
        ]) { b in
            let n = b.rows("rows", 3)
            return b.plan.softCrossEntropy(
                logits: b.operand("x", n, 3), targets: b.operand("t", n, 3), weights: b.operand("w", n, 1))
        }
        var expected = 0.0
        for row in 0..<2 {
            let lse = log((0..<3).reduce(0.0) { $0 + exp(run["x", row, $1]) })
            for column in 0..<3 where run["t", row, column] != 0 {
                expected += run["w", row, 0] * run["t", row, column] * (lse - run["x", row, column]) / 3
            }
        }
        expectClose(run.values, [Float(expected)], "softCrossEntropy")
    }

    // MARK: products of probabilities

    /// Logits far out on both sides: the log odds of both and their slopes neither overflow nor vanish.
    @Test func jointLogitsAreStable() throws {
        let a: [Float] = [0, 1, -1, 40, 40, -40, 90, 30, -300, 300, 0.9, -20]
        let b: [Float] = [0, 2, 3, 40, -40, -40, 100, -2, 300, 300, 0.9, -20]
        let builder = try CaseBuilder(given: ["a": a, "b": b])
        let n = builder.rows("rows", a.count)
        let first = builder.operand("a", n, 1)
        let joint = builder.plan.jointLogit(first, builder.operand("b", n, 1))
        let sum = builder.plan.sum(joint)
        _ = try builder.finish(joint)
        try builder.plan.forward()
        try builder.plan.backward(from: sum)
        var expected: [Float] = []
        var slopes: [Float] = []
        for (x, z) in zip(a.map(Double.init), b.map(Double.init)) {
            let yes = -softplus(-x) - softplus(-z)
            // 1 − p = σ(−a) + σ(a)σ(−b), by its logarithm.
            let terms = (-softplus(x), -softplus(-x) - softplus(z))
            let no = max(terms.0, terms.1) + log1p(exp(-abs(terms.0 - terms.1)))
            expected.append(Float(yes - no))
            slopes.append(Float(exp(-softplus(x) - no)))
        }
        expectClose(builder.plan.values(of: joint), expected, "log odds")
        expectClose(builder.plan.gradients(of: first), slopes, "slopes")
    }

    // MARK: pairs

    /// Four segments: one with every kind of row, an empty one, a single row, one with equal labels in a column.
    private static let labels: [Float] = [
        1, 0, 0, 1, 0, 0, /* single */ 1, 1, /* last */ 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0,
    ]
    private static let weights: [Float] = [
        1, 2, 0.5, 1, 1, 0, /* single */ 1, 1, /* last */ 1, 1, 0, 1, 2, 1, 1, 0, 0.5, 1, 0, 1, 1, 1,
    ]

    @Test(arguments: [nil, 0.7] as [Float?])
    func pairsOfASegmentAreCompared(margin: Float?) throws {
        let builder = try CaseBuilder(given: ["t": Self.labels, "w": Self.weights])
        let r = OperationCases.ragged(builder)
        let x = builder.operand("x", r.items, 2, in: -2...2)
        let t = builder.operand("t", r.items, 2)
        let w = builder.operand("w", r.items, 2)
        let loss =
            margin.map { builder.plan.pairwiseHinge(logits: x, labels: t, weights: w, r.offsets, margin: $0) }
            ?? builder.plan.pairwiseLogistic(logits: x, labels: t, weights: w, r.offsets)
        _ = try builder.finish(loss)
        try builder.plan.forward()
        try builder.plan.backward(from: loss)
        let scores = builder.plan.values(of: x).map(Double.init)
        var expected = 0.0
        var slopes = [Float](repeating: 0, count: 22)
        for (start, end) in zip(OperationCases.borders, OperationCases.borders.dropFirst()) {
            for column in 0..<2 {
                let rows = (start..<end).map { 2 * Int($0) + column }.filter { Self.weights[$0] != 0 }
                let pairs = rows.flatMap { i in rows.filter { Self.labels[$0] < Self.labels[i] }.map { (i, $0) } }
                let weight = rows.reduce(0.0) { $0 + Double(Self.weights[$1]) } / Double(max(pairs.count, 1)) / 11
                for (i, j) in pairs {
                    let d = scores[i] - scores[j]
                    let slope: Double
                    if let margin {
                        expected += weight * max(0, Double(margin) - d)
                        slope = d < Double(margin) ? weight : 0
                    } else {
                        expected += weight * softplus(-d)
                        slope = weight / (1 + exp(d))
                    }
                    slopes[i] -= Float(slope)
                    slopes[j] += Float(slope)
                }
            }
        }
        #expect(expected > 0)
        expectClose(builder.plan.values(of: loss), [Float(expected)], "pairs")
        expectClose(builder.plan.gradients(of: x), slopes, "slopes", absolute: 1e-6)
    }

    // MARK: learned weights

    /// The weights and their own term are counted once, however many workers share the batch.
    @Test(arguments: [1, 2, 3])
    func uncertaintyIsCountedOnce(workers: Int) throws {
        let store = ParameterStore()
        let s = try store.parameter("s", rows: 1, columns: 2)
        try store.allocate(seed: 1)
        _ = store.weights(s).update(from: [0.4, -0.3])
        let engine = try TrainingEngine(
            store: store, options: TrainingOptions(workers: workers, seed: 1, dense: SGD(), schedule: ConstantRate(1))
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 5)
            let x = plan.input(rows, columns: 2)
            let t = plan.input(rows, columns: 2)
            let losses = plan.binaryCrossEntropyColumns(logits: x, labels: t)
            return (
                (rows, x, t), plan.uncertaintyWeighted(losses, logVariances: plan.parameter(s), over: rows)
            )
        }
        let logits: [Float] = [1, -1, 0.5, 2, -0.5, 0.1, 3, 1, -2, 0]
        let labels: [Float] = [1, 0, 0, 1, 0, 0, 1, 0.5, 0, 1]
        let result = try engine.step { worker, plan, inputs in
            let range = (worker * 5 / workers)..<((worker + 1) * 5 / workers)
            try plan.setCount(inputs.0, range.count)
            _ = plan.floats(inputs.1).update(from: logits[2 * range.lowerBound..<2 * range.upperBound])
            _ = plan.floats(inputs.2).update(from: labels[2 * range.lowerBound..<2 * range.upperBound])
        }
        engine.close()
        var expected = 0.0
        var moved: [Float] = []
        for (column, start) in [0.4, -0.3].enumerated() {
            let loss = (0..<5).reduce(0.0) {
                let x = Double(logits[2 * $1 + column])
                return $0 + (softplus(x) - Double(labels[2 * $1 + column]) * x) / 5
            }
            expected += exp(-start) * loss + start
            moved.append(Float(start - (1 - exp(-start) * loss)))
        }
        expectClose([result.loss], [Float(expected)], "loss")
        expectClose(Array(store.weights(s)), moved, "weights after a step")
    }
}
