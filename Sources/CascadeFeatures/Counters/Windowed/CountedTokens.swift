import CascadeCore

/// Numbers the users of a log and the tokens of its items, so that a counter's key is a word of 64 bits.
struct CountedTokens: Sendable {
    private let definition: WindowedCounters
    private var userNumber: [UserID: Int32] = [:]
    /// The parts of items that any counter has, each with the numbers of its tokens by their bytes: Swift takes
    /// canonically equivalent texts for one, the database does not.
    private var parts: [CountedPart: [[UInt8]: Int32]] = [:]

    /// Stands for "no token"; numbers of tokens begin behind it.
    private static let missing: Int32 = 0

    init(_ definition: WindowedCounters) {
        self.definition = definition
        for part in definition.counters.flatMap(\.by) where part != .user { parts[part] = [:] }
    }

    /// The number of a user, given now where it is new.
    mutating func number(of user: UserID) -> Int32 {
        if let known = userNumber[user] { return known }
        userNumber[user] = Int32(userNumber.count + 1)
        return Int32(userNumber.count)
    }

    /// One list a counter: the number of each of `items` in it, 0 where only the user tells; new tokens get numbers.
    mutating func numbers(of items: [Item]) -> [[UInt64]] {
        var tokens: [CountedPart: [Int32]] = [:]
        for part in parts.keys.sorted(by: { $0.text < $1.text }) {
            tokens[part] = items.map { number(of: part.token(user: nil, item: $0), part) }
        }
        return definition.counters.map { counter in
            items.indices.map { index in
                Self.join(counter.by.compactMap { $0 == .user ? nil : tokens[$0]?[index] })
            }
        }
    }

    /// The same for one item without giving numbers; nil in a counter whose token was never met.
    func numbers(of item: Item) -> [UInt64?] {
        definition.counters.map { counter in
            var known: [Int32] = []
            for part in counter.by where part != .user {
                guard let token = part.token(user: nil, item: item) else {
                    known.append(Self.missing)
                    continue
                }
                guard let number = parts[part]?[Array(token.utf8)] else { return nil }
                known.append(number)
            }
            return Self.join(known)
        }
    }

    /// The number of a user, or nil when it was never met.
    func number(ofKnown user: UserID) -> Int32? { userNumber[user] }

    /// The key of counter `place` for a user and the number of an item.
    func key(_ place: Int, user: Int32, item: UInt64) -> UInt64 {
        definition.counters[place].isOfUsers ? UInt64(UInt32(bitPattern: user)) << 32 | item : item
    }

    private mutating func number(of token: String?, _ part: CountedPart) -> Int32 {
        guard let token else { return Self.missing }
        let bytes = Array(token.utf8)
        if let known = parts[part]?[bytes] { return known }
        let number = Int32((parts[part]?.count ?? 0) + 1)
        parts[part]?[bytes] = number
        return number
    }

    private static func join(_ numbers: [Int32]) -> UInt64 {
        numbers.reduce(0) { $0 << 32 | UInt64(UInt32(bitPattern: $1)) }
    }
}
