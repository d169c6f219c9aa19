/// Rows on centroids with capacities, and the moves that relieve the crowded ones at the least loss.
struct AssignmentFlow {
    /// A row that could move from one centroid to another, and what the total loses by it.
    private struct Move: Comparable {
        let loss: Float
        let row: Int32

        static func < (left: Move, right: Move) -> Bool { (left.loss, left.row) < (right.loss, right.row) }
    }

    /// Moves from one centroid to `target`, the least loss on top; those of rows that have left are thrown away when they
    /// come up.
    private struct Edge {
        let target: Int
        var moves: MinHeap<Move>
    }

    /// Entries of longer lists that are kept at a time.
    private static let widestEntries = 1 << 24

    private(set) var assignments: [Int32]
    private let capacities: [Int]
    private let candidates: CandidateLists
    /// Wider lists of the rows that needed them.
    private var wider: [Int32: (centroids: ArraySlice<Int32>, scores: ArraySlice<Float>)] = [:]
    private var loads: [Int]
    /// [centroids] rows that are or were on each.
    private var members: [[Int32]]
    /// [centroids] nil until a path first leads there.
    private var edges: [[Edge]?]
    /// [centroids] what makes the losses of all possible moves relative to it at least 0.
    private var potentials: [Double]
    /// The same of the end of all paths, which every centroid with room leads to.
    private var endPotential = 0.0
    private var search: PathSearch

    /// Puts every row on its best centroid.
    init(candidates: CandidateLists, capacities: [Int]) {
        self.candidates = candidates
        self.capacities = capacities
        let clusters = capacities.count
        let rows = candidates.centroids.count / candidates.width
        assignments = (0..<rows).map { candidates.centroids[$0 * candidates.width] }
        members = [[Int32]](repeating: [], count: clusters)
        for (row, cluster) in assignments.enumerated() { members[Int(cluster)].append(Int32(row)) }
        loads = members.map(\.count)
        edges = [[Edge]?](repeating: nil, count: clusters)
        potentials = [Double](repeating: 0, count: clusters)
        search = PathSearch(clusters: clusters)
    }

    /// Moves rows until no centroid has too many.
    ///
    /// - Returns: nil when that is done; otherwise rows of a crowded centroid from which every way leads to full ones.
    mutating func relieve() -> [Int32]? {
        for crowded in capacities.indices {
            while loads[crowded] > capacities[crowded] {
                guard let end = path(from: crowded) else { return stuck(crowded) }
                shift(to: end, from: crowded)
            }
        }
        return nil
    }

    /// Gives rows all centroids as candidates.
    mutating func widen(_ rows: [Int32], _ lists: CandidateLists) {
        // Rows that were given them before stay where they are from now on, rather than fill the memory.
        if (wider.count + rows.count) * lists.width > Self.widestEntries { wider.removeAll() }
        for (place, row) in rows.enumerated() {
            let range = (place * lists.width)..<((place + 1) * lists.width)
            wider[row] = (lists.centroids[range], lists.scores[range])
        }
        // Made anew, with the longer lists, when a path next leads there.
        for row in rows { edges[Int(assignments[Int(row)])] = nil }
    }

    // MARK: Paths

    /// The cheapest path from `source` to a centroid with room; nil where there is none. Leaves the path in the search.
    private mutating func path(from source: Int) -> Int? {
        search.begin(source)
        while let (node, distance) = search.next() {
            if node == search.end {
                raisePotentials(by: distance)
                return search.parent[search.end]
            }
            let own = potentials[node]
            if loads[node] < capacities[node] {
                search.reach(search.end, distance + max(0, own - endPotential), from: node)
            }
            prepare(node)
            guard let count = edges[node]?.count else { continue }
            for index in 0..<count {
                guard let (target, loss) = best(node, index) else { continue }
                // Below 0 by rounding, or where lists became longer.
                search.reach(target, distance + max(0, loss + own - potentials[target]), from: node)
            }
        }
        return nil
    }

    private mutating func raisePotentials(by distance: Double) {
        for node in potentials.indices { potentials[node] += min(distance, search.distance(of: node)) }
        endPotential += distance
    }

    /// Moves the best row along every edge of the path that was found.
    private mutating func shift(to end: Int, from source: Int) {
        var target = end
        while target != source {
            let origin = search.parent[target]
            if let index = edges[origin]?.firstIndex(where: { $0.target == target }),
                let move = edges[origin]?[index].moves.top
            {
                place(move.row, on: target)
            }
            loads[target] += 1
            loads[origin] -= 1
            target = origin
        }
    }

    private mutating func place(_ row: Int32, on cluster: Int) {
        assignments[Int(row)] = Int32(cluster)
        members[cluster].append(row)
        guard edges[cluster] != nil else { return }
        let (centroids, scores) = list(of: row)
        guard let here = centroids.firstIndex(of: Int32(cluster)) else { return }
        let score = scores[here]
        for place in centroids.indices where place != here {
            add(Move(loss: score - scores[place], row: row), from: cluster, to: Int(centroids[place]))
        }
    }

    // MARK: Edges

    /// The least loss of a move along an edge that is still possible.
    private mutating func best(_ node: Int, _ index: Int) -> (target: Int, loss: Double)? {
        while let move = edges[node]?[index].moves.top {
            if assignments[Int(move.row)] == Int32(node), let target = edges[node]?[index].target {
                return (target, Double(move.loss))
            }
            edges[node]?[index].moves.removeTop()
        }
        return nil
    }

    private mutating func add(_ move: Move, from node: Int, to target: Int) {
        if let index = edges[node]?.firstIndex(where: { $0.target == target }) {
            edges[node]?[index].moves.insert(move)
        } else {
            edges[node]?.append(Edge(target: target, moves: MinHeap([move])))
        }
    }

    /// Makes the edges of a centroid from the rows that are on it.
    private mutating func prepare(_ node: Int) {
        guard edges[node] == nil else { return }
        let present = Set(members[node].filter { assignments[Int($0)] == Int32(node) }).sorted()
        members[node] = present
        var moves = [Int: [Move]]()
        for row in present {
            let (centroids, scores) = list(of: row)
            guard let here = centroids.firstIndex(of: Int32(node)) else { continue }
            for place in centroids.indices where place != here {
                moves[Int(centroids[place]), default: []].append(Move(loss: scores[here] - scores[place], row: row))
            }
        }
        edges[node] = moves.keys.sorted().map { Edge(target: $0, moves: MinHeap(moves[$0] ?? [])) }
    }

    private func list(of row: Int32) -> (centroids: ArraySlice<Int32>, scores: ArraySlice<Float>) {
        if let own = wider[row] { return own }
        let range = (Int(row) * candidates.width)..<((Int(row) + 1) * candidates.width)
        return (candidates.centroids[range], candidates.scores[range])
    }

    /// Rows of a crowded centroid that could yet be given more candidates.
    private func stuck(_ crowded: Int) -> [Int32] {
        let narrow = members[crowded].filter {
            assignments[Int($0)] == Int32(crowded) && list(of: $0).centroids.count < capacities.count
        }
        return Array(Set(narrow).sorted().prefix(max(1, Self.widestEntries / capacities.count)))
    }
}
