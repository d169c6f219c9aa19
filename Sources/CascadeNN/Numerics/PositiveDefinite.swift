import COpenBLAS

/// Symmetric positive definite matrices [n × n] in place, by Cholesky factors (LAPACK in OpenBLAS), on the calling thread.
package enum PositiveDefinite {
    /// Replaces the matrix by its inverse; false, with the matrix in pieces, where it is not positive definite.
    package static func invert(_ matrix: UnsafeMutablePointer<Float>, _ n: Int) -> Bool {
        var info: blasint = 0
        var size = blasint(n)
        guard n > 0 else { return true }
        BLAS.useOneThread()
        // LAPACK's lower triangle of columns is the upper triangle of our rows.
        spotrf_("L", &size, matrix, &size, &info)
        guard info == 0 else { return false }
        spotri_("L", &size, matrix, &size, &info)
        guard info == 0 else { return false }
        for row in 0..<n {
            for column in 0..<row { matrix[row * n + column] = matrix[column * n + row] }
        }
        return true
    }

    /// Replaces `right` [n] by the solution x of A x = right and `matrix` by its factor; false where A is not positive
    /// definite.
    package static func solve(
        _ matrix: UnsafeMutablePointer<Float>, _ n: Int, right: UnsafeMutablePointer<Float>
    ) -> Bool {
        var info: blasint = 0
        var size = blasint(n)
        var columns: blasint = 1
        guard n > 0 else { return true }
        spotrf_("L", &size, matrix, &size, &info)
        guard info == 0 else { return false }
        spotrs_("L", &size, &columns, matrix, &size, right, &size, &info)
        return info == 0
    }

    /// matrix += scale · Σ over the listed rows of `table` [rows × n] of row · rowᵀ; `room` holds count × n floats.
    package static func addProducts(
        of rows: [Int32], table: UnsafePointer<Float>, scale: Float, room: UnsafeMutablePointer<Float>,
        into matrix: UnsafeMutablePointer<Float>, _ n: Int
    ) {
        for (place, row) in rows.enumerated() {
            (room + place * n).update(from: table + Int(row) * n, count: n)
        }
        BLAS.multiply(.firstTransposed, n, n, rows.count, alpha: scale, room, n, room, n, add: 1, into: matrix, n)
    }
}
