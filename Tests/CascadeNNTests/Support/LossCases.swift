@testable import CascadeNN

extension OperationCases {
    static let losses: [OperationCase] = pointwise + probabilities + ranking + sampled

    /// Labels and weights are operands too, but a loss has no gradient for them: they are constants here.
    private static func constant(_ b: CaseBuilder, _ value: Value) -> Value { b.plan.stopGradient(value) }

    private static let pointwise: [OperationCase] = [
        OperationCase(name: "binaryCrossEntropy", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.binaryCrossEntropy(
                logits: b.operand("x", n, 3, in: -3...3), labels: constant(b, b.operand("t", n, 3, in: 0...1)))
        },
        OperationCase(name: "binaryCrossEntropy weighted", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.binaryCrossEntropy(
                logits: b.operand("x", n, 3, in: -3...3), labels: constant(b, b.operand("t", n, 3, in: 0...1)),
                weights: constant(b, b.operand("w", n, 3, in: 0...2)), smoothing: 0.1)
        },
        OperationCase(name: "squaredError", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.squaredError(
                b.operand("x", n, 3), targets: constant(b, b.operand("t", n, 3)),
                weights: constant(b, b.operand("w", n, 3, in: 0...2)))
        },
        OperationCase(name: "softmaxCrossEntropy", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.softmaxCrossEntropy(
                logits: b.operand("x", n, 20, in: -3...3), targets: b.indices(n, [3, 0, 19, -1, 7, 7]),
                weights: constant(b, b.operand("w", n, 1, in: 0...2)), smoothing: 0.2)
        },
        OperationCase(name: "pairwiseRanking", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.pairwiseRanking(
                positive: b.operand("p", n, 3), negative: b.operand("n", n, 3),
                weights: constant(b, b.operand("w", n, 1, in: 0...2)))
        },
        OperationCase(name: "vectorQuantize", h: 1e-3, isLoss: true) { b in
            b.plan.vectorQuantize(
                b.operand("t", b.rows("rows", 6), 4), codebook: b.weight("e", 5, 4), commitment: 0
            ).loss
        },
    ]

    private static let probabilities: [OperationCase] = [
        OperationCase(name: "softCrossEntropy", isLoss: true) { b in
            let n = b.rows("rows", 6)
            return b.plan.softCrossEntropy(
                logits: b.operand("x", n, 20, in: -3...3), targets: constant(b, b.operand("t", n, 20, in: 0...0.1)),
                weights: constant(b, b.operand("w", n, 1, in: 0...2)))
        },
        OperationCase(name: "binaryCrossEntropyColumns", isLoss: true) { b in
            let n = b.rows("rows", 6)
            let losses = b.plan.binaryCrossEntropyColumns(
                logits: b.operand("x", n, 3, in: -3...3), labels: constant(b, b.operand("t", n, 3, in: 0...1)),
                weights: constant(b, b.operand("w", n, 3, in: 0...2)), smoothing: 0.1)
            return b.plan.sum(b.plan.square(losses))
        },
        OperationCase(name: "uncertaintyWeighted", isLoss: true) { b in
            let n = b.rows("rows", 6)
            let losses = b.plan.binaryCrossEntropyColumns(
                logits: b.operand("x", n, 3, in: -3...3), labels: constant(b, b.operand("t", n, 3, in: 0...1)))
            return b.plan.uncertaintyWeighted(losses, logVariances: b.weight("s", 1, 3), over: n)
        },
    ]

    private static let ranking: [OperationCase] = [
        OperationCase(name: "pairwiseLogistic", isLoss: true) { b in
            let r = ragged(b)
            return b.plan.pairwiseLogistic(
                logits: b.operand("x", r.items, 2, in: -2...2),
                labels: constant(b, b.operand("t", r.items, 2, in: 0...1)),
                weights: constant(b, b.operand("w", r.items, 2, in: 0...2)), r.offsets)
        },
        OperationCase(name: "pairwiseHinge", h: 1e-3, isLoss: true) { b in
            let r = ragged(b)
            return b.plan.pairwiseHinge(
                logits: b.operand("x", r.items, 2, in: -2...2),
                labels: constant(b, b.operand("t", r.items, 2, in: 0...1)), r.offsets, margin: 0.7)
        },
    ]

