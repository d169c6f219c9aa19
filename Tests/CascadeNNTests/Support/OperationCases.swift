@testable import CascadeNN

/// Every operation, on small matrices with segments of different lengths, an empty one among them.
enum OperationCases {
    static let all: [OperationCase] =
        elementwise + linear + rows + fields + segments + attention
        + pointwiseAttention + losses

    static let activations: [OperationCase] = Activation.allCases.filter { $0 != .none }.map { activation in
        OperationCase(name: "\(activation)", h: 2e-3) { b in
            b.plan.activate(
                b.operand("x", b.rows("rows", 7), 19, in: activation == .log ? 0.5...2 : -3...3), activation)
        }
    }

    static let elementwise: [OperationCase] =
        activations + [
            OperationCase(name: "add") { b in
                let n = b.rows("rows", 5)
                return b.plan.add(b.operand("a", n, 6), b.operand("b", n, 6))
            },
            OperationCase(name: "subtract") { b in
                let n = b.rows("rows", 5)
                return b.plan.subtract(b.operand("a", n, 6), b.operand("b", n, 6))
            },
            OperationCase(name: "multiply") { b in
                let n = b.rows("rows", 5)
                return b.plan.multiply(b.operand("a", n, 18), b.operand("b", n, 18))
            },
            OperationCase(name: "multiplySelf") { b in
                let x = b.operand("x", b.rows("rows", 5), 6)
                return b.plan.multiply(x, x)
            },
            OperationCase(name: "scale") { b in b.plan.scale(b.operand("x", b.rows("rows", 5), 6), by: -1.5) },
            OperationCase(name: "addBias") { b in
                b.plan.addBias(b.operand("x", b.rows("rows", 5), 6), b.weight("b", 1, 6))
            },
            OperationCase(name: "scaleRows") { b in
                let n = b.rows("rows", 5)
                return b.plan.scaleRows(b.operand("x", n, 6), by: b.operand("c", n, 1))
            },
            OperationCase(name: "broadcast") { b in b.plan.broadcast(b.weight("row", 1, 6), to: b.rows("rows", 5)) },
            OperationCase(name: "take") { b in
                let x = b.operand("x", b.rows("rows", 4), 6)
                return b.plan.take(x, b.indices(b.rows("taken", 6), [2, 0, -1, 2, 3, 2]))
            },
            OperationCase(name: "concat") { b in
                let n = b.rows("rows", 5)
                let a = b.operand("a", n, 3)
                let c = b.plan.tanh(b.operand("b", n, 4))
                return b.plan.concat([a, c, c, b.plan.add(a, a)])
            },
            OperationCase(name: "slice") { b in
                let x = b.plan.tanh(b.operand("x", b.rows("rows", 5), 9))
                return b.plan.multiply(b.plan.slice(x, columns: 1..<4), b.plan.slice(x, columns: 3..<6))
            },
        ]

    static let linear: [OperationCase] =
        Activation.allCases.filter { $0 != .log }.map { activation in
            OperationCase(name: "linear \(activation)", h: 4e-3) { b in
                b.plan.linear(
                    b.operand("x", b.rows("rows", 5), 6), b.weight("w", 6, 4), bias: b.weight("b", 1, 4),
                    activation: activation)
            }
        } + [
            OperationCase(name: "linear plain") { b in
                b.plan.linear(b.operand("x", b.rows("rows", 5), 6), b.weight("w", 6, 1))
            },
            OperationCase(name: "linear twice") { b in
                let w = b.weight("w", 6, 6)
                return b.plan.linear(b.plan.linear(b.operand("x", b.rows("rows", 5), 6), w), w)
            },
            OperationCase(name: "matmul") { b in
                b.plan.matmul(b.operand("a", b.rows("rows", 5), 6), b.weight("b", 6, 3))
            },
            OperationCase(name: "matmul transposed") { b in
                b.plan.matmul(b.operand("a", b.rows("rows", 5), 6), b.weight("b", 4, 6), transposed: true)
            },
            OperationCase(name: "cross") { b in
                let n = b.rows("rows", 5)
                return b.plan.cross(
                    b.operand("x0", n, 6), b.operand("x", n, 6), weight: b.weight("w", 6, 6), bias: b.weight("b", 1, 6))
            },
            OperationCase(name: "cross first") { b in
                let x = b.operand("x", b.rows("rows", 5), 6)
                return b.plan.cross(x, x, weight: b.weight("w", 6, 6), bias: b.weight("b", 1, 6))
            },
            OperationCase(name: "crossLowRank") { b in
                let n = b.rows("rows", 5)
                return b.plan.crossLowRank(
                    b.operand("x0", n, 6), b.operand("x", n, 6), down: b.weight("v", 6, 2), up: b.weight("u", 2, 6),
                    bias: b.weight("b", 1, 6))
            },
            OperationCase(name: "groupedLinear") { b in
                b.plan.groupedLinear(
                    b.operand("x", b.rows("rows", 5), 6), groups: 3, weight: b.weight("w", 6, 4),
                    bias: b.weight("b", 1, 12), activation: .silu)
            },
            OperationCase(name: "groupedLinear plain") { b in
                b.plan.groupedLinear(
                    b.operand("x", b.rows("rows", 5), 4), groups: 2, weight: b.weight("w", 4, 3), bias: nil)
            },
            OperationCase(name: "mixture") { b in
                let n = b.rows("rows", 5)
                return b.plan.mixture(
                    experts: [b.operand("a", n, 6), b.operand("b", n, 6), b.operand("c", n, 6)],
                    gates: b.operand("gates", n, 3))
            },
            OperationCase(name: "topKGates", h: 1e-3) { b in
                b.plan.topKGates(b.operand("x", b.rows("rows", 5), 5, in: 0.1...1), k: 2)
            },
            OperationCase(name: "topKGates plain", h: 1e-3) { b in
                b.plan.topKGates(b.operand("x", b.rows("rows", 5), 5, in: 0.1...1), k: 3, renormalize: false)
            },
        ]

