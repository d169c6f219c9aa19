import Testing

@testable import CascadeNN

/// Rows of which some columns are shared, against the same rows computed whole.
@Suite struct FactoredRowsTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let before: [Int]
        let shared: Int
        let after: [Int]
        var rank = 0
        var layers = 2

        var columns: Int { before.reduce(shared, +) + after.reduce(0, +) }
        var testDescription: String { "\(before) \(shared) \(after), rank \(rank), \(layers) layers" }

        static let all: [Shape] = [0, 3].flatMap { rank in
            [0, 1, 2, 3].flatMap { layers in
                [([5], [4, 2]), ([5, 1], []), ([], [6])].map { before, after in
                    Shape(before: before, shared: 7, after: after, rank: rank, layers: layers)
                }
            }
        }
    }

    private struct Weights {
        let store = ParameterStore()
        var layers: [(down: Parameter, up: Parameter?, bias: Parameter)] = []
        let head: Parameter
        let headBias: Parameter

        init(_ shape: Shape) throws {
            let (d, r) = (shape.columns, shape.rank)
            for index in 0..<shape.layers {
                layers.append(
                    (
                        down: try store.parameter("\(index).down", rows: d, columns: r > 0 ? r : d, .normal(0.4)),
                        up: r > 0 ? try store.parameter("\(index).up", rows: r, columns: d, .normal(0.4)) : nil,
                        bias: try store.parameter("\(index).bias", rows: 1, columns: d, .normal(0.4))
                    ))
            }
            head = try store.parameter("head", rows: d, columns: 5, .normal(0.4))
            headBias = try store.parameter("head.bias", rows: 1, columns: 5, .normal(0.4))
            try store.allocate(seed: 3)
        }

        /// The rows after the cross layers, whole, and a layer over them.
        func record(_ first: FactoredRows) -> (joined: Value, layer: Value) {
            let rows = layers.reduce(first) { rows, layer in
                guard let up = layer.up else { return rows.cross(first, weight: layer.down, bias: layer.bias) }
                return rows.cross(first, down: layer.down, up: up, bias: layer.bias)
            }
            return (rows.joined(), rows.linear(head, bias: headBias, activation: .relu))
        }
    }

    private static let rows = 6

    /// Numbers from a seed.
    private func numbers(_ count: Int, _ seed: UInt64) throws -> [Float] {
        let store = ParameterStore()
        let drawn = try store.parameter("numbers", rows: 1, columns: count, .uniform(1))
        try store.allocate(seed: seed)
        return Array(store.weights(drawn))
    }

    @Test(arguments: Shape.all) func theyAreWhatWholeRowsAre(shape: Shape) throws {
        let weights = try Weights(shape)
        let shared = try numbers(shape.shared, 1)
        let plain = try (shape.before + shape.after)
            .enumerated().map { try numbers(Self.rows * $1, UInt64($0) + 2) }

        let whole = Plan(store: weights.store, mode: .inference)
        let input = whole.input(whole.fixed(Self.rows), columns: shape.columns)
        let expected = weights.record(FactoredRows(whole, input))
        for value in [expected.joined, expected.layer] { whole.keep(value) }
        try whole.seal()
        for row in 0..<Self.rows {
            let parts = zip(shape.before + shape.after, plain).map { Array($1[row * $0..<(row + 1) * $0]) }
            let count = shape.before.count
            let line = parts[..<count].flatMap { $0 } + shared + parts[count...].flatMap { $0 }
            for (column, number) in line.enumerated() { whole.floats(input)[row * shape.columns + column] = number }
        }
        try whole.forward()

        let factoring = Factoring(store: weights.store, packing: WeightPacking())
        let rows = factoring.rows.dimension("rows", capacity: 10)
        let inputs = (shape.before + shape.after).map { factoring.rows.input(rows, columns: $0) }
        let own = factoring.once.input(factoring.once.fixed(1), columns: shape.shared)
        let got = weights.record(
            FactoredRows(
                factoring, before: Array(inputs[..<shape.before.count]), shared: own,
                after: Array(inputs[shape.before.count...])))
        for value in [got.joined, got.layer] { factoring.rows.keep(value) }
        try factoring.once.seal()
        try factoring.rows.seal()
        for (place, number) in shared.enumerated() { factoring.once.floats(own)[place] = number }
        try factoring.once.forward()
        try factoring.take(factoring.handedOver())
        #expect(throws: NNError.self) { try factoring.take(Array(factoring.handedOver().dropLast())) }
        try factoring.rows.setCount(rows, Self.rows)
        for (value, numbers) in zip(inputs, plain) {
            for (place, number) in numbers.enumerated() { factoring.rows.floats(value)[place] = number }
        }
        try factoring.rows.forward()

        for (left, right) in [(expected.joined, got.joined), (expected.layer, got.layer)] {
            let left = whole.values(of: left)
            let right = factoring.rows.values(of: right)
            #expect(left.count == right.count)
            for (a, b) in zip(left, right) { #expect(abs(a - b) < 1e-4 * max(1, abs(a)), "\(a) and \(b)") }
        }
    }

    @Test func itSaysFromHowManyRowsItPays() throws {
        let weights = try Weights(Shape(before: [4], shared: 100, after: [4], rank: 2, layers: 1))
        func recorded(_ shared: Int) -> Factoring {
            let factoring = Factoring(store: weights.store, packing: WeightPacking())
            let rows = factoring.rows.dimension("rows", capacity: 10)
            let value = factoring.rows.input(rows, columns: 108 - shared)
            let own = factoring.once.input(factoring.once.fixed(1), columns: shared)
            _ = weights.record(FactoredRows(factoring, before: [value], shared: own, after: []))
            return factoring
        }
        // A product of 100 shared columns: 100 · 2 for the offset of the cross layer, (2 + 1) · 100 · 5 for the layer over it.
        // A row saves 100 · 2 before and 2 · 100 behind the rank, and (100 − 2) · 5, but for 2 · 100 where it is put together.
        #expect(recorded(100).worthwhileRows == 1 + (200 + 1500) / (200 + 200 + 490 - 200))
        #expect(recorded(1).worthwhileRows > recorded(100).worthwhileRows)
    }
}
