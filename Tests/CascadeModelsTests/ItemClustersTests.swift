import CascadeCore
import CascadeModels
import Foundation
import Testing

@Suite struct ItemClustersTests {
    private static let dimension = 3
    private static let assignments: [Int32] = [0, 2, 0, 2, 3]
    private static let vectors: [Float] = [1, 0, 0, 0, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, -2]

    private static func clusters(names: [String] = []) -> ItemClusters {
        ItemClusters(count: 4, assignments: assignments, vectors: vectors, dimension: dimension, names: names)
    }

    private static func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("cascade-clusters-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.appendingPathComponent(ItemClusters.name).path)
    }

    private static func read(_ path: String) throws -> ItemClusters {
        try ItemClusters(path: path, items: assignments.count, dimension: dimension)
    }

    @Test func centroidsAreMeanDirections() {
        let clusters = Self.clusters()
        #expect(clusters.centroids == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, -1])
        #expect(clusters.members == [[0, 2], [], [1, 3], [4]])
    }

    @Test func laterItemsGoByNameOrToTheNearestThatHasItems() {
        let found = Self.clusters()
        #expect(found.cluster(of: [0.2, 0.9, 0]) == 2)
        #expect(found.cluster(of: [5, 5, 5][...]) == 0)
        // All clusters with items lie on the other side; the empty one is none to go to.
        #expect(found.cluster(of: [-1, -2, 0.5]) == 3)
        #expect(found.cluster(of: [-1, -2, 3]) == 0)
        #expect(found.cluster(of: [0, 0, 0]) == 0)
        let named = Self.clusters(names: ["", "b", "c", "d"])
        #expect(named.cluster(of: [0.2, 0.9, 0], named: "b") == 1)
        #expect(named.cluster(of: [0.2, 0.9, 0], named: "") == 0)
        #expect(named.cluster(of: [0.2, 0.9, 0], named: "new") == 2)
        #expect(named.cluster(of: [0.2, 0.9, 0]) == 2)
    }

    @Test(arguments: [[], ["", "zwei", "drei \u{1F600}", ""]])
    func aFileGivesWhatWasWritten(names: [String]) throws {
        try Self.withFile { path in
            let clusters = Self.clusters(names: names)
            try clusters.write(to: path)
            #expect(try Self.read(path) == clusters)
            // Written over, whole.
            let other = Self.clusters(names: ["a", "b", "c", "d"])
            try other.write(to: path)
            #expect(try Self.read(path) == other)
        }
    }

    @Test func seededClustersComeBack() throws {
        for seed in UInt64(1)...20 {
            var random = SeededRandom(seed: seed)
            let (count, items, dimension) = (1 + random.below(9), random.below(50), 1 + random.below(5))
            let clusters = ItemClusters(
                count: count, assignments: (0..<items).map { _ in Int32(random.below(count)) },
                vectors: (0..<(items * dimension)).map { _ in Float(random.uniform() - 0.5) }, dimension: dimension,
                names: seed % 2 == 0 ? [] : (0..<count).map { "n\($0)" })
            try Self.withFile { path in
                try clusters.write(to: path)
                let read = try ItemClusters(path: path, items: items, dimension: dimension)
                #expect(read == clusters, "seed \(seed)")
            }
            for cluster in 0..<count where !clusters.members[cluster].isEmpty {
                let range = (cluster * dimension)..<((cluster + 1) * dimension)
                let length = clusters.centroids[range].reduce(0) { $0 + $1 * $1 }
                #expect(abs(length - 1) < 1e-4, "seed \(seed)")
            }
        }
    }

    @Test func everyTruncatedFileIsRefusedByName() throws {
        try Self.withFile { path in
            try Self.clusters(names: ["a", "b", "c", "d"]).write(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                Self.isRefused(path, "\(length) of \(whole.count) bytes")
            }
            try (whole + [0]).write(to: URL(fileURLWithPath: path))
            Self.isRefused(path, "a byte too many")
            try FileManager.default.removeItem(atPath: path)
            Self.isRefused(path, "missing", reason: "missing")
        }
    }

    @Test func alteredFilesAreRefusedByName() throws {
        try Self.withFile { path in
            try Self.clusters(names: ["a", "b", "c", "d"]).write(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            func altered(_ place: Int, _ bytes: [UInt8], _ reason: String) throws {
                var data = whole
                data.replaceSubrange(place..<(place + bytes.count), with: bytes)
                try data.write(to: URL(fileURLWithPath: path))
                Self.isRefused(path, "byte \(place)", reason: reason)
            }
            let most = [UInt8](repeating: 255, count: 8)
            try altered(0, [0], "no clusters of items")
            try altered(8, [6], "6 items")
            try altered(8, most, "items")
            try altered(16, [0], "0 clusters")
            try altered(16, [5], "bytes")
            try altered(16, most, "clusters")
            try altered(24, [2], "2 columns")
            try altered(32, [7], "bytes")
            try altered(32, most, "bytes of names")
            // The clusters of items: one too many, and below 0.
            try altered(40, [4], "a cluster that is not there")
            try altered(40, [255, 255, 255, 255], "a cluster that is not there")
            // A centroid that is not a number.
            try altered(40 + 4 * 5, [0, 0, 192, 127], "not a number")
            // Names: one less, and one without an end.
            let names = 40 + 4 * 5 + 4 * 4 * 3
            try altered(names + 1, [65], "3 names for 4 clusters")
            try altered(names + 7, [65], "no end")
            #expect(throws: ModelError.self) { try ItemClusters(path: path, items: 4, dimension: 3) }
        }
    }

    private static func isRefused(_ path: String, _ what: Comment, reason: String = "") {
        #expect(what) {
            _ = try read(path)
        } throws: { error in
            guard case .corruptArtifact(path, let text)? = error as? ModelError else { return false }
            return reason.isEmpty || text.contains(reason)
        }
    }
}
