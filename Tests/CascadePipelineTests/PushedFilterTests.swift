import CascadeCore
import CascadePipeline
import Testing

/// What the search of the index is told of the request, and what the filters are still there for.
@Suite struct PushedFilterTests {
    @Test func theIndexIsAskedForTheRequestsCategoriesOnly() async throws {
        // Two of a hundred items are of the category, far from the user's taste.
        var items = line(100)
        for index in items.indices { items[index].categories = [index >= 98 ? 1 : 0] }
        var bench = Bench(items)
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i3"]]
        bench.settings.sources = [SourceSettings(name: "two_tower", limit: 10, timeoutMilliseconds: 10)]
        bench.settings.refillRounds = 0
        var request = RecommendRequest("bob", limit: 2)
        request.filters.categoriesAny = ["c1"]
        request.filters.excludeItemIDs = [ItemID("i50")]
        request.include = [.scores]
        let answer = try await bench.ask(request)
        #expect(Set(answer.ids) == ["i98", "i99"])
        #expect(answer.items.allSatisfy { $0.sources?.map(\.name) == ["two_tower"] })
        let wishes = try #require(bench.release).wishes.all
        #expect(wishes == [RetrievalWish(limit: 10, excluded: [3, 50], categories: [1])])
    }

    @Test func withoutCategoriesAnyMayCome() async throws {
        var bench = Bench(line(30))
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i3"]]
        _ = try await bench.ask(RecommendRequest("bob", limit: 2))
        #expect(try #require(bench.release).wishes.all.allSatisfy { $0.categories == nil })
    }

    @Test func aReplacedRowIsNeverServed() async throws {
        var items = line(20)
        items[4].replaced = true
        var bench = Bench(items)
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i3"]]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 20))
        // All but the seen one and the row that has another.
        #expect(Set(answer.ids) == Set(items.map(\.id)).subtracting(["i3", "i4"]))
    }
}
