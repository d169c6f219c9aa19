/// Which rows lie in which cluster. Within its cluster a row goes by its place, in ascending order of row.
struct ClusterRows: Sendable {
    /// [rows] the cluster of each row.
    private let clusters: [Int32]
    /// [rows] its place in that cluster.
    private let places: [Int32]
    /// [rows] rows by cluster, in the order of their places.
    private let members: [Int32]
    /// [clusters + 1] where the members of each begin.
    private let starts: [Int]

    /// - Throws: `invalidParameter` for a cluster that lies outside `0 ..< count`.
    init(assignments: [Int32], count: Int) throws(IndexError) {
        guard (1...65_536).contains(count) else {
            throw .invalidParameter(name: "clusters", value: "\(count)", allowed: "from 1 to 65536")
        }
        var sizes = [Int](repeating: 0, count: count)
        var places = [Int32](repeating: 0, count: assignments.count)
        for (row, cluster) in assignments.enumerated() {
            guard cluster >= 0, cluster < count else {
                throw .invalidParameter(
                    name: "cluster of row \(row)", value: "\(cluster)", allowed: "from 0 to \(count - 1)")
            }
            places[row] = Int32(sizes[Int(cluster)])
            sizes[Int(cluster)] += 1
        }
        var starts = [0]
        starts.reserveCapacity(count + 1)
        for size in sizes { starts.append(starts[starts.count - 1] + size) }
        var members = [Int32](repeating: 0, count: assignments.count)
        for (row, cluster) in assignments.enumerated() {
            members[starts[Int(cluster)] + Int(places[row])] = Int32(row)
        }
        clusters = assignments
        self.places = places
        self.members = members
        self.starts = starts
    }

    var rowCount: Int { clusters.count }
    var clusterCount: Int { starts.count - 1 }

    func size(of cluster: Int32) -> Int { starts[Int(cluster) + 1] - starts[Int(cluster)] }

    /// The rows of a cluster in the order of their places.
    func rows(of cluster: Int32) -> ArraySlice<Int32> { members[starts[Int(cluster)]..<starts[Int(cluster) + 1]] }

    func cluster(of row: Int32) -> Int32 { clusters[Int(row)] }

    func place(of row: Int32) -> Int32 { places[Int(row)] }

    /// The members of a set of rows that lie in some clusters, as a set of places for each of them.
    ///
    /// - Complexity: O(rows / 64) and either the members of the set or the rows of the clusters, whichever are fewer.
    func places(of rows: RowSet, in asked: [Int32]) -> [RowSet] {
        var sets = asked.map { RowSet(universe: size(of: $0)) }
        if rows.count <= asked.reduce(0, { $0 + size(of: $1) }) {
            var slots = [Int](repeating: -1, count: clusterCount)
            for (slot, cluster) in asked.enumerated() { slots[Int(cluster)] = slot }
            for row in rows.rows {
                let slot = slots[Int(clusters[Int(row)])]
                if slot >= 0 { sets[slot].insert(places[Int(row)]) }
            }
        } else {
            for (slot, cluster) in asked.enumerated() {
                for (place, row) in self.rows(of: cluster).enumerated() where rows.contains(row) {
                    sets[slot].insert(Int32(place))
                }
            }
        }
        return sets
    }
}
