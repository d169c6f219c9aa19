import CascadeNN
import Foundation

/// A linear autoencoder of low rank in closed form, as user and item vectors:
/// `R̃ = D_u^-½ R D_i^-δ ≈ Q Σ Vᵀ`, a user of the items I has `Σ_{i ∈ I} x_i / √|I|` with `x_i = v_i Σ⁻¹ / d_i^δ`, an item `y_i = Σ q_u` over
/// its users.
///
/// R is 1 where a user took an item, d_i the users of an item. Source: Hong et al. 2024, "SVD-AE: Simple Autoencoders for
/// Collaborative Filtering", where δ is ½; a smaller one leaves popular items more of the columns.
package struct SpectralFactorization: Sendable {
    package struct Settings: Sendable {
        /// Columns; fewer where the data does not have as many.
        package var rank: Int
        /// δ, the power of an item's users that its column of the matrix is divided by.
        package var itemExponent: Double
        package var seed: UInt64

        package init(rank: Int = 1500, itemExponent: Double = 0.5, seed: UInt64 = 1) {
            self.rank = rank
            self.itemExponent = itemExponent
            self.seed = seed
        }

        /// A twentieth of the smaller side, at least 16 and at most 1,500, and no more than lets each table of them fit a gigabyte.
        package static func automatic(users: Int, items: Int) -> Settings {
            let fitting = (1 << 28) / max(1, users + items)
            return Settings(rank: max(16, min(1500, min(users, items) / 20, fitting)))
        }
    }

    package let rank: Int
    /// [items × rank] what an item adds to its user.
    package let inputs: [Float]
    /// [items × rank] what it is searched by.
    package let outputs: [Float]

    /// Factorizes the distinct items of each user.
    ///
    /// Blocks the calling thread: not for the cooperative pool.
    package init(itemsOfUsers: [[Int32]], items: Int, settings: Settings) throws {
        let ones = SparseMatrix(ones: itemsOfUsers, columnCount: items)
        var counts = [Float](repeating: 0, count: items)
        for item in ones.columns { counts[Int(item)] += 1 }
        let divisors = counts.map { pow($0, Float(settings.itemExponent)) }
        var scaled = ones
        for (user, own) in itemsOfUsers.enumerated() {
            for (place, item) in zip(ones.offsets[user]..., own) {
                scaled.values[place] = 1 / (Float(own.count).squareRoot() * divisors[Int(item)])
            }
        }
        guard let found = TruncatedSVD(of: scaled, rank: settings.rank, seed: settings.seed) else {
            throw TrainingError.notAllowed(
                name: "spectral", reason: "there are too few interactions to find a structure in")
        }
        let rank = found.rank
        self.rank = rank
        var inputs = found.right
        for place in inputs.indices {
            let item = place / rank
            inputs[place] = counts[item] > 0 ? inputs[place] / (found.values[place % rank] * divisors[item]) : 0
        }
        self.inputs = inputs
        outputs = ones.transposed.times(found.left, width: rank)
    }

    /// The vector of a user of these items: [rank]; zeros for none.
    package func userVector(_ items: [Int32]) -> [Float] {
        var vector = [Float](repeating: 0, count: rank)
        let scale = 1 / Float(max(1, items.count)).squareRoot()
        for item in items {
            for column in 0..<rank { vector[column] += scale * inputs[Int(item) * rank + column] }
        }
        return vector
    }

    /// [items] the scores of a user of these items.
    package func scores(_ items: [Int32]) -> [Float] { VectorScores.all(outputs, userVector(items)) }
}
