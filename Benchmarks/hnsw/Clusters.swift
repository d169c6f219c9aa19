import CascadeCore
import CascadeIndex
import Foundation

/// One index of all items beside one a cluster, at as many candidates a request: `bench-hnsw clusters`.
///
/// Items are drawn around 200 centres and lie on the unit sphere; queries lie near items. A request over n clusters takes its
/// candidates in equal parts from n clusters, each with a query near one of that cluster's items, as each interest of a user
/// has a vector of its own.
struct Clusters {
    let folder: URL
    let count: Int
    let dimension: Int
    let threads: Int

    private static let centres = 200
    private static let clusters = 16
    private static let slack = 1.5
    private static let candidates = 400
    private static let requests = 1000
    /// Requests that are searched exactly too.
    private static let checked = 100
    private static let rounds = 3

    /// A part of a request: a search.
    private struct Ask {
        let cluster: Int32
        let query: [Float]
        let k: Int
    }

    func run() throws {
        var random = SeededRandom(seed: 7)
        let base = vectors(&random)
        let single = folder.appendingPathComponent("single.index").path
        let clustered = folder.appendingPathComponent("clustered.index").path
        let clock = ContinuousClock()

        let built = try clock.measure {
            try HNSWBuilder(parameters: .standard, threads: threads).build(vectors: base, dimension: dimension)
                .write(to: single)
        }
        var assignments: [Int32] = []
        let divided = try clock.measure { assignments = try divide(base) }
        let parts = try clock.measure {
            _ = try ClusteredIndex.Building(exactBelow: 4096, threads: threads).build(
                vectors: base, dimension: dimension, assignments: assignments, clusters: Self.clusters, path: clustered)
        }

        let index = try HNSWIndex(path: single)
        let clusters = try ClusteredIndex(path: clustered, assignments: assignments, clusters: Self.clusters)
        print(
            "\(count) x \(dimension), \(Self.candidates) candidates a request, effort \(HNSWParameters.standard.efSearch)"
        )
        print("one index: build \(text(built)) s, \(try size(single)) bytes an item")
        print(
            "\(Self.clusters) clusters: division \(text(divided)) s, build \(text(parts)) s, "
                + "\(try size(clustered)) bytes an item")

        let asks = (0..<Self.requests).map { _ in
            [Ask(cluster: 0, query: query(near: random.below(count), base, &random), k: Self.candidates)]
        }
        try report("one index", asks, search: { try index.search($0.query, k: $0.k) }) {
            try index.exact.search($0.query, k: $0.k)
        }
        let scopes = try clusters.scopes((0..<Int32(Self.clusters)).map { $0 }, filter: nil)
        for number in [1, 4, 8] {
            let asks = (0..<Self.requests).map { _ in
                let chosen = (0..<Int32(Self.clusters)).map { ($0, random.next()) }.sorted { $0.1 < $1.1 }
                return chosen.prefix(number).map { cluster, _ in
                    let rows = clusters.rows(of: cluster)
                    let near = Int(rows[rows.startIndex + random.below(rows.count)])
                    return Ask(
                        cluster: cluster, query: query(near: near, base, &random), k: Self.candidates / number)
                }
            }
            try report(
                "\(number) of the clusters", asks,
                search: { try clusters.search(scopes[Int($0.cluster)], query: $0.query[...], k: $0.k) },
                exact: { try clusters.exactSearch(scopes[Int($0.cluster)], query: $0.query[...], k: $0.k) })
        }
    }

    // MARK: items and queries

    private func vectors(_ random: inout SeededRandom) -> [Float] {
        let centres = (0..<Self.centres * dimension).map { _ in normal(&random) }
        var vectors: [Float] = []
        vectors.reserveCapacity(count * dimension)
        for _ in 0..<count {
            let centre = random.below(Self.centres) * dimension
            vectors += unit((0..<dimension).map { centres[centre + $0] + normal(&random) })
        }
        return vectors
    }

    private func query(near row: Int, _ base: [Float], _ random: inout SeededRandom) -> [Float] {
        let noise = 0.5 / Float(dimension).squareRoot()
        return unit((0..<dimension).map { base[row * dimension + $0] + noise * normal(&random) })
    }

    private func normal(_ random: inout SeededRandom) -> Float {
        Float((-2 * log(max(random.uniform(), 1e-300))).squareRoot() * cos(2 * .pi * random.uniform()))
    }

    private func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }

    /// As a training run divides a catalog.
    private func divide(_ base: [Float]) throws -> [Int32] {
        let means = KMeans(clusters: Self.clusters, threads: threads, isSpherical: true)
        var balance = BalancedAssignment()
        balance.threads = threads
        let capacity = BalancedAssignment.capacity(rows: count, clusters: Self.clusters, slack: Self.slack)
        return try balance.assign(
            vectors: base, centroids: try means.fit(vectors: base, dimension: dimension).centroids,
            dimension: dimension, capacities: [Int](repeating: capacity, count: Self.clusters))
    }

    // MARK: figures

    private func report(
        _ name: String, _ requests: [[Ask]], search: (Ask) throws -> [Neighbor], exact: (Ask) throws -> [Neighbor]
    ) throws {
        let clock = ContinuousClock()
        var times: [Double] = []
        var found: [[Neighbor]] = []
        for round in 0..<Self.rounds {
            for asks in requests {
                let time = try clock.measure {
                    for ask in asks {
                        let rows = try search(ask)
                        if round == 0, found.count < Self.checked * asks.count { found.append(rows) }
                    }
                }
                times.append(1000 * HNSWBenchmark.seconds(time))
            }
        }
        var (hits, wanted) = (0, 0)
        for (ask, found) in zip(requests.joined(), found) {
            let truth = Set(try exact(ask).map(\.row))
            hits += found.count { truth.contains($0.row) }
            wanted += truth.count
        }
        times.sort()
        print(
            "\(name): p50 \(text(times[times.count / 2])) ms, p99 \(text(times[times.count * 99 / 100])) ms a request, "
                + "recall \(text(Double(hits) / Double(max(1, wanted))))")
    }

    /// Bytes an item of a file, which a service maps.
    private func size(_ path: String) throws -> String {
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        return text(Double(bytes) / Double(count))
    }

    private func text(_ duration: Duration) -> String { text(HNSWBenchmark.seconds(duration)) }

    private func text(_ value: Double) -> String { String(format: value < 10 ? "%.4f" : "%.1f", value) }
}
