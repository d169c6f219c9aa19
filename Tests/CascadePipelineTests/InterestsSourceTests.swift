import CascadeCore
import CascadeObservability
import Testing

@testable import CascadePipeline

@Suite("Interests")
struct InterestsSourceTests {
    private func bench(
        _ sources: [String] = [InterestsSource.key], _ items: [ArrayItem] = line(80), faults: Faults = Faults(),
        limit: Int = 20
    ) -> Bench {
        var bench = Bench(items, faults: faults)
        bench.settings.sources = sources.map { SourceSettings(name: $0, limit: limit, timeoutMilliseconds: 10) }
        bench.settings.scorer = SourceOrderScorer.key
        bench.settings.refillRounds = 2
        bench.people.known = ["bob"]
        // Two items in the second quarter, one in the last.
        bench.people.histories["bob"] = ["i30", "i70", "i33", "i30"]
        return bench
    }

    private func asked(_ limit: Int = 20, debug: Bool = true) -> RecommendRequest {
        var request = RecommendRequest("bob", limit: limit, debug: debug)
        request.include = [.scores, .reasons]
        return request
    }

    @Test func everyItemSaysWhichInterestBroughtIt() async throws {
        var bench = bench()
        bench.release?.arrayInterests?.names = ["a", "b", "c", "d"]
        let answer = try await bench.ask(asked())
        let marks = answer.items.compactMap { $0.sources?.first?.interest }
        #expect(marks.count == 20)
        for (item, mark) in zip(answer.items, marks) {
            let number = try #require(Int(item.itemID.rawValue.dropFirst()))
            #expect(mark.cluster == Int32(number / 20))
            #expect(mark.name == ["a", "b", "c", "d"][number / 20])
            #expect(item.reasons == [.interestCluster])
        }
        // Of 20 steps (4 interests, 4 for each of the 4 past items): 13, 5, 1 and 1.
        let counts = Dictionary(grouping: marks, by: \.cluster).mapValues(\.count)
        #expect(counts == [1: 13, 3: 5, 0: 1, 2: 1])
        for (_, own) in Dictionary(grouping: marks, by: \.cluster) {
            #expect(own.map(\.rank) == Array(0..<own.count))
            #expect(Set(own.map(\.probability)).count == 1)
        }
        #expect(marks.first { $0.cluster == 1 }?.because == ["i30", "i33", "i30"])
        #expect(marks.first { $0.cluster == 3 }?.because == ["i70"])
        #expect(marks.first { $0.cluster == 0 }?.because == [])
    }

