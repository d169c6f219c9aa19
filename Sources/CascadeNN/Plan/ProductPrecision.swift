import CKernels

/// In what numbers the products of weights that no longer change are computed.
package enum ProductPrecision: String, Sendable, CaseIterable {
    case float32
    /// Factors are rounded to 8 bits of significand, products are added up in float32. Processors that have an instruction for
    /// it take half the time.
    case bfloat16

    /// Whether this processor has an instruction for it.
    package var isNative: Bool { self == .float32 || ck_table_for(Int32(CK_ISA_AVX512_BF16)) != nil }

    /// Floats, or words of two halves, of a row of so many columns.
    func words(_ columns: Int) -> Int { self == .float32 ? columns : (columns + 1) / 2 }

    /// Puts a matrix in the order in which the products of this precision read it: `PackedMatrix.floats` of them.
    func pack(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, into panels: UnsafeMutablePointer<Float>
    ) {
        switch self {
        case .float32: ck_pack(panels, matrix, stride, 1, rows, columns, 1)
        case .bfloat16: ck_pack_bfloat16(panels, matrix, stride, 1, rows, columns, 1)
        }
    }
}
