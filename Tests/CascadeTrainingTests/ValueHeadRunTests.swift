import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

/// Value heads from the database to the figures of a release.
@Suite(.serialized) struct ValueHeadRunTests {
    private static let users = 60
    private static let items = 40

    /// How long an item is played, by itself.
    private static func seconds(_ item: Int) -> Double { Double(item % 8) * 5 + 2 }

    /// Fifty impressions of each user, the last ten after the split; seven of ten are played, one in ten of these without
    /// a value, and some impressions do not record playing.
    private static func fill(_ storage: Storage) async throws {
        var random = SeededRandom(seed: 9)
        var impressions: [Impression] = []
        var events: [Event] = []
        for user in 0..<users {
            for step in 0..<50 {
                let item = random.below(items)
                let time = TrainingFixture.split.adding(seconds: Double(60 * (step - 40) + 1))
                let id = "p\(user)-\(step)"
                let isRecorded = random.below(20) > 0
                impressions.append(
                    Impression(
                        id: id, userID: UserID("u\(user)"), itemID: ItemID("i\(item)"), shownAt: time,
                        observed: isRecorded ? ["play", "like"] : ["like"]))
                func answer(_ type: String, _ value: Double?) {
                    events.append(
                        Event(
                            id: "\(type)-\(id)", type: type, userID: UserID("u\(user)"), itemID: ItemID("i\(item)"),
                            occurredAt: time, value: value, impressionID: id))
                }
                if isRecorded, random.uniform() < 0.7 {
                    answer("play", random.below(10) == 0 ? nil : seconds(item) + random.uniform())
                }
                if random.uniform() < 0.3 { answer("like", nil) }
            }
        }
        for item in 0..<items {
            _ = try await storage.catalog.put(Item(id: ItemID("i\(item)"), creatorID: "c\(item % 4)"))
        }
        _ = try await storage.feedback.append(impressions)
        _ = try await storage.feedback.append(events)
    }

    private static var settings: TrainingSettings {
        var settings = TrainingFixture.settings
        settings.retrieval.epochs = 1
        settings.ranker.epochs = 12
        settings.ranker.learningRate = 0.01
        settings.ranker.warmupSteps = 5
        settings.ranker.dropout = 0
        var squared = ValueHeadSettings(signal: "play")
        squared.loss = .squared
        settings.ranker.values = ["seconds": ValueHeadSettings(signal: "play"), "squared": squared]
        return settings
    }

    private static func bundle(_ fixture: TrainingFixture, _ release: Release) throws -> ModelBundle {
        let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
        _ = try folder.verify(manifestChecksum: release.manifestChecksum)
        return try ModelBundle(folder: folder)
    }

    @Test func aPlantedValueIsLearnedBetterThanTheMean() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            try await Self.fill(fixture.storage)
            let release = try await fixture.run(Self.settings)
            let bundle = try Self.bundle(fixture, release)
            #expect(bundle.map.outputs == ["play", "like", "seconds", "squared"])
            #expect(bundle.settings.ranker.values == Self.settings.ranker.values)
            // About seven tenths of 20 seconds.
            let head = try #require(bundle.map.valueHeads.first)
            #expect(abs(head.average - 0.68 * 20) < 2 && head.minimum == 0 && head.maximum < 39)
            let log = try await fixture.storage.feedback.interactions(in: Period(), timed: false, values: ["play"])
            var options = RankerEvaluationOptions()
            options.bootstrap.draws = 40
            let report = try EvaluationRun.evaluate(
                bundle, log: log, users: try await fixture.storage.catalog.users(),
                heldOut: .period(Period(from: TrainingFixture.split)), history: .frozen, baselines: [], ranker: options)
            #expect(report.values.map(\.head) == ["seconds", "squared"])
            var told: [String: [Prediction]] = [:]
            report.forEachPrediction { told[$0.head, default: []].append($0) }
            for value in report.values {
                let rows = try #require(told[value.head])
                #expect(rows.count == value.figures.rows)
                let mean = rows.reduce(0) { $0 + Double($1.outcome) } / Double(rows.count)
                let predicted = rows.reduce(0) { $0 + Double($1.served) } / Double(rows.count)
                #expect(abs(mean - value.figures.mean) < 1e-3 && abs(predicted - value.figures.meanPrediction) < 1e-3)
                let absolute = rows.reduce(0) { $0 + Double(abs($1.served - $1.outcome)) } / Double(rows.count)
                #expect(abs(absolute - (try #require(value.figures.mae))) < 1e-3)
            }
            let recorded = report.heads.first { $0.head == "play" }?.figures.rows
            for value in report.values {
                let figures = value.figures
                #expect(figures.rows < (try #require(recorded)), "played without a value is not known")
                let (rmse, constant) = (try #require(figures.rmse), try #require(figures.trainingMeanRmse))
                // Whether something is played is chance; how long is not, and is nine tenths of the order.
                #expect(rmse < 0.93 * constant, "\(value.head): \(rmse) of \(constant)")
                #expect(try #require(figures.concordance) > 0.6, "\(value.head)")
                #expect(abs(figures.meanPrediction - figures.mean) < 3)
                let interval = try #require(figures.rmseInterval)
                #expect(interval.low < rmse && rmse < interval.high)
                #expect(figures.maeInterval != nil && figures.concordanceInterval != nil && figures.groups > 40)
                // A training keeps the figures.
                #expect(try fixture.numbers(release)["ranker.\(value.head).rmse"] != nil)
                #expect(report.numbers["ranker.\(value.head).training_mean.rmse"] == constant)
            }
            let document = try EvaluationDocument(report, release: release.id, period: Period()).json()
            let tree = try #require(try JSONSerialization.jsonObject(with: document) as? [String: Any])
            let heads = try #require(tree["values"] as? [[String: Any]])
            #expect(heads.map { $0["head"] as? String } == ["seconds", "squared"])
            #expect(
                Set(try #require(heads.first?["figures"] as? [String: Any]).keys) == [
                    "rows", "users", "mean", "mean_prediction", "mae", "mae_interval", "rmse", "rmse_interval",
                    "training_mean", "training_mean_mae", "training_mean_rmse", "concordance", "concordance_interval",
                    "groups",
                ])
            // Values are no probabilities.
            var wish = CalibrationRun.Wish(
                period: Period(from: TrainingFixture.split, until: TrainingFixture.split.adding(seconds: 900)))
            wish.heads = ["seconds"]
            let run = CalibrationRun(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory))
            let asked = wish
            await #expect {
                _ = try await run.run(asked)
            } throws: {
                "\($0)".contains("'seconds' is a value")
            }
            (wish.heads, wish.method) = (nil, .isotonic)
            let calibrated = try Self.bundle(fixture, try await run.run(wish, activate: false).release)
            #expect(calibrated.calibration?.heads.map(\.head) == ["play", "like"])
        }
    }

    /// A signal without values ends the run before anything is trained.
    @Test func valuesThatAreNotThereAreTold() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            try await Self.fill(fixture.storage)
            for signal in ["like", "watch"] {
                var settings = Self.settings
                settings.ranker.values = ["seconds": ValueHeadSettings(signal: signal)]
                let asked = settings
                await #expect {
                    _ = try await fixture.run(asked)
                } throws: {
                    "\($0)".contains("ranker.values: seconds: ") && "\($0)".contains("'\(signal)'")
                }
            }
        }
    }
}
