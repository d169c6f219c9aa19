import CKernels
@testable import CascadeNN

/// Records one operation on named random inputs, runs it, and reads values and gradients back.
///
/// Operands are differentiable inputs. In strided mode each lies in the middle of a wider matrix and the result lies in
/// a concatenation, so that every operation is also run on views.
final class CaseBuilder {
    let plan: Plan
    let strided: Bool
    private var random: UInt64
    private let given: [String: [Float]]
    /// Dimensions with the counts of this run.
    private var counts: [(dimension: Dimension, count: Int)] = []
    private(set) var operands: [(name: String, value: Value, range: ClosedRange<Float>)] = []
    private var integerInputs: [(indices: Indices, numbers: [Int32])] = []
    private var offsetInputs: [(offsets: Offsets, numbers: [Int32])] = []

    init(mode: Plan.Mode = .training, strided: Bool = false, seed: UInt64 = 1, given: [String: [Float]] = [:]) throws {
        let store = ParameterStore()
        _ = try store.parameter("unused", rows: 1, columns: 1)
        try store.allocate(seed: seed)
        plan = Plan(store: store, mode: mode, seed: seed)
        self.strided = strided
        self.given = given
        random = seed
    }

    func rows(_ name: String, _ count: Int) -> Dimension {
        let dimension = plan.dimension(name, capacity: count + 3)
        counts.append((dimension, count))
        return dimension
    }

    /// A differentiable operand with numbers in `range`, or those given by name.
    func operand(
        _ name: String, _ dimension: Dimension, _ columns: Int, in range: ClosedRange<Float> = -1...1
    ) -> Value {
        let wide = plan.input(
            dimension, columns: strided ? columns + 5 : columns, name: name, differentiable: true)
        let value = strided ? plan.slice(wide, columns: 2..<columns + 2) : wide
        operands.append((name, value, range))
        return value
    }

    /// A differentiable operand in a fixed dimension; never strided, as weights are not.
    func weight(_ name: String, _ rows: Int, _ columns: Int, in range: ClosedRange<Float> = -1...1) -> Value {
        let value = plan.input(plan.fixed(rows), columns: columns, name: name, differentiable: true)
        operands.append((name, value, range))
        return value
    }

    func indices(_ dimension: Dimension, _ numbers: [Int32], width: Int = 1) -> Indices {
        let indices = plan.indices(dimension, width: width)
        integerInputs.append((indices, numbers))
        return indices
    }

    func offsets(_ segments: Dimension, _ items: Dimension, _ numbers: [Int32]) -> Offsets {
        let longest = zip(numbers, numbers.dropFirst()).map { Int($1 - $0) }.max() ?? 0
        let offsets = plan.offsets(segments: segments, of: items, maximumLength: longest)
        offsetInputs.append((offsets, numbers))
        return offsets
    }

    /// Seals, counts and fills; returns the value to read (the result itself, or its place in a concatenation).
    func finish(_ result: Value) throws -> Value {
        if strided {
            _ = plan.concat([plan.scale(result, by: 2), result])
        }
        plan.keep(result)
        try plan.seal()
        for (dimension, count) in counts { try plan.setCount(dimension, count) }
        for (indices, numbers) in integerInputs { _ = plan.integers(indices).update(from: numbers) }
        for (offsets, numbers) in offsetInputs { _ = plan.integers(offsets).update(from: numbers) }
        for operand in operands {
            let size = plan.count(operand.value.dimension) * operand.value.columns
            write(operand.value, given[operand.name] ?? numbers(size, in: operand.range))
        }
        return result
    }

    /// Sets every count to 0 (offsets then hold one 0).
    func emptyBatch() {
        for (dimension, _) in counts { try? plan.setCount(dimension, 0) }
        for (offsets, _) in offsetInputs { plan.integers(offsets)[0] = 0 }
    }

    func numbers(_ count: Int, in range: ClosedRange<Float>) -> [Float] {
        (0..<count).map { _ in
            random = mixedSeed(random, 17)
            return range.lowerBound + (range.upperBound - range.lowerBound) * Float(random >> 40) / Float(1 << 24)
        }
    }

    func write(_ value: Value, _ numbers: [Float]) {
        let matrix = plan.matrix(value)
        for row in 0..<matrix.rows {
            for column in 0..<matrix.columns {
                matrix.base[row * matrix.stride + column] = numbers[row * matrix.columns + column]
            }
        }
    }
}

/// One operation of the table.
struct OperationCase: Sendable, CustomStringConvertible {
    let name: String
    /// The step of the central difference.
    var h: Float = 1e-2
    /// Whether the result is a scalar loss (it is then not multiplied by random numbers).
    var isLoss = false
    let build: @Sendable (CaseBuilder) -> Value

    var description: String { name }
}
