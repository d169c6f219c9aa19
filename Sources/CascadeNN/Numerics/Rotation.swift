import COpenBLAS

/// An orthogonal map R [d × d] of rows: a rotation, with a reflection perhaps. It keeps lengths and inner products.
package struct Rotation: Sendable {
    package let dimension: Int
    /// [d × d]; a row r becomes r · R.
    package let matrix: [Float]

    /// The map that brings the rows of `first` nearest to those of `second`, both [rows × d]: R = U Wᵀ minimises
    /// Σ |a R − b|², where U S Wᵀ are the singular values of Σ aᵀ b. It is orthogonal whatever the rows are.
    ///
    /// Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
    ///
    /// - Throws: `NNError.plan` where the rows are not finite.
    /// - Complexity: O(rows · d² + d³), on the calling thread.
    package init(of first: [Float], onto second: [Float], dimension: Int) throws(NNError) {
        self.dimension = dimension
        let d = dimension
        var product = [Float](repeating: 0, count: d * d)
        BLAS.useOneThread()
        BLAS.multiply(
            .firstTransposed, d, d, first.count / max(1, d), first, d, second, d, add: 0, into: &product, d)
        guard product.allSatisfy(\.isFinite) else {
            throw .plan("rows that are not finite cannot be brought onto others")
        }
        // What LAPACK reads in columns is the transposed matrix W S Uᵀ, so its left vectors, in columns again, are our
        // Wᵀ, and its right ones our U.
        var (left, right) = (product, product)
        guard Self.decompose(&product, d, left: &left, right: &right) else {
            throw .plan("the singular values of two spaces of \(d) dimensions were not found")
        }
        var matrix = [Float](repeating: 0, count: d * d)
        BLAS.multiply(.plain, d, d, d, right, d, left, d, add: 0, into: &matrix, d)
        self.matrix = matrix
    }

    /// Replaces the matrix [d × d] by what LAPACK leaves of it; false where it did not converge.
    private static func decompose(
        _ matrix: UnsafeMutablePointer<Float>, _ d: Int, left: UnsafeMutablePointer<Float>,
        right: UnsafeMutablePointer<Float>
    ) -> Bool {
        guard d > 0 else { return true }
        var size = blasint(d)
        var info: blasint = 0
        var values = [Float](repeating: 0, count: d)
        var whole = [blasint](repeating: 0, count: 8 * d)
        var wanted: Float = 0
        var room: blasint = -1
        sgesdd_(
            "A", &size, &size, matrix, &size, &values, left, &size, right, &size, &wanted, &room, &whole, &info)
        guard info == 0 else { return false }
        // The size is told as a float, which may have been rounded down.
        room = blasint(wanted * 1.001) + 16
        var work = [Float](repeating: 0, count: Int(room))
        sgesdd_("A", &size, &size, matrix, &size, &values, left, &size, right, &size, &work, &room, &whole, &info)
        return info == 0
    }

    /// The rows [rows × d] after the map.
    package func applied(to rows: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: rows.count)
        let d = dimension
        BLAS.useOneThread()
        BLAS.multiply(.plain, rows.count / max(1, d), d, d, rows, d, matrix, d, add: 0, into: &result, d)
        return result
    }
}
