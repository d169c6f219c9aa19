import CascadeCore
import CascadePipeline
import Testing

@Suite("Recommend pipeline")
struct RecommendPipelineTests {
    private func bench(_ count: Int = 300, faults: Faults = Faults()) -> Bench {
        var bench = Bench(line(count), faults: faults)
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101", "i102"]])
        return bench
    }

    @Test("a user with a history gets what is near it, best first, none of it seen")
    func usual() async throws {
        let answer = try await bench().ask(RecommendRequest("bob", limit: 10))
        #expect(answer.items.count == 10)
        #expect(answer.fallback == .init())
        #expect(answer.underfilled == .init(requested: 10, returned: 10))
        #expect(answer.degraded.isEmpty)
        #expect(answer.releaseID == "rel_1")
        #expect(Set(answer.ids).isDisjoint(with: ["i100", "i101", "i102"]))
        #expect(Set(answer.ids) == Set((95...107).map { "i\($0)" }).subtracting(["i100", "i101", "i102"]))
        #expect(answer.items.map(\.position) == Array(0..<10))
        let scores = answer.items.compactMap(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(scores.count == 10)
        #expect(answer.items[0].reasons?.first == .similarToHistory)
        #expect(Set(try #require(answer.items[0].heads).keys) == ["click", "like", "hide"])
        #expect(answer.items[0].sources?.first?.name == "two_tower")
        #expect(answer.trace == nil)
    }

    @Test("the limit is the settings' where the request names none")
    func defaultLimit() async throws {
        #expect(try await bench().ask(RecommendRequest("bob")).items.count == PipelineSettings().resultSize.default)
    }

    @Test("scores and reasons are there only where they are included")
    func include() async throws {
        let request = RecommendRequest(userID: UserID("bob"), limit: 2, include: [])
        let item = try #require(try await bench().ask(request).items.first)
        #expect(item == RecommendedItem(itemID: item.itemID, position: 0))
    }

    @Test("attributes come from the catalog, and their absence is told")
    func attributes() async throws {
        var bench = bench()
        let request = RecommendRequest(userID: UserID("bob"), limit: 2, include: [.attributes])
        #expect(try await bench.ask(request).degraded == [.attributesUnavailable])
        bench.catalogItems = CatalogItems(all: (0..<300).map { Item(id: ItemID("i\($0)"), title: "t\($0)") })
        let answer = try await bench.ask(request)
        #expect(answer.degraded.isEmpty)
        #expect(answer.items.map { $0.attributes?.title } == answer.ids.map { "t" + $0.dropFirst() })
        bench.catalogItems?.fails = true
        #expect(try await bench.ask(request).degraded == [.attributesUnavailable])
    }

    @Test("an unknown or anonymous user gets popular items, ranked, and the answer says so", arguments: ["eve", nil])
    func unknownUser(_ user: String?) async throws {
        let answer = try await bench().ask(RecommendRequest(user, limit: 5))
        #expect(answer.fallback == .init(reason: .unknownUser))
        #expect(answer.items.count == 5)
        #expect(
            answer.items.allSatisfy { $0.reasons?.first == .fallbackPopular || $0.reasons?.first == .fallbackRecent })
        #expect(answer.items.allSatisfy { $0.heads?.isEmpty == false })
    }

    @Test("a user without a history, or with one the release does not know, is told apart from an unknown one")
    func noHistory() async throws {
        var bench = bench()
        bench.people = People(known: ["new", "old"], histories: ["old": ["gone"]])
        #expect(try await bench.ask(RecommendRequest("new", limit: 5)).fallback.reason == .noHistory)
        #expect(try await bench.ask(RecommendRequest("old", limit: 5)).fallback.reason == .noHistory)
    }

    @Test("a user without a history is searched for by attributes that the release reads")
    func toldByAttributes() async throws {
        var bench = bench()
        bench.people = People(known: ["new", "plain"], places: ["new": 40, "stranger": 40])
        bench.settings.scorer = "source_order"
        for (user, reason) in [("plain", FallbackReason.noHistory), ("stranger", .unknownUser)] {
            let answer = try await bench.ask(RecommendRequest(user, limit: 5))
            #expect(answer.fallback.reason == reason)
            #expect(answer.items.allSatisfy { $0.sources?.contains { $0.name == "two_tower" } == false })
        }
        let answer = try await bench.ask(RecommendRequest("new", limit: 5))
        #expect(Set(answer.ids) == ["i38", "i39", "i40", "i41", "i42"])
        #expect(answer.items.allSatisfy { $0.reasons?.first == .userAttributes })
        #expect(answer.fallback.reason == .noHistory)
        // Attributes have to do where a past cannot be read.
        bench.people.historiesFail = true
        let blind = try await bench.ask(RecommendRequest("new", limit: 5))
        #expect(blind.degraded.contains(.historyUnavailable) && blind.ids.contains("i40"))
        bench.people.historiesFail = false
        // A past says more.
        bench.people.histories["new"] = ["i100"]
        #expect(try await bench.ask(RecommendRequest("new", limit: 4)).ids.contains("i101"))
    }

