import Foundation

/// The cluster of each item of a release, with what a new item is assigned by; part of the bundle.
///
/// The file, little-endian: a magic word, the numbers of items, clusters and columns, the bytes of the names; then
/// `[items]` clusters (Int32), `[clusters × columns]` centroids (Float), and the names, each ended by a zero byte (none for
/// clusters that were found). The manifest's checksum guards the content, sizes and values are checked here.
package struct ItemClusters: Sendable, Equatable {
    package static let name = "item_clusters.bin"

    private static let magic: UInt64 = 0x3130_4C43_4D45_4E43
    private static let headerBytes = 40

    /// How many clusters there are.
    package let count: Int
    /// Columns of a centroid: those of the interest model's item vectors.
    package let dimension: Int
    /// [items] the cluster of each row.
    package let assignments: [Int32]
    /// [count × dimension] where the item vectors of each cluster have their mean, of length one; zeros for an empty cluster.
    package let centroids: [Float]
    /// [count] what the clusters are called; empty for clusters that were found.
    package let names: [String]

    /// - Parameters:
    ///   - assignments: [items] each in `0 ..< count`.
    ///   - vectors: [items × dimension] the item vectors of the model that searches in the clusters.
    package init(count: Int, assignments: [Int32], vectors: [Float], dimension: Int, names: [String] = []) {
        self.count = count
        self.dimension = dimension
        self.assignments = assignments
        self.names = names
        var centroids = [Float](repeating: 0, count: count * dimension)
        for (row, cluster) in assignments.enumerated() {
            for column in 0..<dimension {
                centroids[Int(cluster) * dimension + column] += vectors[row * dimension + column]
            }
        }
        for cluster in 0..<count {
            let range = (cluster * dimension)..<((cluster + 1) * dimension)
            let length = centroids[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { continue }
            for index in range { centroids[index] /= length }
        }
        self.centroids = centroids
    }

    private init(count: Int, dimension: Int, assignments: [Int32], centroids: [Float], names: [String]) {
        self.count = count
        self.dimension = dimension
        self.assignments = assignments
        self.centroids = centroids
        self.names = names
    }

    /// The same clusters over other rows of items.
    package func with(assignments: [Int32]) -> ItemClusters {
        ItemClusters(
            count: count, dimension: dimension, assignments: assignments, centroids: centroids, names: names)
    }

    /// [count] rows of each cluster, ascending.
    package var members: [[Int32]] {
        var members = [[Int32]](repeating: [], count: count)
        for (row, cluster) in assignments.enumerated() { members[Int(cluster)].append(Int32(row)) }
        return members
    }

    /// The cluster of an item that came later: the one of its name where clusters have names, else that of the highest
    /// inner product with its vector among the clusters that have items.
    package func cluster(of vector: ArraySlice<Float>, named name: String? = nil) -> Int32 {
        if let name, let known = names.firstIndex(of: name) { return Int32(known) }
        var best: (cluster: Int32, score: Float) = (0, -.infinity)
        for cluster in 0..<count {
            let centroid = centroids[(cluster * dimension)..<((cluster + 1) * dimension)]
            // The zeros of an empty cluster would be nearer than all that lie on the other side.
            guard centroid.contains(where: { $0 != 0 }) else { continue }
            let score = zip(centroid, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            if score > best.score { best = (Int32(cluster), score) }
        }
        return best.cluster
    }

    /// Reads the file at `path`, which must hold a cluster for each of `items` rows.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where it is not whole or does not fit.
    package init(path: String, items: Int, dimension: Int) throws(ModelError) {
        func corrupt(_ reason: String) -> ModelError { .corruptArtifact(file: path, reason: reason) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw corrupt("the file is missing or unreadable")
        }
        let header: [UInt64] =
            data.count < Self.headerBytes
            ? []
            : (0..<5).map { index in
                data.withUnsafeBytes {
                    UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
                }
            }
        guard header.first == Self.magic else { throw corrupt("it holds no clusters of items") }
        guard header[1] == UInt64(items), header[3] == UInt64(dimension) else {
            throw corrupt(
                "it has \(header[1]) items and \(header[3]) columns, the models have \(items) and \(dimension)")
        }
        guard (1...65_536).contains(header[2]) else { throw corrupt("it tells of \(header[2]) clusters") }
        guard header[4] <= UInt64(data.count) else { throw corrupt("it tells of \(header[4]) bytes of names") }
        let clusters = Int(header[2])
        let centroidStart = Self.headerBytes + 4 * items
        let nameStart = centroidStart + 4 * clusters * dimension
        guard data.count == nameStart + Int(header[4]) else {
            throw corrupt("it has \(data.count) bytes, which is not what it says")
        }
        func word(_ offset: Int) -> UInt32 {
            data.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        }
        let assignments = (0..<items).map { Int32(bitPattern: word(Self.headerBytes + 4 * $0)) }
        guard assignments.allSatisfy({ $0 >= 0 && Int($0) < clusters }) else {
            throw corrupt("an item lies in a cluster that is not there")
        }
        let centroids = (0..<(clusters * dimension)).map { Float(bitPattern: word(centroidStart + 4 * $0)) }
        guard centroids.allSatisfy(\.isFinite) else { throw corrupt("a centroid is not a number") }
        guard header[4] == 0 || data.last == 0 else { throw corrupt("its last name has no end") }
        let names = data[nameStart...].split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        guard names.isEmpty || names.count == clusters else {
            throw corrupt("it has \(names.count) names for \(clusters) clusters")
        }
        self.init(
            count: clusters, dimension: dimension, assignments: assignments, centroids: centroids, names: names)
    }

    /// Writes the file, whole or not at all.
    package func write(to path: String) throws {
        var labels = Data()
        for name in names {
            labels.append(contentsOf: name.utf8.filter { $0 != 0 })
            labels.append(0)
        }
        var data = Data()
        func append<Word: FixedWidthInteger>(_ word: Word) {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        for word in [
            Self.magic, UInt64(assignments.count), UInt64(count), UInt64(dimension), UInt64(labels.count),
        ] { append(word) }
        for cluster in assignments { append(cluster) }
        for value in centroids { append(value.bitPattern) }
        try (data + labels).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
