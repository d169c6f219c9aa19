import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import CascadeTestSupport
import Foundation
import Testing

/// Several rankers of a release that are served as one.
@Suite struct RankerEnsembleTests {
    private func scores(_ fixture: ModelFixture, seeds: [UInt64], itemBytes: Int = 0) throws -> [[Float]] {
        let catalog = fixture.map.ranker.encode(fixture.rows, vectors: fixture.vectors).items
        let ranker = try RankerEnsemble(
            seeds.map { try fixture.ranker(seed: $0) }, map: fixture.map, catalog: catalog,
            options: InferenceOptions(itemBytes: itemBytes))
        #expect((ranker.itemBytes > 0) == (itemBytes > 0))
        return try (0..<10).map { user in
            let users = EntityEncoder(layout: fixture.map.ranker.users, table: fixture.map.ranker.table)
                .encode([fixture.rows.users[user]])
            return try fixture.withHistory(of: user) { history in
                let context = try ranker.context(
                    users: users, row: 0, history: history, at: Timestamp(microseconds: 0))
                #expect(context.count == seeds.count)
                return try ranker.probabilities(
                    context: context, items: [3, 1, 29, 7], columns: fixture.map.counterLayout.columns,
                    counters: { item, output in
                        fixture.counters.write(
                            history: history, item: item, fold: nil, at: Timestamp(microseconds: 0), into: output)
                    }, check: {})
            }
        }
    }

    @Test(arguments: [0, 1 << 20])
    func scoresAreTheMeansOfTheMembers(itemBytes: Int) throws {
        let fixture = try ModelFixture()
        let parts = try [5, 6, 7].map { try scores(fixture, seeds: [$0], itemBytes: itemBytes) }
        let whole = try scores(fixture, seeds: [5, 6, 7], itemBytes: itemBytes)
        for user in whole.indices {
            for place in whole[user].indices {
                let mean = (parts[0][user][place] + parts[1][user][place] + parts[2][user][place]) / 3
                #expect(abs(whole[user][place] - mean) < 1e-6)
                #expect(parts[0][user][place] != parts[1][user][place])
            }
        }
    }

    @Test func aFolderHoldsEveryMember() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture(ranker: { $0.seeds = 2 })
            let folder = ArtifactFolder(url)
            try ModelBundle.write(
                map: fixture.map, settings: fixture.settings, counters: fixture.counterSet, items: fixture.rows.items,
                vectors: fixture.vectors, to: folder)
            try fixture.retrieval().store.save(to: folder.path(ModelBundle.FileName.retrieval))
            try ItemNeighbours(lists: fixture.rows.items.map { _ in [] }).write(to: folder.path(ItemNeighbours.name))
            try fixture.ranker().store.save(to: folder.path(ModelBundle.FileName.ranker(0)))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains("ranker.2.safetensors") }
            try fixture.ranker(seed: 9).store.save(to: folder.path(ModelBundle.FileName.ranker(1)))
            let loaded = try ModelBundle(folder: folder)
            let ranker = try #require(loaded.ranker)
            let context = try fixture.withHistory(of: 0) {
                try ranker.context(
                    users: loaded.rankerUsers.encode([fixture.rows.users[0]]), row: 0, history: $0,
                    at: Timestamp(microseconds: 0))
            }
            #expect(context.count == 2)
        }
    }
}