    static let rows: [OperationCase] = [
        OperationCase(name: "softmax") { b in b.plan.softmax(b.operand("x", b.rows("rows", 5), 21, in: -3...3)) },
        OperationCase(name: "logSoftmax") { b in b.plan.logSoftmax(b.operand("x", b.rows("rows", 5), 21, in: -3...3)) },
        OperationCase(name: "layerNorm") { b in
            b.plan.layerNorm(
                b.operand("x", b.rows("rows", 5), 18), gain: b.weight("g", 1, 18), bias: b.weight("b", 1, 18))
        },
        OperationCase(name: "rmsNorm") { b in
            b.plan.rmsNorm(b.operand("x", b.rows("rows", 5), 18), gain: b.weight("g", 1, 18))
        },
        OperationCase(name: "normalizeRows") { b in b.plan.normalizeRows(b.operand("x", b.rows("rows", 5), 18)) },
        OperationCase(name: "squash") { b in b.plan.squash(b.operand("x", b.rows("rows", 5), 18)) },
        OperationCase(name: "squash short", h: 2e-3) { b in
            b.plan.squash(b.operand("x", b.rows("rows", 5), 3, in: 0.05...0.2))
        },
        OperationCase(name: "rowDot") { b in
            let n = b.rows("rows", 5)
            return b.plan.rowDot(b.operand("a", n, 18), b.operand("b", n, 18))
        },
        OperationCase(name: "pairwiseDots") { b in
            b.plan.pairwiseDots(b.operand("x", b.rows("rows", 5), 12), fields: 4)
        },
        OperationCase(name: "sum") { b in b.plan.sum(b.operand("x", b.rows("rows", 5), 6)) },
        OperationCase(name: "mean") { b in b.plan.mean(b.operand("x", b.rows("rows", 5), 6)) },
        OperationCase(name: "weightedSum") { b in
            let x = b.operand("x", b.rows("rows", 5), 6)
            return b.plan.weightedSum([(b.plan.mean(x), 2), (b.plan.sum(b.plan.square(x)), -0.5)])
        },
    ]

    static let borders: [Int32] = [0, 3, 3, 4, 11]

    static func ragged(_ b: CaseBuilder) -> (offsets: Offsets, items: Dimension, segments: Dimension) {
        let segments = b.rows("segments", 4)
        let items = b.rows("items", 11)
        return (b.offsets(segments, items, borders), items, segments)
    }

    static let segments: [OperationCase] = [
        OperationCase(name: "segmentSum") { b in
            let r = ragged(b)
            return b.plan.segmentSum(b.operand("x", r.items, 6), r.offsets)
        },
        OperationCase(name: "segmentMean") { b in
            let r = ragged(b)
            return b.plan.segmentMean(b.operand("x", r.items, 6), r.offsets)
        },
        OperationCase(name: "segmentMax", h: 1e-3) { b in
            let r = ragged(b)
            return b.plan.segmentMax(b.operand("x", r.items, 6), r.offsets)
        },
        OperationCase(name: "segmentSoftmax") { b in
            let r = ragged(b)
            return b.plan.segmentSoftmax(b.operand("x", r.items, 3, in: -3...3), r.offsets)
        },
        OperationCase(name: "segmentWeightedSum") { b in
            let r = ragged(b)
            return b.plan.segmentWeightedSum(
                b.operand("x", r.items, 6), weights: b.operand("w", r.items, 2), r.offsets)
        },
    ]

    static let attention: [OperationCase] = [
        OperationCase(name: "targetAttention") { b in
            let r = ragged(b)
            return b.plan.targetAttention(
                query: b.operand("q", r.segments, 8), keys: b.operand("k", r.items, 8),
                values: b.operand("v", r.items, 8), r.offsets, heads: 2)
        },
        OperationCase(name: "targetAttention wide") { b in
            let r = ragged(b)
            return b.plan.targetAttention(
                query: b.operand("q", r.segments, 32), keys: b.operand("k", r.items, 32),
                values: b.operand("v", r.items, 32), r.offsets, heads: 2)
        },
        OperationCase(name: "targetAttention mapped") { b in
            let r = ragged(b)
            let n = b.rows("rows", 6)
            return b.plan.targetAttention(
                query: b.operand("q", n, 6), keys: b.operand("k", r.items, 6), values: b.operand("v", r.items, 6),
                r.offsets, segmentOf: b.indices(n, [3, 0, 3, 1, 2, 0]), heads: 2, bias: b.operand("bias", r.items, 2))
        },
        OperationCase(name: "selfAttention causal") { b in
            let r = ragged(b)
            return b.plan.selfAttention(
                query: b.operand("q", r.items, 6), key: b.operand("k", r.items, 6), value: b.operand("v", r.items, 6),
                r.offsets, heads: 2, causal: true, relativeBias: b.weight("bias", 4, 2))
        },
        OperationCase(name: "selfAttention") { b in
            let r = ragged(b)
            return b.plan.selfAttention(
                query: b.operand("q", r.items, 6), key: b.operand("k", r.items, 6), value: b.operand("v", r.items, 6),
                r.offsets, heads: 3, causal: false, relativeBias: b.weight("bias", 5, 3))
        },
        OperationCase(name: "selfAttention plain") { b in
            let r = ragged(b)
            let x = b.operand("x", r.items, 6)
            return b.plan.selfAttention(query: x, key: x, value: x, r.offsets, heads: 1, causal: true)
        },
    ]
}
