/// A factor as the packed products of a precision read it. x [n × c], y [n × words]. Forward only.
struct RoundedFactor: Operation {
    let x: Value
    let y: Value
    let precision: ProductPrecision

    func forward(_ m: Memory) { precision.round(m[x], into: m[y]) }

    func backward(_ m: Memory) {}
}

extension Plan {
    /// What packed products multiply with instead of `x`: itself, or, in a plan that does not multiply in float32, its numbers
    /// rounded, once for all products.
    func factor(_ x: Value) -> Value {
        guard let precision = packing?.precision, precision != .float32 else { return x }
        if let known = roundedFactors[x.index] { return known }
        let y = makeValue(
            x.dimension, columns: precision.rowHead + precision.words(x.columns), needsGradient: false)
        record(RoundedFactor(x: x, y: y, precision: precision), "roundedFactor", inputs: [x], outputs: [y])
        roundedFactors[x.index] = y
        return y
    }
}