    static let sampled: [OperationCase] = [
        sampledCase("sampledSoftmax plain", .init(), ids: false, logQ: false),
        sampledCase("sampledSoftmax", .init(), ids: true, logQ: true),
        sampledCase(
            "sampledSoftmax uncorrected positive", .init(positiveCorrected: false, positiveInDenominator: true),
            ids: true, logQ: true),
        sampledCase(
            "sampledSoftmax outside", .init(positiveCorrected: false, positiveInDenominator: false), ids: true,
            logQ: true),
        OperationCase(name: "sampledSoftmax learned", h: 2e-3, isLoss: true) { b in
            let n = b.rows("rows", 6)
            let inputs = ContrastInputs(
                queries: b.operand("u", n, 5), items: b.operand("v", b.rows("items", 9), 5),
                positives: b.indices(n, positives))
            return b.plan.sampledSoftmax(inputs, temperature: .learned(b.weight("s", 1, 1, in: 0.5...1)))
        },
        contrastCase("cosineContrast") { $0.cosineContrast($1, margin: 0.1, negativeWeight: 3) },
        contrastCase("binaryContrast") { $0.binaryContrast($1, temperature: .constant(0.5), positiveWeight: 0.3) },
        contrastCase("pairwiseContrast") { $0.pairwiseContrast($1, temperature: .constant(0.5)) },
    ]

    /// Losses with constants inside their gradient, which finite differences cannot check.
    static let goldenOnly: [OperationCase] = [
        sampledCase(
            "sampledSoftmax posterior",
            .init(positiveCorrected: false, positiveInDenominator: false, posteriorWeighted: true), ids: true,
            logQ: true),
        OperationCase(name: "sampledSoftmax head", isLoss: true) { b in
            let n = b.rows("rows", 6)
            let inputs = columns(b, n, b.rows("items", 9), logQ: nil, ids: true)
            let head = HeadWeighting(thresholds: b.plan.stopGradient(b.operand("t", n, 1)), sharpness: 2)
            return b.plan.sampledSoftmax(
                inputs, temperature: .constant(0.5),
                options: .init(positiveCorrected: false, positiveInDenominator: false), head: head)
        },
        OperationCase(name: "vectorQuantize committed", isLoss: true) { b in
            b.plan.vectorQuantize(
                b.operand("x", b.rows("rows", 6), 4), codebook: b.weight("e", 5, 4), commitment: 0.25
            ).loss
        },
    ]

    static let positives: [Int32] = [0, 3, 3, 8, 5, 1]
    static let ids: [Int32] = [7, 8, 7, 9, 10, 11, 9, 12, 13]

    static func sampledCase(
        _ name: String, _ options: SampledSoftmaxOptions, ids withIDs: Bool, logQ: Bool
    ) -> OperationCase {
        OperationCase(name: name, h: 2e-3, isLoss: true) { b in
            let n = b.rows("rows", 6)
            let items = b.rows("items", 9)
            let correction = logQ ? b.plan.stopGradient(b.operand("logq", items, 1, in: -3...0)) : nil
            return b.plan.sampledSoftmax(
                columns(b, n, items, logQ: correction, ids: withIDs), temperature: .constant(0.5), options: options)
        }
    }

    static func contrastCase(
        _ name: String, _ record: @escaping @Sendable (Plan, ContrastInputs) -> Value
    ) -> OperationCase {
        OperationCase(name: name, h: 2e-3, isLoss: true) { b in
            record(b.plan, columns(b, b.rows("rows", 6), b.rows("items", 9), logQ: nil, ids: true))
        }
    }

    private static func columns(
        _ b: CaseBuilder, _ n: Dimension, _ items: Dimension, logQ: Value?, ids withIDs: Bool
    ) -> ContrastInputs {
        ContrastInputs(
            queries: b.operand("u", n, 5), items: b.operand("v", items, 5), positives: b.indices(n, positives),
            logQ: logQ, ids: withIDs ? b.indices(items, ids) : nil,
            weights: b.plan.stopGradient(b.operand("w", n, 1, in: 0...2)))
    }
}
