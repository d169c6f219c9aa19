import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

@Suite struct ImplicitALSTests {
    /// Users of two halves of a catalog: each lacks one item of the own half, which is to be found.
    @Test func whatOthersOfTheHalfHaveComesFirst() throws {
        let items = 20
        let users = (0..<60).map { user in
            (0..<items).filter { $0 % 2 == user % 2 && $0 / 2 != user % 10 }.map { Int32($0) }
        }
        var settings = ImplicitALS.Settings()
        settings.dimension = 8
        let model = try ImplicitALS(itemsOfUsers: users, items: items, settings: settings)
        for user in 0..<20 {
            let scores = try model.scores(users[user])
            let unseen = (0..<items).filter { !users[user].contains(Int32($0)) }
            let best = unseen.max { scores[$0] < scores[$1] }
            #expect(best == user % 10 * 2 + user % 2, "user \(user)")
        }
    }

    @Test func aUserWithoutItemsHasNoVector() throws {
        let model = try ImplicitALS(itemsOfUsers: [[0, 1], []], items: 3, settings: ImplicitALS.Settings())
        #expect(try model.userVector([]).allSatisfy { $0 == 0 })
        #expect(model.itemVectors.allSatisfy { $0.isFinite })
    }

    @Test func theSameSeedGivesTheSameVectors() throws {
        let users: [[Int32]] = (0..<200).map { [Int32($0 % 30), Int32(($0 * 7) % 30)] }
        let one = try ImplicitALS(itemsOfUsers: users, items: 30, settings: ImplicitALS.Settings())
        let two = try ImplicitALS(itemsOfUsers: users, items: 30, settings: ImplicitALS.Settings())
        #expect(one.itemVectors == two.itemVectors)
    }
}

@Suite(.serialized) struct BaselineTests {
    @Test func namesAreReadAndOthersRefused() throws {
        #expect(try Baseline.parse("quick") == Baseline.quick)
        #expect(try Baseline.parse("ease, ials,medoids") == [.ease, .ials, .medoids])
        #expect(try Baseline.parse("all").count == Baseline.allCases.count)
        #expect { try Baseline.parse("knn") } throws: { "\($0)".contains("'knn'") && "\($0)".contains("item_knn") }
    }

    /// Clicks of two halves of a catalog in turn: every baseline that looks at pasts finds the own half.
    @Test func everyBaselineFindsWhatThePastTells() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 60, items: 200))
            let release = try await fixture.run()
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let report = try EvaluationRun.evaluate(
                try ModelBundle(folder: folder), log: log, users: [],
                heldOut: .period(Period(from: TrainingFixture.split)),
                history: .frozen, baselines: Baseline.allCases)
            let members = try #require(report.retrieval).results
            #expect(members.map(\.name) == ["two_tower"] + Baseline.allCases.map(\.rawValue))
            for member in members {
                #expect(member.margins.count == 8)
                #expect(member.margins.allSatisfy { $0 >= 0 && $0 < 0.5 })
                guard !member.name.hasPrefix("popular") else { continue }
                #expect(member.recall[2] > 0.9, "\(member.name): \(member.recall)")
            }
            let numbers = report.numbers
            #expect(numbers["retrieval.ease.recall@50.margin"] != nil)
            #expect(numbers["retrieval.two_tower.norm_popularity_correlation"] != nil)
        }
    }
}

extension BaselineTests {
    /// A large catalog takes one baseline out of `all`, and says why; asked for by name it is refused.
    @Test func whatALargeCatalogForbidsIsLeftOutOfAll() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 20, items: 40))
            let release = try await fixture.run()
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            let data = try EvaluationData(
                bundle: bundle, log: log, users: [], heldOut: .period(Period(from: TrainingFixture.split)))
            var fitting = BaselineFitting(
                data: data, log: log, signal: 0, popularity: PastItems.counts(data, signal: 0))
            fitting.largestMatrix = 39
            var made: [String] = []
            let omitted = try fitting.each(Baseline.allCases) { made.append($0.name) }
            #expect(made == Baseline.allCases.map(\.rawValue).filter { $0 != "ease" })
            #expect(omitted.count == 1 && omitted[0].hasPrefix("ease: ") && omitted[0].contains("at most 39 items"))
            #expect {
                try fitting.each([.ease]) { _ in }
            } throws: { "\($0)".contains("Leave it out") }
        }
    }

    /// Those who are known and those who are new are all that there are, and no past tells of the new ones.
    @Test func knownAndNewUsersAreMeasuredApart() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run()
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let users = try await fixture.storage.catalog.users()
            let reports = try MeasuredUsers.allCases.map { measured in
                try #require(
                    try EvaluationRun.evaluate(
                        bundle, log: log, users: users, heldOut: .period(Period(from: TrainingFixture.split)),
                        history: .frozen, baselines: [.popularity, .itemKNN], of: measured
                    ).retrieval)
            }
            let (all, known, new) = (reports[0], reports[1], reports[2])
            #expect(all.users == known.users + new.users && all.targets == known.targets + new.targets)
            #expect(known.users > 0 && new.users > 0)
            #expect(new.results[1].recall == new.results[2].recall, "item-kNN has nothing but popularity to say")
            #expect(known.results[1].recall != known.results[2].recall)
        }
    }
}

@Suite struct NormReportTests {
    @Test func lengthsThatGrowWithPopularityCorrelate() {
        let popularity = (0..<100).map { Float($0) }
        let norms = popularity.map { log(1 + $0) + 1 }
        let spread = PopularityReport(
            recommended: [Int](repeating: 1, count: 100), popularity: popularity, norms: norms)
        let report = spread.norms
        #expect(abs((report?.correlation ?? 0) - 1) < 1e-6)
        #expect(report?.deciles.first ?? 0 > report?.deciles.last ?? 0)
    }

    @Test func equalLengthsHaveNoCorrelation() {
        let report = PopularityReport(
            recommended: [1, 1, 1], popularity: [3, 2, 1], norms: [1, 1, 1]
        ).norms
        #expect(report?.correlation == 0)
    }
}
