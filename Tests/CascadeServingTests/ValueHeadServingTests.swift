import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

@Suite struct ValueHeadServingTests {
    private static func fixture() throws -> ServingFixture {
        var squared = ValueHeadSettings(signal: "view")
        squared.loss = .squared
        return try ServingFixture(values: ["seconds": ValueHeadSettings(signal: "view"), "also": squared])
    }

    private static func scores(_ fixture: ServingFixture) throws -> HeadScores {
        let snapshot = try fixture.snapshot()
        let user = try snapshot.prepare(
            UserState(
                userID: UserID("u"), user: nil, history: ServingFixture.history, now: ServingFixture.time(0)))
        return try snapshot.score(
            user, rows: (0..<60).map(Int32.init), cancellation: ComputePool.Cancellation())
    }

    /// Value heads stand behind the heads, and weigh nothing until the settings say so.
    @Test func valuesAreServedBesideProbabilities() throws {
        let fixture = try Self.fixture()
        let heads = fixture.loaded.heads
        #expect(heads.map(\.name) == ["view", "like", "also", "seconds"])
        #expect(heads.map(\.weight) == [1, 1, 0, 0] && heads.map(\.isValue) == [false, false, true, true])
        let scores = try Self.scores(fixture)
        #expect(scores.headCount == 4 && scores.probabilities.count == 240)
        // The middle of what was watched, in seconds: no squashed number.
        for (place, value) in scores.probabilities.enumerated() {
            #expect(place % 4 < 2 ? value > 0 && value < 1 : value > -5 && value < 35)
        }
        #expect(scores.probabilities.indices.contains { $0 % 4 > 1 && scores.probabilities[$0] > 1 })
    }

    @Test func aCalibrationLeavesThemAsTheyAre() throws {
        let fixture = try Self.fixture()
        let line = PlattCalibrator(slope: 0.5, offset: -1)
        let calibration = RankerCalibration(
            heads: fixture.loaded.bundle.map.heads.map { .init(head: $0, calibrator: line) }, from: "a", until: "b")
        let raw = try Self.scores(fixture).probabilities
        let served = try Self.scores(try ServingFixture(fixture, calibration: calibration)).probabilities
        for place in raw.indices {
            #expect(
                served[place] == (place % 4 < 2 ? RankerCalibration.probability(raw[place], by: line) : raw[place]))
        }
    }
}
