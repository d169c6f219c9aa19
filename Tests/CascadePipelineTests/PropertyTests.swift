import CascadeCore
import Testing

@testable import CascadePipeline

/// A world drawn from a seed: a catalog, a user's past, settings and a request.
private struct World {
    var bench: Bench
    var request: RecommendRequest
    var items: [ArrayItem]

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        items = line(random.below(120))
        for index in items.indices {
            items[index].hidden = random.below(10) == 0
            items[index].deleted = random.below(12) == 0
            items[index].creator = Int32(random.below(6)) - 1
            items[index].categories = (0..<4).filter { _ in random.below(3) == 0 }.map { Int32($0) }
            if random.below(8) == 0 { items[index].createdAt = nil }
            items[index].popularity = Float(random.below(5))
        }
        var faults = Faults()
        if random.below(5) == 0 { faults.retrieveFails = true }
        if random.below(6) == 0 { faults.scoreFails = true }
        if random.below(3) == 0 { faults.nanRows = Set((0..<10).map { _ in Int32(random.below(120)) }) }
        if random.below(6) == 0 { faults.retrieveBreaksContract = true }
        bench = Bench(items, faults: faults)
        func some(_ count: Int) -> [String] { (0..<count).map { _ in "i\(random.below(130))" } }
        bench.people = People(
            known: ["bob"], histories: ["bob": some(random.below(2) == 0 ? random.below(4) : random.below(80))],
            hidden: ["bob": some(random.below(3))])
        if random.below(2) == 0 {
            bench.live = LiveStates(states: Dictionary(some(20).map { ($0, .hidden) }, uniquingKeysWith: { $1 }))
        }
        for index in bench.settings.sources.indices { bench.settings.sources[index].limit = 1 + random.below(30) }
        bench.settings.refillRounds = random.below(3)
        bench.settings.historyLimit = random.below(40)
        request = RecommendRequest(random.below(6) == 0 ? nil : "bob", limit: 1 + random.below(60), debug: true)
        if random.below(3) == 0 { request.filters.categoriesAny = ["c\(random.below(4))", "c\(random.below(6))"] }
        if random.below(3) == 0 { request.filters.maxAgeSeconds = 86_400 * Double(1 + random.below(90)) }
        if random.below(3) == 0 { request.filters.excludeItemIDs = some(10).map { ItemID($0) } }
        if random.below(4) == 0 { request.filters.excludeSeen = false }
        if random.below(2) == 0 { request.diversity.maxPerCreator = random.below(4) }
        if random.below(2) == 0 { request.diversity.maxPerCategory = random.below(5) }
        if random.below(2) == 0 { request.diversity.creatorDecay = 0.5 }
    }

    /// The items that may be shown, by looking at each.
    var eligible: Set<String> {
        let user = request.userID?.rawValue ?? ""
        let filters = request.filters
        var banned = Set(filters.excludeItemIDs.map(\.rawValue)).union(bench.people.hidden[user] ?? [])
        if filters.excludeSeen {
            banned.formUnion(bench.people.histories[user] ?? [])
        }
        if let live = bench.live { banned.formUnion(live.states.keys) }
        let allowed = items.filter { item in
            if item.hidden || item.deleted || banned.contains(item.id) { return false }
            if !filters.categoriesAny.isEmpty,
                !item.categories.contains(where: { filters.categoriesAny.contains("c\($0)") })
            {
                return false
            }
            guard let age = filters.maxAgeSeconds else { return true }
            guard let created = item.createdAt else { return false }
            return Bench.now.seconds - created.seconds <= age
        }
        return Set(allowed.map(\.id))
    }
}

@Suite("Any request")
struct PropertyTests {
    @Test("shows only what may be shown, and is short only when nothing is left", arguments: 0..<150 as Range<UInt64>)
    func slate(seed: UInt64) async throws {
        let world = World(seed: seed)
        let answer = try await world.bench.ask(world.request)
        let eligible = world.eligible
        let requested = try #require(world.request.limit)
        #expect(Set(answer.ids).isSubset(of: eligible), "seed \(seed)")
        #expect(Set(answer.ids).count == answer.ids.count, "seed \(seed)")
        #expect(answer.items.count == min(requested, eligible.count), "seed \(seed)")
        #expect(answer.underfilled.requested == requested && answer.underfilled.returned == answer.items.count)
        #expect((answer.underfilled.cause != nil) == (answer.items.count < requested), "seed \(seed)")
        #expect(answer.items.map(\.position) == Array(0..<answer.items.count))
    }

    @Test("every candidate is in exactly one bucket, and the counts add up", arguments: 0..<60 as Range<UInt64>)
    func buckets(seed: UInt64) async throws {
        let world = World(seed: seed)
        let trace = try #require(try await world.bench.ask(world.request).trace)
        #expect(Set(trace.candidates.map(\.itemID)).count == trace.candidates.count, "seed \(seed)")
        for candidate in trace.candidates {
            #expect(candidate.position == nil || candidate.removedBy == nil, "seed \(seed) \(candidate.itemID)")
            #expect((candidate.removedBy == nil) == (candidate.removedStage == nil))
            #expect(!candidate.sources.isEmpty)
            #expect(Set(candidate.sources.map(\.name)).count == candidate.sources.count)
            #expect(candidate.heads.entries.allSatisfy { $0.value.isFinite })
        }
        let brought = trace.stages.filter { $0.stage == .source }.compactMap(\.candidateCount).reduce(0, +)
        #expect(brought == trace.candidates.reduce(0) { $0 + $1.sources.count }, "seed \(seed)")
        let removed = trace.stages.filter { $0.stage == .filter }.compactMap(\.removedCount).reduce(0, +)
        #expect(removed == trace.candidates.count { $0.removedStage == .filter }, "seed \(seed)")
        for report in trace.stages {
            guard let input = report.inputCount, let kept = report.keptCount else { continue }
            #expect(input == kept + (report.removedCount ?? 0), "seed \(seed)")
        }
        #expect(trace.stages.map(\.seq) == Array(trace.stages.indices))
    }

    @Test("no item whose score is no number comes before one whose score is", arguments: 0..<60 as Range<UInt64>)
    func finiteFirst(seed: UInt64) async throws {
        var world = World(seed: seed)
        // Relaxed caps append, so order is only promised without them.
        world.request.diversity = .init(maxPerCreator: 0, maxPerCategory: 0)
        let answer = try await world.bench.ask(world.request)
        let finite = answer.items.map { $0.score != nil }
        #expect(finite == finite.sorted { $0 && !$1 }, "seed \(seed)")
        let scores = answer.items.compactMap(\.score)
        if !answer.degraded.contains(.rankerError) { #expect(scores == scores.sorted(by: >), "seed \(seed)") }
    }

    @Test("the same request on the same state gives the same slate", arguments: 0..<20 as Range<UInt64>)
    func deterministic(seed: UInt64) async throws {
        let world = World(seed: seed)
        let pipeline = try world.bench.pipeline()
        let context = RequestContext(requestID: "same")
        let first = try await pipeline.recommend(world.request, context: context)
        for _ in 0..<3 {
            let again = try await pipeline.recommend(world.request, context: context)
            #expect(again.items == first.items, "seed \(seed)")
            #expect(again.trace?.candidates == first.trace?.candidates, "seed \(seed)")
            #expect(again.recommendationID != first.recommendationID)
        }
    }
}
