import COpenBLAS

/// Matrix products on OpenBLAS. Every product runs on the calling thread: workers are the parallelism.
package enum BLAS {
    /// Sets OpenBLAS to one thread; sealing a plan does it. The count is global to the process, so whoever else uses
    /// OpenBLAS in it is restricted as well.
    static func useOneThread() {
        openblas_set_num_threads(1)
    }

    /// Which factor of a product is stored transposed.
    enum Form {
        case plain
        case firstTransposed
        case secondTransposed
    }

    /// C = alpha · op(A) · op(B) + add · C for row-major matrices, op(A) [m × k], op(B) [k × n].
    static func multiply(
        _ form: Form, _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1, _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, add: Int32, into c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        // A product over no rows is zero, and OpenBLAS returns early for it without clearing C.
        guard k > 0 else {
            if add == 0 {
                for row in 0..<m { (c + row * ldc).update(repeating: 0, count: n) }
            }
            return
        }
        cblas_sgemm(
            CblasRowMajor, form == .firstTransposed ? CblasTrans : CblasNoTrans,
            form == .secondTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
            blasint(lda), b, blasint(ldb), Float(add), c, blasint(ldc))
    }

    /// The inner products of every row of `table` [rows × d] with `query` [d], on the calling thread: [rows].
    package static func innerProducts(of table: [Float], with query: [Float]) -> [Float] {
        guard !query.isEmpty else { return [] }
        useOneThread()
        let rows = table.count / query.count
        var result = [Float](repeating: 0, count: rows)
        cblas_sgemv(
            CblasRowMajor, CblasNoTrans, blasint(rows), blasint(query.count), 1, table, blasint(query.count), query, 1,
            0,
            &result, 1)
        return result
    }

    /// The inner products of several queries with every row of `table` [rows × d], on the calling thread: [queries × rows].
    ///
    /// - Parameter queries: [queries × d]
    package static func innerProducts(of table: [Float], with queries: [Float], dimension: Int) -> [Float] {
        guard dimension > 0 else { return [] }
        useOneThread()
        let (rows, count) = (table.count / dimension, queries.count / dimension)
        return [Float](unsafeUninitializedCapacity: rows * count) { result, filled in
            filled = rows * count
            guard let base = result.baseAddress else { return }
            multiply(
                .secondTransposed, count, rows, dimension, queries, dimension, table, dimension, add: 0, into: base,
                rows)
        }
    }
}
