import Foundation

/// The file, little-endian: a magic word, the numbers of rows, columns and clusters, where each cluster's part begins and
/// how many bytes and rows it has, and a number of all that (FNV-1a, 64 bits); then the parts, each an index file of its
/// own that begins at a multiple of 64 bytes. An empty cluster has no part. Which rows lie in which cluster is not in it.
extension ClusteredIndex {
    private static let magic: UInt64 = 0x3130_5844_4943_4E43
    private static let fixedWords = 4
    private static let partWords = 3

    /// How the clusters are indexed.
    package struct Building: Sendable {
        /// How the graphs are built.
        package var parameters: HNSWParameters
        /// Clusters of fewer rows are searched exactly, without a graph.
        package var exactBelow: Int
        /// Threads of a graph's build; 0 takes one a core.
        package var threads: Int

        package init(parameters: HNSWParameters = .standard, exactBelow: Int, threads: Int = 0) {
            self.parameters = parameters
            self.exactBelow = exactBelow
            self.threads = threads
        }

        /// Builds the parts one after another, writes them to a file, which appears whole or not at all, and maps it.
        ///
        /// - Parameters:
        ///   - vectors: contiguous rows of `dimension` finite floats.
        ///   - assignments: [rows] each in `0 ..< clusters`.
        package func build(
            vectors: [Float], dimension: Int, assignments: [Int32], clusters: Int, path: String
        ) throws(IndexError) -> ClusteredIndex {
            let rows = try ClusterRows(assignments: assignments, count: clusters)
            guard try vectorCount(floats: vectors.count, dimension: dimension) == rows.rowCount else {
                throw .raggedVectors(floats: vectors.count, dimension: dimension * max(1, rows.rowCount))
            }
            let files = FileManager.default
            let (whole, part) = (path + ".partial", path + ".part")
            defer { for name in [whole, part] { try? files.removeItem(atPath: name) } }
            guard files.createFile(atPath: whole, contents: nil), let file = FileHandle(forWritingAtPath: whole) else {
                throw .ioFailed("cannot create \(whole)")
            }
            defer { try? file.close() }
            var table: [UInt64] = []
            var end = ClusteredIndex.aligned(ClusteredIndex.headerBytes(clusters: clusters))
            for cluster in 0..<Int32(clusters) {
                let members = rows.rows(of: cluster)
                if members.isEmpty {
                    table += [0, 0, 0]
                    continue
                }
                var own: [Float] = []
                own.reserveCapacity(members.count * dimension)
                for row in members { own += vectors[Int(row) * dimension..<(Int(row) + 1) * dimension] }
                try write(own, dimension: dimension, to: part)
                let bytes = try ClusteredIndex.disk(whole) {
                    let content = try Data(contentsOf: URL(fileURLWithPath: part), options: .alwaysMapped)
                    try file.seek(toOffset: UInt64(end))
                    try file.write(contentsOf: content)
                    return content.count
                }
                table += [UInt64(end), UInt64(bytes), UInt64(members.count)]
                end = ClusteredIndex.aligned(end + bytes)
            }
            let header = ClusteredIndex.header([UInt64(rows.rowCount), UInt64(dimension), UInt64(clusters)] + table)
            try ClusteredIndex.disk(whole) {
                try file.truncate(atOffset: UInt64(end))
                try file.seek(toOffset: 0)
                try file.write(contentsOf: header)
                try file.synchronize()
            }
            guard rename(whole, path) == 0 else { throw .ioFailed("cannot rename \(whole) to \(path)") }
            return try ClusteredIndex(path: path, assignments: assignments, clusters: clusters)
        }

        private func write(_ vectors: [Float], dimension: Int, to path: String) throws(IndexError) {
            if vectors.count / dimension < exactBelow {
                try FlatIndex(vectors: vectors, dimension: dimension).write(to: path)
            } else {
                try HNSWBuilder(parameters: parameters, threads: threads)
                    .build(vectors: vectors, dimension: dimension).write(to: path)
            }
        }
    }

    /// Maps the file at `path`, which must hold a part of the right size for each cluster.
    ///
    /// The file must stay unaltered while the index lives; unlinking it is allowed.
    /// - Parameters:
    ///   - assignments: [rows] the cluster of each, as it was built with.
    /// - Throws: `unusableFile` naming the file where it is cut short, altered, or of other clusters.
    package convenience init(path: String, assignments: [Int32], clusters: Int) throws(IndexError) {
        let rows = try ClusterRows(assignments: assignments, count: clusters)
        func unusable(_ reason: String) -> IndexError { .unusableFile("\(path): \(reason)") }
        let data: Data = try Self.disk(path) {
            try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        }
        func word(_ index: Int) -> UInt64 {
            data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) }
        }
        let headerBytes = Self.headerBytes(clusters: clusters)
        guard data.count >= 8 * (Self.fixedWords + 1), word(0) == Self.magic else {
            throw unusable("holds no indexes of clusters")
        }
        guard word(1) == UInt64(rows.rowCount), word(3) == UInt64(clusters) else {
            throw unusable(
                "has \(word(1)) rows in \(word(3)) clusters, the release \(rows.rowCount) in \(clusters); build it again"
            )
        }
        guard (1...65_536).contains(word(2)) else { throw unusable("has vectors of \(word(2)) components") }
        guard data.count >= headerBytes else { throw unusable("ends within its header") }
        guard word(headerBytes / 8 - 1) == Self.number(of: data.prefix(headerBytes - 8)) else {
            throw unusable("has an altered header")
        }
        let dimension = Int(word(2))
        var parts: [Part] = []
        for cluster in 0..<clusters {
            let at = Self.fixedWords + Self.partWords * cluster
            let (start, bytes, size) = (word(at), word(at + 1), word(at + 2))
            guard size == UInt64(rows.size(of: Int32(cluster))) else {
                throw unusable("has \(size) rows of cluster \(cluster), the release \(rows.size(of: Int32(cluster)))")
            }
            if size == 0 {
                parts.append(.empty)
                continue
            }
            guard start <= UInt64(data.count), bytes <= UInt64(data.count) - start else {
                throw unusable("ends within cluster \(cluster)")
            }
            let native = try NativeIndex(path: path, part: Int(start)..<Int(start + bytes))
            guard native.count == Int(size), native.dimension == dimension else {
                throw unusable("has \(native.count) × \(native.dimension) numbers for cluster \(cluster)")
            }
            parts.append(
                native.graph == nil
                    ? .exact(FlatIndex(native: native)) : .graph(try HNSWIndex(native: native, path: path)))
        }
        self.init(dimension: dimension, rows: rows, parts: parts)
    }

    private static func headerBytes(clusters: Int) -> Int { 8 * (fixedWords + partWords * clusters + 1) }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

    private static func header(_ words: [UInt64]) -> Data {
        var data = Data()
        func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
        for word in [magic] + words { append(word) }
        append(number(of: data))
        return data
    }

    private static func number(of bytes: Data) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// What the system refuses is told with the file's name.
    private static func disk<Result>(_ path: String, _ body: () throws -> Result) throws(IndexError) -> Result {
        do {
            return try body()
        } catch {
            throw .ioFailed("\(path): \(error)")
        }
    }
}
