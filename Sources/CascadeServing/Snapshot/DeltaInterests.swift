import CascadeIndex
import CascadeModels

/// Items that came or changed since a release was built, in the clusters that they were assigned to on arrival; they go by
/// their places in the delta.
struct DeltaInterests: Sendable {
    /// The exact index over their vectors by the interest model.
    let index: FlatIndex
    /// [places] the cluster of each; -1 for one that the model gives no usable vector.
    private let clusters: [Int32]
    private let members: [Int32: RowSet]

    init(index: FlatIndex, clusters: [Int32]) {
        self.index = index
        self.clusters = clusters
        var members: [Int32: RowSet] = [:]
        for (place, cluster) in clusters.enumerated() where cluster >= 0 {
            members[cluster, default: RowSet(universe: clusters.count)].insert(Int32(place))
        }
        self.members = members
    }

    /// The cluster of the item at a place; nil for one that is in none.
    func cluster(ofPlace place: Int) -> Int32? { clusters[place] < 0 ? nil : clusters[place] }

    /// The places of a cluster that a filter lets through; nil for none.
    func places(of cluster: Int32, _ filter: IndexFilter) -> RowSet? {
        guard var places = members[cluster] else { return nil }
        switch filter {
        case .allowing(let allowed): places.formIntersection(allowed)
        case .blocking(let blocked): places.subtract(blocked)
        }
        return places.isEmpty ? nil : places
    }
}
