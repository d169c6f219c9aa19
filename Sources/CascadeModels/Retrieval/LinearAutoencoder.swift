import CascadeFeatures
import CascadeNN

/// A linear autoencoder of low rank in use: what it adds to the vectors of users and items, from any thread.
///
/// A user of the distinct items I has `z / |z|` with `z = Σ_{i ∈ I} a_i`, an item i of the catalog has `b_i`; the rows b are
/// standardized, so that a user's inner products with all items have the deviation 1 (`Standardization`).
/// Source: Hong et al. 2024, "SVD-AE: Simple Autoencoders for Collaborative Filtering".
package final class LinearAutoencoder: Sendable {
    /// The file of a release that holds its rows.
    package static let fileName = "linear_autoencoder.safetensors"

    package let rank: Int
    /// Rows of the catalog.
    package let items: Int
    private let store: ParameterStore
    private let inputs: Parameter
    private let outputs: Parameter

    private init(items: Int, rank: Int, fill: (ParameterStore) throws -> Void) throws {
        self.items = items
        self.rank = rank
        store = ParameterStore()
        inputs = try store.parameter("linear.inputs", rows: items, columns: rank, .zeros)
        outputs = try store.parameter("linear.outputs", rows: items, columns: rank, .zeros)
        try fill(store)
    }

    /// - Parameters:
    ///   - inputs: [items × rank] what an item adds to its user.
    ///   - outputs: [items × rank] what it is found by.
    package convenience init(inputs: [Float], outputs: [Float], rank: Int) throws {
        try self.init(items: inputs.count / rank, rank: rank) { try $0.allocate(seed: 0) }
        _ = store.weights(self.inputs).update(fromContentsOf: inputs)
        _ = store.weights(self.outputs).update(fromContentsOf: outputs)
    }

    /// Uses the rows of the file at `path` in place.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where it does not hold `items` rows.
    package convenience init(path: String, items: Int) throws {
        let file: Checkpoint
        do { file = try Checkpoint(path: path) } catch {
            throw ModelError.corruptArtifact(file: path, reason: "\(error)")
        }
        guard let shape = file.shape("linear.inputs"), shape.count == 2, shape[0] == items, shape[1] > 0 else {
            throw ModelError.corruptArtifact(
                file: path, reason: "it holds no linear autoencoder over the \(items) items of the catalog")
        }
        try self.init(items: items, rank: shape[1]) { try $0.map(file) }
    }

    package func save(to path: String) throws { try store.save(to: path) }

    /// The same for a catalog with other rows; those that are new have zeros.
    ///
    /// - Parameters:
    ///   - count: rows of the new catalog.
    ///   - row: the new row of an old one, or nil.
    package func renumbered(count: Int, row: (Int32) -> Int32?) throws -> LinearAutoencoder {
        let moved = try LinearAutoencoder(items: count, rank: rank) { try $0.allocate(seed: 0) }
        for old in 0..<items {
            guard let new = row(Int32(old)) else { continue }
            for (from, to) in [(inputs, moved.inputs), (outputs, moved.outputs)] {
                let place = Int(new) * rank
                _ = moved.store.weights(to)[place..<(place + rank)].update(fromContentsOf: values(from, old))
            }
        }
        return moved
    }

    /// What a user with a past is told by: [rank], of length one; zeros where nothing of the catalog was given feedback.
    func user(_ history: HistorySlice) -> [Float] {
        var taken: Set<Int32> = []
        for step in 0..<history.count
        where history.codes[step] & history.feedbackBits != 0 && history.items[step] < items {
            taken.insert(history.items[step])
        }
        var sum = [Float](repeating: 0, count: rank)
        // In the order of rows, so that the bits do not depend on that of the set.
        for item in taken.sorted() {
            let row = values(inputs, Int(item))
            for (column, value) in row.enumerated() { sum[column] += value }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return sum }
        return sum.map { $0 / length }
    }

    /// What an item is found by: [rank]; zeros for one that is not in the catalog.
    func item(_ row: Int32?) -> [Float] {
        guard let row, row >= 0, row < items else { return [Float](repeating: 0, count: rank) }
        return Array(values(outputs, Int(row)))
    }

    private func values(_ parameter: Parameter, _ row: Int) -> Slice<UnsafeMutableBufferPointer<Float>> {
        store.weights(parameter)[(row * rank)..<((row + 1) * rank)]
    }
}
