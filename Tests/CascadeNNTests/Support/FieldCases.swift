@testable import CascadeNN

extension OperationCases {
    /// Rows cut into fields.
    static let fields: [OperationCase] = [
        OperationCase(name: "fieldLinear") { b in
            b.plan.fieldLinear(
                b.operand("x", b.rows("rows", 5), 6), widths: [1, 3, 2], weight: b.weight("w", 6, 4),
                bias: b.weight("b", 1, 12))
        },
        OperationCase(name: "fieldLinear plain") { b in
            b.plan.fieldLinear(
                b.operand("x", b.rows("rows", 5), 5), widths: [3, 2], weight: b.weight("w", 5, 3))
        },
        OperationCase(name: "secondOrder") { b in
            b.plan.secondOrder(b.operand("x", b.rows("rows", 5), 20), fields: 4)
        },
        OperationCase(name: "fold and unfold") { b in
            let n = b.rows("rows", 5)
            let folded = b.plan.fold(b.operand("x", n, 12), groups: 4)
            return b.plan.unfold(b.plan.tanh(folded), groups: 4, to: n)
        },
        OperationCase(name: "fold of fold") { b in
            let x = b.plan.fold(b.operand("x", b.rows("rows", 3), 12), groups: 2)
            return b.plan.fold(x, groups: 3)
        },
        OperationCase(name: "jointLogit") { b in
            let n = b.rows("rows", 7)
            return b.plan.jointLogit(b.operand("a", n, 3, in: -3...3), b.operand("b", n, 3, in: -3...3))
        },
        OperationCase(name: "secondOrder wide") { b in
            b.plan.secondOrder(b.operand("x", b.rows("rows", 2), 210), fields: 3)
        },
        OperationCase(name: "fieldAwareDots") { b in
            b.plan.fieldAwareDots(b.operand("x", b.rows("rows", 5), 27), fields: 3)
        },
        OperationCase(name: "fieldAttention") { b in
            let n = b.rows("rows", 5)
            return b.plan.fieldAttention(
                query: b.operand("q", n, 12), key: b.operand("k", n, 24), value: b.operand("v", n, 24), queries: 2,
                keys: 4, heads: 2, scale: 1)
        },
        OperationCase(name: "fieldAttention wide") { b in
            let x = b.operand("x", b.rows("rows", 3), 48)
            return b.plan.fieldAttention(query: x, key: x, value: x, queries: 3, keys: 3, heads: 2)
        },
        OperationCase(name: "periodic", h: 1e-3) { b in
            b.plan.periodic(b.operand("x", b.rows("rows", 5), 3), coefficients: b.weight("c", 3, 5))
        },
    ]

    static let stepTimes: [Int32] = [100, 103, 190, 7, 5, 5, 900, 2000, 1990, 86400, 1_000_000]

    static let pointwiseAttention: [OperationCase] = [
        OperationCase(name: "pointwiseAttention", h: 4e-3) { b in
            let r = ragged(b)
            return b.plan.pointwiseAttention(
                query: b.operand("q", r.items, 6), key: b.operand("k", r.items, 6), value: b.operand("v", r.items, 8),
                r.offsets, heads: 2, divisor: 5, positionBias: b.weight("p", 1, 15), timeBias: b.weight("t", 1, 40),
                times: b.indices(r.items, stepTimes))
        },
        OperationCase(name: "pointwiseAttention both ways", h: 4e-3) { b in
            let r = ragged(b)
            return b.plan.pointwiseAttention(
                query: b.operand("q", r.items, 6), key: b.operand("k", r.items, 6), value: b.operand("v", r.items, 3),
                r.offsets, heads: 3, divisor: 2, causal: false, positionBias: b.weight("p", 1, 13),
                timeBias: b.weight("t", 1, 4), times: b.indices(r.items, stepTimes))
        },
        OperationCase(name: "pointwiseAttention plain") { b in
            let r = ragged(b)
            let x = b.operand("x", r.items, 6)
            return b.plan.pointwiseAttention(query: x, key: x, value: x, r.offsets, heads: 1, divisor: 3)
        },
    ]
}