    @Test func theTraceAndTheLogTellWhatEachInterestGave() async throws {
        let bench = bench()
        let answer = try await bench.ask(asked())
        let trace = try #require(answer.trace)
        let report = try #require(trace.stages.first { $0.component == InterestsSource.key })
        let interests = try #require(report.interests)
        #expect(interests.map(\.cluster) == [1, 3, 0, 2])
        #expect(interests.map(\.quota) == [13, 5, 1, 1])
        #expect(interests.map(\.found) == [13, 5, 1, 1])
        #expect(FunnelText.render(trace).contains("1 0.65: 13/13, 3 0.25: 5/5, 0 0.05: 1/1, 2 0.05: 1/1"))
        #expect(FunnelText.render(trace).contains("interests#0(1)"))
        let line = try #require(bench.log.lines.first { $0.contains("\"component\":\"interests\"") })
        #expect(line.contains(#""cluster":1"#) && line.contains(#""quota":13"#) && line.contains(#""found":5"#))
        #expect(line.contains(#""because":["i30","i33","i30"]"#), "\(line)")
        let first = try #require(answer.ids.first)
        let detail = trace.explanation(of: first).detail
        #expect(
            detail.hasSuffix(
                "interests at rank 0 (rank 0 of interest 1, probability 0.65, because of i30 and i33 and i30)"))
    }

    @Test func anItemOfSeveralSourcesKeepsAllMarks() async throws {
        let answer = try await bench([TwoTowerSource.key, InterestsSource.key], limit: 80).ask(asked(60))
        let both = answer.items.filter { $0.sources?.count == 2 }
        #expect(!both.isEmpty)
        for item in both {
            #expect(item.sources?.map(\.name) == [TwoTowerSource.key, InterestsSource.key])
            #expect(item.sources?.map { $0.interest == nil } == [true, false])
            #expect(item.reasons == [.similarToHistory, .interestCluster])
        }
    }

    @Test func refillRoundsGoOnWithTheRanksOfEachInterest() async throws {
        var bench = bench(limit: 8)
        bench.settings.refillRounds = 3
        let trace = try #require(try await bench.ask(asked(50)).trace)
        let marks = trace.candidates.flatMap(\.sources).filter { $0.name == InterestsSource.key }
        #expect(trace.refillRounds >= 2)
        #expect(Set(marks.map(\.rank)) == Set(0..<marks.count))
        for (_, own) in Dictionary(grouping: marks, by: { $0.interest?.cluster }) {
            #expect(Set(own.compactMap(\.interest?.rank)) == Set(0..<own.count))
        }
        let wishes = try #require(bench.release?.arrayInterests).wishes.all
        #expect(wishes.map(\.limit) == [8, 16, 32])
        // Nothing that was seen or taken is searched for again.
        #expect(wishes[0].excluded == [30, 70, 33])
        #expect(wishes[1].excluded.count == 11)
    }

    @Test func categoriesAreFilteredInTheSearch() async throws {
        var request = asked()
        request.filters.categoriesAny = ["c2"]
        let answer = try await bench().ask(request)
        #expect(answer.items.count == 18)
        #expect(answer.ids.allSatisfy { (Int($0.dropFirst()) ?? 0) % 4 == 2 })
        let report = try #require(answer.trace?.stages.first { $0.component == InterestsSource.key })
        // The second quarter has four left, for one of its five was seen; the last has four as well.
        #expect(report.interests?.map(\.found) == report.interests?.map(\.quota))
        #expect(report.candidateCount == 18)
    }

    @Test func aReleaseWithoutInterestsSaysSo() async throws {
        var bench = bench([InterestsSource.key, PopularSource.key])
        bench.release?.arrayInterests = nil
        let answer = try await bench.ask(asked())
        #expect(answer.items.count == 20)
        #expect(answer.fallback.reason == nil && answer.degraded.isEmpty)
        let trace = try #require(answer.trace)
        let report = try #require(trace.stages.first { $0.component == InterestsSource.key })
        #expect(!report.enabled && report.note == "the release has no model of interests")
        #expect(FunnelText.render(trace).contains("off; the release has no model of interests"))
    }

    @Test func aUserWithoutHistoryHasNone() async throws {
        var bench = bench([InterestsSource.key, PopularSource.key])
        bench.people.histories["bob"] = []
        let answer = try await bench.ask(asked())
        #expect(answer.fallback.reason == .noHistory)
        let report = try #require(answer.trace?.stages.first { $0.component == InterestsSource.key })
        #expect(report.note == "a user without interests: no_history")
    }

    @Test func aFailureOfOneClusterLeavesTheSourceOut() async throws {
        var faults = Faults()
        faults.interestsFail = true
        let alone = try await bench(faults: faults).ask(asked())
        #expect(alone.items.count == 20)
        #expect(alone.degraded == [.sourceError])
        #expect(alone.fallback.reason == .retrievalError)
        // Where the other search by vectors answers, nothing fell back.
        let both = try await bench([InterestsSource.key, TwoTowerSource.key], faults: faults).ask(asked())
        #expect(both.degraded == [.sourceError])
        #expect(both.fallback.reason == nil)
    }

    @Test func aLateSearchIsLeftOut() async throws {
        var faults = Faults()
        faults.interestsHang = true
        var bench = bench(faults: faults)
        bench.instantTimeouts = [10]
        let answer = try await bench.ask(asked())
        #expect(answer.items.count == 20)
        #expect(answer.fallback.reason == .retrievalTimeout)
        #expect(answer.degraded == [.sourceTimeout])
    }
}
