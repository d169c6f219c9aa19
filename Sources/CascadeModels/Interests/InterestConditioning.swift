import CascadeNN

/// What tells a shared user tower for which cluster it reads a past; starts as what changes nothing.
///
/// Reading k < K is that of cluster k, reading K the one of no cluster in particular, which the intent is told from.
///
///     prompt    x ← x ⊙ t_k at every input; t starts at ones
///     input     x ← x + t_k once, among the inputs; t starts at zeros
///     experts   y ← y + Σ_e softmax(g_k)_e (W_e y + b_e) behind the encoder; W starts near zero
///
/// Source: "Divide and Conquer" (Zhang et al. 2023) for the three forms; starting at what changes nothing is ours.
struct InterestConditioning: Sendable {
    private let form: InterestForm
    /// [(K + 1) × d], or [(K + 1) × E] gates of experts.
    private let table: Parameter
    private let experts: [Dense]

    init(_ settings: InterestSettings, clusters: Int, width: Int, store: ParameterStore) throws {
        form = settings.form
        let readings = clusters + 1
        switch settings.form {
        case .prompt: table = try store.parameter("interests.prompt", rows: readings, columns: width, .ones)
        case .input: table = try store.parameter("interests.input", rows: readings, columns: width, .zeros)
        case .experts:
            table = try store.parameter(
                "interests.gates", rows: readings, columns: settings.experts, .normal(0.02))
        }
        experts =
            settings.form == .experts
            ? try (0..<settings.experts).map {
                try Dense(store, name: "interests.expert.\($0)", from: width, to: width, initialiser: .normal(0.01))
            } : []
    }

    /// Begins for contexts of a plan.
    func record(_ plan: Plan, contexts: Dimension) -> Recorded {
        Recorded(conditioning: self, readings: plan.indices(contexts, name: "interests.readings"))
    }

    /// The conditioning of the contexts of a plan.
    struct Recorded {
        fileprivate let conditioning: InterestConditioning
        /// [C] the reading of each context.
        let readings: Indices

        /// An input of the encoder with a row a context: [C × d].
        func input(_ plan: Plan, _ x: Value) -> Value {
            conditioning.form == .prompt ? plan.multiply(x, rows(plan)) : x
        }

        /// An input of the encoder with a row a step of contexts: [S × d].
        func input(_ plan: Plan, _ x: Value, of contexts: Indices) -> Value {
            conditioning.form == .prompt ? plan.multiply(x, plan.take(rows(plan), contexts)) : x
        }

        /// The features of the contexts with the input of their own: [C × d].
        func withOwn(_ plan: Plan, _ features: Value) -> Value {
            conditioning.form == .input ? plan.add(features, rows(plan)) : features
        }

        /// What the encoder gives for each context: [C × d].
        func output(_ plan: Plan, _ y: Value) -> Value {
            conditioning.form == .experts ? mixed(plan, y, gates: rows(plan)) : y
        }

        /// What the encoder gives for each step: [S × d].
        func output(_ plan: Plan, _ y: Value, of contexts: Indices) -> Value {
            conditioning.form == .experts ? mixed(plan, y, gates: plan.take(rows(plan), contexts)) : y
        }

        func load(_ readings: [Int32], into plan: Plan) { plan.integers(self.readings).copy(readings) }

        private func rows(_ plan: Plan) -> Value { plan.take(plan.parameter(conditioning.table), readings) }

        private func mixed(_ plan: Plan, _ y: Value, gates: Value) -> Value {
            plan.add(
                y,
                plan.mixture(experts: conditioning.experts.map { $0.record(plan, y) }, gates: plan.softmax(gates)))
        }
    }
}
