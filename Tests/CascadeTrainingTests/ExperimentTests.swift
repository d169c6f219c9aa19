import CascadeCore
import CascadeData
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@testable import CascadeTraining

@Suite(.serialized) struct ExperimentTests {
    private static func experiment(_ change: (inout Experiment) -> Void = { _ in }) -> Experiment {
        var other = TrainingFixture.settings
        other.retrieval.userTower = "attention"
        var experiment = Experiment(
            name: "towers", part: .validation, period: Period(until: TrainingFixture.split), evaluateUntil: nil,
            signal: nil, seeds: [1, 2], baselines: [.popularity, .itemKNN],
            metrics: ["retrieval.two_tower.recall@50", "retrieval.two_tower.ndcg@10"], evaluateEvery: 2,
            variants: [
                .init(name: "pooled", settings: TrainingFixture.settings), .init(name: "attention", settings: other),
            ])
        change(&experiment)
        return experiment
    }

    private static func run(
        _ fixture: TrainingFixture, _ experiment: Experiment, planted: PlantedInterests? = nil
    ) async throws -> ExperimentResult {
        try await ExperimentRun(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
            planted: planted, report: { _ in }
        ).run()
    }

    @Test func runsAreComparedOverSeedsAndTheSameAgain() async throws {
        try await TrainingFixture.with { fixture in
            let result = try await Self.run(fixture, Self.experiment())
            #expect(result.trainings.map(\.name) == ["pooled", "pooled", "attention", "attention"])
            #expect(result.trainings.map(\.seed) == [1, 2, 1, 2])
            #expect(Set(result.trainings.map(\.settingsHash)).count == 4)
            #expect(result.rows.map(\.name) == ["pooled", "attention", "popularity", "item_knn"])
            for row in result.rows.prefix(2) {
                let cell = try #require(row.cells[0])
                let own = result.trainings.filter { $0.name == row.name }
                    .compactMap { $0.numbers["retrieval.two_tower.recall@50"] }
                #expect(abs(cell.mean - own.reduce(0, +) / 2) < 1e-12)
                #expect(abs(cell.deviation - abs(own[0] - own[1]) / 2.0.squareRoot()) < 1e-9)
            }
            for training in result.trainings {
                #expect(training.curve.map(\.epoch) == [1, 2, 3, 4])
                #expect(training.curve[3].loss < training.curve[0].loss)
                #expect(training.curve.map { !$0.numbers.isEmpty } == [false, true, false, true])
            }
            #expect(try await fixture.storage.releases.activeRelease() == nil)

            try await withTemporaryDirectory { folder in
                let one = ExperimentFiles(folder: folder.appendingPathComponent("one"))
                let two = ExperimentFiles(folder: folder.appendingPathComponent("two"))
                try one.write(result, at: .now)
                try two.write(try await Self.run(fixture, Self.experiment()), at: .now)
                let names = try FileManager.default.contentsOfDirectory(atPath: one.folder.path).sorted()
                #expect(
                    names == [
                        "curves.csv", "loss.svg", "results.json", "retrieval.two_tower.ndcg@10.svg",
                        "retrieval.two_tower.recall@50.svg", "table.txt",
                    ])
                for name in names {
                    let left = try Data(contentsOf: one.folder.appendingPathComponent(name))
                    let right = try Data(contentsOf: two.folder.appendingPathComponent(name))
                    #expect(left == right, "\(name)")
                }
            }
        }
    }

    /// Rankers of different settings are compared row by row with those of the first run.
    @Test func rankersAreComparedInPairs() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            var other = settings
            other.ranker.epochs = 1
            let experiment = Self.experiment {
                $0.metrics = [
                    "ranker.click.auc", "ranker.click.grouped_auc", "ranker.click.logloss", "ranker.click.ece",
                ]
                $0.baselines = []
                $0.evaluateEvery = 0
                $0.variants = [
                    .init(name: "two", settings: settings), .init(name: "same", settings: settings),
                    .init(name: "one", settings: other),
                ]
            }
            let result = try await Self.run(fixture, experiment)
            #expect(result.comparisons.count == 2 * 3 * 3)
            for one in result.comparisons {
                let difference = one.difference
                #expect(one.name != "two" && one.metric != "ranker.click.ece")
                #expect(difference.interval.low <= difference.value && difference.value <= difference.interval.high)
                if one.name == "same" {
                    #expect(difference.value == 0 && difference.interval == Interval(low: 0, high: 0))
                    continue
                }
                func figure(_ name: String) -> Double {
                    let own = result.trainings.filter { $0.name == name && (one.seed == nil || $0.seed == one.seed) }
                        .compactMap { $0.numbers[one.metric] }
                    return own.reduce(0, +) / Double(own.count)
                }
                #expect(abs(difference.value - (figure("one") - figure("two"))) < 1e-9, "\(one)")
                #expect(difference.interval.low < difference.interval.high)
            }
            #expect(
                result.comparisons.filter { $0.name == "one" && $0.metric.hasSuffix(".auc") }.map(\.seed) == [
                    1, 2, nil,
                ])
            #expect(result.seedAverages.map(\.name) == ["two", "same", "one"])
            #expect(result.seedAverages[0].numbers == result.seedAverages[1].numbers)
            for average in result.seedAverages {
                // The log loss is convex: that of a mean is at most the mean of those of its parts.
                let own = result.trainings.filter { $0.name == average.name }
                    .compactMap { $0.numbers["ranker.click.logloss"] }
                #expect(own.count == 2 && own[0] != own[1])
                #expect(try #require(average.numbers["ranker.click.logloss"]) < (own[0] + own[1]) / 2)
                #expect(try #require(average.numbers["ranker.click.auc"]) > 0.5)
                #expect(average.numbers["ranker.click.ece"] == nil)
            }
            let table = ExperimentFiles.table(result)
            for part in [
                "to 'two', paired", "one, seed 2", "one, all seeds", "+0.0000 (+0.0000 to +0.0000)",
                "one, seeds averaged",
            ] {
                #expect(table.contains(part), "\(part)\n\(table)")
            }
        }
    }

    /// Runs that differ in what stands beside the towers train these once.
    @Test func whatTheRunBeforeTrainedIsTakenOver() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 2
            settings.retrieval.linearRank = 16
            var heavier = settings
            heavier.retrieval.linearWeight = 0.5
            var otherwise = settings
            otherwise.retrieval.linearItemExponent = 0.3
            var alone = settings
            alone.retrieval.linearRank = 0
            var longer = alone
            longer.retrieval.epochs = 3
            let experiment = Self.experiment {
                $0.seeds = [1]
                $0.baselines = []
                $0.evaluateEvery = 0
                $0.variants = [
                    .init(name: "both", settings: settings), .init(name: "heavier", settings: heavier),
                    .init(name: "otherwise", settings: otherwise),
                    .init(name: "alone", settings: alone), .init(name: "longer", settings: longer),
                ]
            }
            let trained = Mutex<[String]>([])
            let result = try await ExperimentRun(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
                report: { report in
                    if case .trained(let name, _) = report { trained.withLock { $0.append(name) } }
                    if case .step(let step) = report, step.contains("linear") {
                        trained.withLock { $0.append("linear") }
                    }
                }
            ).run()
            let expected = ["retrieval, both, seed 1", "linear", "linear", "retrieval, longer, seed 1"]
            #expect(trained.withLock { $0 } == expected)
            let recalls = result.trainings.map { $0.numbers["retrieval.two_tower.recall@50"] }
            #expect(Set(recalls).count == 5, "\(recalls)")
            #expect(Set(result.trainings.map(\.settingsHash)).count == 5)
        }
    }

    @Test func aReadingOfATestPartIsLogged() async throws {
        try await TrainingFixture.with { fixture in
            let result = try await Self.run(
                fixture,
                Self.experiment {
                    $0.part = .test
                    $0.seeds = [1]
                    $0.variants.removeLast()
                    $0.evaluateEvery = 0
                })
            try withTemporaryDirectory { folder in
                let files = ExperimentFiles(folder: folder)
                try files.write(result, at: .now)
                try files.write(result, at: .now)
                let log = try String(
                    contentsOf: folder.appendingPathComponent("test-readings.ndjson"), encoding: .utf8)
                let lines = log.split(separator: "\n")
                #expect(lines.count == 2)
                #expect(lines.allSatisfy { $0.contains(result.trainings[0].settingsHash) })
                #expect(lines.allSatisfy { $0.contains("\"data\":\"\(result.data.checksum)\"") })
                #expect(lines.allSatisfy { $0.contains("\"users\":\"all\"") })
            }
        }
    }

    @Test func whatDataItWasIsTold() {
        var log = InteractionLog()
        log.users = [UserID("a")]
        log.items = [ItemID("i"), ItemID("j")]
        log.signals = ["click"]
        log.userIndex = [0, 0]
        log.itemIndex = [0, 1]
        log.time = [1, 2]
        log.feedback = [1, 0]
        log.observed = [1, 1]
        log.isImpression = [true, true]
        let users = [
            User(id: UserID("a"), attributes: ["age": .number(3), "town": .text("x")]), User(id: UserID("b")),
        ]
        let items = [Item(id: ItemID("i")), Item(id: ItemID("j"), categories: ["k"])]
        let stamp = DataStamp(log: log, trained: 1, users: users, items: items)
        #expect(stamp.trained == 1 && stamp.interactions == 2 && stamp.users == 2 && stamp.items == 2)
        #expect(stamp.checksum.count == 16)
        #expect(stamp == DataStamp(log: log, trained: 1, users: users.reversed(), items: items.reversed()))
        var changes: [DataStamp] = []
        for change: (inout InteractionLog) -> Void in [
            { $0.feedback[1] = 1 }, { $0.time[0] = 0 }, { $0.itemIndex[0] = 1 }, { $0.signals = ["like"] },
            { $0.users = [UserID("c")] }, { $0.isImpression[0] = false }, { $0.values["click"] = [1, .nan] },
            { $0.position = [0, 1] }, { $0.surfaces = ["home"] },
        ] {
            var other = log
            change(&other)
            changes.append(DataStamp(log: other, trained: 1, users: users, items: items))
        }
        changes.append(
            DataStamp(log: log, trained: 1, users: [User(id: UserID("a")), User(id: UserID("b"))], items: items))
        changes.append(DataStamp(log: log, trained: 1, users: users, items: [items[0], Item(id: ItemID("j"))]))
        let hidden = Item(id: ItemID("j"), categories: ["k"], hidden: true)
        changes.append(DataStamp(log: log, trained: 1, users: users, items: [items[0], hidden]))
        #expect(Set(changes.map(\.checksum) + [stamp.checksum]).count == 13)
    }

    /// Items that training never met are found by their features, and counting finds none of them.
    @Test func hiddenItemsAreFoundByWhatTheyAre() async throws {
        try await TrainingFixture.with { fixture in
            var hidden = HiddenItems()
            hidden.share = 0.1
            let result = try await Self.run(
                fixture,
                Self.experiment {
                    $0.hidden = hidden
                    $0.seeds = [1]
                    $0.evaluateEvery = 0
                    $0.variants = [.init(name: "pooled", settings: TrainingFixture.settings)]
                })
            let found = try #require(result.trainings[0].numbers["retrieval.two_tower.recall@50"])
            let counted = try #require(result.baselines["retrieval.item_knn.recall@50"])
            #expect(found > 0.2 && found > 2 * counted, "two towers \(found), item-kNN \(counted)")
            let items = try await fixture.storage.catalog.items()
            let share = Double(items.count { hidden.contains($0.id) }) / Double(items.count)
            #expect(share > 0.05 && share < 0.17, "\(share)")
        }
    }

    /// The ranker alone, on the last tenth of what each user did before the split.
    @Test func theLastShareOfEachUserIsMeasured() async throws {
        try await TrainingFixture.with { fixture in
            let result = try await Self.run(
                fixture,
                Self.experiment {
                    $0.lastShare = 0.1
                    $0.seeds = [1]
                    $0.evaluateEvery = 0
                    $0.metrics = ["ranker.long_view.auc"]
                    $0.variants = [.init(name: "default", settings: TrainingFixture.settings)]
                })
            let training = result.trainings[0]
            #expect(try #require(training.numbers["ranker.long_view.auc"]) > 0.55)
            #expect(!training.numbers.keys.contains { $0.hasPrefix("retrieval.") }, "nothing of it was asked for")
            #expect(training.curve.isEmpty)
            #expect(result.baselines.isEmpty, "figures of the ranker are of no baseline")
        }
    }

    @Test(arguments: [
        (["ranker.click.auc", "rolling.ranker.click.auc"], false), (["ranker.click.auc", "slate.both.gain"], true),
    ]) func retrievalIsTrainedWhereItIsMeasured(metrics: [String], isNeeded: Bool) {
        #expect(Self.experiment { $0.metrics = metrics }.needsRetrieval == isNeeded)
    }

    /// What training gets of a period's log is what a log that ended there would be.
    @Test func whatIsHeldOutLeavesNoNames() {
        var log = InteractionLog()
        log.users = [UserID("a"), UserID("b")]
        log.items = [ItemID("i"), ItemID("j"), ItemID("k")]
        log.userIndex = [0, 1, 1]
        log.itemIndex = [2, 2, 0]
        log.time = [1_000_000, 2_000_000, 9_000_000]
        log.feedback = [0, 0, 0]
        log.observed = [1, 1, 1]
        log.isImpression = [true, true, true]
        var answers = AnswerLog()
        answers.users = log.users
        answers.items = log.items
        (answers.userIndex, answers.itemIndex, answers.signal) = ([0, 1], [2, 0], [0, 0])
        answers.time = [1_500_000, 9_500_000]
        log.answers = answers
        let period = Period(from: Timestamp(microseconds: 5_000_000))
        let kept = HeldOut.period(period).withheld(from: log)
        #expect(kept.users == log.users && kept.items == [ItemID("k")] && kept.itemIndex == [0, 0])
        #expect(kept.answers?.time == [1_500_000])
    }

    @Test func theLastShareIsCutUserByUserAndBetweenSeconds() {
        var log = InteractionLog()
        log.users = [UserID("a"), UserID("b"), UserID("c")]
        log.items = [ItemID("i")]
        // b's last four rows share a second; c has too few rows for a fifth of them.
        let seconds: [[Int64]] = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 7, 7, 7], [1, 2, 3]]
        for (user, times) in seconds.enumerated() {
            for second in times {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(0)
                log.time.append(second * 1_000_000 + Int64(log.time.count))
                log.feedback.append(0)
                log.observed.append(1)
                log.isImpression.append(true)
            }
        }
        let kept = HeldOut.last(share: 0.2).withheld(from: log)
        let counts = (0..<3).map { user in kept.userIndex.count { $0 == Int32(user) } }
        #expect(counts == [8, 6, 3])
        #expect(HeldOut.last(share: 0.2).withheld(from: InteractionLog()).count == 0)
    }

    @Test func theHashIsOfWhatTakesPart() throws {
        let settings = TrainingFixture.settings
        var other = settings
        other.index.efSearch = 77
        #expect(try ExperimentRun.hash(other) == ExperimentRun.hash(settings))
        other.retrieval.epochs += 1
        #expect(try ExperimentRun.hash(other) != ExperimentRun.hash(settings))
    }

    /// Towers of several vectors and medoids beside the others, held against the truth of the world.
    @Test func membersOfSeveralVectorsAreComparedByTheInterestsTheyReach() async throws {
        try await TrainingFixture.with { fixture in
            let experiment = Self.experiment {
                $0.seeds = [1]
                $0.evaluateEvery = 0
                $0.baselines = [.popularity, .medoids]
                $0.metrics = [
                    "retrieval.two_tower.recall@50", "retrieval.two_tower.planted@20",
                    "retrieval.two_tower.planted@100", "retrieval.two_tower.planted_share@100",
                ]
                $0.planted = "truth.ndjson"
                $0.variants = ["pooled", "comirec_sa", "mind"].map { tower in
                    var settings = TrainingFixture.settings
                    settings.retrieval.userTower = tower
                    return .init(name: tower, settings: settings)
                }
            }
            let world = try GeneratedWorld(TrainingFixture.small)
            let truth = PlantedInterests(
                users: world.userInterests.mapValues { Set($0.keys) }, items: world.itemInterests)
            let result = try await Self.run(fixture, experiment, planted: truth)
            #expect(result.rows.map(\.name) == ["pooled", "comirec_sa", "mind", "popularity", "medoids"])
            for row in result.rows {
                let cells = try row.cells.map { try #require($0).mean }
                #expect(cells[1] > 0.5 && cells[1] <= cells[2] && cells[2] <= 4, "\(row.name): \(cells)")
                #expect(cells[3] > 0.5 && cells[3] <= 1, "\(row.name): \(cells)")
                // By far more than the sixth of the catalog that 50 items are.
                if row.name != "popularity" { #expect(cells[0] > 0.3, "\(row.name): \(cells)") }
            }
            // The truth changes nothing of what is trained.
            let blind = try await Self.run(
                fixture,
                Self.experiment {
                    $0.seeds = [1]
                    $0.evaluateEvery = 0
                    $0.baselines = []
                    $0.variants = [experiment.variants[0]]
                })
            let recall = "retrieval.two_tower.recall@50"
            #expect(blind.trainings[0].numbers[recall] == result.trainings[0].numbers[recall])
            #expect(blind.trainings[0].numbers["retrieval.two_tower.planted@100"] == nil)

            await #expect(
                performing: {
                    try await Self.run(fixture, experiment, planted: PlantedInterests(users: [:], items: [:]))
                }, throws: { "\($0)".contains("truth.ndjson") })
        }
    }

    /// A release serves users by one vector.
    @Test func towersOfSeveralVectorsMakeNoRelease() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.userTower = "mind"
            await #expect(
                performing: { try await fixture.run(settings) },
                throws: {
                    "\($0)".contains("retrieval.user_tower 'mind'") && "\($0)".contains("cascade experiment")
                })
        }
    }

    @Test func plantedMetricsNeedTheTruth() {
        let problems = Self.experiment { $0.metrics.append("retrieval.two_tower.planted@100") }.problems()
        #expect(problems.count == 1 && problems[0].contains("data.planted"))
    }

    @Test func whatCannotBeRunIsSaidAtOnce() {
        let problems = Self.experiment {
            $0.period = Period()
            $0.seeds = [1, 1]
            $0.metrics = []
            $0.variants[1] = $0.variants[0]
            $0.lastShare = 0.1
            $0.measured = .new
        }.problems()
        #expect(problems.count == 5)
        #expect(problems.contains { $0.contains("data.users") })
        #expect(problems.contains { $0.contains("data.until") })
        #expect(problems.contains { $0.contains("same name") })
    }

    @Test func aPlotHasALineASeriesAndEscapesNames() {
        let plot = CurvePlot(
            title: "a < b", series: [.init(name: "x & y", points: [(1, 2), (2, 1)]), .init(name: "z", points: [])])
        #expect(plot.svg.contains("a &lt; b"))
        #expect(plot.svg.contains("x &amp; y"))
        #expect(plot.svg.components(separatedBy: "<polyline").count == 3)
        #expect(!plot.svg.contains("nan"))
    }
}
