import CascadeCore
import CascadeObservability
import CascadePipeline
import Synchronization
import Testing

@Suite("Degradation")
struct DegradationTests {
    private func bench(_ faults: Faults = Faults(), count: Int = 300) -> Bench {
        var bench = Bench(line(count), faults: faults)
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]])
        return bench
    }

    @Test("a failing source is left out and told")
    func failingSource() async throws {
        let bench = bench(Faults(retrieveFails: true))
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(answer.items.count == 10)
        #expect(answer.fallback.reason == .retrievalError)
        #expect(answer.degraded == [.sourceError])
        let report = try #require(answer.trace?.stages.first { $0.component == "two_tower" })
        #expect(report.error == "the index is on fire")
        #expect(
            bench.metrics.text().contains(
                #"cascade_stage_errors_total{stage="source",component="two_tower",reason="error"} 1"#))
    }

    @Test("a slow source is dropped at its deadline and told, and not asked again")
    func slowSource() async throws {
        var bench = bench(Faults(retrieveHangs: true))
        bench.settings.sources[0].timeoutMilliseconds = 77
        bench.settings.sources[1].limit = 3
        bench.settings.sources[2].limit = 3
        bench.instantTimeouts = [77]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 20, debug: true))
        #expect(answer.items.count == 20)
        #expect(answer.fallback.reason == .retrievalTimeout)
        #expect(answer.degraded == [.sourceTimeout])
        let runs = try #require(answer.trace).stages.filter { $0.component == "two_tower" }
        #expect(runs.count == 1)
        #expect(runs.allSatisfy { $0.timedOut })
    }

    @Test("a source that breaks its contract keeps its good rows")
    func contract() async throws {
        let bench = bench(Faults(retrieveBreaksContract: true))
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10))
        #expect(answer.items.count == 10)
        #expect(Set(answer.ids).count == 10)
        #expect(
            bench.metrics.text().contains(
                #"cascade_stage_errors_total{stage="source",component="two_tower",reason="contract"}"#))
    }

    @Test(
        "without the ranker the order is that of retrieval, and the answer says so",
        arguments: [
            Faults(scoreFails: true), Faults(allNaN: true), Faults(scoreBreaksContract: true),
        ])
    func failingRanker(_ faults: Faults) async throws {
        let answer = try await bench(faults).ask(RecommendRequest("bob", limit: 6))
        #expect(answer.fallback.reason == .rankerError)
        #expect(answer.degraded == [.rankerError])
        #expect(answer.ids == ["i99", "i102", "i98", "i103", "i97", "i104"])
        #expect(answer.items.allSatisfy { ($0.heads ?? [:]).isEmpty })
    }

    @Test("a release without a ranker keeps the order of the sources, and that is no fault")
    func noRanker() async throws {
        var bench = bench(Faults(scoreFails: true))
        bench.release?.heads = []
        let answer = try await bench.ask(RecommendRequest("bob", limit: 4))
        #expect(answer.fallback.reason == nil)
        #expect(answer.degraded.isEmpty)
        #expect(answer.ids == ["i99", "i102", "i98", "i103"])
        #expect(bench.release?.calls.all.isEmpty == true)
    }

    @Test("a late ranker is left behind")
    func lateRanker() async throws {
        var bench = bench(Faults(scoreHangs: true))
        bench.settings.rankTimeoutMilliseconds = 88
        bench.instantTimeouts = [88]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 4))
        #expect(answer.fallback.reason == .rankerError)
        #expect(answer.degraded == [.rankerTimeout])
        #expect(answer.ids == ["i99", "i102", "i98", "i103"])
    }

    @Test("a user who cannot be encoded still gets a slate")
    func encodingFails() async throws {
        let answer = try await bench(Faults(prepareFails: true)).ask(RecommendRequest("bob", limit: 5))
        #expect(answer.items.count == 5)
        #expect(answer.fallback.reason == .retrievalError)
        #expect(answer.degraded.contains(.encodingFailed))
    }

    @Test("scores that are no numbers sink to the end, are counted and told")
    func nan() async throws {
        let bench = bench(Faults(nanRows: [99, 102, 3]), count: 110)
        let answer = try await bench.ask(RecommendRequest("bob", limit: 108))
        #expect(answer.items.count == 108)
        #expect(Set(answer.ids.suffix(3)) == ["i99", "i102", "i3"])
        #expect(answer.items.suffix(3).allSatisfy { $0.score == nil })
        #expect(answer.degraded == [.nonFiniteScores])
        #expect(
            bench.metrics.text().contains(
                #"cascade_stage_errors_total{stage="scorer",component="ranker",reason="non_finite"} 3"#))
    }

    @Test("users, histories and seen items that cannot be read are told and cost no request")
    func readers() async throws {
        var bench = bench()
        bench.people.usersFail = true
        // As long as is read at most, so that there may be more.
        bench.settings.historyLimit = 2
        var answer = try await bench.ask(RecommendRequest("bob", limit: 5))
        #expect(answer.degraded == [.userUnavailable])
        #expect(answer.fallback == .init())

        bench.people.seenFails = true
        answer = try await bench.ask(RecommendRequest("bob", limit: 5))
        #expect(answer.degraded == [.userUnavailable, .seenUnavailable])
        #expect(Set(answer.ids).isDisjoint(with: ["i100", "i101"]), "the history is known to be seen")

        bench.people.historiesFail = true
        answer = try await bench.ask(RecommendRequest("bob", limit: 5))
        #expect(answer.degraded == [.userUnavailable, .historyUnavailable, .seenUnavailable])
        #expect(answer.fallback.reason == .noHistory)
        #expect(answer.items.count == 5)
    }

    @Test("when time runs out before the slate is full, that is the cause")
    func deadline() async throws {
        let time = Mutex<UInt64>(0)
        var bench = bench()
        // Every look at the clock takes a tenth of the time of a request.
        bench.nanoseconds = {
            time.withLock {
                $0 += 4_000_000
                return $0
            }
        }
        bench.settings.timeoutMilliseconds = 40
        let answer = try await bench.ask(RecommendRequest("bob", limit: 200))
        #expect(answer.items.count < 200)
        #expect(answer.underfilled.cause == .deadline)
    }

    @Test("without a release: the store's items, filtered; or honestly nothing")
    func withoutRelease() async throws {
        var bench = Bench()
        bench.people = People(known: ["bob"], histories: ["bob": ["i0"]])
        var answer = try await bench.ask(RecommendRequest("bob", limit: 3))
        #expect(answer.items.isEmpty)
        #expect(answer.releaseID == nil)
        #expect(answer.fallback.reason == .noActiveRelease)
        #expect(answer.underfilled == .init(requested: 3, returned: 0, cause: .catalogExhausted))

        var items = (0..<9).map { Item(id: ItemID("i\($0)"), categories: ["c\($0 % 2)"], createdAt: Bench.now) }
        items[2].hidden = true
        bench.catalogItems = CatalogItems(all: items)
        var request = RecommendRequest("bob", limit: 3)
        request.filters.categoriesAny = ["c0"]
        request.filters.excludeItemIDs = [ItemID("i4")]
        answer = try await bench.ask(request)
        #expect(answer.ids == ["i6", "i8"])
        #expect(answer.items.allSatisfy { $0.reasons == [.fallbackPopular] })
        #expect(answer.underfilled.cause == .filters)

        bench.catalogItems?.fails = true
        answer = try await bench.ask(request)
        #expect(answer.underfilled.cause == .sourceErrors)
        #expect(answer.degraded == [.sourceError])
    }
}
