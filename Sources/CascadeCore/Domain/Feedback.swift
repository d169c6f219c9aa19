/// An item shown to a user at a position.
package struct Impression: Hashable, Sendable {
    /// Names the shown list; together with the item it is unique.
    package var id: String
    package var userID: UserID
    package var itemID: ItemID
    package var shownAt: Timestamp
    /// Place in the shown list, from 0.
    package var position: Int?
    /// The probability with which the logging policy showed the item, in (0, 1].
    package var propensity: Double?
    package var recommendationID: String?
    /// The kinds of feedback that were recorded for it, so that an absent event is a true "no"; nil: all that exist.
    package var observed: [String]?
    /// Where in the product it was shown, such as `home`; 1 to 64 bytes.
    package var surface: String?

    package init(
        id: String, userID: UserID, itemID: ItemID, shownAt: Timestamp, position: Int? = nil,
        propensity: Double? = nil, recommendationID: String? = nil, observed: [String]? = nil,
        surface: String? = nil
    ) {
        self.id = id
        self.userID = userID
        self.itemID = itemID
        self.shownAt = shownAt
        self.position = position
        self.propensity = propensity
        self.recommendationID = recommendationID
        self.observed = observed
        self.surface = surface
    }
}

/// Something a user did with an item; its type is one kind of feedback signal.
package struct Event: Hashable, Sendable {
    package var id: String
    /// The feedback signal, such as `click` or `long_view`.
    package var type: String
    package var userID: UserID
    package var itemID: ItemID
    package var occurredAt: Timestamp
    /// A quantity that came with it, such as a rating or a watch time.
    package var value: Double?
    /// The impression it answers, where known.
    package var impressionID: String?
    package var recommendationID: String?
    package var sessionID: String?
    package var position: Int?
    /// Where in the product it was done; that of the impression counts where it answers one.
    package var surface: String?

    package init(
        id: String, type: String, userID: UserID, itemID: ItemID, occurredAt: Timestamp, value: Double? = nil,
        impressionID: String? = nil, recommendationID: String? = nil, sessionID: String? = nil, position: Int? = nil,
        surface: String? = nil
    ) {
        self.id = id
        self.type = type
        self.userID = userID
        self.itemID = itemID
        self.occurredAt = occurredAt
        self.value = value
        self.impressionID = impressionID
        self.recommendationID = recommendationID
        self.sessionID = sessionID
        self.position = position
        self.surface = surface
    }
}

/// Where an event stands in the list of its user's events.
package struct EventPlace: Hashable, Sendable {
    package var occurredAt: Timestamp
    package var id: String

    package init(occurredAt: Timestamp, id: String) {
        self.occurredAt = occurredAt
        self.id = id
    }
}

/// One step of a user's past: an item that was shown or acted on, with all feedback it received.
package struct HistoryEntry: Hashable, Sendable {
    package var itemID: ItemID
    package var at: Timestamp
    /// The feedback signals given, in no order; empty where the item was shown and nothing came of it.
    package var signals: Set<String>
    /// Where in the product it was; nil where nobody said it.
    package var surface: String?

    package init(itemID: ItemID, at: Timestamp, signals: Set<String>, surface: String? = nil) {
        self.itemID = itemID
        self.at = at
        self.signals = signals
        self.surface = surface
    }
}
