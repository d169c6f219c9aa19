import Testing

@testable import CascadeTraining

@Suite struct PlantedReachTests {
    @Test func interestsWithAnItemAmongTheFirstAreCounted() {
        // Items 0 to 199, of interests 0 to 3 in turn but for the last hundred, which are of none.
        let items: [Int?] = (0..<200).map { $0 < 100 ? $0 % 4 : nil }
        let reach = PlantedReach(
            lists: [
                Array(0..<100), [Int32](100..<120) + [3, 2], [Int32](100..<200) + [1], [0],
            ],
            interests: [[0, 1], [2, 3, 9], [1], []], items: items)
        // At 20: 2 of 2, 0 of 3, 0 of 1; at 100: 2 of 2, 2 of 3, 0 of 1. The last user has no interest.
        #expect(reach.reached == [2.0 / 3, 4.0 / 3])
        #expect(reach.shares.map { ($0 * 9).rounded() } == [3, 5])
    }

    @Test func nobodyIsNoTrouble() {
        let reach = PlantedReach(lists: [], interests: [], items: [])
        #expect(reach.reached == [0, 0] && reach.shares == [0, 0])
    }
}
