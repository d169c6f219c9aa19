import CascadeCore
import Testing

@testable import CascadePipeline

@Suite("Similar items")
struct SimilarItemsFinderTests {
    private func find(
        _ items: [ArrayItem]? = line(60), live: LiveStates? = nil, faults: Faults = Faults(),
        _ edit: (inout SimilarItemsRequest) -> Void = { _ in }
    ) async throws -> SimilarItemsAnswer {
        let bench = Bench(items, faults: faults)
        var environment = PipelineEnvironment(pool: bench.pool) { [release = bench.release] in release }
        environment.liveState = live
        var request = SimilarItemsRequest(itemID: ItemID("i20"), limit: 4)
        edit(&request)
        return try await SimilarItemsFinder(environment: environment, wait: .seconds(10)).similar(request)
    }

    private func ids(_ answer: SimilarItemsAnswer) -> [String] { answer.items.map(\.itemID.rawValue) }

    @Test func eachListComesInItsOrder() async throws {
        let tower = try await find { $0.by = .tower }
        #expect(ids(tower) == ["i19", "i21", "i18", "i22"])
        #expect(tower.items.map(\.score) == [0.5, 0.5, Float(1) / 3, Float(1) / 3])
        #expect(tower.items[2].sources == [SourceMark(name: "tower", rank: 2, score: Float(1) / 3)])
        #expect(tower.releaseID == "rel_1")
        let together = try await find { $0.by = .cooccurrence }
        #expect(ids(together) == ["i18", "i22", "i16", "i24"])
        #expect(together.items[0].sources.map(\.name) == ["cooccurrence"])
    }

    @Test func bothListsAreFusedByRank() async throws {
        let both = try await find()
        // i18 and i22 are in both lists, so they come first; then the lists alternate.
        #expect(ids(both) == ["i18", "i22", "i19", "i21"])
        #expect(both.items[0].score == 1 / Float(61) + 1 / Float(63))
        #expect(both.items[0].sources.map(\.name) == ["cooccurrence", "tower"])
        #expect(both.items[0].sources.map(\.rank) == [0, 2])
    }

    @Test(arguments: SimilarityKind.allCases)
    func whatMayNotBeShownStaysOut(kind: SimilarityKind) async throws {
        var items = line(60)
        items[19].hidden = true
        items[18].deleted = true
        let answer = try await find(items, live: LiveStates(states: ["i21": .hidden, "i22": .deleted])) {
            $0.by = kind
            $0.limit = 50
            $0.excluded = [ItemID("i16"), ItemID("nothing")]
        }
        #expect(answer.items.count == 50)
        #expect(Set(ids(answer)).isDisjoint(with: ["i16", "i18", "i19", "i20", "i21", "i22"]))
        #expect(Set(ids(answer)).count == 50)
        #expect(answer.degraded.isEmpty)
    }

    @Test(arguments: SimilarityKind.allCases)
    func categoriesAreKept(kind: SimilarityKind) async throws {
        let answer = try await find {
            $0.by = kind
            $0.limit = 10
            $0.categories = ["c1", "no such"]
        }
        #expect(answer.items.count == 10)
        #expect(ids(answer).allSatisfy { (Int($0.dropFirst()) ?? 0) % 4 == 1 })
        let none = try await find {
            $0.by = kind
            $0.categories = ["no such"]
        }
        #expect(none.items.isEmpty)
    }

    @Test func allOfAShortCatalogIsGiven() async throws {
        let answer = try await find(line(21)) { $0.limit = 100 }
        #expect(Set(ids(answer)) == Set((0..<20).map { "i\($0)" }))
        #expect(try await find(line(1)) { $0.itemID = ItemID("i0") }.items.isEmpty)
    }

    @Test func whatNobodyKnowsIsAnError() async throws {
        await #expect(throws: SimilarItemsError.notInRelease(item: ItemID("x"), releaseID: "rel_1")) {
            try await find { $0.itemID = ItemID("x") }
        }
        await #expect(throws: SimilarItemsError.noActiveRelease) { try await find(nil) }
        await #expect(throws: FaultError.self) {
            var faults = Faults()
            faults.retrieveFails = true
            _ = try await find(faults: faults)
        }
    }

    @Test func anAnswerWithoutLiveStatesSaysSo() async throws {
        let answer = try await find(live: LiveStates(fails: true))
        #expect(answer.items.count == 4)
        #expect(answer.degraded == [.liveStateUnavailable])
    }
}
