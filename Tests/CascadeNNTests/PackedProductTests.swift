import CKernels
import Testing

@testable import CascadeNN

/// Products with packed matrices against the formula, on every instruction set.
@Suite struct PackedProductTests {
    /// Rows, inner columns of each term, columns.
    static let shapes: [(Int, [Int], Int)] = [
        (1, [1], 1), (5, [3], 16), (13, [7, 4], 17), (12, [9], 32), (27, [5, 1, 8], 45), (6, [40], 15), (31, [2], 64),
        (33, [64, 37], 33), (70, [133], 50), (47, [96], 80), (16, [70], 16), (17, [33], 33), (32, [128], 31),
    ]

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = count
            ck_random_uniform(buffer.baseAddress!, count, seed, -1, 1)
        }
    }

    private struct Case {
        let rows: Int
        let columns: Int
        let x: [[Float]]
        let w: [[Float]]
        let bias: [Float]
        let x0: [Float]
        let over: [Float]

        func sum(_ row: Int, _ column: Int) -> Float {
            zip(x, w).reduce(0) { sum, term in
                let inner = term.0.count / rows
                return (0..<inner).reduce(sum) { $0 + term.0[row * inner + $1] * term.1[$1 * columns + column] }
            }
        }
    }

    /// Half to even, by the way over the neighbours.
    private func rounded(_ x: Float) -> Float {
        let below = Float(bitPattern: x.bitPattern & 0xffff_0000)
        let above = Float(bitPattern: (x.bitPattern & 0xffff_0000) &+ 0x1_0000)
        let (down, up) = (abs(x - below), abs(above - x))
        if down == up { return below.bitPattern & 0x1_0000 == 0 ? below : above }
        return down < up ? below : above
    }

    /// A matrix of `width` columns in steps of a 127th of the greatest of each row, or of each column.
    private func stepped(_ x: [Float], _ width: Int, byColumn: Bool) -> [Float] {
        let key = { (place: Int) in byColumn ? place % width : place / width }
        var tops: [Int: Float] = [:]
        for (place, value) in x.enumerated() { tops[key(place)] = max(tops[key(place)] ?? 0, abs(value)) }
        return x.enumerated().map { place, value in
            let step = (tops[key(place)] ?? 0) / 127
            return step > 0 ? (value / step).rounded() * step : 0
        }
    }

    /// Factors as the products of a precision see them.
    private func made(_ shape: (Int, [Int], Int), _ precision: ProductPrecision) -> Case {
        let (rows, inner, columns) = shape
        func seen(_ x: [Float], _ width: Int, byColumn: Bool) -> [Float] {
            switch precision {
            case .float32, .bfloat16x3: x
            case .bfloat16: x.map(rounded)
            case .int8: stepped(x, width, byColumn: byColumn)
            }
        }
        return Case(
            rows: rows, columns: columns,
            x: inner.enumerated().map { seen(numbers(rows * $1, seed: UInt64($0)), $1, byColumn: false) },
            w: inner.enumerated().map {
                seen(numbers($1 * columns, seed: UInt64($0) + 10), columns, byColumn: true)
            },
            bias: numbers(columns, seed: 20), x0: numbers(rows * columns, seed: 21),
            over: numbers(rows * columns, seed: 22))
    }

    /// Runs the kernel; rows of the result are three floats longer, to see that nothing is written there.
    private func run(
        _ one: Case, _ precision: ProductPrecision, bias: Bool, rectify: Bool, cross: Bool, oneRow: Bool = false
    ) -> [Float] {
        let packed = zip(one.x, one.w).map { x, w in
            let inner = x.count / one.rows
            let floats = PackedMatrix.floats(rows: inner, columns: one.columns, precision)
            return [Float](unsafeUninitializedCapacity: floats) {
                $1 = floats
                precision.pack(w, rows: inner, columns: one.columns, stride: one.columns, into: $0.baseAddress!)
            }
        }
        let factors = one.x.map { x -> [Float] in
            let inner = x.count / one.rows
            let width = precision.rowHead + precision.words(inner)
            // Rows of both are longer than what is read of them.
            var source = [Float](repeating: .nan, count: one.rows * (inner + 3))
            for row in 0..<one.rows { for i in 0..<inner { source[row * (inner + 3) + i] = x[row * inner + i] } }
            if precision == .float32 { return source }
            var rounded = [Float](repeating: .nan, count: one.rows * (width + 3))
            source.withUnsafeMutableBufferPointer { source in
                rounded.withUnsafeMutableBufferPointer { rounded in
                    precision.round(
                        Matrix(base: source.baseAddress!, rows: one.rows, columns: inner, stride: inner + 3),
                        into: Matrix(base: rounded.baseAddress!, rows: one.rows, columns: width, stride: width + 3))
                }
            }
            return rounded
        }
        let ldy = one.columns + 3
        var y = [Float](repeating: 7, count: one.rows * ldy)
        func withTerms(_ index: Int, _ terms: [ck_packed_term], _ body: ([ck_packed_term]) -> Void) {
            guard index < packed.count else { return body(terms) }
            let stride = factors[index].count / one.rows
            factors[index].withUnsafeBufferPointer { x in
                packed[index].withUnsafeBufferPointer { panels in
                    let factor = Matrix(
                        base: UnsafeMutablePointer(mutating: x.baseAddress!), rows: one.rows, columns: stride - 3,
                        stride: stride)
                    let own = [ck_packed_term](unsafeUninitializedCapacity: precision.pairs.count) { buffer, count in
                        precision.write(
                            terms: buffer.baseAddress!, of: factor, with: panels.baseAddress!, columns: one.columns)
                        count = precision.pairs.count
                    }
                    withTerms(index + 1, terms + own, body)
                }
            }
        }
        y.withUnsafeMutableBufferPointer { y in
            one.bias.withUnsafeBufferPointer { b in
                one.x0.withUnsafeBufferPointer { x0 in
                    one.over.withUnsafeBufferPointer { over in
                        withTerms(0, []) { terms in
                            terms.withUnsafeBufferPointer { list in
                                var product = ck_packed_product(
                                    terms: list.baseAddress, bias: bias ? b.baseAddress : nil,
                                    x0: cross ? x0.baseAddress : nil, x: cross ? over.baseAddress : nil,
                                    y: y.baseAddress, count: terms.count, rows: one.rows, columns: one.columns,
                                    ldy: ldy, ldx0: oneRow ? 0 : one.columns, ldx: one.columns,
                                    rectify: rectify ? 1 : 0, acc: 0)
                                precision.multiply(&product)
                            }
                        }
                    }
                }
            }
        }
        return y
    }

    @Test(arguments: KernelTests.sets, ProductPrecision.allCases)
    func theyAreTheFormula(isa: Int, precision: ProductPrecision) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        // Two parts of eight bits leave 2⁻¹⁶ of each of up to 133 products.
        let tolerance: Float = precision == .bfloat16x3 ? 1e-4 : 1e-5
        for shape in Self.shapes {
            let one = made(shape, precision)
            let sums = (0..<one.rows * one.columns).map { one.sum($0 / one.columns, $0 % one.columns) }
            for (bias, rectify, cross, oneRow) in [
                (false, false, false, false), (true, false, false, false), (true, true, false, false),
                (true, false, true, false), (false, false, true, false), (true, false, true, true),
            ] {
                let y = run(one, precision, bias: bias, rectify: rectify, cross: cross, oneRow: oneRow)
                let wrong = y.indices.first { index in
                    let (row, column) = (index / (one.columns + 3), index % (one.columns + 3))
                    guard column < one.columns else { return y[index] != 7 }
                    let place = row * one.columns + column
                    var expected = sums[place] + (bias ? one.bias[column] : 0)
                    if rectify { expected = max(0, expected) }
                    if cross { expected = one.x0[oneRow ? column : place] * expected + one.over[place] }
                    return !(abs(y[index] - expected) < tolerance)
                }
                let place = wrong.map { "row \($0 / (one.columns + 3)), column \($0 % (one.columns + 3))" }
                #expect(
                    place == nil,
                    "isa \(isa), \(shape), bias \(bias), rectify \(rectify), cross \(cross), one row \(oneRow)")
            }
        }
    }

    @Test(arguments: KernelTests.sets) func transposedAndScaledMatricesArePacked(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        let (k, columns) = (5, 19)
        let b = numbers(k * columns, seed: 3)
        var panels = [Float](repeating: .nan, count: PackedMatrix.floats(rows: k, columns: columns))
        ck_pack(&panels, b, 1, k, k, columns, 2)
        for row in 0..<k {
            for column in 0..<32 {
                let got = panels[column / 16 * k * 16 + row * 16 + column % 16]
                #expect(got == (column < columns ? 2 * b[column * k + row] : 0))
            }
        }
    }

    /// What is put in is rounded half to even; numbers beyond the greatest become infinite, and what is no number stays none.
    @Test(arguments: KernelTests.sets) func factorsAreRoundedHalfToEven(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        // 1 + 2⁻⁸ lies in the middle of 1 and 1 + 2⁻⁷, 1 + 3·2⁻⁸ in the middle of 1 + 2⁻⁷ and 1 + 2⁻⁶.
        let values: [Float] = [1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1.8p-8, -1 - 0x1p-8, 0, .greatestFiniteMagnitude, .nan]
        let expected: [Float] = [1, 1 + 0x1p-6, 1 + 0x1p-7, -1, 0, .infinity, .nan]
        for (value, wanted) in zip(values, expected) {
            for (x, w) in [([value], [Float(1)]), ([Float(1)], [value])] {
                let one = Case(rows: 1, columns: 1, x: [x], w: [w], bias: [0], x0: [0], over: [0])
                let got = run(one, .bfloat16, bias: false, rectify: false, cross: false)[0]
                #expect(got == wanted || got.isNaN && wanted.isNaN, "isa \(isa): \(value) became \(got)")
            }
        }
    }

    /// Numbers of 16 bits of significand are their two parts.
    @Test(arguments: KernelTests.sets) func threeProductsKeepWhatOneLoses(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        for value: Float in [1 + 0x1p-15, 1 - 0x1p-15, 0x1p-100 + 0x1p-115, -3.0625] {
            let one = Case(rows: 1, columns: 1, x: [[value]], w: [[1]], bias: [0], x0: [0], over: [0])
            #expect(run(one, .bfloat16x3, bias: false, rectify: false, cross: false)[0] == value)
            let turned = Case(rows: 1, columns: 1, x: [[1]], w: [[value]], bias: [0], x0: [0], over: [0])
            #expect(run(turned, .bfloat16x3, bias: false, rectify: false, cross: false)[0] == value)
        }
    }

    /// One number that is not finite, in a row of a factor or in a column of a matrix, is told there and nowhere else.
    @Test(arguments: KernelTests.sets, [ProductPrecision.bfloat16, .bfloat16x3])
    func whatIsNotFiniteStaysInItsPlace(isa: Int, precision: ProductPrecision) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        let (rows, inner, columns) = (19, 40, 18)
        for value: Float in [.infinity, .nan, -.infinity] {
            for place in [0, 33, 39] {
                for isFactor in [true, false] {
                    var (x, w) = (numbers(rows * inner, seed: 1), numbers(inner * columns, seed: 2))
                    if isFactor { x[5 * inner + place] = value } else { w[place * columns + 17] = value }
                    let one = Case(rows: rows, columns: columns, x: [x], w: [w], bias: [], x0: [], over: [])
                    let y = run(one, precision, bias: false, rectify: false, cross: false)
                    let wrong = (0..<rows * columns).filter { index in
                        let isTold = isFactor ? index / columns == 5 : index % columns == 17
                        return y[index / columns * (columns + 3) + index % columns].isFinite == isTold
                    }
                    #expect(wrong.isEmpty, "isa \(isa), \(value) at \(place), \(isFactor ? "factor" : "matrix")")
                }
            }
        }
    }

    @Test(arguments: KernelTests.sets) func rowsOfStepsMayBeEmptyOrNotFinite(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        var x = numbers(5 * 6, seed: 1)
        for column in 0..<6 { x[6 + column] = 0 }
        x[2 * 6 + 3] = .nan
        x[3 * 6 + 5] = -.infinity
        let one = Case(
            rows: 5, columns: 3, x: [x], w: [numbers(6 * 3, seed: 2)], bias: [0, 0, 0], x0: [], over: [])
        let y = run(one, .int8, bias: false, rectify: false, cross: false)
        for column in 0..<3 {
            for row in [0, 4] { #expect(abs(y[row * 6 + column] - one.sum(row, column)) < 0.05) }
            #expect(y[6 + column] == 0)
            for row in [2, 3] { #expect(!y[row * 6 + column].isFinite) }
        }
    }

    /// Every operation that a packing plan computes in its own way, against the plan that does not.
    @Test(arguments: [0, 1, 5]) func plansThatPackGiveTheSame(past: Int) throws {
        let store = ParameterStore()
        let weight = try store.parameter("w", rows: 6, columns: 6, .normal(0.5))
        let down = try store.parameter("down", rows: 6, columns: 2, .normal(0.5))
        let up = try store.parameter("up", rows: 2, columns: 6, .normal(0.5))
        let bias = try store.parameter("b", rows: 1, columns: 6, .normal(0.5))
        try store.allocate(seed: 4)
        func values(_ packing: WeightPacking?) throws -> [[Float]] {
            let plan = Plan(store: store, mode: .inference, packing: packing)
            let rows = plan.dimension("rows", capacity: 20)
            let x = plan.input(rows, columns: 6)
            let steps = plan.dimension("steps", capacity: 8)
            let keys = plan.input(steps, columns: 6)
            let contexts = plan.dimension("contexts", capacity: 2)
            let offsets = plan.offsets(segments: contexts, of: steps, maximumLength: 8)
            let context = plan.indices(rows)
            let w = plan.parameter(weight)
            let b = plan.parameter(bias)
            let outputs = [
                plan.linear(x, w), plan.linear(x, w, bias: b), plan.linear(x, w, bias: b, activation: .relu),
                plan.linear(x, w, activation: .relu), plan.linear(x, w, bias: b, activation: .tanh),
                plan.cross(x, x, weight: w, bias: b),
                plan.crossLowRank(x, x, down: plan.parameter(down), up: plan.parameter(up), bias: b),
                plan.targetAttention(
                    query: x, keys: keys, values: plan.tanh(keys), offsets, segmentOf: context, heads: 3),
            ]
            for output in outputs { plan.keep(output) }
            try plan.seal()
            // All rows in one context, then in two, then none.
            var found: [[Float]] = []
            for (count, split) in [(20, 20), (20, 12), (0, 0)] {
                try plan.setCount(rows, count)
                try plan.setCount(contexts, 2)
                try plan.setCount(steps, past + 2)
                plan.integers(offsets).copyAll([0, Int32(past), Int32(past + 2)])
                for row in 0..<count { plan.integers(context)[row] = row < split ? 0 : 1 }
                plan.floats(x).copyAll(numbers(6 * count, seed: 5))
                plan.floats(keys).copyAll(numbers(6 * (past + 2), seed: 6))
                try plan.forward()
                found += outputs.map { plan.values(of: $0) }
            }
            return found
        }
        let packing = WeightPacking()
        for (number, (plain, packed)) in zip(try values(nil), try values(packing)).enumerated() {
            #expect(plain.count == packed.count)
            for (a, b) in zip(plain, packed) { #expect(abs(a - b) < 1e-5, "operation \(number)") }
        }
        let bytes = packing.bytes
        _ = try values(packing)
        #expect(bytes > 0 && packing.bytes == bytes, "a matrix is packed once")
    }
}

extension UnsafeMutableBufferPointer {
    fileprivate func copyAll(_ values: [Element]) {
        for (place, value) in values.enumerated() { self[place] = value }
    }
}
