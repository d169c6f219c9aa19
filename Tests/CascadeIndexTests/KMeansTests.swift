import CascadeIndex
import Testing

@Suite struct KMeansTests {
    static let dimension = 10
    static let vectors = clusteredVectors(count: 2000, dimension: dimension, clusters: 6, seed: 71, normalised: false)

    /// The mean squared distance of each vector to its centroid.
    static func spread(_ found: KMeans.Clustering) -> Double {
        let sum = found.assignments.enumerated().reduce(0.0) { sum, pair in
            let centroid = vector(found.centroids, Int(pair.element), dimension: dimension)
            return sum + distance(vector(vectors, pair.offset, dimension: dimension), centroid)
        }
        return sum / Double(found.assignments.count)
    }

    static func distance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }

    @Test func vectorsGoToTheirNearestCentroid() throws {
        let found = try KMeans(clusters: 6).fit(vectors: Self.vectors, dimension: Self.dimension)
        #expect(found.centroids.count == 60)
        #expect(Set(found.assignments) == Set(0..<6))
        for row in stride(from: 0, to: 2000, by: 13) {
            let distances = (0..<6).map { cluster in
                Self.distance(
                    vector(Self.vectors, row, dimension: Self.dimension),
                    vector(found.centroids, cluster, dimension: Self.dimension))
            }
            #expect(distances[Int(found.assignments[row])] <= (distances.min() ?? 0) + 1e-3)
        }
    }

    @Test func moreClustersLieCloser() throws {
        let spreads = try [1, 6, 40].map { clusters in
            Self.spread(try KMeans(clusters: clusters).fit(vectors: Self.vectors, dimension: Self.dimension))
        }
        #expect(spreads[0] > spreads[1] * 1.5)
        #expect(spreads[1] > spreads[2])
    }

    @Test(arguments: [1, 2])
    func seedFixesTheResult(_ threads: Int) throws {
        let run = KMeans(clusters: 8, iterations: 10, seed: 9, threads: threads)
        let first = try run.fit(vectors: Self.vectors, dimension: Self.dimension)
        #expect(try run.fit(vectors: Self.vectors, dimension: Self.dimension) == first)
        var other = run
        other.seed = 10
        #expect(try other.fit(vectors: Self.vectors, dimension: Self.dimension) != first)
    }

    @Test func sphericalCentroidsHaveLengthOne() throws {
        let found = try KMeans(clusters: 5, isSpherical: true).fit(vectors: Self.vectors, dimension: Self.dimension)
        for cluster in 0..<5 {
            let centroid = vector(found.centroids, cluster, dimension: Self.dimension)
            #expect(abs(product(centroid, centroid) - 1) < 1e-4)
        }
    }

    @Test func asManyClustersAsVectors() throws {
        let vectors: [Float] = [0, 0, 5, 5, 9, 0]
        let found = try KMeans(clusters: 3).fit(vectors: vectors, dimension: 2)
        #expect(Set(found.assignments).count == 3)
    }

    @Test func badRunsAreErrors() {
        #expect(throws: IndexError.invalidParameter(name: "clusters", value: "4", allowed: "from 1 to 3")) {
            try KMeans(clusters: 4).fit(vectors: [1, 2, 3], dimension: 1)
        }
        #expect(throws: IndexError.invalidParameter(name: "clusters", value: "0", allowed: "from 1 to 3")) {
            try KMeans(clusters: 0).fit(vectors: [1, 2, 3], dimension: 1)
        }
        #expect(throws: IndexError.unusableVector("vector 1 holds a value that is not finite")) {
            try KMeans(clusters: 1).fit(vectors: [1, .nan, 3], dimension: 1)
        }
        #expect(throws: IndexError.self) { try KMeans(clusters: 1).fit(vectors: [], dimension: 1) }
    }
}
