/// An item of the catalog.
package struct Item: Hashable, Sendable {
    package var id: ItemID
    package var title: String?
    /// Who made it; caps and counters by creator use it.
    package var creatorID: String?
    package var categories: [String]
    package var attributes: [String: AttributeValue]
    package var createdAt: Timestamp?
    /// A hidden item stays in the catalog and is never recommended.
    package var hidden: Bool
    /// Tells one set of the item's content vectors from another: `NAME:CHECKSUM` for each, with spaces between; nil without
    /// any. Whoever keeps the vectors sets it.
    package var vectorsVersion: String?

    package init(
        id: ItemID, title: String? = nil, creatorID: String? = nil, categories: [String] = [],
        attributes: [String: AttributeValue] = [:], createdAt: Timestamp? = nil, hidden: Bool = false,
        vectorsVersion: String? = nil
    ) {
        self.id = id
        self.title = title
        self.creatorID = creatorID
        self.categories = categories
        self.attributes = attributes
        self.createdAt = createdAt
        self.hidden = hidden
        self.vectorsVersion = vectorsVersion
    }
}

/// What becomes of an item when it is changed.
package struct ItemChange: Hashable, Sendable {
    /// The item as it is from now on.
    package var item: Item
    /// Content vectors that it gets; their kinds and widths are declared.
    package var vectors: [ItemVector]
    /// The kinds of content vectors that it loses.
    package var removedVectors: [String]

    package init(item: Item, vectors: [ItemVector] = [], removedVectors: [String] = []) {
        self.item = item
        self.vectors = vectors
        self.removedVectors = removedVectors
    }
}

/// Which items of the catalog a list shows; nil members leave nothing out.
package struct ItemFilter: Hashable, Sendable {
    package var category: String?
    package var hidden: Bool?

    package init(category: String? = nil, hidden: Bool? = nil) {
        self.category = category
        self.hidden = hidden
    }
}

/// A user with the attributes that models may use.
package struct User: Hashable, Sendable {
    package var id: UserID
    package var attributes: [String: AttributeValue]
    package var createdAt: Timestamp?

    package init(id: UserID, attributes: [String: AttributeValue] = [:], createdAt: Timestamp? = nil) {
        self.id = id
        self.attributes = attributes
        self.createdAt = createdAt
    }
}
