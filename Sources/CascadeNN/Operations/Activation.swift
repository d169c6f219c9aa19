import CKernels

/// An element function; `gelu` is the tanh form.
package enum Activation: Sendable, Equatable, CaseIterable {
    /// The identity.
    case none
    /// max(x, 0).
    case relu
    /// ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
    case gelu
    /// x·σ(x).
    case silu
    /// σ(x) = 1/(1 + e⁻ˣ).
    case sigmoid
    /// Hyperbolic tangent.
    case tanh
    /// eˣ.
    case exp
    /// Natural logarithm.
    case log
    /// x².
    case square
    /// log(1 + eˣ).
    case softplus

    var code: Int32 {
        switch self {
        case .none: Int32(CK_NONE)
        case .relu: Int32(CK_RELU)
        case .gelu: Int32(CK_GELU)
        case .silu: Int32(CK_SILU)
        case .sigmoid: Int32(CK_SIGMOID)
        case .tanh: Int32(CK_TANH)
        case .exp: Int32(CK_EXP)
        case .log: Int32(CK_LOG)
        case .square: Int32(CK_SQUARE)
        case .softplus: Int32(CK_SOFTPLUS)
        }
    }

    /// Whether the slope is computed from the input rather than from the output.
    var slopeNeedsInput: Bool {
        switch self {
        case .gelu, .silu, .log, .square, .softplus: true
        case .none, .relu, .sigmoid, .tanh, .exp: false
        }
    }
}

/// y = f(x), element by element. x, y [n × c].
struct Activate: Operation {
    let x: Value
    let y: Value
    let activation: Activation

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_activate(activation.code, y.base, y.stride, x.base, x.stride, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        guard let g = m.target(x) else { return }
        let x = m[x]
        let gy = m.gradient(self.y)
        let y = m[y]
        ck_activate_gradient(
            activation.code, g.base, g.stride, g.add, gy.base, gy.stride, x.base, x.stride, y.base, y.stride, x.rows,
            x.columns)
    }
}

extension Plan {
    /// f(x), element by element.
    package func activate(_ x: Value, _ activation: Activation) -> Value {
        if activation == .none { return x }
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(Activate(x: x, y: y, activation: activation), "\(activation)", inputs: [x], outputs: [y])
        return y
    }

    /// max(x, 0).
    package func relu(_ x: Value) -> Value { activate(x, .relu) }
    /// GELU in its tanh form.
    package func gelu(_ x: Value) -> Value { activate(x, .gelu) }
    /// x·σ(x).
    package func silu(_ x: Value) -> Value { activate(x, .silu) }
    /// 1/(1 + e⁻ˣ).
    package func sigmoid(_ x: Value) -> Value { activate(x, .sigmoid) }
    /// Hyperbolic tangent.
    package func tanh(_ x: Value) -> Value { activate(x, .tanh) }
    /// eˣ.
    package func exp(_ x: Value) -> Value { activate(x, .exp) }
    /// Natural logarithm; −∞ at 0 and NaN below.
    package func log(_ x: Value) -> Value { activate(x, .log) }
    /// x².
    package func square(_ x: Value) -> Value { activate(x, .square) }
    /// log(1 + eˣ).
    package func softplus(_ x: Value) -> Value { activate(x, .softplus) }
}
