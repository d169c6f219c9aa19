import CascadeCore
import CascadeFeatures
import CascadeModels
import Testing

@testable import CascadeTraining
@testable import cascade

@Suite struct InterestTextTests {
    /// A user who took items 0 and 1, then 2.
    private static var log: EncodedLog {
        var log = InteractionLog()
        (log.users, log.items, log.signals) = ([UserID("u")], ["a", "b", "c"].map { ItemID($0) }, ["click"])
        (log.userIndex, log.itemIndex, log.time) = ([0, 0, 0], [0, 1, 2], [0, 1_000_000, 9_000_000])
        (log.feedback, log.observed, log.isImpression) = ([1, 1, 1], [1, 1, 1], [false, false, false])
        let rows = EntityRows(users: [], items: log.items.map { Item(id: $0) }, log: log)
        return EncodedLog(log, catalog: rows, heads: ["click"], historySignals: ["click"])
    }

    private static func tuning(reach: Double, _ settings: InterestSettings, hasSeen: Bool = false) throws -> [String] {
        let rows = try [[0, 0, 0], [0, 1, 1], [0, 1, 2]].map { (assignments: [Int32]) in
            let count = Int(assignments.max() ?? 0) + 1
            return InterestTuning.Row(
                sizes: ClusterSizes(assignments, count: count),
                fit: try ClusterFit(assignments, count: count, log: log, split: 9_000_000, levels: [1, 2]),
                similarity: 0.5)
        }
        let best = try #require(InterestTuning.best(rows, level: 1, reach: reach))
        let tuning = InterestTuning.Tuning(
            releaseID: "rel_1", split: Timestamp(microseconds: 9_000_000), levels: [1, 2], rows: rows, best: best,
            reach: reach, towerHasSeen: hasSeen)
        return InterestText.lines(of: tuning, settings)
    }

    @Test func theTableHasALineANumberAndTheRecommendation() throws {
        var settings = InterestSettings()
        settings.most = 2
        let lines = try Self.tuning(reach: 0.8, settings)
        let seen = try Self.tuning(reach: 0.8, settings, hasSeen: true)
        #expect(seen.count == lines.count + 1 && seen.last?.contains("too good") == true)
        #expect(lines[0] == "release rel_1, clusters by item_tower")
        #expect(lines[1] == "1 items that 1 users took from 1970-01-01T00:00:09Z on and never before")
        #expect(lines.count == 8)
        #expect(lines[4] == "       1        3      3.0     1.000   1.000     0.000    0.000       0.500")
        #expect(lines[5].hasPrefix("       2        2      1.5     1.000   1.000"))
        #expect(lines[6].hasPrefix("       3        1      1.0     0.000   0.000"))
        #expect(lines[7] == "interests.clusters: 2, the most of which 2 clusters (interests.most) reach 0.8: 1.000")
        let widths = Set(lines[3...6].map(\.count))
        #expect(widths.count == 1, "\(lines)")
        settings.clusterBy = .category
        #expect(
            try Self.tuning(reach: 0.8, settings)[7]
                == "2 clusters of 3 items: largest 2, mean 1.5, smallest 1, 0 empty: 2 clusters (interests.most) reach 1.000"
        )
    }
}
