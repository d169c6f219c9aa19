import CascadeCore
import CascadeData
import CascadeFeatures
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeTraining

@Suite(.serialized) struct RankerEvaluationTests {
    private struct Trained: Sendable {
        let release: Release
        let bundle: ModelBundle
        let log: InteractionLog
        let users: [User]

        /// A release of the fixture's data.
        init(_ fixture: TrainingFixture) async throws {
            release = try await fixture.run()
            bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            log = try await fixture.storage.feedback.interactions(in: Period())
            users = try await fixture.storage.catalog.users()
        }

        func evaluate(
            _ options: RankerEvaluationOptions, _ history: HistoryMode = .frozen, seconds: Double? = nil
        ) throws -> EvaluationReport {
            try EvaluationRun.evaluate(
                bundle, log: log, users: users,
                heldOut: .period(
                    Period(
                        from: TrainingFixture.split, until: seconds.map { TrainingFixture.split.adding(seconds: $0) })),
                history: history, baselines: [], ranker: options)
        }
    }

    private static func options(rows: Int?) -> RankerEvaluationOptions {
        var options = RankerEvaluationOptions()
        options.bootstrap.draws = 40
        options.importance = rows.map {
            var importance = ImportanceOptions()
            importance.rows = $0
            return importance
        }
        return options
    }

