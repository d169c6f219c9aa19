import CKernels
import Synchronization

/// A matrix in the order in which `ck_product` reads it.
final class PackedMatrix: @unchecked Sendable {  // why: its memory is written by init only
    /// Rows of the matrix.
    let rows: Int
    /// Columns of the matrix, without those that fill up the last panel.
    let columns: Int
    private let buffer: AlignedBuffer

    var panels: UnsafePointer<Float> { UnsafePointer(buffer.base) }

    init(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) throws(NNError) {
        self.rows = rows
        self.columns = columns
        buffer = try AlignedBuffer(count: Self.floats(rows: rows, columns: columns))
        ck_pack(buffer.base, matrix, stride, 1, rows, columns, 1)
    }

    /// Floats of a packed matrix.
    static func floats(rows: Int, columns: Int) -> Int {
        let panel = Int(CK_PANEL_COLUMNS)
        return (columns + panel - 1) / panel * panel * rows
    }
}

/// Weights that no longer change, packed for the products of inference plans: a matrix, or a part of one, once for all plans that
/// multiply with it, beside the weights themselves.
///
/// For plans of one store, whose weights must stay as they are from the first recording on.
package final class WeightPacking: Sendable {
    private struct Key: Hashable {
        let address: UInt
        let rows: Int
        let columns: Int
    }

    private let matrices = Mutex<[Key: PackedMatrix]>([:])

    package init() {}

    /// Bytes of all packed matrices.
    package var bytes: Int {
        matrices.withLock { $0.values.reduce(0) { $0 + 4 * PackedMatrix.floats(rows: $1.rows, columns: $1.columns) } }
    }

    func packed(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
    ) throws(NNError) -> PackedMatrix {
        let key = Key(address: UInt(bitPattern: matrix), rows: rows, columns: columns)
        if let known = matrices.withLock({ $0[key] }) { return known }
        let made = try PackedMatrix(matrix, rows: rows, columns: columns, stride: stride)
        return matrices.withLock { matrices in
            if let known = matrices[key] { return known }
            matrices[key] = made
            return made
        }
    }
}
