package import CascadeCore

/// Retrieval of a user by several interests at once: the catalog lies in clusters, each cluster is searched with a vector
/// of the user's own for it, and a request is shared out among the clusters by the probability of each.
package protocol InterestRetrieval: Sendable {
    /// Shares what a wish asks for out among the user's interests. *Computes*, see `ReleaseView`.
    func plan(
        for user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> any InterestPlan
}

/// A wish that was shared out; good for one request.
package protocol InterestPlan: Sendable {
    /// The interests that give candidates, likeliest first; their quotas add up to the wish's limit, or to all that the
    /// wish admits of them where that is less.
    var shares: [InterestShare] { get }

    /// The rows of a share's cluster that are nearest to the user, best first, as many as its quota: of those that the
    /// wish admits and that are neither hidden, deleted nor replaced. Different shares may be searched at once. *Computes.*
    func search(_ share: Int, cancellation: ComputePool.Cancellation) throws -> [ScoredRow]

    /// One order over what was found for each share: every beginning of it keeps the proportions of the shares.
    ///
    /// - Parameter counts: rows that were found for each share.
    func merged(_ counts: [Int]) -> [InterestPlace]
}

/// An interest that a request takes candidates of.
package struct InterestShare: Hashable, Sendable {
    /// The number of its cluster.
    package var cluster: Int32
    /// What the cluster is called; nil for one that was found.
    package var name: String?
    /// How likely the user's next item lies in it.
    package var probability: Float
    /// Candidates of it.
    package var quota: Int
    /// Items of the user's history that lie in it, the latest first.
    package var because: [ItemID]

    package init(cluster: Int32, name: String?, probability: Float, quota: Int, because: [ItemID]) {
        self.cluster = cluster
        self.name = name
        self.probability = probability
        self.quota = quota
        self.because = because
    }
}

/// An item of the merged order.
package struct InterestPlace: Hashable, Sendable {
    /// The place of its share.
    package var share: Int
    /// Its place in what was found for that share, from 0.
    package var rank: Int
    /// What the order goes by, finite, of no scale; more is earlier.
    package var score: Float

    package init(share: Int, rank: Int, score: Float) {
        self.share = share
        self.rank = rank
        self.score = score
    }
}
