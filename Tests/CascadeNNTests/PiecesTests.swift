import CKernels
import Foundation
import Testing

@testable import CascadeNN

/// Straight pieces against the formula spelled out, on every instruction set.
@Suite struct PiecesTests {
    static let width = 3
    static let reach: Float = 1
    /// Four ranges, one, and none.
    static let edges: [[Float]] = [[-2, -0.5, 0, 1, 4], [0, 2], [7], []]

    static func numbers(width: Int = width, isLogarithmic: Bool = false) -> [PieceTables.Number] {
        edges.enumerated().map { number, edges in
            func row(_ start: Float) -> [Float] { (0..<width).map { start + Float($0) * 0.25 - Float(number) } }
            let ranges = max(1, edges.count - 1)
            return PieceTables.Number(
                edges: edges, missing: row(9), low: (0..<ranges).map { row(Float($0)) },
                rise: (0..<ranges).map { edges.count < 2 ? row(0).map { _ in 0 } : row(Float($0) * 3 + 1) },
                isLogarithmic: isLogarithmic)
        }
    }

    private func expected(_ value: Float, _ number: PieceTables.Number) -> [Float] {
        guard value.isFinite else { return number.missing }
        guard number.edges.count > 1 else { return number.low[0] }
        let value = number.isLogarithmic ? (value < 0 ? -log1p(-value) : log1p(value)) : value
        let last = number.edges.count - 2
        let range = min(last, max(0, number.edges.lastIndex { $0 <= value } ?? 0))
        let share = (value - number.edges[range]) / (number.edges[range + 1] - number.edges[range])
        let kept = min(max(share, range == 0 ? -Self.reach : 0), range == last ? 1 + Self.reach : 1)
        return zip(number.low[range], number.rise[range]).map { $0 + kept * $1 }
    }

    /// Widths with and without a loop of their own, rows below, at and above a block.
    @Test(arguments: KernelTests.sets, [(2, 18), (3, 18), (8, 16), (8, 18), (17, 1), (8, 5)])
    func theyAreTheFormula(isa: Int, shape: (width: Int, rows: Int)) throws {
        for isLogarithmic in [false, true] { try theyAreTheFormula(isa, shape, isLogarithmic) }
    }

    private func theyAreTheFormula(_ isa: Int, _ shape: (width: Int, rows: Int), _ isLogarithmic: Bool) throws {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        let numbers = Self.numbers(width: shape.width, isLogarithmic: isLogarithmic)
        let tables = try PieceTables(numbers, width: shape.width, reach: Self.reach)
        let store = ParameterStore()
        _ = try store.parameter("w", rows: 1, columns: 1)
        try store.allocate(seed: 1)
        let plan = Plan(store: store, mode: .inference)
        let rows = plan.dimension("rows", capacity: 40)
        let x = plan.input(rows, columns: numbers.count)
        let y = plan.pieces(x, tables)
        plan.keep(y)
        try plan.seal()
        let all: [Float] = [
            -9, -3.5, -2, -1, -0.5, -0.25, 0, 0.5, 1, 2, 3.9, 4, 6, 7, 40, .nan, .infinity, -.infinity,
        ]
        let values = all.suffix(shape.rows)
        try plan.setCount(rows, values.count)
        for row in values.indices {
            let place = (row - values.startIndex) * numbers.count
            for column in numbers.indices { plan.floats(x)[place + column] = values[row] }
        }
        try plan.forward()
        let got = plan.values(of: y)
        #expect(got.count == values.count * numbers.count * shape.width)
        for row in values.indices {
            let line = numbers.flatMap { expected(values[row], $0) }
            for (column, number) in line.enumerated() {
                let value = got[(row - values.startIndex) * line.count + column]
                #expect(
                    abs(value - number) < 1e-5 * max(1, abs(number)),
                    "isa \(isa), \(shape), logarithmic \(isLogarithmic), \(values[row]), column \(column)")
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var numbers = Self.numbers()
        numbers[1].low.append([1, 2, 3])
        #expect(throws: NNError.self) { try PieceTables(numbers, width: Self.width, reach: 1) }
        #expect(throws: NNError.self) { try PieceTables(Self.numbers(), width: 4, reach: 1) }
        let store = ParameterStore()
        _ = try store.parameter("w", rows: 1, columns: 1)
        try store.allocate(seed: 1)
        let tables = try PieceTables(Self.numbers(), width: Self.width, reach: 1)
        for (mode, columns) in [(Plan.Mode.inference, 3), (.training, 4)] {
            let plan = Plan(store: store, mode: mode)
            _ = plan.pieces(plan.input(plan.dimension("rows", capacity: 2), columns: columns), tables)
            #expect(throws: NNError.self) { try plan.seal() }
        }
    }
}
