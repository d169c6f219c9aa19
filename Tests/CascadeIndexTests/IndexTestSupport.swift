import CascadeIndex
import Foundation
import Testing

/// Seeded random numbers (SplitMix64), so that a failing case can be run again.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    mutating func unit() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// About normal: the sum of four uniform numbers, scaled to variance 1.
    mutating func normal() -> Float {
        (unit() + unit() + unit() + unit() - 2) * 1.732_050_8
    }
}

/// Vectors in clusters, as embeddings lie. Another sample of the same seed lies in the same clusters.
func clusteredVectors(
    count: Int, dimension: Int, clusters: Int, seed: UInt64, sample: UInt64 = 0, normalised: Bool = true,
    spread: Float = 0.5
) -> [Float] {
    var random = TestRandom(seed: seed)
    let centers = (0..<clusters * dimension).map { _ in random.normal() }
    random = TestRandom(seed: seed &* 1_000_003 &+ sample)
    return [Float](unsafeUninitializedCapacity: count * dimension) { buffer, initialized in
        for row in 0..<count {
            let cluster = Int(random.next() % UInt64(clusters))
            var squares: Float = 0
            for column in 0..<dimension {
                let value = centers[cluster * dimension + column] + spread * random.normal()
                squares += value * value
                buffer[row * dimension + column] = value
            }
            let scale = normalised ? 1 / squares.squareRoot() : 1
            for column in 0..<dimension { buffer[row * dimension + column] *= scale }
        }
        initialized = count * dimension
    }
}

/// One vector out of many.
func vector(_ vectors: [Float], _ row: Int, dimension: Int) -> [Float] {
    Array(vectors[row * dimension..<(row + 1) * dimension])
}

/// The inner product in double precision.
func product(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// A folder that is gone after the body.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cascade-index-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// A way to make an index; the contract holds for each.
enum Member: String, CaseIterable, CustomTestStringConvertible {
    case flat
    case flatFile
    case hnsw
    case hnswByFaiss
    case hnswBfloat16
    case hnswInt8

    var testDescription: String { rawValue }

    var isExact: Bool { self == .flat || self == .flatFile }

    func make(_ vectors: [Float], dimension: Int) throws -> any VectorIndex {
        // An open mapping outlives its file's name.
        try withTemporaryFolder { folder in
            let path = folder + "/index"
            switch self {
            case .flat:
                return try FlatIndex(vectors: vectors, dimension: dimension)
            case .flatFile:
                try FlatIndex(vectors: vectors, dimension: dimension).write(to: path)
                return try FlatIndex(path: path)
            case .hnsw:
                return try HNSWBuilder(threads: 2).build(vectors: vectors, dimension: dimension, path: path)
            case .hnswBfloat16:
                return try HNSWBuilder(parameters: HNSWParameters(storage: .bfloat16), threads: 2)
                    .build(vectors: vectors, dimension: dimension, path: path)
            case .hnswInt8:
                return try HNSWBuilder(parameters: HNSWParameters(storage: .int8), threads: 2)
                    .build(vectors: vectors, dimension: dimension, path: path)
            case .hnswByFaiss:
                return try HNSWBuilder(threads: 2, insertion: .faiss)
                    .build(vectors: vectors, dimension: dimension, path: path)
            }
        }
    }
}
