package import CascadeCore

/// By what items are found similar.
package enum SimilarityKind: String, Hashable, Sendable, CaseIterable {
    /// By the vectors of the retrieval model.
    case tower
    /// By what users took together.
    case cooccurrence
    /// By both lists, fused by rank.
    case both

    /// The lists that are asked for, in the order in which an answer names them.
    var lists: [SimilarityKind] { self == .both ? [.cooccurrence, .tower] : [self] }
}

/// What a caller asks for with `GET /v1/items/{item_id}/similar`.
package struct SimilarItemsRequest: Hashable, Sendable {
    /// The item that others shall be similar to.
    package var itemID: ItemID
    /// How many items to give.
    package var limit: Int
    /// By what.
    package var by = SimilarityKind.both
    /// Only items of at least one of these categories; empty allows all.
    package var categories: [String] = []
    /// Never these items.
    package var excluded: [ItemID] = []

    package init(itemID: ItemID, limit: Int) {
        self.itemID = itemID
        self.limit = limit
    }
}

/// One item of the answer.
package struct SimilarItem: Hashable, Sendable {
    package var itemID: ItemID
    /// What the answer is ordered by: the score of the one list, or the sum of `1 / (60 + rank)` over both, ranks from 1.
    package var score: Float
    /// The lists that hold the item, with its rank there (from 0) and its score there.
    package var sources: [SourceMark]

    package init(itemID: ItemID, score: Float, sources: [SourceMark]) {
        self.itemID = itemID
        self.score = score
        self.sources = sources
    }
}

/// Items that are similar to one, best first.
package struct SimilarItemsAnswer: Hashable, Sendable {
    package var itemID: ItemID
    /// The release that knows the items.
    package var releaseID: String
    package var by: SimilarityKind
    package var items: [SimilarItem]
    /// What was missing while the answer was made.
    package var degraded: [Degradation]

    package init(
        itemID: ItemID, releaseID: String, by: SimilarityKind, items: [SimilarItem], degraded: [Degradation] = []
    ) {
        self.itemID = itemID
        self.releaseID = releaseID
        self.by = by
        self.items = items
        self.degraded = degraded
    }
}

/// Why there is no answer to a request for similar items.
package enum SimilarItemsError: Error, Hashable, Sendable, CustomStringConvertible {
    case noActiveRelease
    /// The release does not hold the item.
    case notInRelease(item: ItemID, releaseID: String)

    package var description: String {
        switch self {
        case .noActiveRelease: "no release is active, so nothing is known about items; train one with `cascade train`"
        case .notInRelease(let item, let release):
            "item '\(item)' is not in release \(release); it comes with the next `cascade train` or `cascade index rebuild`"
        }
    }
}

/// Finds similar items; what a server needs for them.
package protocol SimilarItemsProviding: Sendable {
    /// The items that are most similar to one, hidden ones never among them.
    ///
    /// - Throws: `SimilarItemsError`, `CancellationError`, or the error of the index.
    func similar(_ request: SimilarItemsRequest) async throws -> SimilarItemsAnswer
}
