import CascadeCore

/// A row of the interaction log spelled out.
struct LogRow: Equatable, CustomStringConvertible {
    var user: String
    var item: String
    var time: Timestamp
    var given: UInt32
    var observed: UInt32
    var isImpression: Bool
    var surface: String?
    /// The impression's identifier; not part of the log.
    var tie = ""

    var description: String {
        "\(user) \(item) \(time.microseconds) given \(given) observed \(observed) \(isImpression ? "shown" : "lone") \(surface ?? "-")"
    }

    static func == (left: LogRow, right: LogRow) -> Bool { left.description == right.description }
}

extension InteractionLog {
    var rows: [LogRow] {
        (0..<count).map { row in
            LogRow(
                user: users[Int(userIndex[row])].rawValue, item: items[Int(itemIndex[row])].rawValue,
                time: Timestamp(microseconds: time[row]), given: feedback[row], observed: observed[row],
                isImpression: isImpression[row],
                surface: surface[row] == 0 ? nil : surfaces[Int(surface[row]) - 1])
        }
    }
}

/// Times of a random world.
struct TimeScale: Sendable {
    /// Seconds between two.
    let step: Double
    private let start: Double

    init(step: Double) {
        self.step = step
        start = step > 3600 ? (Timestamp.now.seconds - CascadeStorageTests.at(0).seconds - 20 * step).rounded() : 0
    }

    /// Behind `at(0)`.
    func seconds(_ steps: Double) -> Double { start + step * steps }

    func at(_ steps: Double) -> Timestamp { CascadeStorageTests.at(seconds(steps)) }
}

/// The rules of feedback in their plainest form: what the SQL has to agree with.
struct NaiveFeedback {
    var impressions: [Impression]
    var events: [Event]
    var signals: [String]
    /// The place in `impressions` of what each event belongs to, by the event's identifier.
    private var answered: [String: Int] = [:]

    init(impressions: [Impression], events: [Event], signals: [String]) {
        self.impressions = impressions
        self.events = events
        self.signals = signals
        for event in events { answered[event.id] = place(of: event) }
    }

    func bit(_ signal: String) -> UInt32 { signals.firstIndex(of: signal).map { 1 << UInt32($0) } ?? 0 }

    /// The place of the impression that an event belongs to.
    private func place(of event: Event) -> Int? {
        let ofUser = impressions.indices.filter {
            impressions[$0].userID == event.userID && impressions[$0].itemID == event.itemID
                && impressions[$0].shownAt <= event.occurredAt.adding(seconds: 86_400)
        }
        if let named = ofUser.first(where: { impressions[$0].id == event.impressionID }) { return named }
        guard let recommendation = event.recommendationID else { return nil }
        return ofUser.filter { impressions[$0].recommendationID == recommendation }.min {
            (impressions[$0].shownAt, impressions[$0].id) < (impressions[$1].shownAt, impressions[$1].id)
        }
    }

    func rows(in period: Period) -> [LogRow] {
        let told = events.filter { event in period.until.map { event.occurredAt < $0 } ?? true }
        var rows: [LogRow] = []
        var givenAt: [Int: UInt32] = [:]
        for event in told {
            if let place = answered[event.id] { givenAt[place, default: 0] |= bit(event.type) }
        }
        for (place, impression) in impressions.enumerated() where period.contains(impression.shownAt) {
            let given = givenAt[place] ?? 0
            let recorded = impression.observed.map { $0.reduce(0) { $0 | bit($1) } } ?? (1 << UInt32(signals.count)) - 1
            rows.append(
                LogRow(
                    user: impression.userID.rawValue, item: impression.itemID.rawValue, time: impression.shownAt,
                    given: given, observed: recorded | given, isImpression: true, surface: impression.surface,
                    tie: impression.id))
        }
        for event in told where period.contains(event.occurredAt) && answered[event.id] == nil {
            let place = rows.firstIndex {
                !$0.isImpression && $0.user == event.userID.rawValue && $0.item == event.itemID.rawValue
                    && $0.time == event.occurredAt
            }
            if let place {
                rows[place].given |= bit(event.type)
                rows[place].observed = rows[place].given
                rows[place].surface = [rows[place].surface, event.surface].compactMap(\.self).max()
            } else {
                rows.append(
                    LogRow(
                        user: event.userID.rawValue, item: event.itemID.rawValue, time: event.occurredAt,
                        given: bit(event.type), observed: bit(event.type), isImpression: false,
                        surface: event.surface))
            }
        }
        return rows.sorted { left, right in
            (left.user, left.time, left.isImpression ? 0 : 1, left.tie, left.item)
                < (right.user, right.time, right.isImpression ? 0 : 1, right.tie, right.item)
        }
    }

    func history(of user: String, before: Timestamp?, limit: Int) -> [HistoryEntry] {
        rows(in: Period(until: before)).filter { $0.user == user }.reversed().prefix(limit).map { row in
            HistoryEntry(
                itemID: ItemID(row.item), at: row.time, signals: Set(signals.filter { row.given & bit($0) != 0 }),
                surface: row.surface)
        }
    }

    func seen(by user: String, limit: Int) -> [ItemID] {
        var last: [String: Timestamp] = [:]
        for impression in impressions where impression.userID.rawValue == user {
            last[impression.itemID.rawValue] = max(
                last[impression.itemID.rawValue] ?? impression.shownAt, impression.shownAt)
        }
        for event in events where event.userID.rawValue == user {
            last[event.itemID.rawValue] = max(last[event.itemID.rawValue] ?? event.occurredAt, event.occurredAt)
        }
        let order = last.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return order.prefix(limit).map { ItemID($0.key) }
    }

    /// A small crowded world: few users, items and times, so that everything that can coincide does.
    ///
    /// - Parameter scale: of more than a day, impressions come later than their events may, and of many days all is spread over months,
    ///   before the present one and behind it.
    static func random(seed: UInt64, scale: TimeScale = TimeScale(step: 1)) -> NaiveFeedback {
        var random = SeededRandom(seed: seed)
        func pick(_ prefix: String, _ count: Int) -> String { prefix + String(random.below(count)) }
        let signals = ["click", "like", "hide"]
        var impressions: [Impression] = []
        var taken: Set<String> = []
        for _ in 0..<150 {
            let observed: [String]? = random.below(3) == 0 ? signals.filter { _ in random.below(2) == 0 } : nil
            var impression = makeImpression(
                pick("p", 60), pick("u", 5), pick("i", 8), scale.seconds(Double(random.below(40))),
                recommendation: random.below(2) == 0 ? pick("r", 20) : nil, observed: observed)
            impression.surface = [nil, "home", "search"][random.below(3)]
            if taken.insert("\(impression.id) \(impression.itemID)").inserted { impressions.append(impression) }
        }
        var events: [Event] = []
        for number in 0..<300 {
            var event = makeEvent(
                "e\(number)", signals[random.below(3)], pick("u", 5), pick("i", 8),
                scale.seconds(Double(random.below(45) - 2)))
            let target = impressions[random.below(impressions.count)]
            if random.below(3) > 0 {
                event.userID = target.userID
                event.itemID = target.itemID
            }
            if random.below(2) == 0 { event.impressionID = random.below(4) == 0 ? pick("p", 70) : target.id }
            if random.below(2) == 0 { event.recommendationID = target.recommendationID ?? pick("r", 20) }
            event.surface = [nil, "home", "search", "feed"][random.below(4)]
            events.append(event)
        }
        return NaiveFeedback(impressions: impressions, events: events, signals: signals)
    }
}
