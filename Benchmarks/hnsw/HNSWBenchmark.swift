import CascadeIndex
import Foundation
import Synchronization

/// Builds and searches an HNSW over the vectors that `peers/hnsw.py` wrote, and prints one line of JSON with what it took.
///
/// Usage: `bench-hnsw FOLDER DIMENSION THREADS EF_SEARCH K`, with `base.f32` and `queries.f32` in the folder. The rows that
/// were found go to `found.i32` there, so that recall is counted by one program for all sides. `bench-hnsw build` and
/// `bench-hnsw search` are the same in parts, for `peers/hnsw_curve.py`: see `Curve`. `bench-hnsw clusters FOLDER COUNT
/// DIMENSION THREADS` sets one index beside one a cluster, over vectors of its own: see `Clusters`.
@main
struct HNSWBenchmark {
    struct Outcome: Encodable {
        let build: Double
        let search: Double
        let exact: Double
    }

    enum Failure: Error {
        case usage(String)
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count > 1, arguments[1] == "build" {
            let storages = arguments.dropFirst(5).compactMap { VectorStorage(rawValue: $0) }
            guard arguments.count > 5, let dimension = Int(arguments[3]), let threads = Int(arguments[4]),
                storages.count == arguments.count - 5
            else { throw Failure.usage("bench-hnsw build FOLDER DIMENSION THREADS STORAGE [STORAGE …]") }
            return try Curve(folder: arguments[2]).build(dimension: dimension, threads: threads, storages: storages)
        }
        if arguments.count > 1, arguments[1] == "search" {
            guard arguments.count == 4, let threads = Int(arguments[3]), threads > 0 else {
                throw Failure.usage("bench-hnsw search FOLDER THREADS")
            }
            return try Curve(folder: arguments[2]).search(threads: threads)
        }
        if arguments.count == 6, arguments[1] == "clusters" {
            guard let count = Int(arguments[3]), let dimension = Int(arguments[4]), let threads = Int(arguments[5]),
                count >= 10_000, dimension > 0, threads > 0
            else { throw Failure.usage("bench-hnsw clusters FOLDER COUNT DIMENSION THREADS, of 10000 items or more") }
            let folder = URL(fileURLWithPath: arguments[2])
            return try Clusters(folder: folder, count: count, dimension: dimension, threads: threads).run()
        }
        guard arguments.count == 6, let dimension = Int(arguments[2]), let threads = Int(arguments[3]),
            let effort = Int(arguments[4]), let k = Int(arguments[5])
        else { throw Failure.usage("bench-hnsw FOLDER DIMENSION THREADS EF_SEARCH K") }
        let folder = URL(fileURLWithPath: arguments[1])
        let base = try floats(folder.appendingPathComponent("base.f32"))
        let queries = try floats(folder.appendingPathComponent("queries.f32"))
        let parameters = try HNSWParameters(m: 16, efConstruction: 100, efSearch: effort)
        let builder = HNSWBuilder(parameters: parameters, threads: threads)
        let clock = ContinuousClock()

        var graph: HNSWGraph?
        let build = try clock.measure { graph = try builder.build(vectors: base, dimension: dimension) }
        let path = folder.appendingPathComponent("index").path
        try graph?.write(to: path)
        let index = try HNSWIndex(path: path)

        var found: [[Neighbor]] = []
        let search = try best(of: 3, clock) { found = try searchEach(index, queries: queries, k: k, effort: effort) }
        let exact = try best(of: 1, clock) { _ = try index.exact.searchBatch(queries: queries, k: k, effort: nil) }
        try rows(found).write(to: folder.appendingPathComponent("found.i32"))
        let outcome = Outcome(build: seconds(build), search: seconds(search), exact: seconds(exact))
        print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
    }

    /// One query after another on this thread, as a server does.
    static func searchEach(_ index: HNSWIndex, queries: [Float], k: Int, effort: Int) throws -> [[Neighbor]] {
        try searchEach(index, queries: queries[...], k: k, effort: effort)
    }

    /// The queries in as many equal parts as there are threads, in each thread one query after another.
    static func searchEach(
        _ index: HNSWIndex, queries: [Float], k: Int, effort: Int, threads: Int
    ) throws -> [[Neighbor]] {
        let count = queries.count / index.dimension
        let parts = Mutex([Result<[[Neighbor]], any Error>?](repeating: nil, count: threads))
        DispatchQueue.concurrentPerform(iterations: threads) { part in
            let rows = (count * part / threads)..<(count * (part + 1) / threads)
            let own = queries[rows.lowerBound * index.dimension..<rows.upperBound * index.dimension]
            let found = Result { try searchEach(index, queries: own, k: k, effort: effort) }
            parts.withLock { $0[part] = found }
        }
        return try parts.withLock { try $0.flatMap { try $0?.get() ?? [] } }
    }

    private static func searchEach(
        _ index: HNSWIndex, queries: ArraySlice<Float>, k: Int, effort: Int
    ) throws -> [[Neighbor]] {
        let dimension = index.dimension
        return try queries.withUnsafeBufferPointer { buffer in
            try stride(from: 0, to: buffer.count, by: dimension).map { start in
                let query = UnsafeBufferPointer(rebasing: buffer[start..<start + dimension])
                return try index.search(query: query, k: k, filter: nil, effort: effort)
            }
        }
    }

    static func best(of rounds: Int, _ clock: ContinuousClock, _ body: () throws -> Void) rethrows -> Duration {
        var best = try clock.measure(body)
        for _ in 1..<max(1, rounds) { best = min(best, try clock.measure(body)) }
        return best
    }

    static func floats(_ url: URL) throws -> [Float] {
        let data = try Data(contentsOf: url)
        return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    static func rows(_ found: [[Neighbor]]) -> Data {
        found.flatMap { $0.map(\.row) }.withUnsafeBytes { Data($0) }
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
