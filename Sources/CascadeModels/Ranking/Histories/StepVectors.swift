import CascadeFeatures
import CascadeNN

/// A step as a vector: a linear map of its item plus a learned vector of its feedback code and, where asked for, one of
/// its age and one of how long it was before the request. The map of an item is computed once however many steps name it.
struct StepVectors {
    private let weight: Parameter
    private let code: Parameter
    private let age: Parameter?
    private let gap: Parameter?

    /// - Parameter readsAge: false leaves the age out.
    init(
        _ store: ParameterStore, name: String, shape: HistoryShape, width: Int, readsAge: Bool = true
    ) throws {
        weight = try store.parameter("\(name)", rows: shape.itemWidth, columns: width, .glorot)
        code = try store.parameter("\(name).code", rows: shape.codes, columns: width, .normal(0.05))
        age =
            readsAge ? try store.parameter("\(name).age", rows: shape.length, columns: width, .normal(0.05)) : nil
        gap =
            shape.readsTimes
            ? try store.parameter("\(name).gap", rows: TimeFeatures.buckets, columns: width, .normal(0.05)) : nil
    }

    /// [H × width].
    func record(_ plan: Plan, _ steps: HistorySteps) -> Value {
        let mapped = plan.take(plan.linear(steps.items, plan.parameter(weight)), steps.item)
        var vectors = plan.add(mapped, plan.take(plan.parameter(code), steps.code))
        if let age { vectors = plan.add(vectors, plan.take(plan.parameter(age), steps.age)) }
        if let gap, let gaps = steps.gap { vectors = plan.add(vectors, plan.take(plan.parameter(gap), gaps)) }
        return vectors
    }
}
