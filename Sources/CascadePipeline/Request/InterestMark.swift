/// The interest of the user that an item was found in.
package struct InterestMark: Hashable, Sendable, Codable {
    /// The number of its cluster.
    package var cluster: Int32
    /// What the cluster is called; nil for one that was found.
    package var name: String?
    /// Place among the request's candidates of this interest, from 0; refill rounds go on counting.
    package var rank: Int
    /// How likely the user's next item lies in the interest.
    package var probability: Float
    /// Items of the user's history that lie in it, the latest first, at most three.
    package var because: [String]

    package init(cluster: Int32, name: String? = nil, rank: Int, probability: Float, because: [String] = []) {
        self.cluster = cluster
        self.name = name
        self.rank = rank
        self.probability = probability
        self.because = because
    }
}

/// What a source took of one interest.
package struct InterestReport: Hashable, Sendable, Codable {
    /// The number of its cluster.
    package var cluster: Int32
    /// What the cluster is called; nil for one that was found.
    package var name: String?
    /// How likely the user's next item lies in the interest.
    package var probability: Float
    /// Candidates that the interest was to give.
    package var quota: Int
    /// Candidates that it gave.
    package var found: Int
    /// Items of the history that lie in it, the latest first.
    package var because: [String]

    package init(
        cluster: Int32, name: String? = nil, probability: Float, quota: Int, found: Int, because: [String] = []
    ) {
        self.cluster = cluster
        self.name = name
        self.probability = probability
        self.quota = quota
        self.found = found
        self.because = because
    }
}
