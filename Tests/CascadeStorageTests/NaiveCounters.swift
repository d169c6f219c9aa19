import CascadeCore

/// What is counted over windows of time in its plainest form: what the SQL has to agree with.
struct NaiveCounters {
    let windows: WindowedCounters
    var items: [ItemID: Item] = [:]
    var impressions: [Impression] = []
    var events: [Event] = []

    func counts(_ key: CounterKey, at moment: Timestamp) -> [Int32] {
        let counter = windows.counters[key.counter]
        return counter.over.flatMap { span -> [Int32] in
            var totals = [Int32](repeating: 0, count: windows.stride)
            func isCounted(_ user: UserID, _ item: ItemID, _ time: Timestamp) -> Bool {
                guard time.second < moment.second,
                    counter.key(user: user, item: items[item] ?? Item(id: item))?.utf8.elementsEqual(key.key.utf8)
                        == true
                else { return false }
                return span.width == 0 || span.bucket(of: time.second) >= span.bucket(of: moment.second) - span.buckets
            }
            for shown in impressions where isCounted(shown.userID, shown.itemID, shown.shownAt) {
                totals[0] += 1
                for (head, name) in windows.heads.enumerated() where shown.observed?.contains(name) ?? true {
                    totals[1 + head] += 1
                }
            }
            for event in events where event.impressionID != nil || event.recommendationID != nil {
                guard let head = windows.heads.firstIndex(of: event.type),
                    isCounted(event.userID, event.itemID, event.occurredAt)
                else { continue }
                totals[1 + windows.heads.count + head] += 1
            }
            return totals
        }
    }

    /// Every key of every counter that the pairs of `users` and all items have.
    func keys(users: [UserID]) -> [CounterKey] {
        var keys: Set<CounterKey> = []
        for (place, counter) in windows.counters.enumerated() {
            for user in users {
                for item in items.values {
                    if let key = counter.key(user: user, item: item) {
                        keys.insert(CounterKey(counter: place, key: key))
                    }
                }
            }
        }
        return keys.sorted { ($0.counter, $0.key) < ($1.counter, $1.key) }
    }

    /// A small crowded world; many things happen in the same second, some twice.
    static func random(_ windows: WindowedCounters, seed: UInt64, seconds: Int = 9000) -> NaiveCounters {
        var random = SeededRandom(seed: seed)
        func pick(_ prefix: String, _ count: Int) -> String { prefix + String(random.below(count)) }
        var world = NaiveCounters(windows: windows)
        for number in 0..<8 {
            let item = Item(
                id: ItemID(number == 0 ? "é" : number == 1 ? "e\u{301}" : "i\(number)"),
                creatorID: number % 3 == 0 ? nil : "c\(number % 3)",
                categories: number % 4 == 0 ? [] : ["k\(number % 2)", "k9"],
                attributes: ["size": .number(Double(number % 3)), "tags": .list(number % 2 == 0 ? [] : ["t", "s"])])
            world.items[item.id] = item
        }
        let known = world.items.keys.sorted() + [ItemID("unlisted")]
        for number in 0..<150 {
            let observed: [String]? =
                random.below(3) == 0 ? ["click", "like", "hide"].filter { _ in random.below(2) == 0 } : nil
            world.impressions.append(
                Impression(
                    id: "p\(number)", userID: UserID(pick("u", 4)), itemID: known[random.below(known.count)],
                    shownAt: at(Double(random.below(seconds * 4)) / 4), observed: observed))
        }
        for number in 0..<200 {
            var event = makeEvent(
                "e\(number)", ["click", "like", "hide"][random.below(3)], pick("u", 4), "x",
                Double(random.below(seconds * 4)) / 4)
            event.itemID = known[random.below(known.count)]
            if random.below(3) > 0 { event.impressionID = pick("p", 200) }
            if random.below(3) == 0 { event.recommendationID = pick("r", 20) }
            world.events.append(event)
        }
        return world
    }
}
