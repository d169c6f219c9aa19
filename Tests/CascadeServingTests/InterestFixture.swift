import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline
import Foundation
import Synchronization

@testable import CascadeServing

/// Interests of made-up numbers over the rows of a release: what is retrieved with them matters here.
struct PlainInterests: InterestEncoding {
    let dimension = 8
    let probabilities: [Float]
    /// Rows whose vector is no number.
    var brokenRows: Set<Int> = []
    /// The clusters of every batch of user vectors.
    let batches = Mutexed<[[Int32]]>([])
    /// How often the intent was computed.
    let intents = Mutexed(0)

    func intent(
        users: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems?, cluster: (Int32) -> Int32?
    ) -> [Float] {
        intents.change { $0 += 1 }
        return probabilities
    }

    func userVectors(
        users: EncodedEntities, row: Int, history: HistorySlice, clusters: [Int32], later: LaterItems?
    ) -> [Float] {
        batches.change { $0.append(clusters) }
        return clusters.flatMap { Self.unit(seed: 1_000_000 + UInt64($0), dimension) }
    }

    func itemVectors(rows: Range<Int>, later: LaterItems?) -> [Float] {
        rows.flatMap { row in
            brokenRows.contains(row)
                ? [Float](repeating: .nan, count: dimension) : Self.unit(seed: UInt64(row), dimension)
        }
    }

    static func unit(seed: UInt64, _ dimension: Int) -> [Float] {
        var random = SeededRandom(seed: seed &+ 77)
        let values = (0..<dimension).map { _ in Float(random.uniform() * 2 - 1) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }
}

/// A value behind a lock, for what a test looks at afterwards.
final class Mutexed<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) { value.withLock { body(&$0) } }
}

extension PlainInterests {
    /// Interests over `assignments`, put to use.
    func loaded(
        _ assignments: [Int32], settings: InterestSettings = InterestSettings(), names: [String] = []
    ) throws -> LoadedInterests {
        let vectors = itemVectors(rows: 0..<assignments.count, later: nil)
        let clusters = ItemClusters(
            count: probabilities.count, assignments: assignments, vectors: vectors, dimension: dimension, names: names)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("interests-\(UInt64.random(in: 0 ... .max))").path
        // The index maps the file, which may go.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let building = ClusteredIndex.Building(
            parameters: try HNSWParameters(efSearch: 500), exactBelow: settings.exactBelow, threads: 1)
        let index = try building.build(
            vectors: vectors, dimension: dimension, assignments: assignments, clusters: clusters.count, path: path)
        return LoadedInterests(
            clusters: clusters, settings: settings, quotas: settings.quotas, encoder: self, index: index)
    }
}

extension ReleaseSnapshot {
    /// Plans, searches every share and merges, as the source does.
    func interestRows(
        _ user: any PreparedUser, _ wish: RetrievalWish
    ) throws -> (plan: any InterestPlan, rows: [(row: Int32, place: InterestPlace)]) {
        let cancellation = ComputePool.Cancellation()
        guard let interests else { throw ServingError.foreignPreparedUser }
        let plan = try interests.plan(for: user, wish, cancellation: cancellation)
        let lists = try plan.shares.indices.map { try plan.search($0, cancellation: cancellation) }
        return (plan, plan.merged(lists.map(\.count)).map { (lists[$0.share][$0.rank].row, $0) })
    }

    /// A user with a past of these rows, newest first.
    func user(_ rows: [Int32] = [0, 1, 2], signals: Set<String> = ["view", "like"]) throws -> any PreparedUser {
        let history = rows.map {
            HistoryEntry(itemID: catalog.itemID($0), at: ServingFixture.time(0), signals: signals)
        }
        return try prepare(UserState(userID: nil, user: nil, history: history, now: ServingFixture.time(0)))
    }
}
