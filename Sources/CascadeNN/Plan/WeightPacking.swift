import CKernels
import Synchronization

/// A matrix in the order in which the products of a precision read it.
final class PackedMatrix: @unchecked Sendable {  // why: its memory is written by init only
    /// Rows of the matrix.
    let rows: Int
    /// Columns of the matrix, without those that fill up the last panel.
    let columns: Int
    private let buffer: AlignedBuffer

    var panels: UnsafePointer<Float> { UnsafePointer(buffer.base) }

    init(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, _ precision: ProductPrecision
    ) throws(NNError) {
        self.rows = rows
        self.columns = columns
        buffer = try AlignedBuffer(count: Self.floats(rows: rows, columns: columns, precision))
        precision.pack(matrix, rows: rows, columns: columns, stride: stride, into: buffer.base)
    }

    /// Bytes in memory.
    var bytes: Int { buffer.count * MemoryLayout<Float>.stride }

    /// Floats, or words, of a packed matrix.
    static func floats(rows: Int, columns: Int, _ precision: ProductPrecision = .float32) -> Int {
        paddedColumns(columns) * (precision.panelHead + precision.words(rows))
    }

    /// Columns of whole panels that hold so many columns.
    static func paddedColumns(_ columns: Int) -> Int {
        let panel = Int(CK_PANEL_COLUMNS)
        return (columns + panel - 1) / panel * panel
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

    /// In what numbers plans multiply with the packed weights.
    package let precision: ProductPrecision

    package init(_ precision: ProductPrecision = .float32) { self.precision = precision }

    /// Bytes of all packed matrices.
    package var bytes: Int { matrices.withLock { $0.values.reduce(0) { $0 + $1.bytes } } }

    func packed(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
    ) throws(NNError) -> PackedMatrix {
        let key = Key(address: UInt(bitPattern: matrix), rows: rows, columns: columns)
        if let known = matrices.withLock({ $0[key] }) { return known }
        let made = try PackedMatrix(matrix, rows: rows, columns: columns, stride: stride, precision)
        return matrices.withLock { matrices in
            if let known = matrices[key] { return known }
            matrices[key] = made
            return made
        }
    }
}
