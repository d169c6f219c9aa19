import CascadeCore

/// Tells apart what experiments were run on.
package struct DataStamp: Hashable, Sendable, Codable {
    /// Interactions that training got, and those of the whole log.
    package let trained: Int
    package let interactions: Int
    /// Of the catalog.
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
        digest.add(log)
        digest.add(UInt64(users.count))
        for user in users.sorted(by: { $0.id < $1.id }) {
            digest.add(user.id.rawValue)
            digest.add(user.attributes)
            digest.add(user.createdAt)
        }
        digest.add(UInt64(items.count))
        for item in items.sorted(by: { $0.id < $1.id }) {
            digest.add(item.id.rawValue)
            digest.add(item.creatorID ?? "")
            digest.add(item.categories)
            digest.add(item.attributes)
            digest.add(item.vectorsVersion ?? "")
            digest.add(item.createdAt)
            digest.add(item.hidden ? 1 : 0)
        }
        let digits = String(digest.value, radix: 16)
        checksum = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Every list goes in behind its length, so that nothing can move from one to the next unnoticed.
    private struct Digest {
        var value: UInt64 = 0

        mutating func add(_ word: UInt64) { value = StableHash.mix(value ^ word) &+ 0x9E37_79B9_7F4A_7C15 }
        mutating func add(_ text: String) { add(StableHash.hash(text)) }
        mutating func add(_ time: Timestamp?) { add(UInt64(bitPattern: time?.microseconds ?? .min)) }

        mutating func add(_ texts: [String]) {
            add(UInt64(texts.count))
            for text in texts { add(text) }
        }

        mutating func add<Number: BinaryInteger & BitwiseCopyable & Sendable>(_ column: Column<Number>) {
            add(UInt64(column.count))
            for number in column { add(UInt64(truncatingIfNeeded: number)) }
        }

        mutating func add(_ attributes: [String: AttributeValue]) {
            add(UInt64(attributes.count))
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                add(name)
                add(value.tokens)
            }
        }

        mutating func add(_ log: InteractionLog) {
            add(log.users.map(\.rawValue))
            add(log.items.map(\.rawValue))
            add(log.signals)
            add(log.surfaces)
            add(log.userIndex)
            add(log.itemIndex)
            add(log.time)
            add(log.feedback)
            add(log.observed)
            add(log.declared)
            add(log.position)
            add(log.surface)
            for isImpression in log.isImpression { add(isImpression ? 1 : 0) }
            for (signal, values) in log.values.sorted(by: { $0.key < $1.key }) {
                add(signal)
                for value in values { add(UInt64(value.bitPattern)) }
            }
            add(log.answers)
        }

        /// Answers are read in no order, so theirs must not tell.
        mutating func add(_ answers: AnswerLog?) {
            guard let answers else { return add(0) }
            var sum: UInt64 = 0
            for row in 0..<answers.count {
                var one = Digest()
                one.add(answers.users[Int(answers.userIndex[row])].rawValue)
                one.add(answers.items[Int(answers.itemIndex[row])].rawValue)
                one.add(UInt64(bitPattern: answers.time[row]))
                one.add(UInt64(answers.signal[row]))
                sum &+= one.value
            }
            add(UInt64(answers.count))
            add(sum)
        }
    }
}
