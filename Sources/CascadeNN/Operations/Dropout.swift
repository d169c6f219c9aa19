import CKernels

/// y = x ⊙ keep / (1 − rate), keep ∈ {0, 1} drawn from (seed, step, stream, position): nothing is stored, the backward
/// pass draws the same numbers again. The identity in inference plans. x, y [n × c].
struct Dropout: Operation {
    let x: Value
    let y: Value
    let rate: Float
    let stream: UInt64

    private func key(_ m: Memory) -> UInt64 {
        mixedSeed(mixedSeed(m.seed, stream), m.step)
    }

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_dropout(y.base, y.stride, 0, x.base, x.stride, x.rows, x.columns, key(m), rate)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.target(x) else { return }
        ck_dropout(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, key(m), rate)
    }
}

extension Plan {
    /// Drops each element with probability `rate` and scales the others up; the identity outside of training.
    package func dropout(_ x: Value, rate: Float) -> Value {
        require(rate >= 0 && rate < 1, "dropout", "the rate \(rate) must be at least 0 and below 1")
        let stream = randomStream()
        guard rate > 0, mode == .training else { return x }
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(Dropout(x: x, y: y, rate: rate, stream: stream), "dropout", inputs: [x], outputs: [y])
        return y
    }
}
