import CKernels
import COpenBLAS

/// The greatest singular values of a sparse matrix with their vectors, by randomized subspace iteration:
/// `A ≈ left · diag(values) · rightᵀ`.
///
/// Source: Halko, Martinsson and Tropp 2011, with an orthonormal basis by Cholesky factors.
package struct TruncatedSVD: Sendable {
    /// [rank], the greatest first.
    package let values: [Float]
    /// [rows × rank]
    package let left: [Float]
    /// [columns × rank]
    package let right: [Float]

    package var rank: Int { values.count }

    /// - Parameters:
    ///   - rank: values that are wanted; fewer come out where the matrix has not so many above rounding.
    ///   - oversampling: columns of the subspace beyond them.
    ///   - iterations: passes of `AᵀA` over the subspace; more of them separate near values better.
    ///   - seed: fixes the subspace that the iteration starts from.
    /// - Returns: nil for a matrix of zeros.
    package init?(
        of matrix: SparseMatrix, rank: Int, oversampling: Int = 60, iterations: Int = 4, seed: UInt64
    ) {
        let turned = matrix.transposed
        let width = min(rank + oversampling, matrix.rowCount, matrix.columnCount)
        let wanted = min(rank, width)
        guard wanted > 0 else { return nil }
        BLAS.useOneThread()
        var start = [Float](repeating: 0, count: matrix.rowCount * width)
        ck_random_normal(&start, start.count, seed, 1, 0)
        var basis = turned.times(start, width: width)
        for _ in 0..<iterations {
            guard Self.orthonormalize(&basis, width: width) else { return nil }
            basis = turned.times(matrix.times(basis, width: width), width: width)
        }
        // Twice: the first factor's rounding is as great as its condition number squared.
        guard Self.orthonormalize(&basis, width: width), Self.orthonormalize(&basis, width: width) else { return nil }
        let image = matrix.times(basis, width: width)
        var products = Self.product(.firstTransposed, width, width, matrix.rowCount, image, width, image, width)
        guard let squares = SymmetricEigen.decompose(&products, width) else { return nil }
        // Eigenvectors lie in the rows, the greatest last.
        // What is smaller is rounding, whose vectors mean nothing.
        let least = max(1e-5 * squares[width - 1], .leastNormalMagnitude)
        let kept = (0..<wanted).map { width - 1 - $0 }.filter { squares[$0] > least }
        guard !kept.isEmpty else { return nil }
        let rank = kept.count
        let vectors = kept.flatMap { products[($0 * width)..<(($0 + 1) * width)] }
        let values = kept.map { squares[$0].squareRoot() }
        self.values = values
        right = Self.product(.secondTransposed, matrix.columnCount, rank, width, basis, width, vectors, width)
        var left = Self.product(.secondTransposed, matrix.rowCount, rank, width, image, width, vectors, width)
        for place in left.indices { left[place] /= values[place % rank] }
        self.left = left
    }

    /// Replaces the columns of `basis` [rows × width] by an orthonormal basis of what they span: `Y U⁻¹` with `YᵀY = UᵀU`.
    private static func orthonormalize(_ basis: inout [Float], width: Int) -> Bool {
        let rows = basis.count / width
        let plain = product(.firstTransposed, width, width, rows, basis, width, basis, width)
        let trace = (0..<width).reduce(Float(0)) { $0 + plain[$1 * width + $1] }
        guard trace > 0, trace.isFinite else { return false }
        // Where the columns span less than their number, the product is singular but for what is added to it.
        for ridge in [1e-6, 1e-4, 1e-2] as [Float] {
            var products = plain
            for place in 0..<width { products[place * width + place] += ridge * trace / Float(width) }
            var (info, size) = (blasint(0), blasint(width))
            // LAPACK's lower triangle of columns is the upper triangle of our rows.
            spotrf_("L", &size, &products, &size, &info)
            guard info == 0 else { continue }
            cblas_strsm(
                CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, blasint(rows), size, 1, products,
                size, &basis, size)
            return true
        }
        return false
    }

    private static func product(
        _ form: BLAS.Form, _ m: Int, _ n: Int, _ k: Int, _ a: [Float], _ lda: Int, _ b: [Float], _ ldb: Int
    ) -> [Float] {
        var result = [Float](repeating: 0, count: m * n)
        BLAS.multiply(form, m, n, k, a, lda, b, ldb, add: 0, into: &result, n)
        return result
    }
}
