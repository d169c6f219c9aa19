/// What a row of the ranker is told of the retrieval model's vectors of its user and item: columns of x₀ that no weight
/// of the ranker has touched. One writer for training and serving.
///
/// Where there is no vector, its components are zeros.
package struct TowerFields: Sendable, Equatable {
    let form: TowerInputs
    /// d, components of a vector.
    package let dimension: Int

    package init(form: TowerInputs, dimension: Int) {
        self.form = form
        self.dimension = dimension
    }

    /// Columns of each field.
    var widths: [Int] {
        switch form {
        case .none: []
        case .product: [1]
        case .vectors: [dimension, dimension, dimension]
        }
    }

    /// Columns of a row.
    package var width: Int { widths.reduce(0, +) }

    /// Writes the columns of a row: ⟨u, v⟩, or v, u and their product component by component; `user` and `item` have d.
    package func write(
        user: UnsafePointer<Float>?, item: UnsafePointer<Float>?, into output: UnsafeMutablePointer<Float>
    ) {
        switch form {
        case .none: return
        case .product:
            var sum: Float = 0
            if let user, let item { for column in 0..<dimension { sum += user[column] * item[column] } }
            output.pointee = sum
        case .vectors:
            for column in 0..<dimension {
                let (u, v) = (user?[column] ?? 0, item?[column] ?? 0)
                output[column] = v
                output[dimension + column] = u
                output[2 * dimension + column] = u * v
            }
        }
    }

    /// The columns of rows of one user: [rows × width].
    ///
    /// - Parameters:
    ///   - user: [d]; empty where there is none.
    ///   - items: [rows × d].
    func columns(user: [Float], items: [Float]) -> [Float] {
        let rows = items.count / max(1, dimension)
        var result = [Float](repeating: 0, count: rows * width)
        result.withUnsafeMutableBufferPointer { output in
            items.withUnsafeBufferPointer { items in
                user.withUnsafeBufferPointer { user in
                    guard let to = output.baseAddress, let item = items.baseAddress else { return }
                    for row in 0..<rows {
                        write(
                            user: user.isEmpty ? nil : user.baseAddress, item: item + row * dimension,
                            into: to + row * width)
                    }
                }
            }
        }
        return result
    }
}
