@testable import CascadeNN

/// The forward pass of an operation on named random inputs, for comparison with plain loops in double precision.
struct ScalarRun {
    let values: [Float]
    private var inputs: [String: (columns: Int, numbers: [Double])] = [:]

    init(seed: UInt64 = 7, given: [String: [Float]] = [:], _ build: (CaseBuilder) -> Value) throws {
        let builder = try CaseBuilder(mode: .inference, seed: seed, given: given)
        let result = try builder.finish(build(builder))
        try builder.plan.forward()
        values = builder.plan.values(of: result)
        for operand in builder.operands {
            inputs[operand.name] = (operand.value.columns, builder.plan.values(of: operand.value).map(Double.init))
        }
    }

    /// An element of an input.
    subscript(name: String, row: Int, column: Int) -> Double {
        guard let input = inputs[name] else { return .nan }
        return input.numbers[row * input.columns + column]
    }
}
