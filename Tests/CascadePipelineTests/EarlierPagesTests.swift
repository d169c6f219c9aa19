import CascadeCore
import Testing

@testable import CascadePipeline

@Suite struct EarlierPagesTests {
    @Test("pages go through the whole catalog without repeats, and the last one says that there is no more")
    func pages() async throws {
        var bench = Bench(line(50))
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i20"]]
        var request = RecommendRequest("bob", limit: 12)
        var shown: [String] = []
        for page in 0..<5 {
            let response = try await bench.ask(request)
            #expect(Set(shown).isDisjoint(with: response.ids))
            shown += response.ids
            #expect(response.ids.count == (page < 4 ? 12 : 1))
            #expect(response.underfilled.cause == (page < 4 ? nil : .catalogExhausted))
            request.shownBefore = shown.map { ItemID($0) }
        }
        // All but the one that was seen.
        #expect(Set(shown).count == 49)
    }

    @Test("without a release too")
    func withoutARelease() async throws {
        var bench = Bench()
        bench.catalogItems = CatalogItems(all: (0..<20).map { Item(id: ItemID("i\($0)")) })
        var request = RecommendRequest(nil, limit: 15)
        let first = try await bench.ask(request).ids
        request.shownBefore = first.map { ItemID($0) }
        let second = try await bench.ask(request).ids
        #expect(first.count == 15 && second.count == 5 && Set(first).isDisjoint(with: second))
    }

    @Test("an identifier tells when it was made")
    func times() {
        let time = Timestamp(rfc3339: "2026-09-30T12:00:00.123Z") ?? .now
        let id = TimeSortedID.recommendation(time)
        #expect(TimeSortedID.time(of: id, prefix: "rec_") == time)
        #expect(TimeSortedID.time(of: id + ".colours-blue.more-b", prefix: "rec_") == time, "with the arms of tests")
        for text in [
            "", "rec_", "rec_1", String(id.dropLast()), id + "0", "job_" + id.dropFirst(4),
            "rec_" + String(repeating: "z", count: 26), id.uppercased(),
        ] {
            #expect(TimeSortedID.time(of: text, prefix: "rec_") == nil, "\(text)")
        }
    }
}
