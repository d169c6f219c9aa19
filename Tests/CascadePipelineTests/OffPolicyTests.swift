import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

/// What every estimator must hold, over every weighting that it is defined for.
@Suite struct OffPolicyContractTests {
    private static let estimators = OffPolicyEstimators.all(model: ItemPlaceModel())

    private static func each(_ body: (any OffPolicyEstimator, SlateWeighting) throws -> Void) rethrows {
        for weighting in SlateWeighting.allCases {
            for estimator in estimators where weighting != .slate || estimator.name != "dr" {
                try body(estimator, weighting)
            }
        }
    }

    @Test func aLargeLogGivesTheKnownValue() throws {
        let world = BanditWorld(seed: 11)
        #expect(abs(world.targetValue - world.loggingValue) > 0.01)
        try Self.each { estimator, weighting in
            let estimate = try estimator.estimate(world.log(users: 6000, weighting: weighting, seed: 2))
            // Four standard errors.
            #expect(
                abs(estimate.value - world.targetValue) < 4 * estimate.standardError, "\(estimator.name) \(weighting)")
            #expect(estimate.standardError < 0.1 * world.targetValue, "\(estimator.name) \(weighting)")
        }
    }

    @Test func rewardsOfNothingAreWorthNothingAndTwiceTheRewardsTwice() throws {
        let world = BanditWorld(seed: 4)
        try Self.each { estimator, weighting in
            let log = world.log(users: 200, weighting: weighting, seed: 1)
            var none = log
            var twice = log
            for slate in log.slates.indices {
                for place in log.slates[slate].places.indices {
                    none.slates[slate].places[place].reward = 0
                    twice.slates[slate].places[place].reward *= 2
                }
            }
            #expect(try estimator.estimate(none).value == 0)
            let (once, double) = (try estimator.estimate(log), try estimator.estimate(twice))
            #expect(abs(double.value - 2 * once.value) < 1e-9)
            #expect(abs(double.standardError - 2 * once.standardError) < 1e-9)
        }
    }

    @Test func theLoggingPolicyIsWorthWhatWasLogged() throws {
        let world = BanditWorld(seed: 8)
        try Self.each { estimator, weighting in
            var log = world.log(users: 300, weighting: weighting, seed: 1)
            for slate in log.slates.indices {
                for place in log.slates[slate].places.indices {
                    log.slates[slate].places[place].target = log.slates[slate].places[place].logging
                    let item = log.slates[slate].places[place].item
                    log.slates[slate].places[place].targets = [ItemProbability(item: item, probability: 1)]
                }
            }
            let logged = try #require(log.logged.value)
            #expect(abs(try estimator.estimate(log).value - logged) < 1e-9, "\(estimator.name) \(weighting)")
            #expect(abs(log.support.effectiveSlates - Double(log.slates.count)) < 1e-6)
        }
    }

    @Test func logsThatTellNothingAreRefused() throws {
        let world = BanditWorld(seed: 5)
        Self.each { estimator, weighting in
            let log = world.log(users: 50, weighting: weighting, seed: 1)
            #expect(throws: OffPolicyError.tooFewUsers(1)) {
                try estimator.estimate(OffPolicyLog(slates: log.slates.filter { $0.unit == 0 }, weighting: weighting))
            }
            var bad = log
            bad.slates[3].places[1].logging = 0
            #expect(throws: OffPolicyError.badProbability(0)) { try estimator.estimate(bad) }
            var far = log
            for slate in far.slates.indices {
                for place in far.slates[slate].places.indices { far.slates[slate].places[place].unsupported = 0.5 }
            }
            #expect {
                try estimator.estimate(far)
            } throws: { error in
                guard case OffPolicyError.noSupport(let share, let limit) = error else { return false }
                return abs(share - far.unsupportedShare) < 1e-12 && share > 0.3 && limit == 0.01
                    && "\(error)".contains("pipeline.exploration")
            }
            #expect(throws: Never.self) { try estimator.estimate(far, unsupportedLimit: 1) }
        }
        let slates = world.log(users: 50, weighting: .slate, seed: 1)
        #expect(throws: OffPolicyError.undefined(estimator: "dr", weighting: "slate")) {
            try DoublyRobustEstimator(model: ItemPlaceModel()).estimate(slates)
        }
    }

    /// 200 worlds: a share of 95 % lies between 91 and 98.5 % in 98 of 100 trials; errors that are too small by a fifth
    /// cover 88 %.
    @Test func intervalsHoldTheTruthAsOftenAsTheySay() throws {
        let trials = try CoverageTrial.run(worlds: 200, users: 150, seed: 7)
        #expect(trials.count == 8)
        for trial in trials {
            #expect(trial.worlds == 200)
            #expect((0.91...0.99).contains(trial.coverage), "\(trial)")
            #expect(abs(trial.bias) < 0.2 * trial.error, "\(trial)")
        }
        func error(_ estimator: String, _ weighting: SlateWeighting) -> Double {
            trials.first { $0.estimator == estimator && $0.weighting == weighting }?.error ?? .nan
        }
        // Products of more steps weigh more unevenly, and a model of rewards takes some of that away.
        #expect(error("ips", .independent) < error("ips", .sequential))
        #expect(error("ips", .sequential) < error("ips", .slate))
        #expect(error("dr", .sequential) < error("ips", .sequential))
    }
}

@Suite struct OffPolicyTests {
    @Test func weightsAreThoseOfTheirDefinitions() {
        let steps: [(logging: Double, target: Double)] = [(0.5, 0.25), (0.2, 0.4), (0.1, 0.3)]
        let places = steps.map { step in LoggedPlace(reward: 1, logging: step.logging, target: step.target) }
        let slate = LoggedSlate(unit: 0, places: places)
        func close(_ left: [Double], _ right: [Double]) -> Bool { zip(left, right).allSatisfy { abs($0 - $1) < 1e-12 } }
        #expect(close(SlateWeighting.independent.weights(of: slate).own, [0.5, 2, 3]))
        #expect(close(SlateWeighting.sequential.weights(of: slate).own, [0.5, 1, 3]))
        #expect(close(SlateWeighting.sequential.weights(of: slate).before, [1, 0.5, 1]))
        #expect(close(SlateWeighting.slate.weights(of: slate).own, [3, 3, 3]))
    }

    @Test func theRewardModelGoesByItsFeatureAndPlace() {
        var slates: [LoggedSlate] = []
        for index in 0..<100 {
            let rewards: [Double] = [index % 2 == 0 ? 1 : 0, index % 4 == 0 ? 1 : 0]
            let places = rewards.map { LoggedPlace(reward: $0, logging: 1, target: 1, feature: 0.5) }
            slates.append(LoggedSlate(unit: Int32(index), places: places))
        }
        let model = ScaledFeatureModel().fitted(to: slates)
        let place = LoggedPlace(reward: 0, logging: 1, target: 1, feature: 0.2, expectedFeature: 0.4)
        let first = model.prediction(of: place, at: 0)
        // (50 + 0.75) / (50 + 1) and (25 + 0.75) / 51.
        #expect(abs(first.shown - 0.2 * 50.75 / 51) < 1e-9 && abs(first.expected - 0.4 * 50.75 / 51) < 1e-9)
        #expect(abs(model.prediction(of: place, at: 1).shown - 0.2 * 25.75 / 51) < 1e-9)
        #expect(ScaledFeatureModel().fitted(to: []).prediction(of: place, at: 0).shown == 0)
    }
}
