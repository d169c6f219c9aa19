/// Interactions of a period in columns, sorted by user, then time, then arrival: what training and evaluation read.
///
/// A row is an impression with the feedback it received, or an event that answers no known impression. Users, items
/// and signals are numbered in dictionaries, so a row takes 30 bytes; columns may lie in mapped files, so there may be more rows
/// than memory holds.
package struct InteractionLog: Sendable {
    /// Dictionary of users; `userIndex` points into it. Sorted by identifier.
    package var users: [UserID] = []
    /// Dictionary of items; `itemIndex` points into it. Sorted by identifier.
    package var items: [ItemID] = []
    /// Dictionary of feedback signals; bit `k` of a mask speaks of `signals[k]`. At most 32.
    package var signals: [String] = []

    /// [rows] index of the user.
    package var userIndex: Column<Int32> = []
    /// [rows] index of the item.
    package var itemIndex: Column<Int32> = []
    /// [rows] time in microseconds since 1970.
    package var time: Column<Int64> = []
    /// [rows] bit mask of the signals given.
    package var feedback: Column<UInt32> = []
    /// [rows] bit mask of the signals that were recorded at all; a recorded signal that was not given is a negative.
    package var observed: Column<UInt32> = []
    /// [rows] true for an impression, false for an event without one.
    package var isImpression: Column<Bool> = []
    /// [rows] place of an impression in its list, from 0; negative where it is not known. May be empty, for none known.
    package var position: Column<Int16> = []
    /// Dictionary of surfaces, at most 255; `surface` points into it.
    package var surfaces: [String] = []
    /// [rows] 1 + the index of the surface, 0 for none. May be empty, for none known.
    package var surface: Column<UInt8> = []
    /// [rows] bit mask of the signals that an impression was said to record, whatever it received; only where `answers`
    /// were read, else empty.
    package var declared: Column<UInt32> = []
    /// When feedback was given; nil where that was not read, and feedback then counts as given with its impression.
    package var answers: AnswerLog?
    /// By signal, [rows] the value of the feedback that an impression received; NaN where it received none or one without
    /// a value, and for events without an impression. Only of signals whose values were asked for.
    package var values: [String: Column<Float>] = [:]

    /// An empty log whose columns grow at `place`.
    package init(at place: ColumnPlace = .memory) {
        userIndex = Column(at: place)
        itemIndex = Column(at: place)
        time = Column(at: place)
        feedback = Column(at: place)
        observed = Column(at: place)
        isImpression = Column(at: place)
        position = Column(at: place)
        surface = Column(at: place)
        declared = Column(at: place)
    }

    package var count: Int { userIndex.count }

    /// Where its columns grow, and those of what is made of it.
    package var place: ColumnPlace { userIndex.place }

    /// The rows that `include` takes, in their order, with the same dictionaries and answers.
    package func rows(where include: (Int) -> Bool) -> InteractionLog {
        var result = InteractionLog(at: place)
        result.users = users
        result.items = items
        result.signals = signals
        result.surfaces = surfaces
        let valued = values.keys.sorted()
        var columns = valued.map { _ in Column<Float>(at: place) }
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
            for (number, name) in valued.enumerated() { columns[number].append(values[name]?[row] ?? .nan) }
        }
        result.answers = answers
        result.values = Dictionary(uniqueKeysWithValues: zip(valued, columns))
        return result
    }

    /// The same rows with dictionaries of nothing but what they name: what a log of these rows alone would be.
    package func compacted() -> InteractionLog {
        var result = self
        (result.users, result.userIndex) = compacted(users, userIndex)
        (result.items, result.itemIndex) = compacted(items, itemIndex)
        return result
    }

    private func compacted<Name>(_ names: [Name], _ index: Column<Int32>) -> (names: [Name], index: Column<Int32>) {
        var isNamed = [Bool](repeating: false, count: names.count)
        for name in index { isNamed[Int(name)] = true }
        var number: [Int32] = []
        var kept: [Name] = []
        for (name, isNamed) in zip(names, isNamed) {
            number.append(Int32(kept.count))
            if isNamed { kept.append(name) }
        }
        return (kept, Column(index.lazy.map { number[Int($0)] }, at: place))
    }

    /// The bit of signal `name`, or 0 when the log does not know it.
    package func mask(of name: String) -> UInt32 {
        signals.firstIndex(of: name).map { 1 << UInt32($0) } ?? 0
    }
}
