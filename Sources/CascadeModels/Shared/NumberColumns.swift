import CascadeNN

/// Encoded numbers as columns of a model: each through a small map of its own.
///
///     linear    W x + b
///     relu      max(0, W x + b)
///     periodic  max(0, W [cos 2π c x ; sin 2π c x] + b), c learned, starting at N(0, σ²)
///
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", sections 3.2 and 3.3.
struct NumberColumns {
    /// Columns of what it gives.
    let width: Int
    private let numbers: Int
    private let weight: Parameter
    private let bias: Parameter
    private let frequencies: Parameter?
    private let activation: Activation

    /// - Parameters:
    ///   - numbers: how many there are; nil is given for none.
    ///   - encoded: columns of an encoded number.
    init?(
        _ store: ParameterStore, name: String, numbers: Int, encoded: Int, settings: RankerSettings
    ) throws {
        guard numbers > 0 else { return nil }
        self.numbers = numbers
        width = numbers * settings.numericWidth
        var columns = encoded
        if settings.numberMap == .periodic {
            columns *= 2 * settings.frequencies
            frequencies = try store.parameter(
                "\(name).frequencies", rows: numbers * encoded, columns: settings.frequencies,
                .normal(Float(settings.frequencyDeviation)))
        } else {
            frequencies = nil
        }
        weight = try store.parameter(
            "\(name).weight", rows: numbers * columns, columns: settings.numericWidth, .normal(0.1))
        bias = try store.parameter("\(name).bias", rows: 1, columns: width, .zeros, options: .withoutDecay)
        activation = settings.numberMap == .linear ? .none : .relu
    }

    /// [n × numbers · encoded] → [n × width].
    func record(_ plan: Plan, _ input: Value) -> Value {
        let read = frequencies.map { plan.periodic(input, coefficients: plan.parameter($0)) } ?? input
        return plan.groupedLinear(
            read, groups: numbers, weight: plan.parameter(weight), bias: plan.parameter(bias), activation: activation)
    }
}
