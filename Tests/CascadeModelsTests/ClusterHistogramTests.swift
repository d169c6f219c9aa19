import CascadeFeatures
import CascadeModels
import Foundation
import Testing

/// The shares that the intent stands on.
@Suite struct ClusterHistogramTests {
    private static let smoothing = ClusterHistogram.smoothing
    private let histogram = ClusterHistogram(clusters: 3, takes: [0, 0, 0, 0, 0, 1])

    private func probabilities(_ items: [Int32], _ codes: [UInt8]? = nil, cluster: (Int32) -> Int32? = { $0 % 3 })
        -> [Float]
    {
        HistorySlice.lend(items: items, codes: codes ?? items.map { _ in 1 }) {
            histogram.probabilities(of: $0, cluster: cluster)
        }
    }

    private func isNear(_ left: [Float], _ right: [Float]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-6 }
    }

    private func smoothed(_ counts: [Float]) -> [Float] {
        let all = counts.reduce(0, +)
        return zip(counts, histogram.shares).map { ($0 + Self.smoothing * $1) / (all + Self.smoothing) }
    }

    @Test func noClusterIsImpossible() {
        #expect(isNear(histogram.shares, [6.0 / 9, 2.0 / 9, 1.0 / 9]))
        #expect(isNear(ClusterHistogram(clusters: 2, takes: []).shares, [0.5, 0.5]))
    }

    @Test func aPastIsCountedAndSmoothed() {
        #expect(isNear(probabilities([]), histogram.shares))
        #expect(isNear(probabilities([2, 5, 1, 8]), smoothed([0, 1, 3])))
        #expect(abs(probabilities([2, 5, 1, 8]).reduce(0, +) - 1) < 1e-6)
    }

    @Test func whatWasPassedOverOrIsInNoClusterDoesNotCount() {
        #expect(isNear(probabilities([2, 5, 1, 8], [0, 1, 4, 0]), smoothed([0, 1, 1])))
        #expect(isNear(probabilities([2, 5, 1, 8]) { $0 == 5 ? nil : $0 % 3 }, smoothed([0, 1, 2])))
        #expect(isNear(probabilities([2, 5]) { _ in nil }, histogram.shares))
    }

    @Test func onlyTheNewestStepsCount() {
        let old = [Int32](repeating: 1, count: 50)
        let new = [Int32](repeating: 2, count: ClusterHistogram.steps)
        #expect(probabilities(old + new) == probabilities(new))
        #expect(probabilities(old + new) != probabilities(new + old))
        // Steps are counted, not takes: what was passed over has its place among the newest.
        let passed = [UInt8](repeating: 0, count: ClusterHistogram.steps)
        #expect(isNear(probabilities(old + new, old.map { _ in 1 } + passed), histogram.shares))
    }

    @Test func logarithmsAndOneClusterAreOfTheSameNumbers() {
        let items: [Int32] = [2, 5, 1, 8, 0]
        HistorySlice.lend(items: items, codes: [1, 1, 0, 2, 1]) { past in
            var logs: [Float] = [7]
            histogram.appendLogs(of: past, to: &logs) { $0 % 3 }
            let all = histogram.probabilities(of: past) { $0 % 3 }
            #expect(logs.first == 7 && isNear(logs.dropFirst().map { exp($0) }, all))
            for cluster in 0..<3 {
                let one = histogram.probability(of: Int32(cluster), past) { $0 % 3 }
                #expect(abs(one - all[cluster]) < 1e-6)
            }
            var without: [Float] = []
            histogram.appendLogs(of: past, without: 8, to: &without) { $0 % 3 }
            #expect(isNear(without.map { exp($0) }, smoothed([1, 0, 2])))
        }
    }
}
