import Foundation

/// The log odds of both of two independent outcomes: y = logit(σ(a) σ(b)) = −log(e^−a + e^−b + e^−(a+b)).
/// a, b, y [n × c].
///
/// dy/da = (1 − σ(a)) / (1 − σ(a) σ(b)) = exp(y − a + log(1 + e^−b)), and likewise for b.
struct JointLogit: Operation {
    let a: Value
    let b: Value
    let y: Value

    func forward(_ m: Memory) {
        let (a, b, y) = (m[a], m[b], m[y])
        for row in 0..<y.rows {
            for column in 0..<y.columns {
                let left = -a.base[row * a.stride + column]
                let right = -b.base[row * b.stride + column]
                let most = max(left, right, left + right)
                y.base[row * y.stride + column] =
                    -most - log(exp(left - most) + exp(right - most) + exp(left + right - most))
            }
        }
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let (left, right) = (m[a], m[b])
        let y = m[y]
        if let target = m.target(a) { Self.add(g, y, of: left, beside: right, to: target) }
        if let target = m.target(b) { Self.add(g, y, of: right, beside: left, to: target) }
    }

    private static func add(_ g: Matrix, _ y: Matrix, of x: Matrix, beside other: Matrix, to target: GradientTarget) {
        for row in 0..<y.rows {
            for column in 0..<y.columns {
                let value = -other.base[row * other.stride + column]
                let softplus = max(value, 0) + log1p(exp(-abs(value)))
                let slope = exp(y.base[row * y.stride + column] - x.base[row * x.stride + column] + softplus)
                let place = target.base + row * target.stride + column
                place.pointee =
                    (target.add == 1 ? place.pointee : 0) + slope * g.base[row * g.stride + column]
            }
        }
    }
}

extension Plan {
    /// The log odds that two independent outcomes of log odds a and b both happen.
    package func jointLogit(_ a: Value, _ b: Value) -> Value {
        requireSame(a, b, "jointLogit")
        let y = makeValue(a.dimension, columns: a.columns, needsGradient: needsGradient([a, b]))
        record(JointLogit(a: a, b: b, y: y), "jointLogit", inputs: [a, b], outputs: [y])
        return y
    }
}
