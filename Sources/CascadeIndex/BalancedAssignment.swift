import Dispatch
import Synchronization

/// Gives every row to a centroid, none more rows than its capacity, with the highest total of inner products.
///
/// It starts with the nearest centroid of each row. While a centroid has too many rows, one of them goes where it loses
/// least, if need be by way of other centroids, each of which hands one of its rows on: the cheapest path in the graph of
/// centroids, by Dijkstra with potentials (successive shortest paths for the transportation problem). The result is the best
/// possible where a row's centroids are all looked at, and the best over the nearest `candidates` of each row otherwise;
/// where these lead to full ones only, rows look at all.
package struct BalancedAssignment: Sendable {
    /// Nearest centroids of a row that it can go to.
    package var candidates = 16
    /// Threads that look for the nearest centroids; the result does not depend on them.
    package var threads = 1

    package init() {}

    /// The capacity of `clusters` equal clusters that together hold `slack` times the rows: at least 1.
    package static func capacity(rows: Int, clusters: Int, slack: Double) -> Int {
        let share = slack * Double(rows) / Double(max(1, clusters))
        return max(1, share < Double(Int32.max) ? Int(share.rounded(.up)) : Int(Int32.max))
    }

    /// The centroid of each row.
    ///
    /// - Parameters:
    ///   - vectors: `rows x dimension` finite floats.
    ///   - centroids: `clusters x dimension` finite floats.
    ///   - capacities: of each centroid, 0 or more, together at least as many as rows.
    /// - Throws: `raggedVectors`, `unusableVector`, `invalidParameter` for capacities that do not fit.
    /// - Complexity: memory O(rows · candidates + centroids).
    package func assign(
        vectors: [Float], centroids: [Float], dimension: Int, capacities: [Int]
    ) throws(IndexError) -> [Int32] {
        let rows = try vectorCount(floats: vectors.count, dimension: dimension)
        let clusters = try vectorCount(floats: centroids.count, dimension: dimension)
        try check(rows: rows, clusters: clusters, capacities: capacities)
        guard rows > 0 else { return [] }
        let index = try FlatIndex(vectors: centroids, dimension: dimension)
        let nearest = NearestCentroids(index: index, vectors: vectors, threads: threads)
        var flow = AssignmentFlow(
            candidates: try nearest.lists(of: Array(0..<Int32(rows)), width: min(candidates, clusters)),
            capacities: capacities)
        // All centroids for those rows only whose own candidates lead to nothing but full ones.
        while let stuck = flow.relieve() {
            flow.widen(stuck, try nearest.lists(of: stuck, width: clusters))
        }
        return flow.assignments
    }

    private func check(rows: Int, clusters: Int, capacities: [Int]) throws(IndexError) {
        func require(_ holds: Bool, _ name: String, _ value: Int, _ allowed: String) throws(IndexError) {
            if !holds { throw .invalidParameter(name: name, value: "\(value)", allowed: allowed) }
        }
        try require(candidates >= 1, "candidates", candidates, "at least 1")
        try require((1...1024).contains(threads), "threads", threads, "from 1 to 1024")
        try require(clusters >= 1, "centroids", clusters, "at least 1")
        try require(
            capacities.count == clusters, "capacities", capacities.count, "one for each of \(clusters) centroids")
        try require(capacities.allSatisfy { $0 >= 0 }, "capacity", capacities.min() ?? 0, "0 or more")
        let room = capacities.reduce(0) { $0.addingReportingOverflow($1).overflow ? Int.max : $0 + $1 }
        try require(room >= rows, "room in all", room, "at least the \(rows) rows")
    }
}

/// The nearest centroids of rows, by exact search.
struct NearestCentroids: Sendable {
    let index: FlatIndex
    let vectors: [Float]
    let threads: Int

    /// Rows of a piece of the work.
    private static let piece = 4096

    /// The `width` nearest centroids of each of `rows`, best first.
    func lists(of rows: [Int32], width: Int) throws(IndexError) -> CandidateLists {
        let pieces = (rows.count + Self.piece - 1) / Self.piece
        let next = Atomic<Int>(0)
        let state = Mutex<(parts: [Int: CandidateLists], error: IndexError?)>(([:], nil))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, pieces))) { _ in
            while true {
                let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard piece < pieces else { return }
                let range = (piece * Self.piece)..<min(rows.count, (piece + 1) * Self.piece)
                do throws(IndexError) {
                    let part = try list(rows[range], width: width)
                    state.withLock { $0.parts[piece] = part }
                } catch {
                    state.withLock { $0.error = $0.error ?? error }
                    return
                }
            }
        }
        let (parts, error) = state.withLock { ($0.parts, $0.error) }
        if let error { throw error }
        var result = CandidateLists(width: width)
        result.reserve(rows.count)
        for piece in 0..<pieces { if let part = parts[piece] { result.append(part) } }
        return result
    }

    private func list(_ rows: ArraySlice<Int32>, width: Int) throws(IndexError) -> CandidateLists {
        let dimension = index.dimension
        var queries: [Float] = []
        queries.reserveCapacity(rows.count * dimension)
        for row in rows { queries += vectors[(Int(row) * dimension)..<((Int(row) + 1) * dimension)] }
        var result = CandidateLists(width: width)
        for found in try index.searchBatch(queries: queries, k: width, effort: nil) { result.append(found) }
        return result
    }
}

/// The same number of centroids for each of several rows, best first.
struct CandidateLists: Sendable {
    let width: Int
    private(set) var centroids: [Int32] = []
    private(set) var scores: [Float] = []

    init(width: Int) { self.width = width }

    mutating func reserve(_ rows: Int) {
        centroids.reserveCapacity(rows * width)
        scores.reserveCapacity(rows * width)
    }

    mutating func append(_ found: [Neighbor]) {
        for neighbor in found {
            centroids.append(neighbor.row)
            scores.append(neighbor.score)
        }
    }

    mutating func append(_ other: CandidateLists) {
        centroids += other.centroids
        scores += other.scores
    }
}
