import Dispatch

/// A sparse matrix by rows: `values[offsets[r] ..< offsets[r + 1]]` stand in row r at `columns` of the same places.
package struct SparseMatrix: Sendable {
    package let columnCount: Int
    /// [rows + 1]
    package let offsets: [Int]
    /// [entries], each below `columnCount`.
    package let columns: [Int32]
    /// [entries]
    package var values: [Float]

    package var rowCount: Int { offsets.count - 1 }

    /// A matrix of ones at the listed columns of each row.
    package init(ones rows: [[Int32]], columnCount: Int) {
        self.columnCount = columnCount
        var offsets = [0]
        for row in rows { offsets.append((offsets.last ?? 0) + row.count) }
        self.offsets = offsets
        columns = rows.flatMap(\.self)
        values = [Float](repeating: 1, count: columns.count)
    }

    private init(columnCount: Int, offsets: [Int], columns: [Int32], values: [Float]) {
        self.columnCount = columnCount
        self.offsets = offsets
        self.columns = columns
        self.values = values
    }

    package var transposed: SparseMatrix {
        var starts = [Int](repeating: 0, count: columnCount + 1)
        for column in columns { starts[Int(column) + 1] += 1 }
        for column in 0..<columnCount { starts[column + 1] += starts[column] }
        var next = starts
        var rows = [Int32](repeating: 0, count: columns.count)
        var turned = [Float](repeating: 0, count: columns.count)
        for row in 0..<rowCount {
            for place in offsets[row]..<offsets[row + 1] {
                let target = next[Int(columns[place])]
                next[Int(columns[place])] += 1
                rows[target] = Int32(row)
                turned[target] = values[place]
            }
        }
        return SparseMatrix(columnCount: rowCount, offsets: starts, columns: rows, values: turned)
    }

    /// This matrix times a dense one: [columnCount × width] → [rows × width], on all cores.
    ///
    /// Blocks the calling thread: not for the cooperative pool. The sum of a row is taken in the order of its entries, so the
    /// bits do not depend on the cores.
    package func times(_ dense: [Float], width: Int) -> [Float] {
        var result = [Float](repeating: 0, count: rowCount * width)
        let piece = 256
        dense.withUnsafeBufferPointer { dense in
            result.withUnsafeMutableBufferPointer { result in
                guard let from = dense.baseAddress, let to = result.baseAddress else { return }
                let (source, target) = (Shared(from), SharedOutput(to))
                DispatchQueue.concurrentPerform(iterations: (rowCount + piece - 1) / piece) { index in
                    for row in (index * piece)..<min(rowCount, (index + 1) * piece) {
                        add(row: row, of: source.pointer, width: width, to: target.pointer + row * width)
                    }
                }
            }
        }
        return result
    }

    private func add(row: Int, of dense: UnsafePointer<Float>, width: Int, to sum: UnsafeMutablePointer<Float>) {
        for place in offsets[row]..<offsets[row + 1] {
            let (value, start) = (values[place], dense + Int(columns[place]) * width)
            for column in 0..<width { sum[column] += value * start[column] }
        }
    }

    private struct Shared: @unchecked Sendable {  // why: only read, and alive while the rows run
        let pointer: UnsafePointer<Float>
        init(_ pointer: UnsafePointer<Float>) { self.pointer = pointer }
    }

    private struct SharedOutput: @unchecked Sendable {  // why: each row is written by one piece alone
        let pointer: UnsafeMutablePointer<Float>
        init(_ pointer: UnsafeMutablePointer<Float>) { self.pointer = pointer }
    }
}
