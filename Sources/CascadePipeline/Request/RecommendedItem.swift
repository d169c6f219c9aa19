package import CascadeCore

/// One item of a slate.
package struct RecommendedItem: Hashable, Sendable {
    /// The item's identifier.
    package var itemID: ItemID
    /// Place in the slate, from 0.
    package var position: Int
    /// What the slate is ordered by: the weighted score times the diversity multiplier.
    package var score: Double?
    /// The ranker's probability of each feedback signal.
    package var heads: [String: Float]?
    /// The sources that brought the item.
    package var sources: [SourceMark]?
    /// The probability with which it got its position, given those before it; impressions should carry it.
    package var propensity: Double?
    /// Why it is here, in words for programs.
    package var reasons: [Reason]?
    /// What the catalog knows of the item; only where it was asked for and could be read.
    package var attributes: Item?

    package init(
        itemID: ItemID, position: Int, score: Double? = nil, heads: [String: Float]? = nil,
        sources: [SourceMark]? = nil, propensity: Double? = nil, reasons: [Reason]? = nil, attributes: Item? = nil
    ) {
        self.itemID = itemID
        self.position = position
        self.score = score
        self.heads = heads
        self.sources = sources
        self.propensity = propensity
        self.reasons = reasons
        self.attributes = attributes
    }
}

/// That a source brought an item, at which rank (from 0) and with which score of its own scale.
package struct SourceMark: Hashable, Sendable, Codable {
    /// The source's name.
    package var name: String
    /// Place in the source's own list, from 0; refill rounds go on counting.
    package var rank: Int
    /// A number of the source's own scale.
    package var score: Float
    /// What of the user the source found it by: an item of the history, a creator; nil where it goes by no such thing.
    package var because: String?
    /// The interest of the user that the source found it in; nil for sources that know no interests.
    package var interest: InterestMark?

    package init(name: String, rank: Int, score: Float, because: String? = nil, interest: InterestMark? = nil) {
        self.name = name
        self.rank = rank
        self.score = score
        self.because = because
        self.interest = interest
    }
}

/// Why an item is in a slate, in a word that an app can turn into a sentence.
package enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
    case similarToHistory = "similar_to_history"
    /// Near to what is known of the user, who has no history.
    case userAttributes = "user_attributes"
    /// Near to the user in one of the user's interests.
    case interestCluster = "interest_cluster"
    /// Taken by those who took an item that the user liked.
    case similarToItem = "similar_to_item"
    /// Made by a creator that the user follows.
    case followedCreator = "followed_creator"
    case popular
    case fresh
    case exploration
    case promoted
    case fallbackPopular = "fallback_popular"
    case fallbackRecent = "fallback_recent"
    /// Taken from the whole catalog to fill the slate.
    case fill
}
