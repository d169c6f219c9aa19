package import CascadeCore

/// Goes through a log in the order of time and tells what the counters hold at any moment on the way.
///
/// A read at second t sees what happened before that second and nothing of it: rows of one second are not before each
/// other. Feedback counts when it was given, where the log tells (`InteractionLog.answers`), else with its impression.
package struct WindowedReplay: Sendable {
    package let definition: WindowedCounters
    private var counts: [WindowedCounts]
    private var tokens: CountedTokens
    /// [log's users] their numbers, then those of the answers.
    private let users: [Int32]
    private let answerUsers: [Int32]
    /// One list a counter: [log's items] the number of each, then those of the answers.
    private let items: [[UInt64]]
    private let answerItems: [[UInt64]]
    private let facts: CountedFacts
    private var position = 0
    private var reached = Int64.min

    /// - Parameter rows: the catalog that gives items their properties; an item that it does not hold has none but itself.
    package init(_ definition: WindowedCounters, log: InteractionLog, rows: EntityRows) {
        self.definition = definition
        counts = definition.counters.map { WindowedCounts(spans: $0.over, heads: definition.heads.count) }
        func item(_ id: ItemID) -> Item { rows.itemRow[id].map { rows.items[Int($0)] } ?? Item(id: id) }
        var tokens = CountedTokens(definition)
        users = log.users.map { tokens.number(of: $0) }
        items = tokens.numbers(of: log.items.map(item))
        answerUsers = log.answers?.users.map { tokens.number(of: $0) } ?? []
        answerItems = tokens.numbers(of: log.answers?.items.map(item) ?? [])
        self.tokens = tokens
        facts = CountedFacts(log, heads: definition.heads)
    }

    /// Counts everything before `second`; never goes back.
    package mutating func advance(to second: Int64) {
        precondition(second >= reached, "a replay does not go back in time")
        reached = second
        while position < facts.count, facts.second(position) < second {
            let (fact, source) = facts[position]
            position += 1
            for place in counts.indices {
                let key =
                    switch source {
                    case .row(let user, let item): tokens.key(place, user: users[user], item: items[place][item])
                    case .answer(let user, let item):
                        tokens.key(place, user: answerUsers[user], item: answerItems[place][item])
                    }
                counts[place].apply(fact, key: key)
            }
        }
    }

    /// The counts of row `row` of the log at its time, which `advance` has reached: adds `definition.totals` numbers.
    func read(row: Int, of log: InteractionLog, into output: UnsafeMutablePointer<Int32>) {
        let user = users[Int(log.userIndex[row])]
        var target = output
        for place in counts.indices {
            let key = tokens.key(place, user: user, item: items[place][Int(log.itemIndex[row])])
            counts[place].read(key, at: reached, into: target)
            target += definition.counters[place].over.count * definition.stride
        }
    }

    /// The counts of a user with an item at the second that `advance` has reached: `definition.totals` numbers.
    package func totals(user: UserID, item: Item) -> [Int32] {
        var result = [Int32](repeating: 0, count: definition.totals)
        let number = tokens.number(ofKnown: user)
        let numbers = tokens.numbers(of: item)
        result.withUnsafeMutableBufferPointer { output in
            guard var target = output.baseAddress else { return }
            for place in counts.indices {
                defer { target += definition.counters[place].over.count * definition.stride }
                guard let item = numbers[place] else { continue }
                guard let user = definition.counters[place].isOfUsers ? number : 0 else { continue }
                counts[place].read(tokens.key(place, user: user, item: item), at: reached, into: target)
            }
        }
        return result
    }
}
