import CFaiss

/// k-means by Faiss: what to run.
package struct KMeans: Sendable {
    /// The number of clusters, at least 1 and at most the number of vectors.
    package var clusters: Int
    /// Rounds of assignment and update, at least 1.
    package var iterations: Int
    /// Fixes the sample and the first centroids.
    package var seed: UInt32
    /// Threads; the same number gives the same centroids.
    package var threads: Int
    /// Whether centroids are scaled to length 1 and rows assigned by inner product instead of Euclidean distance.
    package var isSpherical: Bool
    /// Training takes a sample of at most this many vectors a cluster.
    package var maximumPointsPerCluster: Int

    /// A run; see the properties.
    package init(
        clusters: Int, iterations: Int = 25, seed: UInt32 = 1, threads: Int = 1, isSpherical: Bool = false,
        maximumPointsPerCluster: Int = 256
    ) {
        self.clusters = clusters
        self.iterations = iterations
        self.seed = seed
        self.threads = threads
        self.isSpherical = isSpherical
        self.maximumPointsPerCluster = maximumPointsPerCluster
    }

    /// What a run found.
    package struct Clustering: Equatable, Sendable {
        /// `clusters x dimension` floats, row-major.
        package let centroids: [Float]
        /// The nearest centroid of each vector.
        package let assignments: [Int32]
    }

    /// Clusters `vectors`, contiguous rows of `dimension` finite floats.
    ///
    /// Throws `invalidParameter` for fewer vectors than clusters, `raggedVectors`, `unusableVector`.
    package func fit(vectors: [Float], dimension: Int) throws(IndexError) -> Clustering {
        let count = try vectorCount(floats: vectors.count, dimension: dimension)
        try check("clusters", clusters, in: 1...max(1, min(count, Int(Int32.max))))
        try check("iterations", iterations, in: 1...10_000)
        try check("threads", threads, in: 1...1024)
        try check("maximumPointsPerCluster", maximumPointsPerCluster, in: 1...Int(Int32.max))
        guard count > 0 else {
            throw .invalidParameter(name: "vectors", value: "none", allowed: "at least one for each cluster")
        }
        var options = cfaiss_kmeans_options(
            centroids: Int32(clusters), iterations: Int32(iterations), maximum_points: Int32(maximumPointsPerCluster),
            spherical: isSpherical ? 1 : 0, threads: Int32(threads), seed: Int32(bitPattern: seed))
        var centroids = [Float](repeating: 0, count: clusters * dimension)
        var assignments = [Int32](repeating: 0, count: count)
        try CascadeIndex.check(
            cfaiss_kmeans(vectors, Int64(count), Int32(dimension), &options, &centroids, &assignments))
        return Clustering(centroids: centroids, assignments: assignments)
    }

    private func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(IndexError) {
        guard range.contains(value) else {
            let allowed = "from \(range.lowerBound) to \(range.upperBound)"
            throw .invalidParameter(name: name, value: "\(value)", allowed: allowed)
        }
    }
}
