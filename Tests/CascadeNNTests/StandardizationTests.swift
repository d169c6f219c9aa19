import CKernels
import CascadeNN
import Testing

@Suite struct StandardizationTests {
    private func table(_ rows: Int, _ width: Int, seed: UInt64) -> [Float] {
        var values = [Float](repeating: 0, count: rows * width)
        ck_random_uniform(&values, values.count, seed, -1, 1)
        return values.enumerated().map { place, value in value + Float(place % width) * 0.3 }
    }

    @Test func productsStayAndLengthsBecomeTheirDeviations() {
        let (count, width) = (500, 12)
        let rows = table(count, width, seed: 3)
        let partners = table(20, width, seed: 4)
        let before = BLAS.innerProducts(of: rows, with: partners, dimension: width)
        var (newRows, newPartners) = (rows, partners)
        #expect(Standardization.apply(rows: &newRows, partners: &newPartners, width: width))
        let after = BLAS.innerProducts(of: newRows, with: newPartners, dimension: width)
        #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-3 })
        for partner in 0..<20 {
            let products = before[(partner * count)..<((partner + 1) * count)].map { Double($0) }
            let mean = products.reduce(0, +) / Double(count)
            let deviation = (products.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
            let vector = newPartners[(partner * width)..<((partner + 1) * width)]
            let length = Double(vector.reduce(0) { $0 + $1 * $1 }).squareRoot()
            #expect(abs(length - deviation) < 1e-3 * deviation, "partner \(partner)")
        }
    }

    @Test func tablesWithoutVarianceStayAsTheyWere() {
        var rows = [Float](repeating: 0, count: 12)
        var partners: [Float] = [1, 2, 3]
        #expect(!Standardization.apply(rows: &rows, partners: &partners, width: 3))
        #expect(partners == [1, 2, 3] && rows.allSatisfy { $0 == 0 })
        var none: [Float] = []
        #expect(!Standardization.apply(rows: &none, partners: &partners, width: 3))
    }

    @Test func severalQueriesAtATimeGiveWhatEachGives() {
        let rows = table(30, 7, seed: 5)
        let queries = table(4, 7, seed: 6)
        let all = BLAS.innerProducts(of: rows, with: queries, dimension: 7)
        for query in 0..<4 {
            let one = BLAS.innerProducts(of: rows, with: Array(queries[(query * 7)..<((query + 1) * 7)]))
            #expect(zip(one, all[(query * 30)...]).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }
}
