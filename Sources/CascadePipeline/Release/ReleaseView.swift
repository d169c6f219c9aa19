package import CascadeCore

/// The immutable snapshot that a request is answered from; items go by their dense row, `0 ..< catalog.count`.
///
/// A request takes the view once and keeps it to its end, so a swap never mixes two releases. Members marked
/// *computes* take up to milliseconds: the pipeline calls them on the compute pool and nowhere else.
package protocol ReleaseView: Sendable {
    /// The versions that this view is made of.
    var stamp: ReleaseStamp { get }
    var catalog: any CatalogView { get }

    /// The ranker's heads with the factor that training gave each; settings may override a factor by the head's name.
    var heads: [HeadWeight] { get }

    /// What heads count for as it was said while servers run, which goes before settings and release; nil for nothing.
    var headFactors: HeadFactors? { get }

    /// All rows that may be shown to anybody, none twice and none replaced, most popular first, with the score they are sorted by.
    var popular: [ScoredRow] { get }

    /// All rows with a time of creation that are not replaced, newest first.
    var fresh: [Int32] { get }

    /// How the items stand to each other.
    var relations: any ItemRelations { get }

    /// Retrieval by interests; nil in a release without a model of interests.
    var interests: (any InterestRetrieval)? { get }

    /// What is counted over windows of time; nil in a release that counts nothing so.
    var recentCounters: (any RecentCounters)? { get }

    /// Encodes a user and the history once for a request. *Computes.*
    func prepare(_ user: UserState) throws -> any PreparedUser

    /// The rows nearest to the user in the two-tower index, best first, none twice: `wish.limit` of those that the wish
    /// admits and that are neither hidden, deleted nor replaced, or all of them where they are fewer. *Computes.*
    func retrieve(
        _ user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow]

    /// Where a row stands in the two-tower index when all rows that may be shown are compared exactly; nil for one that is not
    /// searched. Costs a look at every item. *Computes.*
    func standing(_ user: any PreparedUser, of row: Int32) throws -> RetrievalStanding?

    /// The ranker's probabilities for `rows`, in their order; a row's values do not depend on the other rows.
    /// *Computes.*
    func score(
        _ user: any PreparedUser, rows: [Int32], cancellation: ComputePool.Cancellation
    ) throws -> HeadScores

    /// The same with what `recentCounters` gave for each row; nil where it gave nothing. *Computes.*
    func score(
        _ user: any PreparedUser, rows: [Int32], recent: [RecentCounts]?, cancellation: ComputePool.Cancellation
    ) throws -> HeadScores
}

/// An item's place in a search that finds everything.
package struct RetrievalStanding: Hashable, Sendable {
    package var score: Float
    /// How many items are before it.
    package var rank: Int
    /// How many items are searched.
    package var count: Int

    package init(score: Float, rank: Int, count: Int) {
        self.score = score
        self.rank = rank
        self.count = count
    }
}

extension ReleaseView {
    package var recentCounters: (any RecentCounters)? { nil }

    package var headFactors: HeadFactors? { nil }

    package func score(
        _ user: any PreparedUser, rows: [Int32], recent: [RecentCounts]?, cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        try score(user, rows: rows, cancellation: cancellation)
    }
}

/// What is wanted of the two-tower index.
package struct RetrievalWish: Hashable, Sendable {
    /// How many rows.
    package var limit: Int
    /// Rows that are not wanted.
    package var excluded: Set<Int32>
    /// Only rows of at least one of these categories; nil: of any.
    package var categories: Set<Int32>?

    package init(limit: Int, excluded: Set<Int32> = [], categories: Set<Int32>? = nil) {
        self.limit = limit
        self.excluded = excluded
        self.categories = categories
    }
}

/// A user as the models of one release see it; made by `ReleaseView.prepare` and given back to the same view.
package protocol PreparedUser: Sendable {
    /// How many steps of the history the release knows the items of; with 0 the user is served as one without history.
    var historyCount: Int { get }
    /// Whether the retrieval model tells the user apart from others without a history, by attributes that it reads.
    var isToldByAttributes: Bool { get }
}

/// What is known of a user when a request begins.
package struct UserState: Hashable, Sendable {
    /// nil for an anonymous visitor.
    package var userID: UserID?
    /// The attributes; nil when the user is unknown or could not be read.
    package var user: User?
    /// Newest first.
    package var history: [HistoryEntry]
    /// When the request began.
    package var now: Timestamp

    package init(userID: UserID?, user: User?, history: [HistoryEntry], now: Timestamp) {
        self.userID = userID
        self.user = user
        self.history = history
        self.now = now
    }
}

/// The items of a release by row; every member is a look-up.
package protocol CatalogView: Sendable {
    var count: Int { get }
    func itemID(_ row: Int32) -> ItemID
    /// The row of an item, or nil when the release does not hold it.
    func row(of id: ItemID) -> Int32?
    /// The code of the creator; -1 for none.
    func creator(_ row: Int32) -> Int32
    /// The codes of the categories, each once.
    func categories(_ row: Int32) -> ArraySlice<Int32>
    /// The code of a category, or nil when no item has it.
    func categoryCode(_ name: String) -> Int32?
    func createdAt(_ row: Int32) -> Timestamp?
    func isHidden(_ row: Int32) -> Bool
    /// True for an item that was deleted after the release was made.
    func isDeleted(_ row: Int32) -> Bool
    /// True for a row whose item has another row by now, because it was changed after the release was made.
    func isReplaced(_ row: Int32) -> Bool
}

/// A row and the score that a source gives it.
package struct ScoredRow: Hashable, Sendable {
    /// The dense row of the item.
    package var row: Int32
    /// A number of the source's own scale; more is better.
    package var score: Float

    package init(row: Int32, score: Float) {
        self.row = row
        self.score = score
    }
}

/// A head of the ranker and its factor in the weighted score.
package struct HeadWeight: Hashable, Sendable {
    /// The feedback signal that the head predicts, or the name of a value head.
    package var name: String
    /// What a probability of 1, or a value of 1, adds to the score; negative for unwanted feedback.
    package var weight: Double
    /// Whether the head gives values, which can be any number, and no probabilities.
    package var isValue: Bool

    package init(name: String, weight: Double, isValue: Bool = false) {
        self.name = name
        self.weight = weight
        self.isValue = isValue
    }
}

/// Probabilities of every head for some rows, and values of the value heads.
package struct HeadScores: Hashable, Sendable {
    /// [rows, heads], row-major; heads in the order of `ReleaseView.heads`.
    package var probabilities: [Float]
    /// The number of columns.
    package var headCount: Int

    package init(probabilities: [Float], headCount: Int) {
        self.probabilities = probabilities
        self.headCount = headCount
    }
}
