import CKernels

/// Numbers that become columns by straight pieces: over ranges that follow each other, each column is a line. It is what a
/// linear map of a piecewise linear encoding comes to, for looking up instead of multiplying.
package final class PieceTables: @unchecked Sendable {  // why: its memory is written by init only
    /// A number's way to `width` columns.
    package struct Number {
        /// Whether it is sign(x) · log(1 + |x|) that the ranges are of.
        package var isLogarithmic: Bool
        /// Ends of the ranges, strictly increasing; fewer than two: it is told apart from a missing one only.
        package var edges: [Float]
        /// Columns of a missing number.
        package var missing: [Float]
        /// Columns at the lower end of each range, and how much they differ at its upper end; one of each where there is no
        /// range.
        package var low: [[Float]]
        package var rise: [[Float]]

        package init(
            edges: [Float], missing: [Float], low: [[Float]], rise: [[Float]], isLogarithmic: Bool = false
        ) {
            self.isLogarithmic = isLogarithmic
            self.edges = edges
            self.missing = missing
            self.low = low
            self.rise = rise
        }
    }

    /// Columns of a number.
    package let width: Int
    /// Lengths that the outer ranges reach beyond their ends.
    let reach: Float
    let count: Int
    private let memory: AlignedBuffer
    let numbers: UnsafeMutablePointer<ck_pieces>

    /// - Throws: `NNError.shape` where a number does not fit the others.
    package init(_ numbers: [Number], width: Int, reach: Float) throws(NNError) {
        for (place, number) in numbers.enumerated() {
            let ranges = max(1, number.edges.count - 1)
            guard number.low.count == ranges, number.rise.count == ranges,
                ([number.missing] + number.low + number.rise).allSatisfy({ $0.count == width })
            else { throw .shape(operation: "pieces", detail: "number \(place) has not \(ranges) ranges of \(width)") }
        }
        self.width = width
        self.reach = reach
        count = numbers.count
        memory = try AlignedBuffer(
            count: numbers.reduce(0) { $0 + 2 * $1.edges.count + (1 + 2 * $1.low.count) * width })
        self.numbers = .allocate(capacity: max(1, numbers.count))
        var place = memory.base
        func put(_ floats: [Float]) -> UnsafePointer<Float> {
            let start = place
            for float in floats {
                place.pointee = float
                place += 1
            }
            return UnsafePointer(start)
        }
        for (index, number) in numbers.enumerated() {
            let lengths = zip(number.edges, number.edges.dropFirst()).map { 1 / ($1 - $0) }
            let rows = number.missing + zip(number.low, number.rise).flatMap { $0 + $1 }
            (self.numbers + index).initialize(
                to: ck_pieces(
                    edges: put(number.edges), inverse: put(lengths), table: put(rows), bins: lengths.count,
                    logarithmic: number.isLogarithmic ? 1 : 0))
        }
    }

    deinit { numbers.deallocate() }
}

/// y[:, g·w ..< (g+1)·w] = the columns of the number x[:, g]. x [n × G], y [n × G·w]. Forward only.
struct Pieces: Operation {
    let x: Value
    let y: Value
    let tables: PieceTables

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_pieces_columns(
            y.base, y.stride, x.base, x.stride, tables.numbers, x.rows, tables.count, tables.width, tables.reach)
    }

    func backward(_ m: Memory) {}
}

extension Plan {
    /// Numbers [n × G] as columns [n × G·width]; only in an inference plan.
    package func pieces(_ x: Value, _ tables: PieceTables) -> Value {
        require(mode == .inference, "pieces", "has no gradient; record it in an inference plan")
        require(
            x.columns == tables.count, "pieces", "\(describe(x)) needs a number for each of \(tables.count) tables")
        let y = makeValue(x.dimension, columns: tables.count * tables.width, needsGradient: false)
        record(Pieces(x: x, y: y, tables: tables), "pieces", inputs: [x], outputs: [y])
        return y
    }
}
