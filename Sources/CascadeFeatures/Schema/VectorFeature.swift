package import CascadeCore

/// A content vector of items as models read it: moved so that the catalog's mean is zero, made as long as one, with a
/// column behind it that is 1 where an item has none.
///
/// Embeddings of one kind mostly share a direction, which tells nothing; without it their cosines spread.
package struct VectorFeature: Hashable, Sendable, Codable {
    /// The kind of the vectors.
    package var name: String
    /// The mean of the vectors that the map was fitted on.
    package var centre: [Float]

    package init(name: String, centre: [Float]) {
        self.name = name
        self.centre = centre
    }

    /// The kind with its width.
    package var definition: VectorDefinition { VectorDefinition(name: name, width: centre.count) }

    /// Columns of the encoded vector.
    package var columns: Int { centre.count + 1 }

    /// The mean of the vectors of a kind, summed in the order of the rows; zeros where there are none.
    package static func fit(_ vectors: ItemVectors, kind: Int) -> VectorFeature {
        let definition = vectors.kinds[kind].definition
        var sum = [Double](repeating: 0, count: definition.width)
        var number = 0.0
        for row in 0..<vectors.count {
            vectors.lend(kind: kind, row: row) { values in
                guard let values else { return }
                number += 1
                for (column, value) in values.enumerated() { sum[column] += Double(value) }
            }
        }
        return VectorFeature(name: definition.name, centre: sum.map { number > 0 ? Float($0 / number) : 0 })
    }

    /// Writes `columns` floats; nil is a missing vector.
    package func encode(_ values: UnsafeBufferPointer<Float>?, into output: UnsafeMutablePointer<Float>) {
        let width = centre.count
        guard let values, values.count == width else {
            output.update(repeating: 0, count: width)
            output[width] = 1
            return
        }
        var squares: Float = 0
        centre.withUnsafeBufferPointer { centre in
            for column in 0..<width {
                let value = values[column] - centre[column]
                output[column] = value
                squares += value * value
            }
        }
        // A vector at the centre has no direction, one beyond all bounds neither.
        let scale = squares > 0 && squares.isFinite ? 1 / squares.squareRoot() : 0
        for column in 0..<width { output[column] = scale == 0 ? 0 : output[column] * scale }
        output[width] = 0
    }
}
