import CAllocationCounter
import CKernels
import Testing

@testable import CascadeNN

/// Values and gradients of one run of a case.
struct CaseRun {
    var values: [Float]
    var gradients: [String: [Float]]

    /// Runs a case; the loss is Σ weights ⊙ result, or the result itself for a loss.
    init(_ operation: OperationCase, strided: Bool, seed: UInt64 = 1, given: [String: [Float]] = [:]) throws {
        let builder = try CaseBuilder(strided: strided, seed: seed, given: given)
        let result = operation.build(builder)
        let loss: Value
        var weights: Value?
        if operation.isLoss {
            loss = result
        } else {
            let r = builder.plan.input(result.dimension, columns: result.columns)
            weights = r
            loss = builder.plan.sum(builder.plan.multiply(result, r))
        }
        let read = try builder.finish(result)
        if let weights {
            let size = builder.plan.floats(weights).count
            builder.write(weights, given["weights"] ?? builder.numbers(size, in: -1...1))
        }
        try builder.plan.forward()
        try builder.plan.backward(from: loss)
        values = builder.plan.values(of: read)
        gradients = [:]
        for operand in builder.operands { gradients[operand.name] = builder.plan.gradients(of: operand.value) }
    }
}

@Suite struct OperationGradientTests {
    @Test(arguments: OperationCases.all, [false, true])
    func gradientsAreDifferences(operation: OperationCase, strided: Bool) throws {
        let builder = try CaseBuilder(strided: strided)
        let plan = builder.plan
        let result = operation.build(builder)
        let weights = operation.isLoss ? nil : plan.input(result.dimension, columns: result.columns)
        let loss = weights.map { plan.sum(plan.multiply(result, $0)) } ?? result
        let read = try builder.finish(result)
        let r = builder.numbers(plan.count(result.dimension) * result.columns, in: -1...1)
        if let weights { builder.write(weights, r) }
        // The weighted sum in double: a float sum would drown small differences.
        func objective() throws -> Double {
            try plan.forward()
            let values = plan.values(of: read)
            return operation.isLoss
                ? Double(values[0]) : zip(values, r).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        _ = try objective()
        try plan.backward(from: loss)
        let gradients = builder.operands.map { plan.gradients(of: $0.value) }
        for (operand, gradient) in zip(builder.operands, gradients) {
            let matrix = plan.matrix(operand.value)
            try #require(gradient.count == matrix.rows * matrix.columns)
            let constant = gradient.allSatisfy { $0 == 0 } && ["t", "w", "logq"].contains(operand.name)
            if constant && operation.isLoss { continue }
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns {
                    let element = matrix.base + row * matrix.stride + column
                    let middle = element.pointee
                    element.pointee = middle + operation.h
                    let above = try objective()
                    let high = element.pointee
                    element.pointee = middle - operation.h
                    let below = try objective()
                    let width = Double(high) - Double(element.pointee)
                    element.pointee = middle
                    let expected = (above - below) / width
                    let got = Double(gradient[row * matrix.columns + column])
                    #expect(
                        abs(got - expected) <= 1e-3 + 1e-2 * abs(expected),
                        "\(operation.name) d/d\(operand.name)[\(row), \(column)]: \(got), difference \(expected)")
                }
            }
        }
    }

    /// A second pass over the same plan gives the same bits: nothing is left over from the first.
    @Test(arguments: OperationCases.all)
    func passesRepeat(operation: OperationCase) throws {
        let first = try CaseRun(operation, strided: false)
        let second = try CaseRun(operation, strided: false)
        #expect(first.values.map(\.bitPattern) == second.values.map(\.bitPattern))
        for (name, gradient) in first.gradients {
            #expect(gradient.map(\.bitPattern) == second.gradients[name]?.map(\.bitPattern))
        }
    }

    /// Every instruction set that the machine has agrees with the unoptimised scalar kernels.
    @Test(arguments: OperationCases.all, KernelTests.sets.filter { $0 != CK_ISA_SCALAR })
    func instructionSetsAgree(operation: OperationCase, isa: Int) throws {
        guard ck_override_isa_on_thread(Int32(isa)) != 0 else { return }
        defer { _ = ck_override_isa_on_thread(-1) }
        let fast = try CaseRun(operation, strided: true, seed: 3)
        #expect(ck_override_isa_on_thread(Int32(CK_ISA_SCALAR)) != 0)
        let plain = try CaseRun(operation, strided: true, seed: 3)
        expectClose(fast.values, plain.values, "\(operation.name) isa \(isa)")
        for (name, gradient) in plain.gradients {
            expectClose(fast.gradients[name] ?? [], gradient, "\(operation.name) d/d\(name) isa \(isa)")
        }
    }

    /// Neither direction of any operation allocates once the plan is warm.
    @Test(arguments: OperationCases.all, [false, true])
    func warmPassesAllocateNothing(operation: OperationCase, strided: Bool) throws {
        let builder = try CaseBuilder(strided: strided)
        let result = operation.build(builder)
        let loss = operation.isLoss ? result : builder.plan.sum(result)
        _ = try builder.finish(result)
        for _ in 0..<3 {
            try builder.plan.forward()
            try builder.plan.backward(from: loss)
        }
        allocation_counter_watch_this_thread(1)
        let before = allocation_counter_count()
        for _ in 0..<10 {
            try builder.plan.forward()
            try builder.plan.backward(from: loss)
        }
        let count = allocation_counter_count() - before
        allocation_counter_watch_this_thread(0)
        #expect(count == 0)
    }

    /// Inference plans compute what training plans compute.
    @Test(arguments: OperationCases.all, [false, true])
    func inferenceAgrees(operation: OperationCase, strided: Bool) throws {
        let trained = try CaseRun(operation, strided: strided, seed: 5)
        let builder = try CaseBuilder(mode: .inference, strided: strided, seed: 5)
        let read = try builder.finish(operation.build(builder))
        try builder.plan.forward()
        expectClose(builder.plan.values(of: read), trained.values, operation.name)
    }
}

/// Equal length, and each pair within absolute + relative tolerance.
func expectClose(
    _ got: [Float], _ expected: [Float], _ what: String, absolute: Float = 2e-6, relative: Float = 2e-5,
    location: SourceLocation = #_sourceLocation
) {
    guard got.count == expected.count else {
        Issue.record("\(what): \(got.count) numbers, expected \(expected.count)", sourceLocation: location)
        return
    }
    for (index, pair) in zip(got, expected).enumerated()
    where !(abs(pair.0 - pair.1) <= absolute + relative * abs(pair.1)) {
        Issue.record("\(what)[\(index)]: \(pair.0), expected \(pair.1)", sourceLocation: location)
        return
    }
}
