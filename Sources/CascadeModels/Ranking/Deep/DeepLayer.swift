import CascadeNN

/// One layer of a deep network: `dropout(relu(norm(x W + b)))`, the norm as the settings choose.
struct DeepLayer {
    private let weight: Parameter
    private let bias: Parameter
    private let norm: Normalization?
    private let dropout: Float

    init(_ store: ParameterStore, name: String, from: Int, to: Int, settings: RankerSettings) throws {
        weight = try store.parameter("\(name).weight", rows: from, columns: to, .he)
        bias = try store.parameter("\(name).bias", rows: 1, columns: to, .zeros, options: .withoutDecay)
        norm = try Normalization(store, name: "\(name).norm", width: to, kind: settings.normalization)
        dropout = Float(settings.dropout)
    }

    func record(_ plan: Plan, _ x: Value) -> Value { record(FactoredRows(plan, x)) }

    func record(_ x: FactoredRows) -> Value {
        let y =
            if let norm {
                x.plan.relu(norm.record(x.plan, x.linear(weight, bias: bias)))
            } else {
                x.linear(weight, bias: bias, activation: .relu)
            }
        return dropout > 0 ? x.plan.dropout(y, rate: dropout) : y
    }
}

/// The normalization of a row with learned gain: `layer` takes mean and deviation out, `rms` the length.
///
/// There is none over a batch: a score would depend on what else is scored.
struct Normalization {
    private let gain: Parameter
    private let bias: Parameter?

    /// Nil for the kind `none`.
    init?(_ store: ParameterStore, name: String, width: Int, kind: NormalizationKind) throws {
        guard kind != .none else { return nil }
        gain = try store.parameter("\(name).gain", rows: 1, columns: width, .ones, options: .withoutDecay)
        bias =
            kind == .layer
            ? try store.parameter("\(name).bias", rows: 1, columns: width, .zeros, options: .withoutDecay) : nil
    }

    func record(_ plan: Plan, _ x: Value) -> Value {
        guard let bias else { return plan.rmsNorm(x, gain: plan.parameter(gain)) }
        return plan.layerNorm(x, gain: plan.parameter(gain), bias: plan.parameter(bias))
    }
}
