import CascadeCore
import Testing

@testable import CascadePipeline

@Suite("Similar items and followed creators")
struct RelationSourceTests {
    private func bench(_ sources: [String], _ items: [ArrayItem] = line(60)) -> Bench {
        var bench = Bench(items)
        bench.settings.sources = sources.map { SourceSettings(name: $0, limit: 10, timeoutMilliseconds: 10) }
        bench.settings.scorer = SourceOrderScorer.key
        bench.settings.refillRounds = 0
        bench.people.known = ["bob"]
        return bench
    }

    private func asked(_ user: String, limit: Int = 6) -> RecommendRequest {
        var request = RecommendRequest(user, limit: limit)
        request.include = [.scores, .reasons]
        return request
    }

    @Test func neighboursOfTheLatestItemsComeByTurns() async throws {
        var bench = bench([SimilarItemsSource.key])
        bench.people.histories["bob"] = ["i40", "i20", "i40"]
        let answer = try await bench.ask(asked("bob"))
        // Even neighbours come before odd ones: 38 and 42 of 40, 18 and 22 of 20.
        #expect(answer.ids == ["i38", "i18", "i42", "i22", "i36", "i16"])
        let marks = answer.items.compactMap { $0.sources?.first }
        #expect(marks.map(\.because) == ["i40", "i20", "i40", "i20", "i40", "i20"])
        let third: Float = 1 / 3
        #expect(marks.map(\.score) == [1, 1, 0.5, 0.5, third, third])
        #expect(answer.items.allSatisfy { $0.reasons == [.similarToItem] })
    }

    @Test func theNearestOfTheLatestItemsComeByTurns() async throws {
        var bench = bench([NearestItemsSource.key])
        bench.people.histories["bob"] = ["i40", "i20", "i40"]
        let answer = try await bench.ask(asked("bob"))
        #expect(answer.ids == ["i39", "i19", "i41", "i21", "i38", "i18"])
        let marks = answer.items.compactMap { $0.sources?.first }
        #expect(marks.map(\.because) == ["i40", "i20", "i40", "i20", "i40", "i20"])
        #expect(answer.items.allSatisfy { $0.reasons == [.similarToItem] })
        bench.release = ArrayRelease(line(60), faults: Faults(retrieveFails: true))
        #expect(try await bench.ask(asked("bob")).degraded == [.sourceError])
    }

    /// What the models were not trained on is no history, and yet its vector says what is near.
    @Test func itemsThatCameSinceAreStartedFrom() async throws {
        var bench = bench([NearestItemsSource.key, SimilarItemsSource.key])
        bench.release?.unmet = ["i40"]
        bench.people.histories["bob"] = ["i40"]
        let answer = try await bench.ask(asked("bob", limit: 2))
        #expect(answer.fallback.reason == .noHistory)
        #expect(answer.ids == ["i39", "i41"])
        #expect(answer.items.allSatisfy { $0.sources?.map(\.name) == [NearestItemsSource.key] })
    }

    /// Many items that lie side by side bring as much as is asked for, none of it seen or of another category.
    @Test func listsThatOverlapFillThePage() async throws {
        var bench = bench([NearestItemsSource.key], line(200))
        bench.settings.sources[0].limit = 30
        bench.people.histories["bob"] = (0..<30).map { "i\(100 + $0)" }
        bench.settings.refillRounds = 2
        var request = asked("bob", limit: 30)
        let seen = Set(bench.people.histories["bob"] ?? [])
        let answer = try await bench.ask(request)
        #expect(answer.ids.count == 30 && seen.isDisjoint(with: answer.ids))
        func cameByTheSource(_ answer: RecommendResponse) -> Bool {
            answer.items.allSatisfy { $0.sources?.map(\.name) == [NearestItemsSource.key] }
        }
        #expect(cameByTheSource(answer))
        request.filters.categoriesAny = ["c2"]
        let catalog = try #require(bench.release?.catalog)
        let code = try #require(catalog.categoryCode("c2"))
        let even = try await bench.ask(request)
        #expect(even.ids.count == 30 && cameByTheSource(even))
        #expect(
            even.ids.allSatisfy { catalog.row(of: ItemID($0)).map { catalog.categories($0).contains(code) } == true })
    }

    @Test func onlyPositiveItemsOfTheCatalogAreStartedFrom() async throws {
        let stage = try Stage(asked("bob"))
        let source = SimilarItemsSource(
            settings: SourceSettings(name: SimilarItemsSource.key, limit: 5, timeoutMilliseconds: 10),
            pool: stage.bench.pool)
        var query = stage.query
        query.history = [
            HistoryEntry(itemID: ItemID("i50"), at: Bench.now, signals: []),
            HistoryEntry(itemID: ItemID("gone"), at: Bench.now, signals: ["click"]),
            HistoryEntry(itemID: ItemID("i40"), at: Bench.now, signals: ["like"]),
        ]
        #expect(try await source.candidates(for: query, page: SourcePage(limit: 5)).rows.isEmpty)
        query.history = (0..<40).map {
            HistoryEntry(itemID: ItemID("i\($0)"), at: Bench.now, signals: ["click", "like"])
        }
        let batch = try await source.candidates(for: query, page: SourcePage(limit: 500))
        #expect(Set(batch.because.values).isSubset(of: Set((0..<SimilarItemsSource.seeds).map { "i\($0)" })))
        #expect(batch.because.count == batch.rows.count)
    }

    @Test func aUserWithoutHistoryGetsNoneOfThem() async throws {
        var bench = bench([SimilarItemsSource.key, NearestItemsSource.key, PopularSource.key])
        bench.people.histories["bob"] = []
        let answer = try await bench.ask(asked("bob"))
        #expect(answer.items.allSatisfy { $0.sources?.map(\.name) == [PopularSource.key] })
        #expect(answer.fallback.reason == .noHistory)
    }

    @Test func followedCreatorsComeByTurnsNewestFirst() async throws {
        var bench = bench([FollowedCreatorsSource.key])
        bench.people.followed["bob"] = ["3", "nobody", "1"]
        let answer = try await bench.ask(asked("bob"))
        #expect(answer.ids == ["i3", "i1", "i8", "i6", "i13", "i11"])
        #expect(answer.items.compactMap { $0.sources?.first?.because } == ["3", "1", "3", "1", "3", "1"])
        #expect(answer.items.allSatisfy { $0.reasons == [.followedCreator] })
        #expect(answer.degraded.isEmpty)
    }

    @Test func hiddenAndSeenItemsOfFollowedCreatorsStayOut() async throws {
        var items = line(60)
        items[3].hidden = true
        var bench = bench([FollowedCreatorsSource.key], items)
        bench.people.followed["bob"] = ["3"]
        bench.people.histories["bob"] = ["i8"]
        #expect(try await bench.ask(asked("bob", limit: 3)).ids == ["i13", "i18", "i23"])
    }

    @Test func followsAreReadOnlyForTheSourceAndTheirFailureIsTold() async throws {
        var bench = bench([PopularSource.key])
        bench.people.followsFail = true
        #expect(try await bench.ask(asked("bob")).degraded.isEmpty)
        bench.settings.sources.append(
            SourceSettings(name: FollowedCreatorsSource.key, limit: 10, timeoutMilliseconds: 10))
        let answer = try await bench.ask(asked("bob"))
        #expect(answer.degraded == [.followsUnavailable])
        #expect(answer.ids.count == 6)
        #expect(try await bench.ask(asked("eve")).degraded == [.followsUnavailable])
        let anonymous = RecommendRequest(nil, limit: 3)
        #expect(try await bench.ask(anonymous).degraded.isEmpty)
    }
}
