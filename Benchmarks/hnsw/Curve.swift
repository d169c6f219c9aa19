import CascadeIndex
import Foundation

/// One graph in every storage, searched on request: what `peers/hnsw_curve.py` draws recall against speed from.
struct Curve {
    let folder: URL

    init(folder: String) {
        self.folder = URL(fileURLWithPath: folder)
    }

    struct Built: Encodable {
        let seconds: Double
        /// Bytes of the index file by storage.
        let bytes: [String: Int]
    }

    struct Searched: Encodable {
        let seconds: Double
    }

    enum Failure: Error {
        case unknownRequest(String)
    }

    func path(_ storage: VectorStorage) -> String { folder.appendingPathComponent("cascade.\(storage)").path }

    /// Builds a graph over `base.f32`, writes an index file for each of `storages` and prints what it took.
    func build(dimension: Int, threads: Int, storages: [VectorStorage]) throws {
        let base = try HNSWBenchmark.floats(folder.appendingPathComponent("base.f32"))
        let parameters = try HNSWParameters(m: 16, efConstruction: 100)
        var graph: HNSWGraph?
        let seconds = try ContinuousClock().measure {
            graph = try HNSWBuilder(parameters: parameters, threads: threads).build(vectors: base, dimension: dimension)
        }
        var bytes: [String: Int] = [:]
        for storage in storages {
            try graph?.write(to: path(storage), storage: storage)
            let size = try FileManager.default.attributesOfItem(atPath: path(storage))[.size] as? Int
            bytes[storage.rawValue] = size ?? 0
        }
        try answer(Built(seconds: HNSWBenchmark.seconds(seconds), bytes: bytes))
    }

    /// Answers each line `STORAGE K EFFORT` of the input with the seconds that all queries of `queries.f32` took, in each
    /// thread one after another; the rows that were found go to `found.i32`.
    func search(threads: Int) throws {
        let queries = try HNSWBenchmark.floats(folder.appendingPathComponent("queries.f32"))
        var indexes: [VectorStorage: HNSWIndex] = [:]
        let clock = ContinuousClock()
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, let storage = VectorStorage(rawValue: String(words[0])), let k = Int(words[1]),
                let effort = Int(words[2])
            else { throw Failure.unknownRequest(line) }
            let index = try indexes[storage] ?? HNSWIndex(path: path(storage))
            indexes[storage] = index
            var found: [[Neighbor]] = []
            let seconds = try clock.measure {
                found = try HNSWBenchmark.searchEach(index, queries: queries, k: k, effort: effort, threads: threads)
            }
            try HNSWBenchmark.rows(found).write(to: folder.appendingPathComponent("found.i32"))
            try answer(Searched(seconds: HNSWBenchmark.seconds(seconds)))
        }
    }

    private func answer(_ value: some Encodable) throws {
        FileHandle.standardOutput.write(try JSONEncoder().encode(value) + Data("\n".utf8))
    }
}
