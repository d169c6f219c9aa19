/// Dijkstra's search over numbered nodes and an end, in arrays that are used again and again.
struct PathSearch {
    private struct Reached: Comparable {
        let distance: Double
        let node: Int

        static func < (left: Reached, right: Reached) -> Bool {
            (left.distance, left.node) < (right.distance, right.node)
        }
    }

    /// The number of the end.
    let end: Int
    /// [nodes + 1] the node before each on the cheapest path so far.
    private(set) var parent: [Int]
    private var distances: [Double]
    private var isSettled: [Bool]
    private var frontier = MinHeap<Reached>([])

    init(clusters: Int) {
        end = clusters
        parent = [Int](repeating: -1, count: clusters + 1)
        distances = [Double](repeating: .infinity, count: clusters + 1)
        isSettled = [Bool](repeating: false, count: clusters + 1)
    }

    /// The distance that a node was reached at; infinite where it was not.
    func distance(of node: Int) -> Double { distances[node] }

    mutating func begin(_ source: Int) {
        for node in distances.indices {
            distances[node] = .infinity
            isSettled[node] = false
        }
        frontier = MinHeap([])
        reach(source, 0, from: -1)
    }

    /// A way to a node was found; one that is no shorter than a way to the end leads to nothing.
    mutating func reach(_ node: Int, _ distance: Double, from origin: Int) {
        guard !isSettled[node], distance < distances[node], distance < distances[end] else { return }
        distances[node] = distance
        parent[node] = origin
        frontier.insert(Reached(distance: distance, node: node))
    }

    /// The nearest node that was reached and not yet given.
    mutating func next() -> (node: Int, distance: Double)? {
        while let nearest = frontier.top {
            frontier.removeTop()
            if isSettled[nearest.node] { continue }
            isSettled[nearest.node] = true
            return (nearest.node, nearest.distance)
        }
        return nil
    }
}
