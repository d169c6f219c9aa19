import CascadeCore

/// How a bootstrap draws.
package struct BootstrapOptions: Hashable, Sendable {
    /// Draws; 0: no intervals.
    package var draws = 400
    package var seed: UInt64 = 1

    package init() {}
}

/// Draws as many users as there are, with replacement, again and again: the rows of a user hang together, so that whole
/// users are drawn and not rows.
struct UserBootstrap: Sendable {
    /// [rows] the number of each row's user among those that have rows.
    let userOf: [Int32]
    /// Users that have rows.
    let users: Int
    let options: BootstrapOptions

    init(users: [Int32], options: BootstrapOptions) {
        var numbers: [Int32: Int32] = [:]
        userOf = users.map { user in
            if let known = numbers[user] { return known }
            let number = Int32(numbers.count)
            numbers[user] = number
            return number
        }
        self.users = numbers.count
        self.options = options
    }

    /// [users] how often each is drawn.
    func weights(_ draw: Int) -> [Double] {
        var random = Self.generator(options.seed, draw)
        var weights = [Double](repeating: 0, count: users)
        for _ in 0..<users { weights[random.below(users)] += 1 }
        return weights
    }

    /// Random numbers of a draw's own, for what it draws beside users.
    func generator(_ draw: Int) -> SeededRandom { Self.generator(options.seed, -1 - draw) }

    /// The same numbers whatever was drawn before.
    private static func generator(_ seed: UInt64, _ draw: Int) -> SeededRandom {
        SeededRandom(seed: StableHash.mix(seed) &+ UInt64(bitPattern: Int64(draw)))
    }

    /// The figures of every draw, in the order of draws; computed on all cores.
    func draws<Figures: Sendable>(_ figures: @escaping @Sendable (_ draw: Int) throws -> Figures) throws -> [Figures] {
        try parallelMap(options.draws, piece: 8, figures)
    }
}
