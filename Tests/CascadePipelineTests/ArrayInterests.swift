import CascadeCore
import CascadePipeline

/// The interests of an `ArrayRelease`: an interest is likelier the more of the history lies in it, its user stands where
/// those items stand, and it is searched by brute force.
struct ArrayInterests: InterestRetrieval {
    let items: [ArrayItem]
    let faults: Faults
    /// Interests that a request takes candidates of at most.
    var most = 4
    /// Names of the clusters; none where they were found.
    var names: [String] = []
    /// Every wish.
    let wishes = CallLog<RetrievalWish>()

    struct Plan: InterestPlan {
        let shares: [InterestShare]
        let limit: Int
        let lists: [[ScoredRow]]
        let faults: Faults

        func search(_ share: Int, cancellation: ComputePool.Cancellation) throws -> [ScoredRow] {
            if faults.interestsFail { throw FaultError(description: "a cluster is on fire") }
            while faults.interestsHang { try cancellation.check() }
            return Array(lists[share].prefix(shares[share].quota))
        }

        /// Gives each place to the share that has least of what is its due.
        func merged(_ counts: [Int]) -> [InterestPlace] {
            var taken = counts.map { _ in 0 }
            var places: [InterestPlace] = []
            while places.count < limit {
                let open = counts.indices.filter { taken[$0] < counts[$0] }
                func due(_ share: Int) -> Float { shares[share].probability / (Float(taken[share]) + 0.5) }
                guard let next = open.max(by: { (due($0), $1) < (due($1), $0) }) else { break }
                places.append(InterestPlace(share: next, rank: taken[next], score: due(next)))
                taken[next] += 1
            }
            return places
        }
    }

    func plan(
        for user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> any InterestPlan {
        wishes.append(wish)
        let past = (user as? ArrayRelease.Prepared)?.rows ?? []
        let clusters = Set(items.map(\.cluster)).sorted()
        func count(_ cluster: Int32) -> Int { past.count { items[Int($0)].cluster == cluster } }
        let chances = clusters.map { Float(1 + 4 * count($0)) / Float(clusters.count + 4 * past.count) }
        let likely = clusters.indices.sorted { (chances[$0], $1) > (chances[$1], $0) }
        var shares: [InterestShare] = []
        var lists: [[ScoredRow]] = []
        for index in likely {
            let cluster = clusters[index]
            let list = list(cluster, past.filter { items[Int($0)].cluster == cluster }, wish)
            guard !list.isEmpty, shares.count < most else { continue }
            lists.append(list)
            let because = past.filter { items[Int($0)].cluster == cluster }.prefix(3).map { ItemID(items[Int($0)].id) }
            shares.append(
                InterestShare(
                    cluster: cluster, name: names.isEmpty ? nil : names[Int(cluster)], probability: chances[index],
                    quota: 0, because: Array(because)))
        }
        let open = Plan(shares: shares, limit: wish.limit, lists: lists, faults: faults)
        for place in open.merged(lists.map(\.count)) { shares[place.share].quota += 1 }
        let kept = shares.indices.filter { shares[$0].quota > 0 }
        return Plan(
            shares: kept.map { shares[$0] }, limit: wish.limit, lists: kept.map { lists[$0] }, faults: faults)
    }

    private func list(_ cluster: Int32, _ past: [Int32], _ wish: RetrievalWish) -> [ScoredRow] {
        let middle = past.isEmpty ? 0 : past.reduce(0) { $0 + items[Int($1)].place } / Float(past.count)
        return items.indices.map { Int32($0) }.filter { row in
            let item = items[Int(row)]
            if item.cluster != cluster || item.hidden || item.deleted || item.replaced { return false }
            if wish.excluded.contains(row) { return false }
            return wish.categories.map { item.categories.contains(where: $0.contains) } ?? true
        }
        .map { ScoredRow(row: $0, score: -abs(items[Int($0)].place - middle)) }
        .sorted { ($1.score, $0.row) < ($0.score, $1.row) }
    }
}
