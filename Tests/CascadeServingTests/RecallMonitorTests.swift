import CascadeCore
import CascadeIndex
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

@Suite struct RecallMonitorTests {
    private func search(
        _ fixture: ServingFixture, row: Int, k: Int = 20, effort: Int = 64, keeping share: Double = 1
    ) throws -> RecallMonitor.Search {
        let vector = try fixture.loaded.index.vector(at: row)
        let found = try fixture.loaded.index.exact.search(vector, k: k)
        return RecallMonitor.Search(
            loaded: fixture.loaded, place: .items(filter: nil), effort: effort, vector: vector, k: k,
            found: Array(found.prefix(Int(Double(k) * share))))
    }

    @Test func theShareThatWasFoundIsAveraged() async throws {
        let fixture = try ServingFixture()
        let monitor = RecallMonitor(rate: 1)
        #expect(monitor.status(of: .items) == RecallMonitor.Status())
        await monitor.measure(try search(fixture, row: 3))
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 1, samples: 1))
        await monitor.measure(try search(fixture, row: 4, keeping: 0.5))
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 0.75, samples: 2))
        // Only recent searches count.
        for row in 0..<200 { await monitor.measure(try search(fixture, row: row % 60)) }
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 1, samples: 202))
    }

    @Test func anotherReleaseOrEffortBeginsAnew() async throws {
        let monitor = RecallMonitor(rate: 1)
        let fixture = try ServingFixture()
        await monitor.measure(try search(fixture, row: 3, keeping: 0.5))
        await monitor.measure(try search(fixture, row: 3, effort: 65))
        #expect(monitor.status(of: .items).recall == 1)
        await monitor.measure(try search(fixture, row: 3, effort: 65, keeping: 0.5))
        await monitor.measure(try search(try ServingFixture(id: "rel_2"), row: 3, effort: 65))
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 1, samples: 4))
    }

    @Test func theFilterOfTheSearchHolds() async throws {
        let fixture = try ServingFixture()
        let monitor = RecallMonitor(rate: 1)
        let allowed = IndexFilter.allowing(RowSet(universe: 60, rows: [1, 2, 3]))
        let vector = try fixture.loaded.index.vector(at: 9)
        let found = try fixture.loaded.index.search(vector, k: 20, filter: allowed)
        await monitor.measure(
            RecallMonitor.Search(
                loaded: fixture.loaded, place: .items(filter: allowed), effort: 64, vector: vector, k: 20,
                found: found))
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 1, samples: 1))
        let none = IndexFilter.allowing(RowSet(universe: 60))
        await monitor.measure(
            RecallMonitor.Search(
                loaded: fixture.loaded, place: .items(filter: none), effort: 64, vector: vector, k: 20, found: []))
        #expect(monitor.status(of: .items).samples == 1)
    }

    @Test func searchesOfASnapshotAreMeasuredBehindTheAnswer() async throws {
        let fixture = try ServingFixture()
        let monitor = RecallMonitor(rate: 1)
        let service = Task { try await monitor.run() }
        let snapshot = try fixture.snapshot(monitor: monitor)
        let user = try snapshot.prepare(
            UserState(userID: nil, user: nil, history: ServingFixture.history, now: ServingFixture.time(0)))
        _ = try snapshot.retrieve(user, RetrievalWish(limit: 20), cancellation: ComputePool.Cancellation())
        while monitor.status(of: .items).samples == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try #require(monitor.status(of: .items).recall) > 0.8)
        service.cancel()
        _ = try? await service.value
    }

    @Test func searchesOfClustersAreMeasuredByThemselves() async throws {
        var settings = InterestSettings()
        // Cluster 0 has a graph, cluster 1 is searched exactly.
        settings.exactBelow = 100
        let base = try ServingFixture(items: 400)
        let interests = try PlainInterests(probabilities: [0.7, 0.3]).loaded(
            (0..<400).map { Int32($0 < 320 ? 0 : 1) }, settings: settings)
        #expect(interests.index.hasGraph(0) && !interests.index.hasGraph(1))
        let fixture = try ServingFixture(base, interests: interests)
        let monitor = RecallMonitor(rate: 1)
        let service = Task { try await monitor.run() }
        let snapshot = try fixture.snapshot([.put(ServingFixture.item(900))], monitor: monitor)
        _ = try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 60, excluded: [1, 2, 3]))
        while monitor.status(of: .interests).samples == 0 { try await Task.sleep(for: .milliseconds(2)) }
        // Both clusters gave candidates, one of them by a graph; its filter held in the exact search too.
        #expect(monitor.status(of: .interests) == RecallMonitor.Status(recall: 1, samples: 1))
        #expect(monitor.status(of: .items) == RecallMonitor.Status())
        service.cancel()
        _ = try? await service.value
    }

    @Test func whatAClusterMissedLowersItsShareAlone() async throws {
        let base = try ServingFixture(items: 400)
        var settings = InterestSettings()
        settings.exactBelow = 0
        let interests = try PlainInterests(probabilities: [0.5, 0.5]).loaded(
            (0..<400).map { Int32($0 % 2) }, settings: settings)
        let fixture = try ServingFixture(base, interests: interests)
        let monitor = RecallMonitor(rate: 1)
        let scope = try #require(try interests.index.scopes([1], filter: nil).first)
        let vector = PlainInterests.unit(seed: 5, 8)
        let truth = try interests.index.exactSearch(scope, query: vector[...], k: 20)
        #expect(truth.count == 20 && truth.allSatisfy { $0.row % 2 == 1 })
        await monitor.measure(
            RecallMonitor.Search(
                loaded: fixture.loaded, place: .interests(interests, scope), effort: nil, vector: vector, k: 20,
                found: Array(truth.prefix(5))))
        await monitor.measure(try search(fixture, row: 3))
        #expect(monitor.status(of: .interests) == RecallMonitor.Status(recall: 0.25, samples: 1))
        #expect(monitor.status(of: .items) == RecallMonitor.Status(recall: 1, samples: 1))
    }

    @Test func noneAreMeasuredAtARateOfZero() async throws {
        let fixture = try ServingFixture()
        let monitor = RecallMonitor(rate: 0)
        for row in 0..<20 { monitor.offer(try search(fixture, row: row)) }
        let service = Task { try await monitor.run() }
        try await Task.sleep(for: .milliseconds(20))
        #expect(monitor.status(of: .items).samples == 0)
        service.cancel()
        _ = try? await service.value
    }
}
