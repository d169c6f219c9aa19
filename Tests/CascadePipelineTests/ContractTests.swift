import CascadeCore
import CascadeObservability
import Testing

@testable import CascadePipeline

/// A request at the point where components see it, with a recorder to look at.
struct Stage {
    var bench: Bench
    let recorder: StageRecorder
    var query: PipelineQuery

    init(_ request: RecommendRequest, items: [ArrayItem] = line(60), faults: Faults = Faults()) throws {
        bench = Bench(items, faults: faults)
        let release = try #require(bench.release)
        var environment = PipelineEnvironment(pool: bench.pool) { release }
        environment.clock = PipelineClock(
            now: { Bench.now }, nanoseconds: { 0 }, alarm: { Alarm($1) })
        let metrics = PipelineMetrics(registry: bench.metrics, pipeline: "test", components: [])
        let run = RequestRun(
            request: request, context: RequestContext(requestID: "r"), settings: bench.settings,
            environment: environment, metrics: metrics)
        recorder = run.recorder
        query = PipelineQuery(run: run, release: release, settings: bench.settings)
        query.history = [HistoryEntry(itemID: ItemID("i20"), at: Bench.now, signals: ["click"])]
        query.seen = [20]
        query.followed = ["3", "0", "1", "2", "4", "nobody"]
        query.prepared = try release.prepare(query.userState)
    }

    var environment: PipelineEnvironment {
        PipelineEnvironment(pool: bench.pool) { [release = bench.release] in release }
    }
}

private let knownSources = ComponentRegistry.sources.keys.sorted() + [CatalogSource.key]
private let knownFilters = ComponentRegistry.filters.keys.sorted()
private let knownScorers = ComponentRegistry.scorers.keys.sorted()

private func bob(_ edit: (inout RecommendRequest) -> Void = { _ in }) -> RecommendRequest {
    var request = RecommendRequest("bob", limit: 10)
    edit(&request)
    return request
}

@Suite("Every source")
struct SourceContractTests {
    private func source(_ name: String, limit: Int, _ stage: Stage) throws -> any Source {
        let settings = SourceSettings(name: name, limit: limit, timeoutMilliseconds: 10)
        if name == CatalogSource.key { return CatalogSource(settings: settings, pool: stage.bench.pool) }
        let make = try #require(ComponentRegistry.sources[name])
        return make(settings, stage.environment)
    }

    @Test(
        "gives rows of the catalog, each once, best first, none that is taken, at most the limit",
        arguments: knownSources)
    func rows(_ name: String) async throws {
        for (limit, taken) in [(1, Set<Int32>()), (7, [0, 1, 21]), (500, Set(Int32(0)..<30)), (5, Set(Int32(0)..<60))] {
            let stage = try Stage(bob())
            let source = try source(name, limit: limit, stage)
            var page = SourcePage(limit: limit)
            page.taken = taken
            page.knownRemoved = [2, 3, 20]
            let batch = try await source.candidates(for: stage.query, page: page)
            let rows = batch.rows.map(\.row)
            let wanted = rows.count { ![2, 3, 20].contains($0) }
            #expect(Set(rows).count == rows.count)
            #expect(rows.allSatisfy { (0..<60).contains($0) && !taken.contains($0) })
            #expect(wanted == min(limit, 57 - taken.subtracting([2, 3, 20]).count), "limit \(limit)")
            #expect(batch.rows.map(\.score) == batch.rows.map(\.score).sorted(by: >))
            let answer = await source.run(stage.query, page, stage.recorder)
            #expect(answer.rows == batch.rows)
            #expect(stage.recorder.reports.last?.error == nil)
            #expect(answer.hasMore == (wanted >= limit))
        }
    }

    @Test("gives nothing for an empty catalog", arguments: knownSources)
    func empty(_ name: String) async throws {
        let stage = try Stage(bob(), items: [])
        let batch = try await source(name, limit: 5, stage).candidates(for: stage.query, page: SourcePage(limit: 5))
        #expect(batch.rows.isEmpty)
    }

    @Test("is named as it is registered", arguments: knownSources)
    func named(_ name: String) throws {
        let stage = try Stage(bob())
        #expect(try source(name, limit: 1, stage).name == name)
    }

