import CascadeFeatures

/// Vectors for rows of a table, averaged where several fall on one.
struct StartingRows: Sendable {
    /// How an entity's vector is made of the rows of its identifier.
    enum Layout {
        /// It is their sum.
        case summed
        /// They stand side by side; where a feature sums several, so many times one behind the other.
        case sideBySide
    }

    private let dimension: Int
    /// Root mean square of the components that are written.
    private let size: Float
    private var sums: [Int32: (vector: [Float], count: Float)] = [:]

    init(dimension: Int, size: Float) {
        self.dimension = dimension
        self.size = size
    }

    /// The rows that are written.
    var rows: Set<Int32> { Set(sums.keys) }

    /// Columns of an identifier of `layout` whose rows in `table` stand side by side; 0 where it is no feature.
    static func width(_ layout: EntityLayout, _ table: UnifiedTable) -> Int {
        (layout.single.first { $0.source == .id }?.lookups ?? 0) * table.dimension
    }

    /// Adds the vectors [entities × width] of `encoded` to the rows of their identifiers; zeros say nothing and are left
    /// out. The width is the table's dimension, side by side that of the identifier.
    mutating func add(_ vectors: [Float], of encoded: EncodedEntities, _ table: UnifiedTable, layout: Layout) {
        guard let columns = EntityEncoder(layout: encoded.layout, table: table).missingIdentifier?.columns else {
            return
        }
        let size = Self.rootMeanSquare(vectors)
        guard size > 0 else { return }
        let width = layout == .summed ? dimension : Self.width(encoded.layout, table)
        let parts = Float(columns.count * dimension / width)
        for entity in 0..<encoded.count {
            let vector = vectors[(entity * width)..<((entity + 1) * width)].map { $0 / size / parts }
            guard vector.contains(where: { $0 != 0 }) else { continue }
            for (place, column) in columns.enumerated() {
                let start = place * dimension % width
                let row = encoded.lookups[entity * encoded.layout.lookupWidth + column]
                let former = sums[row] ?? ([Float](repeating: 0, count: dimension), 0)
                sums[row] = (zip(former.vector, vector[start..<(start + dimension)]).map(+), former.count + 1)
            }
        }
    }

    /// Writes the rows into the weights of a table, and leaves the others as they are.
    func write(to weights: UnsafeMutableBufferPointer<Float>) {
        for (row, (vector, count)) in sums {
            for column in 0..<dimension { weights[Int(row) * dimension + column] = vector[column] / count * size }
        }
    }

    private static func rootMeanSquare(_ values: [Float]) -> Float {
        let nonzero = values.lazy.filter { $0 != 0 }
        let (sum, count) = nonzero.reduce((0.0, 0)) { ($0.0 + Double($1) * Double($1), $0.1 + 1) }
        return count > 0 ? Float((sum / Double(count)).squareRoot()) : 0
    }
}
