/// What is counted by one list of properties, over some windows of time.
package struct WindowedCounter: Hashable, Sendable, Codable {
    /// One or two properties.
    package var by: [CountedPart]
    package var over: [WindowSpan]

    package init(by: [CountedPart], over: [WindowSpan]) {
        self.by = by
        self.over = over
    }

    /// Properties of one counter at most.
    package static let maximumParts = 2
    /// Windows of one counter at most.
    package static let maximumSpans = 8

    /// The counter in short, such as `user+creator`.
    package var name: String { by.map(\.text).joined(separator: "+") }

    /// Whether it tells users apart.
    package var isOfUsers: Bool { by.contains(.user) }

    /// What it counts a pair by: the tokens of the parts, each behind its length, `-` for one that is missing; nil where
    /// it tells users apart and there is none.
    package func key(user: UserID?, item: Item) -> String? {
        if isOfUsers, user == nil { return nil }
        return by.reduce(into: "") { key, part in
            let token = part.token(user: user, item: item)
            key += token.map { "\($0.utf8.count):\($0)" } ?? "-"
        }
    }

    /// What is wrong with it; empty when it can be used.
    func problems() -> [String] {
        var found: [String] = []
        if by.isEmpty || by.count > Self.maximumParts {
            found.append("by must name one or two of user, item, creator, categories and the items' attributes")
        }
        if Set(by).count < by.count { found.append("by names a property twice") }
        if by.contains(.attribute("")) { found.append("by has an empty name") }
        if by.contains(.attribute("id")) { found.append("by: write user or item, not id") }
        if over.isEmpty || over.count > Self.maximumSpans {
            found.append("over must list 1 to \(Self.maximumSpans) windows, such as [1h, 1d, all]")
        }
        if Set(over).count < over.count { found.append("over lists a window twice") }
        return found
    }
}

/// What a release counts while it is served, and counted in training: one definition for both.
///
/// An impression counts at its time, once, and as recorded for every signal that it was said to record. An event that
/// names an impression or a recommendation counts at its own time as given; an event that names neither answers nothing
/// that was shown and is not counted. So the counts of a moment do not depend on the order in which things arrived.
package struct WindowedCounters: Hashable, Sendable, Codable {
    package var counters: [WindowedCounter]
    /// The counted signals, most frequent first; at most `maximumHeads`.
    package var heads: [String]

    package init(counters: [WindowedCounter], heads: [String]) {
        self.counters = counters
        self.heads = heads
    }

    /// Signals that are counted at most.
    package static let maximumHeads = 2

    /// Numbers of one window: impressions, then for each head those that recorded it, then those that gave it.
    package var stride: Int { 1 + 2 * heads.count }

    /// Windows of all counters.
    package var windows: Int { counters.reduce(0) { $0 + $1.over.count } }

    /// Counts of a row, those of one window after another.
    package var totals: Int { windows * stride }

    /// Columns of a row: for each window the log odds of each head's rate, then log(1 + impressions).
    package var columns: Int { windows * (heads.count + 1) }

    /// What is wrong with a list of counters, each named by its place under `path`.
    package static func problems(of counters: [WindowedCounter], under path: String) -> [String] {
        var found: [String] = []
        for (place, counter) in counters.enumerated() {
            found += counter.problems().map { "\(path)[\(place)]: \($0)" }
            if counters[..<place].contains(where: { Set($0.by) == Set(counter.by) }) {
                found.append("\(path)[\(place)]: \(counter.name) is counted twice; list all windows in one entry")
            }
        }
        return found
    }
}
