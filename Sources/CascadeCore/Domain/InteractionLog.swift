/// Interactions of a period in columns, sorted by user, then time, then arrival: what training and evaluation read.
///
/// A row is an impression with the feedback it received, or an event that answers no known impression. Users, items
/// and signals are numbered in dictionaries, so a row takes 30 bytes and a million rows fit anywhere.
package struct InteractionLog: Sendable {
    /// Dictionary of users; `userIndex` points into it. Sorted by identifier.
    package var users: [UserID] = []
    /// Dictionary of items; `itemIndex` points into it. Sorted by identifier.
    package var items: [ItemID] = []
    /// Dictionary of feedback signals; bit `k` of a mask speaks of `signals[k]`. At most 32.
    package var signals: [String] = []

    /// [rows] index of the user.
    package var userIndex: [Int32] = []
    /// [rows] index of the item.
    package var itemIndex: [Int32] = []
    /// [rows] time in microseconds since 1970.
    package var time: [Int64] = []
    /// [rows] bit mask of the signals given.
    package var feedback: [UInt32] = []
    /// [rows] bit mask of the signals that were recorded at all; a recorded signal that was not given is a negative.
    package var observed: [UInt32] = []
    /// [rows] true for an impression, false for an event without one.
    package var isImpression: [Bool] = []
    /// [rows] place of an impression in its list, from 0; negative where it is not known. May be empty, for none known.
    package var position: [Int16] = []
    /// Dictionary of surfaces, at most 255; `surface` points into it.
    package var surfaces: [String] = []
    /// [rows] 1 + the index of the surface, 0 for none. May be empty, for none known.
    package var surface: [UInt8] = []
    /// [rows] bit mask of the signals that an impression was said to record, whatever it received; only where `answers`
    /// were read, else empty.
    package var declared: [UInt32] = []
    /// When feedback was given; nil where that was not read, and feedback then counts as given with its impression.
    package var answers: AnswerLog?
    /// By signal, [rows] the value of the feedback that an impression received; NaN where it received none or one without
    /// a value, and for events without an impression. Only of signals whose values were asked for.
    package var values: [String: [Float]] = [:]

    package init() {}

    package var count: Int { userIndex.count }

    /// The rows that `include` takes, in their order, with the same dictionaries and answers.
    package func rows(where include: (Int) -> Bool) -> InteractionLog {
        var result = InteractionLog()
        result.users = users
        result.items = items
        result.signals = signals
        result.surfaces = surfaces
        for row in 0..<count where include(row) {
            result.userIndex.append(userIndex[row])
            result.itemIndex.append(itemIndex[row])
            result.time.append(time[row])
            result.feedback.append(feedback[row])
            result.observed.append(observed[row])
            result.isImpression.append(isImpression[row])
            if !position.isEmpty { result.position.append(position[row]) }
            if !surface.isEmpty { result.surface.append(surface[row]) }
            if !declared.isEmpty { result.declared.append(declared[row]) }
        }
        result.answers = answers
        result.values = values.mapValues { column in (0..<count).filter(include).map { column[$0] } }
        return result
    }

    /// The same rows with dictionaries of nothing but what they name: what a log of these rows alone would be.
    package func compacted() -> InteractionLog {
        var result = self
        (result.users, result.userIndex) = Self.compacted(users, userIndex)
        (result.items, result.itemIndex) = Self.compacted(items, itemIndex)
        return result
    }

    private static func compacted<Name>(_ names: [Name], _ index: [Int32]) -> (names: [Name], index: [Int32]) {
        var isNamed = [Bool](repeating: false, count: names.count)
        for name in index { isNamed[Int(name)] = true }
        var place: [Int32] = []
        var kept: [Name] = []
        for (name, isNamed) in zip(names, isNamed) {
            place.append(Int32(kept.count))
            if isNamed { kept.append(name) }
        }
        return (kept, index.map { place[Int($0)] })
    }

    /// The bit of signal `name`, or 0 when the log does not know it.
    package func mask(of name: String) -> UInt32 {
        signals.firstIndex(of: name).map { 1 << UInt32($0) } ?? 0
    }
}

/// The events that say which impression or recommendation they answer, with their own times, in columns.
package struct AnswerLog: Sendable {
    /// Dictionary of users, in no order; they need not be those of the interactions.
    package var users: [UserID] = []
    /// Dictionary of items, in no order.
    package var items: [ItemID] = []
    /// [answers] index of the user.
    package var userIndex: [Int32] = []
    /// [answers] index of the item.
    package var itemIndex: [Int32] = []
    /// [answers] time in microseconds since 1970.
    package var time: [Int64] = []
    /// [answers] index in the interactions' `signals`.
    package var signal: [UInt8] = []

    package init() {}

    package var count: Int { time.count }

    /// The answers that `include` takes, in their order, with the same dictionaries.
    package func rows(where include: (Int) -> Bool) -> AnswerLog {
        var result = AnswerLog()
        result.users = users
        result.items = items
        for row in 0..<count where include(row) {
            result.userIndex.append(userIndex[row])
            result.itemIndex.append(itemIndex[row])
            result.time.append(time[row])
            result.signal.append(signal[row])
        }
        return result
    }
}

/// A half-open period of time; a missing end is open.
package struct Period: Hashable, Sendable {
    package var from: Timestamp?
    package var until: Timestamp?

    package init(from: Timestamp? = nil, until: Timestamp? = nil) {
        self.from = from
        self.until = until
    }

    package func contains(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        if let until, time >= until { return false }
        return true
    }
}
