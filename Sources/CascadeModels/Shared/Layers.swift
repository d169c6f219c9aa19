import CascadeNN

/// y = f(x W + b).
struct Dense {
    private let weight: Parameter
    private let bias: Parameter

    init(
        _ store: ParameterStore, name: String, from: Int, to: Int, initialiser: Initialiser = .glorot
    ) throws {
        weight = try store.parameter("\(name).weight", rows: from, columns: to, initialiser)
        bias = try store.parameter("\(name).bias", rows: 1, columns: to, .zeros, options: .withoutDecay)
    }

    func record(_ plan: Plan, _ x: Value, activation: Activation = .none) -> Value {
        record(FactoredRows(plan, x), activation: activation)
    }

    func record(_ x: FactoredRows, activation: Activation = .none) -> Value {
        x.linear(weight, bias: bias, activation: activation)
    }
}

/// Layer normalisation with learned gain and bias.
struct LayerNorm {
    private let gain: Parameter
    private let bias: Parameter

    init(_ store: ParameterStore, name: String, width: Int) throws {
        gain = try store.parameter("\(name).gain", rows: 1, columns: width, .ones, options: .withoutDecay)
        bias = try store.parameter("\(name).bias", rows: 1, columns: width, .zeros, options: .withoutDecay)
    }

    func record(_ plan: Plan, _ x: Value) -> Value {
        plan.layerNorm(x, gain: plan.parameter(gain), bias: plan.parameter(bias))
    }
}

/// y = x + W₂ relu(W₁ norm(x) + b₁) + b₂.
struct ResidualBlock {
    private let norm: LayerNorm
    private let inner: Dense
    private let outer: Dense

    init(_ store: ParameterStore, name: String, width: Int, hidden: Int) throws {
        norm = try LayerNorm(store, name: "\(name).norm", width: width)
        inner = try Dense(store, name: "\(name).inner", from: width, to: hidden)
        outer = try Dense(store, name: "\(name).outer", from: hidden, to: width)
    }

    func record(_ plan: Plan, _ x: Value) -> Value {
        plan.add(x, outer.record(plan, inner.record(plan, norm.record(plan, x), activation: .relu)))
    }
}
