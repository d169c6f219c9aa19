import CascadeCore
import CascadePipeline
import CascadeServing
import CascadeStorage
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import cascade

/// Slates with chance and arms of A/B tests, from the answer over impressions and events to estimates and reports.
@Suite(.serialized) struct PolicyPathTests {
    @Test func fromSlatesToEstimatesAndReports() async throws {
        try await World.with { world in
            try await estimatesComeFromWhatWasServed(world)
            try await armsAreServedAndReported(world)
        }
    }

    private func service(
        _ world: World, _ change: (inout CascadeConfiguration) -> Void
    ) async throws -> PipelineService {
        var configuration = world.session.configuration
        change(&configuration)
        #expect(configuration.problems().isEmpty)
        let session = Session(
            configuration: configuration, storage: world.session.storage, dataDirectory: world.session.dataDirectory,
            cluster: nil)
        let service = try await PipelineService(session, logger: World.quiet)
        await service.follower.refresh()
        return service
    }

    /// What an application does with an answer: tells what it showed, and that every `step`-th item was clicked.
    private func show(
        _ answer: Answer, _ user: String, step: Int, _ client: any TestClientProtocol
    ) async throws -> Int {
        let id = try #require(answer.body["recommendation_id"] as? String)
        let items = answer.itemIDs.map { #"{"item_id":"\#($0)"}"# }.joined(separator: ",")
        let shown = try await client.send(
            .post, "/v1/impressions",
            #"{"impressions":[{"impression_id":"i-\#(id)","recommendation_id":"\#(id)","user_id":"\#(user)","items":[\#(items)]}]}"#
        )
        #expect(shown.body["accepted"] as? Int == answer.itemIDs.count, "\(shown.body)")
        let clicked = answer.itemIDs.enumerated().filter { $0.offset % step == 0 }.map(\.element)
        // By the impression and by the recommendation alone, in turn.
        let events = clicked.enumerated().map { index, item in
            let link = index % 2 == 0 ? #""impression_id":"i-\#(id)""# : #""recommendation_id":"\#(id)""#
            return #"{"type":"click","user_id":"\#(user)","item_id":"\#(item)",\#(link)}"#
        }
        let sent = try await client.send(.post, "/v1/events", #"{"events":[\#(events.joined(separator: ","))]}"#)
        #expect(sent.body["accepted"] as? Int == clicked.count, "\(sent.body)")
        return clicked.count
    }

    private func users(_ count: Int) -> [String] { (1...count).map { String(format: "user-%03d", $0) } }

    /// Traces are written behind the answers.
    private func keep(_ traces: [PipelineTrace], _ world: World) async throws {
        let encoder = JSONEncoder()
        try await world.session.storage.traces.put(
            try traces.map { trace in
                RecommendationTrace(
                    recommendationID: trace.recommendationID, userID: trace.userID.map { UserID($0) },
                    releaseID: trace.release?.releaseID, createdAt: .now,
                    json: String(decoding: try encoder.encode(trace), as: UTF8.self))
            })
    }

    private func trace(_ answer: Answer) throws -> PipelineTrace {
        let json = try JSONSerialization.data(withJSONObject: try #require(answer.body["trace"]))
        return try JSONDecoder().decode(PipelineTrace.self, from: json)
    }

    private func estimatesComeFromWhatWasServed(_ world: World) async throws {
        let service = try await service(world) {
            $0.pipeline.exploration = ExplorationSettings(temperature: 0.2, epsilon: 0.2, top: 40)
        }
        defer { service.compute.shutdown() }
        let start = Timestamp.now
        nonisolated(unsafe) var clicks = 0
        try await world.serve(service) { client async throws in
            for (index, user) in users(12).enumerated() {
                let answer = try await client.recommend(
                    #"{"user_id":"\#(user)","limit":6,"seed":\#(index),"debug":true}"#)
                let propensities = answer.items.compactMap { $0["propensity"] as? Double }
                #expect(propensities.count == 6 && propensities.allSatisfy { $0 > 0 && $0 < 1 })
                let trace = try trace(answer)
                #expect(zip(trace.candidates, propensities).allSatisfy { abs(($0.propensity ?? 0) - $1) < 1e-12 })
                try await keep([trace], world)
                clicks += try await show(answer, user, step: 2 + index % 3, client)
            }
            // Nobody says that this one was shown.
            try await keep(
                [try trace(try await client.recommend(#"{"user_id":"user-099","limit":6,"debug":true}"#))], world)
        }
        let period = Period(from: start.adding(seconds: -1))
        let same = try await TracedSlates.read(
            world.session.storage, period, ReplayPolicy(), signal: "click", limit: 100)
        #expect(same.slates.count == 12 && same.unseen == 1 && same.skipped.isEmpty)
        let log = OffPolicyLog(slates: same.slates, weighting: .sequential)
        #expect(abs((log.logged.value ?? 0) - Double(clicks) / 12) < 1e-12)
        let text = OffPolicyText.render(
            log, OffPolicyEstimators.all(model: ScaledFeatureModel()), signal: "click", unsupportedLimit: 0.01)
        #expect(text.contains("slates           12 of 12 users") && text.contains("snips"), "\(text)")
        let ips = try InverseProbabilityEstimator().estimate(log)
        #expect(abs(ips.value - Double(clicks) / 12) < 1e-9)
        var milder = ReplayPolicy()
        milder.exploration = ExplorationSettings(temperature: 0.3, epsilon: 0.1, top: 40)
        let other = try await TracedSlates.read(world.session.storage, period, milder, signal: "click", limit: 100)
        let estimate = try SelfNormalizedEstimator().estimate(
            OffPolicyLog(slates: other.slates, weighting: .sequential))
        #expect(estimate.value > 0 && estimate.value < 6)
        // With all 250 items to draw from, some had no chance among the 40.
        milder.exploration = ExplorationSettings(temperature: 0, epsilon: 1, top: 10_000)
        let wide = try await TracedSlates.read(world.session.storage, period, milder, signal: "click", limit: 100)
        #expect {
            try InverseProbabilityEstimator().estimate(OffPolicyLog(slates: wide.slates, weighting: .sequential))
        } throws: { error in
            guard case OffPolicyError.noSupport(let share, _) = error else { return false }
            return share > 0.5
        }
    }

    private func armsAreServedAndReported(_ world: World) async throws {
        let second = try await World.train(world.session)
        try await world.session.storage.releases.activate(world.release.id)
        let change = {
            var change = PipelineChange()
            change.scoreWeights = ["click": -1]
            return change
        }()
        let tests = [
            ExperimentSettings(name: "upside", arms: [.init(name: "control"), .init(name: "down", pipeline: change)]),
            ExperimentSettings(name: "ranker", arms: [.init(name: "control"), .init(name: "new", release: second.id)]),
        ]
        let service = try await service(world) { $0.experiments.running = tests }
        defer { service.compute.shutdown() }
        nonisolated(unsafe) var clicks: [String: Int] = [:]
        nonisolated(unsafe) var shown: [String: Int] = [:]
        try await world.serve(service) { client async throws in
            for user in users(24) {
                let answer = try await client.recommend(#"{"user_id":"\#(user)","limit":5}"#)
                let arms = try #require(answer.body["experiment"] as? [String: String])
                #expect(
                    answer.body["release_id"] as? String == (arms["ranker"] == "new" ? second.id : world.release.id))
                let arm = try #require(arms["upside"])
                let count = try await show(answer, user, step: arm == "down" ? 5 : 2, client)
                clicks[arm, default: 0] += count
                shown[arm, default: 0] += 1
            }
        }
        #expect(shown.count == 2)
        let report = try await ABCommand.Report.report(world.session.storage, tests[0], signals: ["click"], Period())
        for arm in report.arms {
            let users = try #require(shown[arm.name])
            #expect(arm.users == users && arm.impressions == 5 * users)
            #expect(abs((arm.rates[1].value ?? 0) - Double(clicks[arm.name] ?? 0) / Double(5 * users)) < 1e-12)
        }
        #expect(abs((report.arms[1].rates[1].difference ?? 0) + 0.4) < 1e-12)
        let all = try await ABCommand.Report.report(world.session.storage, tests[1], signals: [], Period())
        #expect(all.arms.map(\.users).reduce(0, +) == 24 && all.arms[0].rates.count > 2)
        await #expect(throws: StorageError.self) {
            try await ABCommand.Report.report(world.session.storage, tests[0], signals: ["no_such"], Period())
        }
        // A release that an arm names is kept, and one that is not there ends the start.
        let unneeded = try await world.session.storage.releases.removeUnneeded(
            keeping: 0, madeBefore: .now, needed: [second.id], dryRun: true)
        #expect(!unneeded.map(\.id).contains(second.id))
        await #expect(throws: CommandFailure.self) {
            try await self.service(world) {
                $0.experiments.running = [
                    ExperimentSettings(
                        name: "lost", arms: [.init(name: "control"), .init(name: "b", release: "rel_none")])
                ]
            }
        }
    }
}
