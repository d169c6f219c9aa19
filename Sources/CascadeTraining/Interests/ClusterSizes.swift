/// How the items of a catalog are spread over its clusters.
package struct ClusterSizes: Hashable, Sendable, CustomStringConvertible {
    package let clusters: Int
    package let items: Int
    package let largest: Int
    package let smallest: Int
    /// Clusters without an item.
    package let empty: Int

    /// - Parameter assignments: [items] the cluster of each, less than `count`.
    package init(_ assignments: [Int32], count: Int) {
        var sizes = [Int](repeating: 0, count: count)
        for cluster in assignments { sizes[Int(cluster)] += 1 }
        clusters = count
        items = assignments.count
        largest = sizes.max() ?? 0
        smallest = sizes.min() ?? 0
        empty = sizes.count { $0 == 0 }
    }

    package var mean: Double { clusters == 0 ? 0 : Double(items) / Double(clusters) }

    /// Such as `32 clusters of 9378 items: largest 440, mean 293.1, smallest 120, 0 empty`.
    package var description: String {
        let tenths = Int((mean * 10).rounded())
        return "\(clusters) clusters of \(items) items: largest \(largest), mean \(tenths / 10).\(tenths % 10), "
            + "smallest \(smallest), \(empty) empty"
    }
}
