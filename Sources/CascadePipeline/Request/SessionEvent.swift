package import CascadeCore

/// Something that the visitor did and that the log may not hold yet, told with the request itself.
package struct SessionEvent: Hashable, Sendable {
    /// The greatest number of them in a request.
    package static let maximum = 100

    package var itemID: ItemID
    /// The feedback signal; nil where the item was only shown.
    package var type: String?
    /// nil for now.
    package var at: Timestamp?
    /// Where in the product it was; nil where nobody said it.
    package var surface: String?

    package init(itemID: ItemID, type: String? = nil, at: Timestamp? = nil, surface: String? = nil) {
        self.itemID = itemID
        self.type = type
        self.at = at
        self.surface = surface
    }
}

extension [SessionEvent] {
    /// The session as steps of a past, newest first: what was done with an item is one step. Times are no later than `now`; of
    /// equal times the later in the list is the newer.
    func steps(at now: Timestamp) -> [HistoryEntry] {
        var steps: [HistoryEntry] = []
        var places: [ItemID: Int] = [:]
        let timed = enumerated().map { (order: $0, at: Swift.min($1.at ?? now, now), event: $1) }
        for (_, at, event) in timed.sorted(by: { ($0.at, $0.order) > ($1.at, $1.order) }) {
            let signals = Set([event.type].compactMap(\.self))
            if let place = places[event.itemID] {
                steps[place].signals.formUnion(signals)
                continue
            }
            places[event.itemID] = steps.count
            steps.append(HistoryEntry(itemID: event.itemID, at: at, signals: signals, surface: event.surface))
        }
        return steps
    }
}

extension [HistoryEntry] {
    /// The past with a session laid over it, newest first, at most `limit` steps. A step of the past that the session tells too, at the
    /// same moment, is there once with the signals of both.
    func adding(_ session: [HistoryEntry], limit: Int) -> [HistoryEntry] {
        if session.isEmpty { return self }
        var told = session
        var rest: [HistoryEntry] = []
        for step in self {
            if let place = told.firstIndex(where: { $0.itemID == step.itemID && $0.at == step.at }) {
                told[place].signals.formUnion(step.signals)
            } else {
                rest.append(step)
            }
        }
        // Stable, so that steps of one moment keep their order.
        let merged = (told + rest).enumerated().sorted { ($1.element.at, $0.offset) < ($0.element.at, $1.offset) }
        return merged.prefix(limit).map(\.element)
    }
}
