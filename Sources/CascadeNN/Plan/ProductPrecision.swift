import CKernels

/// In what numbers products are computed.
package enum ProductPrecision: String, Sendable, CaseIterable {
    case float32
    /// Factors are rounded to 8 bits of significand, products are added up in float32. Processors with AMX take a fifth of the
    /// time, AMD's with AVX-512 BF16 half of it.
    case bfloat16
    /// Weights are steps of a 127th of the greatest of their column, factors such of their row; sums are exact. Processors with
    /// AVX-512 BF16 and VNNI take a third of the time, with AMX an eighth. Only for weights that no longer change.
    case int8

    /// Whether the kernels in use are faster with it than with float32 on this processor.
    package var isNative: Bool {
        switch self {
        case .float32: true
        case .bfloat16: ck_bfloat16_is_fast() != 0
        case .int8: ck_active_isa() >= Int32(CK_ISA_AVX512_BF16)
        }
    }

    /// Columns of a packed matrix' row of words that so many rows of the matrix make.
    func words(_ rows: Int) -> Int {
        switch self {
        case .float32: rows
        case .bfloat16: (rows + 1) / 2
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
        case .int8: ck_pack_int8(panels, matrix, stride, rows, columns)
        }
    }

    /// Rounds the rows of a factor as the products of this precision read them, `rowHead + words(x.columns)` words a row.
    func round(_ x: Matrix, into rounded: Matrix) {
        switch self {
        case .float32: break
        case .bfloat16: ck_round_bfloat16(rounded.base, rounded.stride, x.base, x.stride, x.rows, x.columns)
        case .int8: ck_round_int8(rounded.base, rounded.stride, x.base, x.stride, x.rows, x.columns)
        }
    }

    /// Runs a product of factors and matrices of this precision.
    func multiply(_ product: inout ck_packed_product) {
        switch self {
        case .float32: ck_product(&product)
        case .bfloat16: ck_product_bfloat16(&product)
        case .int8: ck_product_int8(&product)
        }
    }
}
