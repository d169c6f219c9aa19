import CascadeCore

/// Events and shown lists as JSON.
enum EventDocument {
    /// How far a sender's clock may run ahead, in seconds; a time beyond it would spoil every split by time.
    static let clockTolerance = 86_400.0

    /// Reads one element of `events`; the problems are the row's own. With `types` no other type is taken.
    static func event(
        _ value: JSONValue, at pointer: String, _ problems: Problems, types: Set<String>?, now: Timestamp
    ) -> Event? {
        let reader = ObjectReader(value, at: pointer, problems: problems)
        let id = reader.identifier("event_id")
        let type = signal(reader, types)
        let user = reader.identifier("user_id", required: true)
        let item = reader.identifier("item_id", required: true)
        let event = Event(
            id: id ?? SortableIdentifier.make(prefix: "evt_", now: now), type: type ?? "", userID: UserID(user ?? ""),
            itemID: ItemID(item ?? ""), occurredAt: time("occurred_at", reader, now: now),
            value: reader.number("value"), impressionID: reader.identifier("impression_id"),
            recommendationID: reader.identifier("recommendation_id"), sessionID: reader.identifier("session_id"),
            position: reader.integer("position", in: 0...Int(Int32.max)),
            surface: reader.text("surface", maximumBytes: 64))
        reader.refuseUnknown()
        return problems.isEmpty ? event : nil
    }

    /// Reads one element of `impressions`: a list shown to a user, which gives one impression an item.
    static func impressions(
        _ value: JSONValue, at pointer: String, _ problems: Problems, now: Timestamp
    ) -> [Impression]? {
        let reader = ObjectReader(value, at: pointer, problems: problems)
        let id = reader.identifier("impression_id") ?? SortableIdentifier.make(prefix: "imp_", now: now)
        let user = UserID(reader.identifier("user_id", required: true) ?? "")
        let recommendation = reader.identifier("recommendation_id")
        let shownAt = time("shown_at", reader, now: now)
        let surface = reader.text("surface", maximumBytes: 64)
        let items = reader.elements("items", required: true, count: 1...500) ?? []
        var impressions: [Impression] = []
        for (index, element) in items.enumerated() {
            let item = ObjectReader(element.value, at: element.pointer, problems: problems)
            impressions.append(
                Impression(
                    id: id, userID: user, itemID: ItemID(item.identifier("item_id", required: true) ?? ""),
                    shownAt: shownAt, position: item.integer("position", in: 0...Int(Int32.max)) ?? index,
                    propensity: propensity(item), recommendationID: recommendation, surface: surface))
            item.refuseUnknown()
        }
        reader.refuseUnknown()
        return problems.isEmpty ? impressions : nil
    }

    /// The name of a feedback signal: it also names a metric's label and a head of the ranker, so it is kept plain.
    private static func signal(_ reader: ObjectReader, _ types: Set<String>?) -> String? {
        reader.text("type", required: true, maximumBytes: 64).flatMap {
            type($0, at: reader.place("type"), reader.problems, types: types)
        }
    }

    /// `type` as the name of a signal; nil, and a problem, where it can be none.
    static func type(
        _ type: String, at pointer: String, _ problems: Problems, types: Set<String>?
    ) -> String? {
        let isPlain = type.utf8.allSatisfy { byte in
            byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte) || byte == 0x5F)
        }
        if isPlain, !type.isEmpty {
            guard let types, !types.contains(type) else { return type }
            let known = types.sorted().joined(separator: ", ")
            problems.add(pointer, "unknown_type", "is not known here; known are: \(known)")
            return nil
        }
        problems.add(pointer, "invalid", "must consist of letters, digits and underscores")
        return nil
    }

    private static func time(_ name: String, _ reader: ObjectReader, now: Timestamp) -> Timestamp {
        guard let time = reader.time(name) else { return now }
        if time.microseconds < 0 || time > now.adding(seconds: clockTolerance) {
            reader.problems.add(
                reader.place(name), "out_of_range", "must be from 1970 on and at most a day in the future")
        }
        return time
    }

    private static func propensity(_ reader: ObjectReader) -> Double? {
        guard let value = reader.number("propensity") else { return nil }
        // It is kept in single precision, which has nothing between 0 and this.
        if value >= 1e-37, value <= 1 { return value }
        reader.problems.add(reader.place("propensity"), "out_of_range", "must be above 0 and at most 1")
        return nil
    }
}
