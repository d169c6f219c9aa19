import CKernels

/// In what numbers products are computed.
package enum ProductPrecision: String, Sendable, CaseIterable {
    case float32
    /// Factors are rounded to 8 bits of significand, products are added up in float32. Processors with AMX take a fifth of the
    /// time, AMD's with AVX-512 BF16 half of it.
    case bfloat16
    /// Each factor is the sum of two bfloat16, its own and that of what this leaves: three products of these, all but the one of what
    /// is left with what is left, come within some 2⁻¹⁶ of float32. For processors with AMX. Only for
    /// weights that no longer change.
    case bfloat16x3
    /// Weights are steps of a 127th of the greatest of their column, factors such of their row; sums are exact. Processors with
    /// AVX-512 BF16 and VNNI take a third of the time, with AMX an eighth. Only for weights that no longer change.
    case int8

    /// Whether the kernels in use multiply bfloat16 faster than float32 on this processor.
    package static var bfloat16IsFaster: Bool { ck_bfloat16_is_fast() != 0 }

    /// Whether weights that change can be multiplied so.
    package var isForTraining: Bool { self == .float32 || self == .bfloat16 }

    /// Parts that a number is the sum of. A packed matrix holds those of all its numbers one behind the other, so does a
    /// rounded row.
    var parts: Int { self == .bfloat16x3 ? 2 : 1 }

    /// Which part of a factor is multiplied with which of a matrix, small products first.
    var pairs: [(factor: Int, matrix: Int)] { self == .bfloat16x3 ? Self.threePairs : Self.onePair }

    private static let threePairs = [(factor: 0, matrix: 1), (factor: 1, matrix: 0), (factor: 0, matrix: 0)]
    private static let onePair = [(factor: 0, matrix: 0)]

    /// Words of a column, or of a row of a factor, that so many numbers make, of all parts.
    func words(_ rows: Int) -> Int {
        switch self {
        case .float32: rows
        case .bfloat16: (rows + 1) / 2
        case .bfloat16x3: (rows + 1) / 2 * 2
        case .int8: (rows + 3) / 4
        }
    }

    /// Rows of words that a panel has before its numbers.
    var panelHead: Int { self == .int8 ? 2 : 0 }

    /// Words that a rounded row has before its numbers.
    var rowHead: Int { self == .int8 ? 1 : 0 }

    /// Puts a matrix in the order in which the products of this precision read it: `PackedMatrix.floats` of them.
    func pack(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, into panels: UnsafeMutablePointer<Float>
    ) {
        switch self {
        case .float32: ck_pack(panels, matrix, stride, 1, rows, columns, 1)
        case .bfloat16: ck_pack_bfloat16(panels, matrix, stride, rows, columns)
        case .bfloat16x3:
            ck_pack_bfloat16(panels, matrix, stride, rows, columns)
            let rest = panels + PackedMatrix.floats(rows: rows, columns: columns, .bfloat16)
            ck_pack_bfloat16_rest(rest, matrix, stride, rows, columns)
        case .int8: ck_pack_int8(panels, matrix, stride, rows, columns)
        }
    }

    /// Rounds the rows of a factor as the products of this precision read them, `rowHead + words(x.columns)` words a row.
    func round(_ x: Matrix, into rounded: Matrix) {
        switch self {
        case .float32: break
        case .bfloat16: ck_round_bfloat16(rounded.base, rounded.stride, x.base, x.stride, x.rows, x.columns)
        case .bfloat16x3:
            ck_round_bfloat16(rounded.base, rounded.stride, x.base, x.stride, x.rows, x.columns)
            let rest = rounded.base + Self.bfloat16.words(x.columns)
            ck_round_bfloat16_rest(rest, rounded.stride, x.base, x.stride, x.rows, x.columns)
        case .int8: ck_round_int8(rounded.base, rounded.stride, x.base, x.stride, x.rows, x.columns)
        }
    }

    /// Writes what a rounded factor and a packed matrix of `columns` columns are to a product: a term for each of `pairs`.
    func write(
        terms: UnsafeMutablePointer<ck_packed_term>, of factor: Matrix, with panels: UnsafePointer<Float>, columns: Int
    ) {
        let words = (factor.columns - rowHead) / parts
        for (place, pair) in pairs.enumerated() {
            (terms + place).initialize(
                to: ck_packed_term(
                    x: factor.base + pair.factor * words,
                    panels: panels + pair.matrix * words * PackedMatrix.paddedColumns(columns), ldx: factor.stride,
                    k: words))
        }
    }

    /// Runs a product of factors and matrices of this precision.
    func multiply(_ product: inout ck_packed_product) {
        switch self {
        case .float32: ck_product(&product)
        case .bfloat16, .bfloat16x3: ck_product_bfloat16(&product)
        case .int8: ck_product_int8(&product)
        }
    }
}
