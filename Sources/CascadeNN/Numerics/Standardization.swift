import COpenBLAS

/// A change of coordinates of two tables that keeps the inner products between them.
package enum Standardization {
    /// Replaces `rows` [n × d] by `rows · L⁻ᵀ` and `partners` [m × d] by `partners · L`, where L Lᵀ is the covariance of
    /// `rows`: afterwards the length of a partner is the deviation of its inner products with all rows.
    ///
    /// A hundred-thousandth of the mean variance is added to the diagonal, so that columns that hardly vary do no harm. On the
    /// calling thread.
    ///
    /// - Returns: false, with the tables as they were, where the covariance is not positive definite.
    package static func apply(rows: inout [Float], partners: inout [Float], width: Int) -> Bool {
        let count = rows.count / max(1, width)
        guard count > 0 else { return false }
        BLAS.useOneThread()
        var factor = covariance(rows, count, width)
        let trace = (0..<width).reduce(Float(0)) { $0 + factor[$1 * width + $1] }
        for column in 0..<width { factor[column * width + column] += 1e-5 * trace / Float(width) }
        var (size, info) = (blasint(width), blasint(0))
        // LAPACK's upper triangle of columns is the lower triangle of our rows.
        spotrf_("U", &size, &factor, &size, &info)
        guard info == 0 else { return false }
        cblas_strsm(
            CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(count), size, 1, factor, size,
            &rows,
            size)
        cblas_strmm(
            CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, blasint(partners.count / width), size, 1,
            factor, size, &partners, size)
        return true
    }

    /// [d × d], of rows seen as all there are.
    private static func covariance(_ rows: [Float], _ count: Int, _ width: Int) -> [Float] {
        var means = [Float](repeating: 0, count: width)
        let ones = [Float](repeating: 1 / Float(count), count: count)
        cblas_sgemv(
            CblasRowMajor, CblasTrans, blasint(count), blasint(width), 1, rows, blasint(width), ones, 1, 0, &means, 1)
        var centred = rows
        for row in 0..<count { for column in 0..<width { centred[row * width + column] -= means[column] } }
        var result = [Float](repeating: 0, count: width * width)
        BLAS.multiply(
            .firstTransposed, width, width, count, alpha: 1 / Float(count), centred, width, centred, width, add: 0,
            into: &result, width)
        return result
    }
}
