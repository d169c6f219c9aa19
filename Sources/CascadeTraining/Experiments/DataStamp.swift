import CascadeCore

/// Tells apart what experiments were run on.
package struct DataStamp: Hashable, Sendable, Codable {
    /// Interactions that training got, and those of the whole log.
    package let trained: Int
    package let interactions: Int
    package let users: Int
    package let items: Int
    /// 16 hexadecimal digits: a hash of all interactions, and of what the catalog says of users and items.
    package let checksum: String

    /// - Parameter log: everything that was read, what is measured too.
    init(log: InteractionLog, trained: Int, users: [User], items: [Item]) {
        self.trained = trained
        interactions = log.count
        self.users = users.count
        self.items = items.count
        var digest = Digest()
        for user in log.users { digest.add(user.rawValue) }
        for item in log.items { digest.add(item.rawValue) }
        for signal in log.signals { digest.add(signal) }
        for row in 0..<log.count {
            digest.add(
                UInt64(bitPattern: Int64(log.userIndex[row])) << 32 | UInt64(UInt32(bitPattern: log.itemIndex[row])))
            digest.add(UInt64(bitPattern: log.time[row]))
            digest.add(UInt64(log.feedback[row]) << 32 | UInt64(log.observed[row]))
        }
        for user in users.sorted(by: { $0.id < $1.id }) {
            digest.add(user.id.rawValue)
            digest.add(user.attributes)
        }
        for item in items.sorted(by: { $0.id < $1.id }) {
            digest.add(item.id.rawValue)
            digest.add(item.creatorID ?? "")
            for category in item.categories { digest.add(category) }
            digest.add(item.attributes)
            digest.add(item.vectorsVersion ?? "")
        }
        let digits = String(digest.value, radix: 16)
        checksum = String(repeating: "0", count: 16 - digits.count) + digits
    }

    private struct Digest {
        var value: UInt64 = 0

        mutating func add(_ word: UInt64) { value = StableHash.mix(value ^ word) &+ 0x9E37_79B9_7F4A_7C15 }
        mutating func add(_ text: String) { add(StableHash.hash(text)) }

        mutating func add(_ attributes: [String: AttributeValue]) {
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                add(name)
                for token in value.tokens { add(token) }
            }
        }
    }
}
