import Testing

@testable import CascadeTraining

@Suite struct HeadThresholdsTests {
    /// Two own items, and two drawn ones that stand for three items each.
    private let scored: [(score: Float, weight: Float)] = [(0.9, 1), (0.1, 1), (0.5, 3), (0.3, 3)]

    @Test(arguments: [(1, 0.9), (2, 0.5), (4, 0.5), (5, 0.3), (7, 0.3), (8, 0.1), (100, 0.1)] as [(Float, Float)])
    func theScoreOfThePlaceIsTheThreshold(place: Float, expected: Float) {
        #expect(HeadThresholds.threshold(scored, place: place) == expected)
    }

    @Test func withoutItemsEveryRowWeighsOne() {
        #expect(HeadThresholds.threshold([], place: 20) < -100)
    }
}
