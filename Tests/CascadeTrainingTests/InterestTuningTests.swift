import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct InterestTuningTests {
    private func tuning(_ fixture: TrainingFixture, _ settings: InterestSettings = .init()) -> InterestTuning {
        InterestTuning(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, releases: fixture.storage.releases,
            artifacts: DirectoryArtifacts(fixture.directory), settings: settings, seed: 1, threads: 2)
    }

    @Test func theActiveReleaseIsMeasuredInSeveralNumbersOfClusters() async throws {
        try await TrainingFixture.with { fixture in
            await #expect(throws: TrainingError.noActiveRelease) { try await tuning(fixture).run() }
            let release = try await fixture.run()
            for (counts, reach) in [([1], 0.8), ([4097], 0.8), ([], 0.8), ([8], 0), ([8], 1.1), ([8], Double.nan)] {
                await #expect("\(counts) \(reach)") {
                    try await tuning(fixture).run(counts: counts, reach: reach)
                } throws: { error in
                    if case .badArgument? = error as? TrainingError { true } else { false }
                }
            }
            let found = try await tuning(fixture).run(counts: [16, 4, 8, 4])
            #expect(found.releaseID == release.id)
            #expect(found.split == TrainingFixture.split)
            #expect(found.levels == [1, 2, 4, 8])
            #expect(found.rows.map(\.sizes.clusters) == [4, 8, 16])
            #expect(Set(found.rows.map(\.fit.targets)).count == 1)
            for row in found.rows {
                #expect(row.fit.targets > 100 && row.fit.users > 10)
                #expect(row.fit.coverage.allSatisfy { (0...1).contains($0) })
                #expect((0...1.001).contains(row.similarity))
                #expect(row.sizes.items == 300)
                #expect(Double(row.sizes.largest) <= (1.5 * row.sizes.mean).rounded(.up))
            }
            #expect(zip(found.rows, found.rows.dropFirst()).allSatisfy { $0.similarity <= $1.similarity })
            #expect(try await tuning(fixture).run(counts: [4, 8, 16]).rows == found.rows)
            try await others(fixture)
        }
    }

    private func others(_ fixture: TrainingFixture) async throws {
        var settings = InterestSettings()
        settings.clusterBy = .skipGram
        settings.most = 3
        let found = try await tuning(fixture, settings).run(counts: [6])
        #expect(found.levels == [1, 2, 3, 4, 8])
        #expect(found.rows.count == 1)
        settings.clusterBy = .category
        let named = try await tuning(fixture, settings).run()
        #expect(named.rows.count == 1)
        #expect(named.best == named.rows[0])
        await #expect(throws: TrainingError.nothingToEvaluate) {
            try await tuning(fixture).run(counts: [8], until: WorldEnd.after)
        }
        let early = try await tuning(fixture).run(counts: [8], until: TrainingFixture.split.adding(seconds: -86_400))
        #expect(early.rows[0].fit.targets > found.rows[0].fit.targets)
    }

    private enum WorldEnd {
        static let after = TrainingFixture.split.adding(seconds: 400 * 86_400)
    }

    @Test func theRuleTakesTheMostClustersThatReachEnough() throws {
        let log = ClusterFitTests.log([[(0, 1), (1, 10)], [(2, 1), (3, 10)]], items: 4)
        let rows = try [[0, 0, 0, 0], [0, 0, 1, 2], [0, 0, 2, 3], [0, 1, 2, 3]].map { (assignments: [Int32]) in
            let count = Int(assignments.max() ?? 0) + 1
            return InterestTuning.Row(
                sizes: ClusterSizes(assignments, count: count),
                fit: try ClusterFit(assignments, count: count, log: log, split: 5_000_000, levels: [1]), similarity: 1)
        }
        #expect(rows.map(\.fit.coverage) == [[1], [0.5], [0.5], [0]])
        func best(_ rows: some Sequence<InterestTuning.Row>, _ reach: Double) -> InterestTuning.Row? {
            InterestTuning.best(Array(rows), level: 0, reach: reach)
        }
        #expect(best(rows, 0.5) == rows[2])
        #expect(best(rows, 0.51) == rows[0])
        // Where none reaches enough, what reaches most.
        #expect(best(rows.dropFirst(), 0.9) == rows[2])
        #expect(best([], 0.5) == nil)
        let none = try ClusterFit([0, 0, 0, 0], count: 1, log: log, split: 50_000_000, levels: [1])
        #expect(best([InterestTuning.Row(sizes: rows[0].sizes, fit: none, similarity: 1)], 0.5) == nil)
    }
}
