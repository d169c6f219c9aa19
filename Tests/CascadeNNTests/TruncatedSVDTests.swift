import Testing

@testable import CascadeNN

@Suite struct TruncatedSVDTests {
    /// A dense twin of what a sparse matrix holds.
    private func dense(_ matrix: SparseMatrix) -> [Float] {
        var result = [Float](repeating: 0, count: matrix.rowCount * matrix.columnCount)
        for row in 0..<matrix.rowCount {
            for place in matrix.offsets[row]..<matrix.offsets[row + 1] {
                result[row * matrix.columnCount + Int(matrix.columns[place])] += matrix.values[place]
            }
        }
        return result
    }

    private func random(rows: Int, columns: Int, seed: UInt64) -> SparseMatrix {
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        let lists = (0..<rows).map { _ in
            Set((0..<(1 + next() % 6)).map { _ in Int32(next() % columns) }).sorted()
        }
        var matrix = SparseMatrix(ones: lists, columnCount: columns)
        for place in matrix.values.indices { matrix.values[place] = Float(next() % 1000) / 500 - 1 }
        return matrix
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func productsAreThoseOfTheDenseTwin(seed: UInt64) {
        let matrix = random(rows: 700, columns: 40, seed: seed)
        let factor = (0..<(40 * 5)).map { Float($0 % 17) / 17 - 0.4 }
        let plain = dense(matrix)
        let product = matrix.times(factor, width: 5)
        let turned = matrix.transposed
        #expect(turned.rowCount == 40 && turned.columnCount == 700)
        for row in 0..<700 {
            for column in 0..<5 {
                var sum: Float = 0
                for inner in 0..<40 { sum += plain[row * 40 + inner] * factor[inner * 5 + column] }
                #expect(abs(product[row * 5 + column] - sum) < 1e-4)
            }
        }
        let back = dense(turned)
        for row in 0..<700 { for column in 0..<40 { #expect(back[column * 700 + row] == plain[row * 40 + column]) } }
    }

    /// All singular values: the parts multiply to the matrix, and the sides are orthonormal.
    @Test(arguments: [(60, 25), (25, 60)]) func theWholeDecompositionIsTheMatrix(rows: Int, columns: Int) throws {
        let matrix = random(rows: rows, columns: columns, seed: 9)
        let rank = 25
        let svd = try #require(TruncatedSVD(of: matrix, rank: 100, iterations: 2, seed: 1))
        try #require(svd.rank == rank)
        #expect(svd.values == svd.values.sorted(by: >))
        let plain = dense(matrix)
        for row in 0..<rows {
            for column in 0..<columns {
                let sum = (0..<rank).reduce(Float(0)) {
                    $0 + svd.left[row * rank + $1] * svd.values[$1] * svd.right[column * rank + $1]
                }
                #expect(abs(sum - plain[row * columns + column]) < 1e-3)
            }
        }
        for (side, count) in [(svd.left, rows), (svd.right, columns)] {
            for first in 0..<rank {
                for second in 0...first {
                    let sum = (0..<count).reduce(Float(0)) { $0 + side[$1 * rank + first] * side[$1 * rank + second] }
                    #expect(abs(sum - (first == second ? 1 : 0)) < 1e-3)
                }
            }
        }
    }

    @Test func theGreatestValuesOfALargerOneAreFound() throws {
        let matrix = random(rows: 300, columns: 200, seed: 4)
        let whole = try #require(TruncatedSVD(of: matrix, rank: 120, seed: 1))
        let part = try #require(TruncatedSVD(of: matrix, rank: 10, oversampling: 40, iterations: 8, seed: 2))
        for (left, right) in zip(part.values, whole.values) { #expect(abs(left - right) < 1e-2 * right) }
        let again = try #require(TruncatedSVD(of: matrix, rank: 10, oversampling: 40, iterations: 8, seed: 2))
        #expect(again.right == part.right && again.left == part.left, "the same seed gives the same bits")
    }

    /// Far fewer values than were wanted: copies of a few rows, and columns that nothing is in.
    @Test(arguments: [1, 3]) func whatHasFewValuesGivesThese(count: Int) throws {
        let rows = (0..<100).map { row in (0..<20).filter { ($0 + row % count) % count == 0 }.map { Int32($0) } }
        let matrix = SparseMatrix(ones: rows, columnCount: 30)
        let svd = try #require(TruncatedSVD(of: matrix, rank: 16, seed: 1))
        #expect(svd.rank == count)
        #expect((svd.left + svd.right + svd.values).allSatisfy { $0.isFinite })
        let plain = dense(matrix)
        for row in 0..<100 {
            for column in 0..<30 {
                let sum = (0..<svd.rank).reduce(Float(0)) {
                    $0 + svd.left[row * svd.rank + $1] * svd.values[$1] * svd.right[column * svd.rank + $1]
                }
                #expect(abs(sum - plain[row * 30 + column]) < 1e-2)
            }
        }
    }

    @Test func aMatrixOfZerosHasNone() {
        #expect(TruncatedSVD(of: SparseMatrix(ones: [[], []], columnCount: 4), rank: 2, seed: 1) == nil)
    }

    @Test func eigenvectorsTurnTheMatrixToItsEigenvalues() throws {
        let matrix: [Float] = [2, 1, 0, 1, 3, 1, 0, 1, 4]
        var vectors = matrix
        let values = try #require(SymmetricEigen.decompose(&vectors, 3))
        #expect(values == values.sorted())
        for index in 0..<3 {
            for row in 0..<3 {
                let image = (0..<3).reduce(Float(0)) { $0 + matrix[row * 3 + $1] * vectors[index * 3 + $1] }
                #expect(abs(image - values[index] * vectors[index * 3 + row]) < 1e-5)
            }
        }
        #expect(BLAS.innerProducts(of: matrix, with: [1, 10, 100]) == [12, 131, 410])
        #expect(BLAS.innerProducts(of: matrix, with: []) == [])
    }
}
