import CascadeNN

/// Attention of a candidate over the steps of a past.
///
/// Keys and values are a linear map of the step's item plus a learned vector of its feedback code and one of its age;
/// the map of an item is computed once however many steps name it.
struct HistoryAttention {
    private let heads: Int
    private let keyWeight: Parameter
    private let valueWeight: Parameter
    private let queryWeight: Parameter
    private let queryBias: Parameter
    private let keyCode: Parameter
    private let valueCode: Parameter
    private let keyAge: Parameter
    private let valueAge: Parameter

    init(_ store: ParameterStore, itemWidth: Int, width: Int, heads: Int, codes: Int, length: Int) throws {
        self.heads = heads
        func weight(_ name: String) throws -> Parameter {
            try store.parameter("ranker.history.\(name)", rows: itemWidth, columns: width, .glorot)
        }
        func vectors(_ name: String, _ rows: Int) throws -> Parameter {
            try store.parameter("ranker.history.\(name)", rows: rows, columns: width, .normal(0.05))
        }
        keyWeight = try weight("key")
        valueWeight = try weight("value")
        queryWeight = try weight("query")
        queryBias = try store.parameter("ranker.history.query.bias", rows: 1, columns: width, .zeros)
        keyCode = try vectors("key.code", codes)
        valueCode = try vectors("value.code", codes)
        keyAge = try vectors("key.age", length)
        valueAge = try vectors("value.age", length)
    }

    /// Keys and values of steps: [H × width] each.
    func recordSteps(
        _ plan: Plan, items: Value, item: Indices, code: Indices, age: Indices
    ) -> (keys: Value, values: Value) {
        func steps(_ weight: Parameter, _ codes: Parameter, _ ages: Parameter) -> Value {
            let mapped = plan.take(plan.linear(items, plan.parameter(weight)), item)
            let coded = plan.add(mapped, plan.take(plan.parameter(codes), code))
            return plan.add(coded, plan.take(plan.parameter(ages), age))
        }
        return (steps(keyWeight, keyCode, keyAge), steps(valueWeight, valueCode, valueAge))
    }

    /// What candidates take from the pasts of their contexts: [R × width].
    func recordRows(
        _ plan: Plan, candidates: Value, keys: Value, values: Value, offsets: Offsets, context: Indices
    ) -> Value {
        let query = plan.linear(candidates, plan.parameter(queryWeight), bias: plan.parameter(queryBias))
        return plan.targetAttention(
            query: query, keys: keys, values: values, offsets, segmentOf: context, heads: heads)
    }
}
