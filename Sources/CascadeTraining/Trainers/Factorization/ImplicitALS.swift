import CascadeCore
import CascadeNN

/// Implicit alternating least squares: user and item vectors that minimise
/// `Σ_(u,i) (1 − ⟨p_u, q_i⟩)² + α Σ_all ⟨p_u, q_i⟩² + Σ λ_u |p_u|² + Σ λ_i |q_i|²`, each side solved in turn;
/// `λ_u = λ (n_u + α · items)^ν` for a user of n_u items, and likewise for items.
///
/// Source: Hu, Koren and Volinsky 2008, with the weights and the regularisation of Rendle et al. 2021.
package struct ImplicitALS: Sendable {
    package struct Settings: Sendable {
        package var dimension = 64
        package var epochs = 12
        /// Weight α of a pair without feedback.
        package var unobserved = 0.1
        /// λ
        package var regularisation = 0.003
        /// ν
        package var exponent = 1.0
        package var seed: UInt64 = 1

        package init() {}
    }

    private let settings: Settings
    /// [items × d]
    package private(set) var itemVectors: [Float]
    /// [d × d] α Σ q qᵀ
    private var itemProducts: [Float]

    /// Factorizes the distinct items of each user.
    package init(itemsOfUsers: [[Int32]], items: Int, settings: Settings) throws {
        self.settings = settings
        let d = settings.dimension
        var usersOfItems = [[Int32]](repeating: [], count: items)
        for (user, own) in itemsOfUsers.enumerated() {
            for item in own { usersOfItems[Int(item)].append(Int32(user)) }
        }
        var random = SeededRandom(seed: settings.seed)
        let spread = 0.1 / Float(d).squareRoot()
        itemVectors = (0..<(items * d)).map { _ in (Float(random.uniform()) * 2 - 1) * spread }
        itemProducts = []
        for _ in 0..<settings.epochs {
            itemProducts = products(itemVectors)
            let userVectors = try solveAll(itemsOfUsers, itemVectors, itemProducts, others: items)
            itemVectors = try solveAll(
                usersOfItems, userVectors, products(userVectors), others: itemsOfUsers.count)
        }
        itemProducts = products(itemVectors)
    }

    /// The vector of a user of these items: [d]; zeros for none.
    package func userVector(_ items: [Int32]) throws -> [Float] {
        try solve(items, itemVectors, itemProducts, others: itemVectors.count / settings.dimension)
    }

    /// [items] the scores of a user of these items.
    package func scores(_ items: [Int32]) throws -> [Float] { VectorScores.all(itemVectors, try userVector(items)) }

    private func solveAll(
        _ neighbours: [[Int32]], _ table: [Float], _ products: [Float], others: Int
    ) throws -> [Float] {
        try parallelMap(neighbours.count) { try solve(neighbours[$0], table, products, others: others) }.flatMap {
            $0
        }
    }

    /// (α Σ all q qᵀ + Σ own q qᵀ + λ' I)⁻¹ Σ own q: [d]
    private func solve(
        _ own: [Int32], _ table: [Float], _ products: [Float], others: Int
    ) throws -> [Float] {
        let d = settings.dimension
        var right = [Float](repeating: 0, count: d)
        guard !own.isEmpty else { return right }
        var matrix = products
        let weight = Double(own.count) + settings.unobserved * Double(others)
        let ridge = Float(settings.regularisation * power(weight, settings.exponent))
        for place in 0..<d { matrix[place * d + place] += ridge }
        var room = [Float](repeating: 0, count: own.count * d)
        let isSolved = table.withUnsafeBufferPointer { table -> Bool in
            guard let base = table.baseAddress else { return false }
            for row in own { for column in 0..<d { right[column] += base[Int(row) * d + column] } }
            PositiveDefinite.addProducts(
                of: own, table: base, scale: 1, room: &room, into: &matrix, d)
            return PositiveDefinite.solve(&matrix, d, right: &right)
        }
        guard isSolved else {
            throw TrainingError.badArgument("the factorization could not be solved; raise its regularisation")
        }
        return right
    }

    /// α Σ over all rows of row · rowᵀ
    private func products(_ table: [Float]) -> [Float] {
        let d = settings.dimension
        var result = [Float](repeating: 0, count: d * d)
        let block = 4096
        var room = [Float](repeating: 0, count: block * d)
        table.withUnsafeBufferPointer { table in
            guard let base = table.baseAddress else { return }
            let rows = table.count / d
            for start in stride(from: 0, to: rows, by: block) {
                PositiveDefinite.addProducts(
                    of: (start..<min(rows, start + block)).map { Int32($0) }, table: base,
                    scale: Float(settings.unobserved), room: &room, into: &result, d)
            }
        }
        return result
    }
}