    @Test("seen items come back when the request allows it")
    func seenAllowed() async throws {
        var request = RecommendRequest("bob", limit: 5)
        request.filters.excludeSeen = false
        #expect(try await bench().ask(request).ids.contains("i101"))
    }

    @Test("the request's own filters hold, and fill the slate from the whole catalog")
    func requestFilters() async throws {
        var bench = bench()
        bench.settings.sources[0].limit = 10
        bench.settings.sources[1].limit = 5
        bench.settings.sources[2].limit = 5
        var request = RecommendRequest("bob", limit: 20)
        request.filters.categoriesAny = ["c2", "nonsense"]
        request.filters.excludeItemIDs = [ItemID("i98"), ItemID("unheard-of")]
        request.filters.maxAgeSeconds = 86_400 * 150
        let answer = try await bench.ask(request)
        #expect(answer.items.count == 20)
        for id in answer.ids {
            let number = try #require(Int(id.dropFirst()))
            #expect(number % 4 == 2 && number != 98 && number <= 150)
        }
    }

    @Test("no category of the request is known: nothing matches, and the filters are named as the cause")
    func unknownCategories() async throws {
        var request = RecommendRequest("bob", limit: 5)
        request.filters.categoriesAny = ["nonsense"]
        let answer = try await bench().ask(request)
        #expect(answer.items.isEmpty)
        #expect(answer.underfilled == .init(requested: 5, returned: 0, cause: .filters))
    }

