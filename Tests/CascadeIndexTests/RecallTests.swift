import CascadeIndex
import Testing

/// An index that answers as it is told.
private struct ScriptedIndex: VectorIndex {
    let count: Int
    let dimension = 1
    let answer: [Neighbor]

    func search(
        query: UnsafeBufferPointer<Float>, k: Int, filter: IndexFilter?, effort: Int?
    ) throws(IndexError) -> [Neighbor] {
        Array(answer.prefix(k))
    }
}

@Suite struct RecallTests {
    private static func scripted(_ pairs: [(Int32, Float)]) -> ScriptedIndex {
        ScriptedIndex(count: 10, answer: pairs.map { Neighbor(row: $0.0, score: $0.1) })
    }

    private static let exact = scripted([(1, 0.9), (2, 0.8), (3, 0.5), (4, 0.5), (5, 0.5)])

    @Test(
        arguments: [
            ([(1, 0.9), (2, 0.8), (3, 0.5)], 1.0),
            ([(1, 0.9), (2, 0.8), (5, 0.5)], 1.0),
            ([(1, 0.9), (2, 0.8), (7, 0.4)], 2.0 / 3),
            ([(1, 0.9), (1, 0.9), (1, 0.9)], 1.0 / 3),
            ([(1, 0.9)], 1.0 / 3),
            ([], 0.0),
        ] as [([(Int32, Float)], Double)])
    func countsWhatIsFoundAllowingTies(_ found: [(Int32, Float)], _ expected: Double) throws {
        let recall = try measureRecall(of: Self.scripted(found), against: Self.exact, queries: [1, 1], k: 3)
        #expect(abs(recall - expected) < 1e-12)
    }

    @Test func nothingToFindIsAllFound() throws {
        let empty = try FlatIndex(vectors: [], dimension: 3)
        #expect(try measureRecall(of: empty, against: empty, queries: [1, 2, 3], k: 5) == 1)
        #expect(try measureRecall(of: empty, against: empty, queries: [], k: 5) == 1)
        #expect(try measureRecall(of: Self.exact, against: Self.exact, queries: [1], k: 0) == 1)
    }
}

@Suite struct EffortTuningTests {
    static let dimension = 32
    static let vectors = clusteredVectors(count: 5000, dimension: dimension, clusters: 1, seed: 61)
    static let queries = clusteredVectors(count: 50, dimension: dimension, clusters: 1, seed: 61, sample: 1)

    static func index() throws -> HNSWIndex {
        try withTemporaryFolder { folder in
            let parameters = try HNSWParameters(m: 8, efConstruction: 40)
            return try HNSWBuilder(parameters: parameters, threads: 1)
                .build(vectors: vectors, dimension: dimension, path: folder + "/index")
        }
    }

    @Test(arguments: [0.5, 0.9, 0.97])
    func leastEffortReachesTheTarget(_ target: Double) throws {
        let index = try Self.index()
        let tuned = try leastEffort(for: index, against: index.exact, queries: Self.queries, k: 10, target: target)
        #expect(tuned.recall >= target)
        let truth = try GroundTruth(exact: index.exact, queries: Self.queries, k: 10)
        #expect(try truth.recall(of: index, effort: tuned.effort) == tuned.recall)
        if tuned.effort > 10 {
            #expect(try truth.recall(of: index, effort: tuned.effort - 1) < target)
        } else {
            #expect(tuned.effort == 10)
        }
    }

    @Test func unreachableTargetsAreErrors() throws {
        let index = try Self.index()
        #expect {
            try leastEffort(
                for: index, against: index.exact, queries: Self.queries, k: 10, target: 1, limit: 12)
        } throws: { error in
            guard case IndexError.recallUnreachable(let target, let best, let effort) = error else { return false }
            return target == 1 && best > 0.1 && best < 1 && effort == 12
        }
        #expect(throws: IndexError.invalidParameter(name: "target", value: "1.5", allowed: "from 0 to 1")) {
            try leastEffort(for: index, against: index.exact, queries: Self.queries, k: 10, target: 1.5)
        }
        #expect(throws: IndexError.invalidParameter(name: "k", value: "0", allowed: "at least 1")) {
            try leastEffort(for: index, against: index.exact, queries: Self.queries, k: 0, target: 0.5)
        }
    }
}