    @Test("the catalog gives only what the filters keep and the slate has room for, and counts the rest")
    func catalog() async throws {
        let stage = try Stage(bob { $0.filters.categoriesAny = ["c1"] })
        var page = SourcePage(limit: 100)
        page.filters = [SeenFilter(), CategoriesFilter()]
        page.fullCreators = [2]
        let batch = try await source(CatalogSource.key, limit: 100, stage).candidates(for: stage.query, page: page)
        let expected = (0..<60).filter { $0 % 4 == 1 && $0 % 5 != 2 }
        #expect(batch.rows.map { Int($0.row) } == expected)
        #expect(batch.rejected == ["seen": 1, "categories_any": 44])
    }
}

@Suite("Every filter")
struct FilterContractTests {
    private func requests() -> [RecommendRequest] {
        [
            bob(), bob { $0.filters.categoriesAny = ["c1", "c3"] }, bob { $0.filters.categoriesAny = ["nonsense"] },
            bob { $0.filters.excludeItemIDs = [ItemID("i3"), ItemID("none")] },
            bob { $0.filters.maxAgeSeconds = 86_400 * 9.5 }, bob { $0.filters.excludeSeen = false },
        ]
    }

    @Test("parts its input: every row in one of the two, in the order of the input", arguments: knownFilters)
    func partition(_ name: String) throws {
        let make = try #require(ComponentRegistry.filters[name])
        let filter = make()
        #expect(filter.name == name)
        var items = line(60)
        items[5].hidden = true
        items[6].deleted = true
        items[7].createdAt = nil
        for request in requests() {
            var stage = try Stage(request, items: items)
            stage.query.hiddenByUser = [8]
            for rows in [[], [Int32(3)], (0..<60).map { Int32(59 - $0) }] {
                let result = filter.run(stage.query, rows: rows, round: 0, stage.recorder)
                #expect(Set(result.kept).isDisjoint(with: result.removed))
                #expect(rows.filter { result.kept.contains($0) } == result.kept)
                #expect(rows.filter { result.removed.contains($0) } == result.removed)
                #expect(result.kept.count + result.removed.count == rows.count)
                let report = try #require(stage.recorder.reports.last)
                if filter.isEnabled(for: stage.query) {
                    #expect(report.inputCount == rows.count && report.removedCount == result.removed.count)
                } else {
                    #expect(!report.enabled && result.removed.isEmpty)
                }
                // A second pass finds nothing more.
                #expect(filter.run(stage.query, rows: result.kept, round: 0, stage.recorder).removed.isEmpty)
            }
        }
    }

    @Test(
        "removes exactly what it is for",
        arguments: [
            ("hidden", [5, 6]), ("hidden_by_user", [8]), ("excluded", [3]), ("seen", [20]),
            ("categories_any", (0..<60).filter { $0 % 2 == 0 }),
            ("max_age", [7] + (10..<60)),
        ] as [(String, [Int])])
    func removes(_ name: String, _ expected: [Int]) throws {
        var items = line(60)
        items[5].hidden = true
        items[6].deleted = true
        items[7].createdAt = nil
        let request = bob {
            $0.filters.categoriesAny = ["c1", "c3"]
            $0.filters.excludeItemIDs = [ItemID("i3"), ItemID("none")]
            $0.filters.maxAgeSeconds = 86_400 * 9.5
        }
        var stage = try Stage(request, items: items)
        stage.query.hiddenByUser = [8]
        let make = try #require(ComponentRegistry.filters[name])
        let filter = make()
        let result = filter.run(stage.query, rows: (0..<60).map { Int32($0) }, round: 0, stage.recorder)
        #expect(result.removed.map { Int($0) } == expected)
    }
}

@Suite("Every scorer")
struct ScorerContractTests {
    private func candidates(_ rows: [Int32]) -> CandidateColumns {
        CandidateColumns(
            rows: rows, sources: rows.indices.map { [SourceMark(name: "popular", rank: $0, score: 1)] })
    }

    /// The candidates at some places.
    private func part(_ columns: CandidateColumns, _ places: [Int]) -> CandidateColumns {
        CandidateColumns(rows: places.map { columns.rows[$0] }, sources: places.map { columns.sources[$0] })
    }

