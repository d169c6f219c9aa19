import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct ClusterFitTests {
    /// Rows of one item a step and user, in the order of time; a negative number is an impression that was passed over.
    static func log(_ users: [[(item: Int, second: Int)]], items: Int) -> EncodedLog {
        var log = InteractionLog()
        log.users = users.indices.map { UserID("u\(100 + $0)") }
        log.items = (0..<items).map { ItemID("i\(100 + $0)") }
        log.signals = ["click"]
        for (user, rows) in users.enumerated() {
            for (item, second) in rows {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(item < 0 ? -item : item))
                log.time.append(Int64(second) * 1_000_000)
                log.feedback.append(item < 0 ? 0 : 1)
                log.observed.append(1)
                log.isImpression.append(true)
            }
        }
        let rows = EntityRows(users: [], items: log.items.map { Item(id: $0) }, log: log)
        return EncodedLog(log, catalog: rows, heads: ["click"], historySignals: ["click"])
    }

    @Test func figuresAreThoseOfAHand() throws {
        // Items 0–3 in cluster 0, 4–5 in cluster 1, 6 in cluster 2.
        let assignments: [Int32] = [0, 0, 0, 0, 1, 1, 2]
        let log = Self.log(
            [
                [(0, 1), (1, 2), (4, 3), (-5, 4), (2, 10), (5, 11), (6, 12), (0, 13)],
                [(3, 10), (4, 10), (5, 11)],
                [(0, 1)],
                [(6, 20)],
            ], items: 7)
        let fit = try ClusterFit(assignments, count: 3, log: log, split: 10_000_000, levels: [1, 2])
        // User 0: 2, 5, 6 (0 was taken before); user 1: 5, since what came in the same second is no past.
        #expect(fit.targets == 4)
        #expect(fit.users == 2)
        // 2: cluster 0 of (2, 1). 5: cluster 1 of (3, 1). 6: new. User 1's 5: (1, 1), cluster 1 is the latest.
        #expect(fit.coverage == [0.5, 0.75])
        // Takes before the split: 3 in cluster 0, 1 in cluster 1, none in cluster 2, and one more for each.
        let share = [4.0, 2, 1].map { $0 / 7 }
        func loss(_ cluster: Int, _ own: Double, _ all: Double) -> Double {
            let smoothing = Double(ClusterHistogram.smoothing)
            return -log10((own + smoothing * share[cluster]) / (all + smoothing)) / log10(M_E)
        }
        let history = loss(0, 2, 3) + loss(1, 1, 4) + loss(2, 0, 5) + loss(1, 1, 2)
        #expect(abs(fit.historyLoss - history / 4) < 1e-6)
        let alone = [share[0], share[1], share[2], share[1]].reduce(0) { $0 - Foundation.log($1) }
        #expect(abs(fit.shareLoss - alone / 4) < 1e-6)
    }

    @Test func nothingAfterTheSplitIsNoTarget() throws {
        let log = Self.log([[(0, 1), (1, 2)]], items: 2)
        let fit = try ClusterFit([0, 1], count: 2, log: log, split: 5_000_000, levels: [1])
        #expect(fit.targets == 0 && fit.users == 0 && fit.coverage == [0] && fit.historyLoss == 0)
    }

    @Test func coverageGrowsWithTheClusters() throws {
        var random = SeededRandom(seed: 8)
        let users = (0..<40).map { _ in (0..<30).map { (item: random.below(60), second: $0) } }
        let assignments = (0..<60).map { Int32($0 % 9) }
        let fit = try ClusterFit(
            assignments, count: 9, log: Self.log(users, items: 60), split: 20_000_000, levels: [1, 2, 4, 8, 9])
        #expect(fit.users == 40)
        #expect(zip(fit.coverage, fit.coverage.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(fit.historyLoss.isFinite && fit.shareLoss.isFinite)
    }

    @Test func similarityIsThatOfItemsWithTheirMeans() {
        let vectors: [Float] = [2, 0, 0, 3, 1, 0, 0, -1]
        let space = ItemSpace(vectors, dimension: 2, rows: [0, 1, 2, 3])
        #expect(space.vectors == [1, 0, 0, 1, 1, 0, 0, -1])
        #expect(abs(space.similarity([0, 1, 0, 2], count: 3) - 1) < 1e-9)
        // The second and the last cancel each other out.
        #expect(abs(space.similarity([0, 1, 0, 1], count: 2) - 0.5) < 1e-9)
        let half = ItemSpace(vectors, dimension: 2, rows: [0, 1]).similarity([0, 0], count: 1)
        #expect(abs(half - 0.5.squareRoot()) < 1e-6)
    }
}
