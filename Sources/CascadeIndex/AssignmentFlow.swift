/// Rows on centroids with capacities, and the moves that relieve the crowded ones at the least loss.
struct AssignmentFlow {
    /// A row that could move from one centroid to another, and what the total loses by it.
    private struct Move: Comparable {
        let loss: Float
        let row: Int32

        static func < (left: Move, right: Move) -> Bool { (left.loss, left.row) < (right.loss, right.row) }
    }

    /// The moves from one centroid to others.
    private struct Moves {
        /// Where they lead.
        var targets: [Int] = []
        /// [targets] the least loss, infinite where no row is left that could go: what paths are made of.
        var losses: [Double] = []
        /// [targets] all moves. The top is of a row that is there; below it may be rows that have left.
        var heaps: [MinHeap<Move>] = []
        var place: [Int: Int] = [:]

        mutating func add(_ move: Move, to target: Int) {
            if let place = place[target] {
                heaps[place].insert(move)
                losses[place] = min(losses[place], Double(move.loss))
            } else {
                add(MinHeap([move]), to: target)
            }
        }

        mutating func add(_ heap: MinHeap<Move>, to target: Int) {
            place[target] = targets.count
            targets.append(target)
            losses.append(heap.top.map { Double($0.loss) } ?? .infinity)
            heaps.append(heap)
        }

        /// The row that loses least by going to `target`.
        func row(to target: Int) -> Int32? { place[target].flatMap { heaps[$0].top?.row } }

        /// A row left: takes it off the top of the moves to `target`, with others that left before.
        mutating func remove(_ row: Int32, to target: Int, isHere: (Int32) -> Bool) {
            guard let place = place[target], heaps[place].top?.row == row else { return }
            while let top = heaps[place].top, !isHere(top.row) { heaps[place].removeTop() }
            losses[place] = heaps[place].top.map { Double($0.loss) } ?? .infinity
        }
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
    private var moves: [Moves?]
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
        moves = [Moves?](repeating: nil, count: clusters)
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
        if (wider.count + rows.count) * lists.width > Self.widestEntries {
            wider.removeAll()
            for node in moves.indices { moves[node] = nil }
        }
        for (place, row) in rows.enumerated() {
            let range = (place * lists.width)..<((place + 1) * lists.width)
            wider[row] = (lists.centroids[range], lists.scores[range])
        }
        // Made anew, with the longer lists, when a path next leads there.
        for row in rows { moves[Int(assignments[Int(row)])] = nil }
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
            guard let from = moves[node] else { continue }
            for place in from.targets.indices {
                let target = from.targets[place]
                // Below 0 by rounding, or where lists became longer.
                let step = max(0, from.losses[place] + own - potentials[target])
                search.reach(target, distance + step, from: node)
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
            if let row = moves[origin]?.row(to: target) { move(row, from: origin, to: target) }
            target = origin
        }
    }

    private mutating func move(_ row: Int32, from origin: Int, to target: Int) {
        assignments[Int(row)] = Int32(target)
        members[target].append(row)
        loads[target] += 1
        loads[origin] -= 1
        let (centroids, scores) = list(of: row)
        let here = assignments
        for centroid in centroids where centroid != origin {
            moves[origin]?.remove(row, to: Int(centroid)) { here[Int($0)] == Int32(origin) }
        }
        guard moves[target] != nil, let own = centroids.firstIndex(of: Int32(target)) else { return }
        for place in centroids.indices where place != own {
            moves[target]?.add(Move(loss: scores[own] - scores[place], row: row), to: Int(centroids[place]))
        }
    }

    // MARK: Moves

    /// Finds the moves from a centroid, of the rows that are on it.
    private mutating func prepare(_ node: Int) {
        guard moves[node] == nil else { return }
        let present = Set(members[node].filter { assignments[Int($0)] == Int32(node) }).sorted()
        members[node] = present
        var found = [Int: [Move]]()
        for row in present {
            let (centroids, scores) = list(of: row)
            guard let here = centroids.firstIndex(of: Int32(node)) else { continue }
            for place in centroids.indices where place != here {
                found[Int(centroids[place]), default: []].append(Move(loss: scores[here] - scores[place], row: row))
            }
        }
        var result = Moves()
        for target in found.keys.sorted() { result.add(MinHeap(found[target] ?? []), to: target) }
        moves[node] = result
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