    @Test(
        "gives one finite score a candidate; it does not depend on the others", arguments: knownScorers
    )
    func scores(_ name: String) async throws {
        let stage = try Stage(bob())
        let all = candidates((0..<60).map { Int32($0) })
        let make = try #require(ComponentRegistry.scorers[name])
        let scorer = make(PipelineSettings(), stage.environment)
        #expect(scorer.name == name)
        let scores = try await scorer.score(all, for: stage.query)
        #expect(scores.count == all.rows.count)
        #expect(scores.allSatisfy { $0.weighted.isFinite })
        let reversed = try await scorer.score(part(all, (0..<60).reversed()), for: stage.query)
        #expect(reversed.map(\.weighted) == scores.map(\.weighted).reversed())
        let alone = try await scorer.score(part(all, [17]), for: stage.query)
        #expect(alone.map(\.weighted) == [scores[17].weighted])
        #expect(try await scorer.score(part(all, []), for: stage.query).isEmpty)
    }

    @Test("the ranker is asked once for all candidates")
    func once() async throws {
        let stage = try Stage(bob())
        let make = try #require(ComponentRegistry.scorers["ranker"])
        let scorer = make(PipelineSettings(), stage.environment)
        _ = try await scorer.score(candidates((0..<60).map { Int32($0) }), for: stage.query)
        #expect(stage.bench.release?.calls.all.map(\.count) == [60])
    }

    @Test("a head of factor 0 has no say, not even by a NaN")
    func zeroWeight() {
        #expect(ScoreWeights.sum([0.5, .nan, 0.25], [2, 0, -1]) == 0.75)
        #expect(ScoreWeights.sum([0.5, .nan], [2, 1]).isNaN)
    }
}

@Suite("The selector")
struct SelectorContractTests {
    private func candidates(_ random: inout SeededRandom, _ count: Int) -> [Candidate] {
        (0..<count).map { index in
            var candidate = Candidate(row: Int32(index))
            candidate.creator = Int32(random.below(5)) - 1
            candidate.categories = (0..<random.below(3)).map { _ in Int32(random.below(4)) }[...]
            candidate.weighted = [.nan, .infinity, -.infinity][safe: random.below(30)] ?? Double(random.below(8)) - 3
            candidate.tier = candidate.weighted.isFinite ? (random.below(6) == 0 ? .sourceOrder : .ranked) : .notFinite
            return candidate
        }
    }

