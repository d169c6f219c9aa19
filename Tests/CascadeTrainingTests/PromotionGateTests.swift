import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeTraining

@Suite(.serialized) struct PromotionGateTests {
    private static func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
        var settings = TrainingFixture.settings
        settings.promotion.gate = true
        settings.retrieval.epochs = 1
        change(&settings)
        return settings
    }

    @Test func whatIsNoWorseIsActivatedAndWhatIsWorseIsNot() async throws {
        try await TrainingFixture.with { fixture in
            let first = try await fixture.run(Self.settings())
            #expect(try fixture.numbers(first).keys.allSatisfy { !$0.hasPrefix("promotion.") })
            let same = try await fixture.run(Self.settings())
            #expect(same.state == .active)
            let numbers = try fixture.numbers(same)
            #expect(numbers["promotion.ranker.click.auc.gain"] == 0)
            #expect(numbers["promotion.retrieval.two_tower.recall@100.gain.low"] == 0)
            // Untrained models: a learning rate that moves nothing.
            let poor = Self.settings {
                $0.ranker.learningRate = 1e-9
                $0.retrieval.learningRate = 1e-9
                $0.seed = 5
            }
            await #expect { try await fixture.run(poor) } throws: { error in
                guard case TrainingError.notPromoted(_, let lines) = error else { return false }
                return lines.count == 2 && lines[0].contains("ranker.click.auc") && "\(error)".contains("margin")
            }
            #expect(try await fixture.storage.releases.activeRelease()?.id == same.id)
            let refused = try #require(try await fixture.storage.releases.releases().first)
            #expect(refused.state == .ready)
            #expect(try #require(try fixture.numbers(refused)["promotion.ranker.click.auc.gain.low"]) < -0.005)
        }
    }

    @Test func figuresOfRowsThatWereTrainedOnAreNotCompared() async throws {
        try await TrainingFixture.with { fixture in
            let settings = Self.settings { $0.ranker.epochs = 1 }
            // Trained on everything, it knows what the next one is measured on.
            _ = try await fixture.run(settings, until: nil)
            let next = try await fixture.run(settings)
            #expect(next.state == .active)
            #expect(try fixture.numbers(next).keys.allSatisfy { !$0.hasPrefix("promotion.") })
            let bundle = try ModelBundle(folder: ArtifactFolder(fixture.directory.appendingPathComponent(next.path)))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let gate = PromotionGate(settings: settings.promotion)
            #expect {
                try gate.judge(
                    bundle, against: bundle, log: log, users: [],
                    period: Period(from: TrainingFixture.split.adding(seconds: -86_400)))
            } throws: { "\($0)".contains("too good") }
            #expect { try gate.judge(bundle, against: bundle, log: log, users: [], period: Period()) } throws: {
                "\($0)".contains("--from")
            }
            #expect(throws: TrainingError.nothingToEvaluate) {
                try gate.judge(
                    bundle, against: bundle, log: log, users: [],
                    period: Period(from: TrainingFixture.split.adding(seconds: 1e6)))
            }
        }
    }

    @Test func theMeanOfDifferencesHasTheIntervalOfItsUsers() throws {
        let differences = (0..<500).map { Double($0 % 5) / 10 - 0.1 }
        let mean = try PairedBootstrap.mean(differences)
        #expect(abs(mean.value - 0.1) < 1e-12)
        let error = 1.96 * 0.1414 / 500.0.squareRoot()
        #expect(abs(mean.interval.low - (0.1 - error)) < 0.003 && abs(mean.interval.high - (0.1 + error)) < 0.003)
        #expect(mean.negated.interval.low == -mean.interval.high)
    }
}
