import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct CoOccurrenceTests {
    private static func past(users: Int, items: Int, seed: UInt64) -> [[Int32]] {
        var random = SeededRandom(seed: seed)
        return (0..<users).map { _ in
            let count = random.below(12)
            return Set((0..<count).map { _ in Int32(random.below(items)) }).sorted()
        }
    }

    /// Every pair counted by itself: the scalar twin.
    private static func naive(_ past: [[Int32]], _ item: Int32, items: Int) -> [ItemNeighbour] {
        let sets = past.map { Set($0) }
        func count(_ item: Int32) -> Float { Float(sets.count { $0.contains(item) }) }
        return (0..<Int32(items)).compactMap { other in
            let shared = sets.count { $0.contains(item) && $0.contains(other) }
            guard other != item, shared > 0 else { return nil }
            let score = Float(shared) / ((count(item) * count(other)).squareRoot() + 10)
            return ItemNeighbour(row: other, score: score)
        }.sorted { ($0.score, $1.row) > ($1.score, $0.row) }
    }

    @Test(arguments: [1, 2, 7])
    func agreesWithItsTwinOnAnyThreads(threads: Int) {
        let seed: UInt64 = 5
        let past = Self.past(users: 300, items: 60, seed: seed)
        let together = CoOccurrence(past: past, items: 61)
        let kept = together.neighbours(limit: 10, threads: threads)
        #expect(kept.items == 61)
        for item in 0..<Int32(61) {
            let expected = Array(Self.naive(past, item, items: 61).prefix(10))
            #expect(kept.neighbours(of: item) == expected, "seed \(seed), item \(item)")
        }
        // Nobody took the last one.
        #expect(kept.neighbours(of: 60).isEmpty)
    }

    @Test func nothingGoesTogetherWhereThereIsNothing() {
        #expect(CoOccurrence(past: [], items: 0).neighbours(limit: 5, threads: 2).items == 0)
        let alone = CoOccurrence(past: [[0], [1], []], items: 2).neighbours(limit: 5, threads: 2)
        #expect(alone.neighbours(of: 0).isEmpty && alone.neighbours(of: 1).isEmpty)
    }

    /// Users like every other item: what goes together has the same parity, in the release and after a rebuild.
    @Test func releasesCarryWhatGoesTogether() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 60, items: 200))
            let release = try await fixture.run()
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            let manifest = try folder.verify(manifestChecksum: release.manifestChecksum)
            #expect(manifest.files[ItemNeighbours.name] != nil)
            let bundle = try ModelBundle(folder: folder)
            try Self.checkParity(bundle)
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("i")))
            let rebuilt = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2
            ).run()
            let after = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(rebuilt.release.path)))
            let new = try #require(after.rows.itemRow[ItemID("i")])
            #expect(new == 0)
            #expect(after.neighbours.neighbours(of: new).isEmpty)
            try Self.checkParity(after)
        }
    }

    private static func checkParity(_ bundle: ModelBundle) throws {
        func number(_ row: Int32) -> Int { Int(bundle.rows.items[Int(row)].id.rawValue.dropFirst()) ?? -1 }
        #expect(bundle.neighbours.items == bundle.rows.items.count)
        var found = 0
        for row in 0..<Int32(bundle.rows.items.count) where number(row) >= 0 {
            let neighbours = bundle.neighbours.neighbours(of: row)
            #expect(neighbours.count <= ItemNeighbours.kept)
            #expect(neighbours.allSatisfy { number($0.row) % 2 == number(row) % 2 && $0.row != row })
            found += neighbours.count
        }
        #expect(found > 100 * ItemNeighbours.kept)
    }
}
