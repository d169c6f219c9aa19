import CKernels
import Foundation
import Testing

@testable import CascadeNN

/// The committed files that Scripts/golden/make_golden.py writes.
enum Golden {
    struct Operation: Decodable {
        let inputs: [String: [Float]]
        let result: [Float]
        let gradients: [String: [Float]]
    }

    struct Step: Decodable {
        let rows: [Int32]
        let gradients: [Float]
    }

    struct Optimizers: Decodable {
        let weights: [Float]
        let gradients: [[Float]]
        let sgd, momentum, adam, adamw, adagrad, clipped: [Float]
        let table: [Float]
        let steps: [Step]
        let sparseAdam, sparseAdagrad, rowwiseAdam, rowwiseAdagrad: [Float]
    }

    static func read<T: Decodable>(_ name: String, as type: T.Type) throws -> T {
        // Beside the script, outside of the target, where the package manager does not take them for sources.
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/golden")
        return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent("\(name).json")))
    }
}

@Suite struct GoldenTests {
    /// Values and gradients agree with PyTorch's, contiguous and strided.
    @Test func operationsAgreeWithPyTorch() throws {
        let golden = try Golden.read("operations", as: [String: Golden.Operation].self)
        let cases = OperationCases.all + OperationCases.goldenOnly
        let byName = Dictionary(uniqueKeysWithValues: cases.map { ($0.name, $0) })
        #expect(golden.count >= 80)
        for (name, expected) in golden {
            let operation = try #require(byName[name], "golden case \(name) has no operation")
            for strided in [false, true] {
                let run = try CaseRun(operation, strided: strided, given: expected.inputs)
                expectClose(run.values, expected.result, name, absolute: 2e-6, relative: 2e-5)
                for (operand, gradient) in expected.gradients {
                    expectClose(
                        run.gradients[operand] ?? [], gradient, "\(name) d/d\(operand)", absolute: 5e-6,
                        relative: 5e-5)
                }
            }
        }
    }

    @Test(arguments: KernelTests.sets)
    func denseOptimizersAgreeWithPyTorch(isa: Int) throws {
        guard ck_override_isa_on_thread(Int32(isa)) != 0 else { return }
        defer { _ = ck_override_isa_on_thread(-1) }
        let golden = try Golden.read("optimizers", as: Golden.Optimizers.self)
        let rules: [(String, any DenseOptimizer, [Float])] = [
            ("sgd", SGD(), golden.sgd), ("momentum", SGD(momentum: 0.9), golden.momentum),
            ("adam", Adam(), golden.adam), ("adamw", Adam(weightDecay: 0.1), golden.adamw),
            ("adagrad", Adagrad(), golden.adagrad),
        ]
        for (name, rule, expected) in rules {
            var weights = golden.weights
            var first = [Float](repeating: 0, count: weights.count)
            var second = first
            for (index, gradient) in golden.gradients.enumerated() {
                let step = UpdateStep(rate: 0.05, gradientScale: 1, decays: true, number: index + 1)
                weights.withUnsafeMutableBufferPointer { w in
                    first.withUnsafeMutableBufferPointer { f in
                        second.withUnsafeMutableBufferPointer { s in
                            rule.update(
                                w.baseAddress!, gradient: gradient, first: rule.stateCount > 0 ? f.baseAddress : nil,
                                second: rule.stateCount > 1 ? s.baseAddress : nil, count: w.count, step: step)
                        }
                    }
                }
            }
            expectClose(weights, expected, "\(name) isa \(isa)")
        }
    }

    /// Table rules through the whole engine: two workers each look half of the rows up, so that sums over workers,
    /// repeated rows and untouched rows are covered as well.
    @Test(arguments: [1, 2, 3])
    func tableOptimizersAgreeWithPyTorch(workers: Int) throws {
        let golden = try Golden.read("optimizers", as: Golden.Optimizers.self)
        let rules: [(String, any TableOptimizer, [Float])] = [
            ("sparseAdam", SparseAdam(), golden.sparseAdam), ("sparseAdagrad", SparseAdagrad(), golden.sparseAdagrad),
            ("rowwiseAdam", RowwiseAdam(), golden.rowwiseAdam),
            ("rowwiseAdagrad", RowwiseAdagrad(), golden.rowwiseAdagrad),
        ]
        for (name, rule, expected) in rules {
            let store = ParameterStore()
            let table = try store.table("table", rows: 6, dimension: 3)
            try store.allocate(seed: 1)
            _ = store.weights(table).update(from: golden.table)
            let engine = try TrainingEngine(
                store: store,
                options: TrainingOptions(
                    workers: workers, seed: 1, dense: SGD(), tables: rule, schedule: ConstantRate(0.05))
            ) { _, plan in
                let rows = plan.dimension("rows", capacity: 4)
                let indices = plan.indices(rows)
                let gradient = plan.input(rows, columns: 3)
                // The gradient of Σ g ⊙ row is g.
                return ((rows, indices, gradient), plan.sum(plan.multiply(plan.gather(table, indices), gradient)))
            }
            for step in golden.steps {
                let fill: TrainingEngine<(CascadeNN.Dimension, Indices, Value)>.Fill = { worker, plan, inputs in
                    let count = step.rows.count
                    let start = worker * count / workers
                    let end = (worker + 1) * count / workers
                    try plan.setCount(inputs.0, end - start)
                    _ = plan.integers(inputs.1).update(from: step.rows[start..<end])
                    _ = plan.floats(inputs.2).update(from: step.gradients[start * 3..<end * 3])
                }
                _ = try engine.step(fill)
            }
            expectClose(Array(store.weights(table)), expected, "\(name) with \(workers) workers")
            engine.close()
        }
    }

    @Test func clippingAgreesWithPyTorch() throws {
        let golden = try Golden.read("optimizers", as: Golden.Optimizers.self)
        let store = ParameterStore()
        let weights = try store.parameter("w", rows: 1, columns: 21)
        try store.allocate(seed: 1)
        _ = store.weights(weights).update(from: golden.weights)
        let engine = try TrainingEngine(
            store: store,
            options: TrainingOptions(workers: 2, seed: 1, dense: SGD(), schedule: ConstantRate(0.05), clipNorm: 0.7)
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 1)
            let gradient = plan.input(rows, columns: 21)
            return (
                (rows, gradient), plan.sum(plan.multiply(plan.broadcast(plan.parameter(weights), to: rows), gradient))
            )
        }
        for gradient in golden.gradients {
            let result = try engine.step { worker, plan, inputs in
                try plan.setCount(inputs.0, worker == 0 ? 1 : 0)
                if worker == 0 { _ = plan.floats(inputs.1).update(from: gradient) }
            }
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(Double(result.gradientNorm) - norm) < 1e-5)
        }
        expectClose(Array(store.weights(weights)), golden.clipped, "clipped")
    }
}
