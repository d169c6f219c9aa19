import CascadeNN
import Testing

@Suite struct PositiveDefiniteTests {
    /// A random positive definite matrix: B Bᵀ + I.
    private func matrix(_ n: Int, seed: UInt64) -> [Float] {
        var state = seed
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) - 0.5
        }
        let b = (0..<(n * n)).map { _ in next() }
        return (0..<(n * n)).map { place in
            let (row, column) = (place / n, place % n)
            let product = (0..<n).reduce(Float(0)) { $0 + b[row * n + $1] * b[column * n + $1] }
            return product + (row == column ? 1 : 0)
        }
    }

    @Test(arguments: [1, 2, 17, 64]) func theInverseTimesTheMatrixIsOne(n: Int) {
        let a = matrix(n, seed: UInt64(n))
        var inverse = a
        #expect(PositiveDefinite.invert(&inverse, n))
        for row in 0..<n {
            for column in 0..<n {
                let product = (0..<n).reduce(Float(0)) { $0 + a[row * n + $1] * inverse[$1 * n + column] }
                #expect(abs(product - (row == column ? 1 : 0)) < 1e-3, "\(n): \(row), \(column)")
            }
        }
    }

    @Test(arguments: [1, 5, 33]) func theSolutionSolves(n: Int) {
        let a = matrix(n, seed: UInt64(n) + 100)
        let right = (0..<n).map { Float($0) - 2 }
        var factor = a
        var x = right
        #expect(PositiveDefinite.solve(&factor, n, right: &x))
        for row in 0..<n {
            let product = (0..<n).reduce(Float(0)) { $0 + a[row * n + $1] * x[$1] }
            #expect(abs(product - right[row]) < 1e-3)
        }
    }

    @Test func aMatrixThatIsNotPositiveDefiniteIsTold() {
        var matrix: [Float] = [1, 2, 2, 1]
        #expect(!PositiveDefinite.invert(&matrix, 2))
        var other: [Float] = [-1]
        var right: [Float] = [1]
        #expect(!PositiveDefinite.solve(&other, 1, right: &right))
    }

    @Test func productsOfRowsAreAdded() {
        let table: [Float] = [1, 2, 3, 4, 5, 6]
        var matrix = [Float](repeating: 1, count: 4)
        var room = [Float](repeating: 0, count: 4)
        PositiveDefinite.addProducts(of: [0, 2], table: table, scale: 2, room: &room, into: &matrix, 2)
        // 1 + 2 ([1 2]ᵀ[1 2] + [5 6]ᵀ[5 6])
        #expect(matrix == [53, 65, 65, 81])
    }
}