    @Test func slicesPartTheRowsAndAreNeverDropped() async throws {
        try await TrainingFixture.with { fixture in
            // A user and an item that training does not meet, with a handful of impressions.
            let shown = (0..<6).map { number in
                Impression(
                    id: "late-\(number)", userID: UserID("stranger"), itemID: ItemID("brand-new"),
                    shownAt: TrainingFixture.split.adding(seconds: Double(number + 1)))
            }
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("brand-new")))
            _ = try await fixture.storage.feedback.append(shown)
            let trained = try await Trained(fixture)
            let report = try trained.evaluate(Self.options(rows: nil))
            let names =
                ["users.new", "users.known"] + (1...4).map { "users.past.\($0)" } + ["items.new", "items.known"]
                + (1...10).map { "items.popularity.\($0)" }
            for head in report.heads {
                #expect(head.slices.map(\.name) == names)
                func rows(_ prefix: String) -> Int {
                    head.slices.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.rows }
                }
                func slice(_ name: String) -> SliceMetrics? { head.slices.first { $0.name == name } }
                let whole = head.figures.rows
                #expect(rows("users.new") + rows("users.known") == whole)
                #expect(rows("items.new") + rows("items.known") == whole)
                #expect(rows("items.popularity") == slice("items.known")?.rows)
                #expect(rows("users.past") == slice("users.known")?.rows)
                let new = try #require(slice("items.new"))
                #expect(new.rows >= 6 && new.rows < whole / 2)
                let known = try #require(slice("users.known")?.figures)
                #expect(known.rows < whole && known.aucInterval != nil)
                for slice in head.slices {
                    let fewest = min(slice.positives, slice.rows - slice.positives)
                    #expect(slice.isTooSmall == (fewest < RankerSlices.fewest), "\(slice.name)")
                    #expect(!slice.title.isEmpty)
                }
            }
            // Of seconds there is too little of everything, which is said of every slice.
            for head in try trained.evaluate(Self.options(rows: nil), seconds: 10).heads {
                #expect(head.figures.rows >= 6)
                #expect(head.slices.map(\.name) == names)
                #expect(head.slices.allSatisfy { $0.isTooSmall && $0.figures == nil })
            }
            let plain = try trained.evaluate(.plain)
            #expect(plain.heads.allSatisfy { $0.slices.isEmpty && $0.figures.aucInterval == nil })
            #expect(plain.importance == nil)
            #expect(plain.heads.map(\.figures.auc) == report.heads.map(\.figures.auc))
        }
    }

    @Test func predictionsTellWhatWasMeasured() async throws {
        try await TrainingFixture.with { fixture in
            let trained = try await Trained(fixture)
            let report = try trained.evaluate(.plain)
            var rows: [String: [Prediction]] = [:]
            report.forEachPrediction { rows[$0.head, default: []].append($0) }
            #expect(Set(rows.keys) == Set(report.heads.map(\.head)))
            let known = Set(trained.users.map(\.id))
            for head in report.heads {
                let rows = try #require(rows[head.head])
                #expect(rows.count == head.figures.rows)
                #expect(rows.count { $0.outcome == 1 } == head.figures.positives)
                #expect(rows.allSatisfy { $0.time >= TrainingFixture.split && known.contains($0.user) })
                #expect(rows.allSatisfy { $0.raw == $0.served })
                let auc = RankingMetrics.auc(scores: rows.map(\.served), labels: rows.map { $0.outcome == 1 })
                #expect(auc == head.figures.auc)
            }
            // Each row of the log is there as often as it was logged, with what happened.
            let log = trained.log
            for head in report.heads {
                let mask = log.mask(of: head.head)
                var logged: [String: Int] = [:]
                for row in log.time.indices
                where log.isImpression[row] && log.observed[row] & mask != 0
                    && log.time[row] >= TrainingFixture.split.microseconds
                {
                    let (user, item) = (log.users[Int(log.userIndex[row])], log.items[Int(log.itemIndex[row])])
                    logged["\(user) \(item) \(log.time[row]) \(log.feedback[row] & mask != 0)", default: 0] += 1
                }
                var told: [String: Int] = [:]
                for row in rows[head.head] ?? [] {
                    told["\(row.user) \(row.item) \(row.time.microseconds) \(row.outcome == 1)", default: 0] += 1
                }
                #expect(told == logged, "\(head.head)")
            }
        }
    }

    /// All rows with true values are what the evaluation measured; what the ranker reads most is missed most.
    @Test func permutedFeaturesAreMissed() async throws {
        try await TrainingFixture.with { fixture in
            let trained = try await Trained(fixture)
            let layouts = trained.bundle.map.ranker
            let names = (EntityFeature.all(of: layouts.users) + EntityFeature.all(of: layouts.items)).map(\.name)
            #expect(Set(names).count == names.count)
            #expect(names.contains("item.id") && names.contains { $0.hasPrefix("user.") })
            for history in HistoryMode.allCases {
                let report = try trained.evaluate(Self.options(rows: .max), history, seconds: 30_000)
                let importance = try #require(report.importance)
                #expect(importance.rows == report.impressions.count)
                #expect(importance.users == Set(report.impressions.user).count)
                for head in importance.heads {
                    let whole = try #require(report.heads.first { $0.head == head.head }).figures
                    #expect(head.rows == whole.rows)
                    #expect(abs(head.auc - (try #require(whole.auc))) < 1e-6)
                    #expect(abs(head.logLoss - (try #require(whole.logLoss))) < 1e-6)
                    #expect(Set(head.losses.map(\.feature)) == Set(names + ["history", "counters"]))
                    let rises = head.losses.map(\.logLoss)
                    #expect(rises == rises.sorted(by: >))
                }
                let click = try #require(importance.heads.first { $0.head == "click" })
                let most = try #require(click.losses.first { $0.feature == "counters" })
                #expect(most.auc > 0.01 && most.logLoss > 0, "\(most)")
                guard history == .frozen else { continue }
                // The same seed permutes the same; a part of the rows is drawn by whole users.
                let again = try trained.evaluate(Self.options(rows: .max), history, seconds: 30_000)
                #expect(again.importance == importance)
                let part = try #require(
                    try trained.evaluate(Self.options(rows: 100), history, seconds: 30_000).importance)
                #expect(part.rows >= 100 && part.rows < importance.rows && part.users < importance.users)
            }
        }
    }

    @Test func entitiesAreGatheredFeatureByFeature() throws {
        let layout = EntityLayout(
            entity: .item,
            single: [
                CategoricalFeature(entity: .item, source: .id, lookups: 2),
                CategoricalFeature(entity: .item, source: .creator, lookups: 1),
            ],
            multi: [CategoricalFeature(entity: .item, source: .categories, lookups: 1, multi: true)],
            numeric: [NumericFeature(entity: .item, source: .attribute("length"))],
            bins: [.piecewiseLinear(PiecewiseLinear(edges: [0, 1, 2]))],
            vectors: [VectorFeature(name: "image", centre: [0, 0])])
        let items = (0..<5).map { number in
            Item(
                id: ItemID("i\(number)"), creatorID: "c\(number)",
                categories: (0..<number).map { "k\(number)-\($0)" },
                attributes: number == 3 ? [:] : ["length": .number(Double(number))])
        }
        var vectors = ItemVectors(kinds: [VectorDefinition(name: "image", width: 2)], count: 5)
        for row in 0..<4 {
            vectors.set(ItemVector(itemID: items[row].id, name: "image", values: [Float(row) + 1, -1]), row: row)
        }
        let encoder = EntityEncoder(layout: layout, table: UnifiedTable(rows: 1000, dimension: 4))
        let encoded = encoder.encode(items, vectors: vectors)
        let features = EntityFeature.all(of: layout)
        #expect(
            features.map(\.name) == ["item.id", "item.creator", "item.categories", "item.length", "item.vector.image"])
        #expect(encoded.gathered([0, 1, 2, 3, 4]) == encoded)
        let rows = [4, 0, 3, 3]
        let donors = [1, 4, 0, 2]
        for feature in features {
            let expected = zip(rows, donors).map { row, donor in
                var item = items[row]
                switch feature.name {
                case "item.id": item.id = items[donor].id
                case "item.creator": item.creatorID = items[donor].creatorID
                case "item.categories": item.categories = items[donor].categories
                case "item.length": item.attributes = items[donor].attributes
                default: break
                }
                return item
            }
            var content = ItemVectors(kinds: [VectorDefinition(name: "image", width: 2)], count: 4)
            for (place, (row, donor)) in zip(rows, donors).enumerated() {
                let from = feature.name == "item.vector.image" ? donor : row
                for vector in vectors.vectors(ofRow: from, id: items[from].id) { content.set(vector, row: place) }
            }
            #expect(
                encoded.gathered(rows, taking: feature, from: donors) == encoder.encode(expected, vectors: content),
                "\(feature.name)")
        }
    }

    @Test func aReportIsWrittenWholeAndTheSameAgain() async throws {
        try await TrainingFixture.with { fixture in
            let trained = try await Trained(fixture)
            let line = PlattCalibrator(slope: 0.9, offset: 0.1)
            let bundle = trained.bundle.with(
                calibration: RankerCalibration(
                    heads: trained.bundle.map.heads.map { .init(head: $0, calibrator: line) }, from: "a", until: "b"))
            let period = Period(from: TrainingFixture.split)
            func report() throws -> EvaluationReport {
                try EvaluationRun.evaluate(
                    bundle, log: trained.log, users: trained.users, heldOut: .period(period), history: .frozen,
                    baselines: [.popularity], ranker: Self.options(rows: 300))
            }
            let one = try report()
            let data = try EvaluationDocument(one, release: "rel_1", period: period).json()
            #expect(try data == EvaluationDocument(try report(), release: "rel_1", period: period).json())
            let tree = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(Set(tree.keys) == ["release", "from", "history", "heads", "importance", "retrieval", "figures"])
            let head = try #require((tree["heads"] as? [[String: Any]])?.first)
            #expect(Set(head.keys) == ["head", "figures", "raw", "slices"])
            let figures = try #require(head["figures"] as? [String: Any])
            #expect(
                Set(figures.keys) == [
                    "rows", "positives", "users", "rate", "mean_prediction", "auc", "auc_interval", "log_loss",
                    "grouped_auc", "grouped_auc_interval", "groups", "reliability",
                ])
            let reliability = try #require(figures["reliability"] as? [String: Any])
            #expect(Set(reliability.keys) == ["bins", "error"])
            let bin = try #require((reliability["bins"] as? [[String: Any]])?.first)
            #expect(Set(bin.keys) == ["rows", "mean_prediction", "rate"])
            #expect(Set(try #require(figures["auc_interval"] as? [String: Any]).keys) == ["low", "high"])
            let raw = try #require(head["raw"] as? [String: Any])
            #expect(Set(raw.keys) == ["mean_prediction", "log_loss", "reliability"])
            let slices = try #require(head["slices"] as? [[String: Any]])
            for slice in slices {
                let isTooSmall = try #require(slice["is_too_small"] as? Bool)
                let always = ["name", "title", "rows", "positives", "is_too_small"]
                #expect(Set(slice.keys) == Set(isTooSmall ? always : always + ["figures"]))
            }
            let losses = try #require(
                ((tree["importance"] as? [String: Any])?["heads"] as? [[String: Any]])?.first?["losses"]
                    as? [[String: Any]])
            #expect(Set(try #require(losses.first).keys) == ["feature", "auc", "log_loss"])
            let retrieval = try #require(tree["retrieval"] as? [String: Any])
            #expect(
                Set(retrieval.keys) == ["signal", "users", "targets", "cutoffs", "gain_cutoffs", "members", "slates"])
            let numbers = try #require(tree["figures"] as? [String: Double])
            let recall = try #require(one.numbers["retrieval.two_tower.recall@50"])
            #expect(abs(try #require(numbers["retrieval.two_tower.recall@50"]) - recall) < 1e-12)
            #expect(numbers["ranker.click.grouped_auc"] != nil)

            try plotsAreWritten(one, heads: trained.bundle.map.heads)
        }
    }

    private func plotsAreWritten(_ one: EvaluationReport, heads: [String]) throws {
        try withTemporaryDirectory { folder in
            let made = folder.appendingPathComponent("new/plots")
            let names = try EvaluationPlots.write(one, to: made)
            #expect(names == heads.map { "reliability-\($0).svg" } + heads.map { "importance-\($0).svg" })
            for name in names {
                let text = try String(contentsOf: made.appendingPathComponent(name), encoding: .utf8)
                #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n") && !text.contains("nan"))
                #expect(text.contains(name.hasPrefix("reliability") ? ">raw, ECE" : ">counters<"))
            }
            let file = folder.appendingPathComponent("a file")
            try Data().write(to: file)
            #expect(throws: (any Error).self) { try EvaluationPlots.write(one, to: file) }
        }
    }
}