    @Test(
        "holds every candidate once, in a total order, whatever the order of its input",
        arguments: 0..<40 as Range<UInt64>)
    func total(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let input = candidates(&random, random.below(50))
        let size = 1 + random.below(20)
        var stage = try Stage(
            bob {
                $0.diversity.maxPerCreator = random.below(4)
                $0.diversity.maxPerCategory = random.below(4)
                $0.diversity.creatorDecay = random.uniform()
                $0.diversity.creatorFloor = random.uniform()
            })
        stage.query.user = nil
        for relaxed in [false, true] {
            let selector = DiverseTopKSelector()
            let selection = selector.run(
                stage.query, input, size: size, relaxed: relaxed, round: 0, stage.recorder)
            #expect(stage.recorder.reports.last?.error == nil)
            let rows = (selection.selected + selection.rest).map(\.row)
            #expect(rows.count == input.count && Set(rows) == Set(input.map(\.row)), "seed \(seed)")
            #expect(selection.selected.count <= size)
            if relaxed { #expect(selection.selected.count == min(size, input.count)) }
            let again = selector.select(
                input.shuffled(using: &random), for: stage.query, size: size, relaxed: relaxed)
            #expect(again.selected.map(\.row) == selection.selected.map(\.row), "seed \(seed)")
            #expect(again.rest.map(\.row) == selection.rest.map(\.row), "seed \(seed)")
            guard !relaxed else { continue }
            let tiers = selection.selected.map(\.tier)
            #expect(tiers == tiers.sorted(), "seed \(seed)")
            #expect(
                selection.selected.allSatisfy { $0.weighted < 0 ? $0.final <= $0.weighted : !($0.final > $0.weighted) })
            var room = CapCounter(stage.query.diversity)
            for candidate in selection.selected {
                #expect(room.admits(candidate), "seed \(seed)")
                room.take(candidate)
            }
            // Nothing that would have found a place was passed over.
            if selection.selected.count < size { #expect(!selection.rest.contains(where: room.admits), "seed \(seed)") }
        }
    }

    @Test("a NaN comes after every number, and equal scores come by row, whatever the order of the input")
    func order() {
        let scores: [Double] = [.nan, 1, -.infinity, 1, .infinity, .nan, 0]
        let candidates = scores.enumerated().map { row, score in
            var candidate = Candidate(row: Int32(row))
            candidate.weighted = score
            candidate.tier = .ranked
            return candidate
        }
        for input in [candidates, candidates.reversed()] {
            let rows = ScoreOrder.places(of: input, by: \.weighted).map { input[$0].row }
            #expect(rows == [4, 1, 3, 6, 2, 0, 5])
        }
    }

    private struct Broken: Selector {
        let name = "broken"
        let selection: @Sendable ([Candidate]) -> Selection

        func select(_ candidates: [Candidate], for query: PipelineQuery, size: Int, relaxed: Bool) -> Selection {
            selection(candidates)
        }
    }

    @Test(
        "one that loses, doubles or invents candidates, or takes too many, is replaced by the plain order of the scores"
    )
    func broken() throws {
        var random = SeededRandom(seed: 1)
        let input = candidates(&random, 9)
        let wrong: [@Sendable ([Candidate]) -> Selection] = [
            { Selection(selected: [$0[0]], rest: []) },
            { Selection(selected: [$0[0], $0[0]], rest: Array($0.dropFirst(2))) },
            { Selection(selected: [$0[1]], rest: Array($0.dropFirst(2)) + [Candidate(row: 9_999)]) },
            { Selection(selected: $0, rest: []) },
        ]
        for selection in wrong {
            let stage = try Stage(bob())
            let found = Broken(selection: selection).run(
                stage.query, input, size: 4, relaxed: false, round: 0, stage.recorder)
            #expect(found.selected.count == 4 && found.rest.count == 5)
            #expect(
                (found.selected + found.rest).map(\.row)
                    == ScoreOrder.places(of: input, by: \.weighted).map { input[$0].row })
            #expect(stage.recorder.degraded == [.componentError])
        }
        let stage = try Stage(bob())
        let kept = Broken { Selection(selected: Array($0.suffix(4).reversed()), rest: Array($0.prefix(5))) }.run(
            stage.query, input, size: 4, relaxed: false, round: 0, stage.recorder)
        #expect(kept.selected.map(\.row) == input.suffix(4).reversed().map(\.row) && stage.recorder.degraded.isEmpty)
    }
}

@Suite("Hydrators")
struct HydratorContractTests {
    private struct Broken: Hydrator {
        let name = "broken"
        let edit: @Sendable ([Int32]) throws -> HydratedColumns
        func hydrate(_ rows: [Int32], for query: PipelineQuery) async throws -> HydratedColumns {
            try edit(rows)
        }
    }

    @Test("the catalog's hydrator gives creators and categories in the order of the rows")
    func catalog() async throws {
        let stage = try Stage(bob())
        let output = await CatalogHydrator().run(stage.query, [5, 3, 9], round: 0, stage.recorder)
        #expect(output.creators == [0, 3, 4])
        #expect(output.categories.map { Array($0) } == [[1], [3], [1]])
        #expect(output.recent.isEmpty)
    }

    @Test("one that gives too little or too much, or fails, adds nothing, and is told")
    func broken() async throws {
        @Sendable func columns(_ creators: [Int32]) -> HydratedColumns {
            var columns = HydratedColumns()
            columns.creators = creators
            columns.categories = [[], [], []]
            return columns
        }
        let edits: [@Sendable ([Int32]) throws -> HydratedColumns] = [
            { columns(Array($0.dropLast())) }, { columns($0 + $0) }, { _ in throw FaultError(description: "no") },
        ]
        for edit in edits {
            let stage = try Stage(bob())
            let output = await Broken(edit: edit).run(stage.query, [5, 3, 9], round: 0, stage.recorder)
            #expect(output == HydratedColumns())
            #expect(stage.recorder.degraded == [.componentError])
            #expect(stage.recorder.reports.last?.error != nil)
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