    @Test("more items than there are: all that may be shown, and the catalog is named as exhausted")
    func exhausted() async throws {
        var bench = bench(30)
        bench.people.histories["bob"] = ["i1", "i2"]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 100))
        #expect(Set(answer.ids) == Set((0..<30).map { "i\($0)" }).subtracting(["i1", "i2"]))
        #expect(answer.underfilled == .init(requested: 100, returned: 28, cause: .catalogExhausted))
    }

    @Test("an empty catalog gives an empty slate")
    func emptyCatalog() async throws {
        var bench = Bench([])
        bench.people = People(known: ["bob"], histories: ["bob": ["i1"]])
        let answer = try await bench.ask(RecommendRequest("bob", limit: 3))
        #expect(answer.items.isEmpty)
        #expect(answer.underfilled.cause == .catalogExhausted)
    }

    @Test("what was hidden or deleted since the release is left out and the slate filled up again")
    func liveState() async throws {
        var bench = bench()
        let before = try await bench.ask(RecommendRequest("bob", limit: 10))
        bench.live = LiveStates(states: [before.ids[0]: .hidden, before.ids[3]: .deleted, before.ids[4]: .shown])
        let after = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(after.items.count == 10)
        #expect(Set(after.ids).isDisjoint(with: [before.ids[0], before.ids[3]]))
        #expect(after.ids.contains(before.ids[4]))
        let removed = try #require(after.trace).candidates.filter { $0.removedStage == .postSelectionFilter }
        #expect(Set(removed.map(\.itemID)) == [before.ids[0], before.ids[3]])
        #expect(removed.allSatisfy { $0.removedBy == "live_state" })
        bench.live?.fails = true
        #expect(try await bench.ask(RecommendRequest("bob", limit: 10)).degraded == [.liveStateUnavailable])
    }

    @Test("what the user hid is left out for that user alone, and counted by its own filter")
    func hiddenByUser() async throws {
        var bench = bench()
        bench.people.hidden = ["bob": ["i103", "i3", "no such item"]]
        bench.people.histories["eve"] = bench.people.histories["bob"]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(answer.items.count == 10)
        #expect(Set(answer.ids).isDisjoint(with: ["i103", "i3"]))
        let trace = try #require(answer.trace)
        #expect(trace.excludedBeforeRetrieval["hidden_by_user"] == 2)
        let report = try #require(trace.stages.first { $0.component == "hidden_by_user" })
        #expect(report.enabled && report.removedCount == 2)
        let removed = trace.candidates.filter { $0.removedBy == "hidden_by_user" }
        #expect(Set(removed.map(\.itemID)) == ["i103", "i3"])
        // The search was told to leave them out; lists of others bring them along.
        #expect(removed.allSatisfy { !$0.sources.map(\.name).contains("two_tower") })
        #expect(try await bench.ask(RecommendRequest("eve", limit: 10)).ids.contains("i103"))
        bench.people.hiddenFails = true
        #expect(try await bench.ask(RecommendRequest("bob", limit: 10)).degraded == [.hiddenUnavailable])
    }

    @Test("caps by creator and category hold, and are relaxed only when the slate would be short")
    func caps() async throws {
        let bench = bench()
        var request = RecommendRequest("bob", limit: 10)
        request.diversity.maxPerCreator = 2
        request.diversity.maxPerCategory = 3
        let capped = try await bench.ask(request)
        #expect(capped.items.count == 10)
        #expect(capped.degraded.isEmpty)
        let numbers = capped.ids.compactMap { Int($0.dropFirst()) }
        #expect(Dictionary(grouping: numbers) { $0 % 5 }.values.allSatisfy { $0.count <= 2 })
        #expect(Dictionary(grouping: numbers) { $0 % 4 }.values.allSatisfy { $0.count <= 3 })

        request.limit = 15
        let relaxed = try await bench.ask(request)
        #expect(relaxed.items.count == 15)
        #expect(relaxed.degraded == [.capsRelaxed])
        #expect(Array(relaxed.ids.prefix(10)) == capped.ids)
    }

    @Test("caps of one creator do not leave the slate short while others have items")
    func capsFetchMore() async throws {
        var items = line(400)
        for index in items.indices where index < 395 { items[index].creator = 0 }
        var bench = Bench(items)
        bench.people = People(known: ["bob"], histories: ["bob": ["i0"]])
        bench.settings.sources[0].limit = 20
        bench.settings.sources[1].limit = 20
        bench.settings.sources[2].limit = 20
        bench.settings.diversity.maxPerCreator = 1
        let answer = try await bench.ask(RecommendRequest("bob", limit: 5, debug: true))
        #expect(answer.items.count == 5)
        #expect(answer.degraded.isEmpty)
        // The walk through the catalog leaves out the creator that has no room, so four items are all it finds.
        let walks = try #require(answer.trace).stages.filter { $0.component == "catalog" }
        #expect(walks.map(\.candidateCount) == [4])
        #expect(answer.ids.count { (Int($0.dropFirst()) ?? 0) < 395 } == 1)
    }

    @Test("ranks of a source go on through the refill rounds")
    func ranks() async throws {
        var bench = bench()
        bench.settings.sources = [SourceSettings(name: "popular", limit: 4, timeoutMilliseconds: 20)]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 12, debug: true))
        let trace = try #require(answer.trace)
        let ranks = trace.candidates.flatMap(\.sources).filter { $0.name == "popular" }.map(\.rank)
        #expect(ranks.sorted() == Array(0..<12))
        #expect(trace.refillRounds == 1)
    }

    @Test("further items of a creator count for less, as the formula says")
    func decay() async throws {
        var request = RecommendRequest("bob", limit: 10, debug: true)
        request.diversity.creatorDecay = 0.5
        request.diversity.creatorFloor = 0.25
        let answer = try await bench().ask(request)
        let trace = try #require(answer.trace)
        let multipliers = Set(trace.candidates.compactMap(\.diversityMultiplier))
        #expect(multipliers.isSuperset(of: [1, 0.625, 0.4375]))
        #expect(multipliers.allSatisfy { $0 > 0.25 - 1e-12 && $0 <= 1 })
        for candidate in trace.candidates {
            guard let weighted = candidate.weightedScore, let final = candidate.finalScore else { continue }
            #expect(final <= weighted)
        }
        #expect(Set(answer.ids.prefix(5).compactMap { Int($0.dropFirst()) }.map { $0 % 5 }).count == 5)
    }

    @Test("weights of the settings override those of the release")
    func weights() async throws {
        var bench = bench()
        bench.settings.scoreWeights = ["click": 0, "like": -1, "hide": 0]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 5, debug: true))
        #expect(answer.trace?.weights == ["click": 0, "like": -1, "hide": 0])
        let scores = answer.items.compactMap(\.score)
        #expect(scores.allSatisfy { $0 <= 0 })
        #expect(scores == scores.sorted(by: >))
        let first = try #require(answer.items.first)
        #expect(abs(try #require(first.score) + Double(try #require(first.heads?["like"]))) < 1e-9)
    }

    @Test("a request that is wrong is refused with pointers to its members")
    func invalid() async throws {
        var request = RecommendRequest("", limit: 0)
        request.filters.maxAgeSeconds = -1
        request.filters.excludeItemIDs = [ItemID("")]
        request.diversity.creatorDecay = 2
        let found = await #expect(throws: PipelineError.self) { try await bench().ask(request) }
        guard case .invalidRequest(let problems) = try #require(found) else {
            Issue.record("not an invalid request: \(String(describing: found))")
            return
        }
        #expect(
            problems.map(\.pointer) == [
                "/user_id", "/limit", "/filters/exclude_item_ids/0", "/filters/max_age_seconds",
                "/diversity/creator_decay",
            ])
    }

    @Test("a cancelled request gets no answer and ends at once")
    func cancelled() async throws {
        let pipeline = try bench(300, faults: Faults(scoreHangs: true)).pipeline()
        let task = Task {
            try await pipeline.recommend(RecommendRequest("bob"), context: RequestContext(requestID: "r"))
        }
        task.cancel()
        await #expect(throws: PipelineError.cancelled) { try await task.value }
    }
}
