import CascadeCore
import CascadePipeline
import Logging
import Synchronization
import Testing

@testable import CascadeServing

@Suite struct TraceWriterTests {
    private struct Away: Error {}

    private static func trace(_ id: String) -> PendingTrace {
        PendingTrace(recommendationID: id, userID: UserID("bob"), releaseID: "rel_1") {
            if id == "no JSON" { throw Away() }
            return "{\"recommendation_id\":\"\(id)\"}"
        }
    }

    /// Offers traces, lets the writer come to its end, and gives the batches that it wrote.
    private func written(
        _ ids: [String], capacity: Int = 1000, _ fails: @escaping @Sendable ([String]) -> Bool = { _ in false }
    ) async throws -> (batches: [[String]], dropped: Int) {
        let batches = Mutex<[[String]]>([])
        let writer = TraceWriter(capacity: capacity, logger: ServingFixture.quiet) { written in
            let ids = written.map(\.recommendationID)
            if fails(ids) { throw Away() }
            for one in written {
                #expect(one.json == "{\"recommendation_id\":\"\(one.recommendationID)\"}")
                #expect(one.userID == UserID("bob") && one.releaseID == "rel_1")
            }
            batches.withLock { $0.append(ids) }
        }
        var taken = 0
        for id in ids { taken += writer.offer(Self.trace(id)) ? 1 : 0 }
        #expect(taken == min(ids.count, capacity))
        let run = Task { try await writer.run() }
        writer.end()
        try await run.value
        return (batches.withLock { $0 }, writer.dropped)
    }

    @Test func whatCameIsWrittenInBatchesAndInOrder() async throws {
        let ids = (0..<150).map { "rec_\($0)" }
        let (batches, dropped) = try await written(ids)
        #expect(batches.flatMap { $0 } == ids && batches.count == 3 && dropped == 0)
    }

    @Test func whatDoesNotFitIsDroppedAndCounted() async throws {
        let (batches, dropped) = try await written(["a", "b", "c"], capacity: 2)
        #expect(batches == [["a", "b"]] && dropped == 1)
    }

    /// A trace that cannot be stored takes no other along.
    @Test func onlyWhatCannotBeStoredIsLost() async throws {
        let (batches, dropped) = try await written(["a", "bad", "c"]) { $0.contains("bad") }
        #expect(batches == [["a"], ["c"]] && dropped == 1)
    }

    /// Where the store is away nobody waits for it again and again.
    @Test func anAbsentStoreIsTriedThreeTimes() async throws {
        let tries = Mutex(0)
        let (batches, dropped) = try await written((0..<50).map { "rec_\($0)" }) { _ in
            tries.withLock { $0 += 1 }
            return true
        }
        #expect(batches.isEmpty && dropped == 50 && tries.withLock { $0 } == 3)
    }

    @Test func whatIsNoJSONIsLost() async throws {
        let (batches, dropped) = try await written(["a", "no JSON"])
        #expect(batches == [["a"]] && dropped == 1)
    }
}
