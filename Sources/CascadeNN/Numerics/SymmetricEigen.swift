import COpenBLAS

/// Eigenvalues and eigenvectors of symmetric matrices [n × n] (LAPACK in OpenBLAS), on the calling thread.
package enum SymmetricEigen {
    /// Replaces the matrix by its eigenvectors, one a row, and gives their eigenvalues, the least first; nil, with the matrix
    /// in pieces, where the iteration does not end.
    package static func decompose(_ matrix: UnsafeMutablePointer<Float>, _ n: Int) -> [Float]? {
        guard n > 0 else { return [] }
        BLAS.useOneThread()
        var (size, info) = (blasint(n), blasint(0))
        var (work, integers) = (blasint(1 + 6 * n + 2 * n * n), blasint(3 + 5 * n))
        var values = [Float](repeating: 0, count: n)
        var room = [Float](repeating: 0, count: Int(work))
        var integerRoom = [blasint](repeating: 0, count: Int(integers))
        ssyevd_("V", "L", &size, matrix, &size, &values, &room, &work, &integerRoom, &integers, &info)
        return info == 0 ? values : nil
    }
}
