import CascadeCore
import CascadePipeline
import Foundation
import Synchronization

/// An item of an `ArrayRelease`.
struct ArrayItem: Sendable {
    var id: String
    var creator: Int32 = -1
    var categories: [Int32] = []
    var createdAt: Timestamp?
    var hidden = false
    var deleted = false
    var replaced = false
    /// Its place on a line: users like items near those of their history.
    var place: Float = 0
    var popularity: Float = 0
    /// The interest that it lies in.
    var cluster: Int32 = 0
}

/// The trouble that an `ArrayRelease` makes on demand.
struct Faults: Sendable {
    var prepareFails = false
    /// Encoding waits until nobody waits for it.
    var prepareHangs = false
    var retrieveFails = false
    /// Retrieval waits until nobody waits for it.
    var retrieveHangs = false
    /// A search of a cluster fails.
    var interestsFail = false
    /// A search of a cluster waits until nobody waits for it.
    var interestsHang = false
    var scoreFails = false
    var scoreHangs = false
    /// Rows whose probabilities are not numbers.
    var nanRows: Set<Int32> = []
    /// All probabilities are not numbers.
    var allNaN = false
    /// Retrieval gives rows that are none, rows twice and scores that are no numbers.
    var retrieveBreaksContract = false
    /// The ranker gives one value too few.
    var scoreBreaksContract = false
}

struct FaultError: Error, CustomStringConvertible {
    let description: String
}

/// A release over plain arrays: brute force finds the nearest places, heads are smooth functions of the distance.
struct ArrayRelease: ReleaseView {
    struct Prepared: PreparedUser {
        let historyCount: Int
        var isToldByAttributes = false
        let place: Float
        /// Rows of the history, newest first.
        var rows: [Int32] = []
    }

    let items: [ArrayItem]
    let faults: Faults
    let stamp: ReleaseStamp
    var heads = [
        HeadWeight(name: "click", weight: 1), HeadWeight(name: "like", weight: 2), HeadWeight(name: "hide", weight: -4),
    ]
    let popular: [ScoredRow]
    let fresh: [Int32]
    let catalog: any CatalogView
    /// Items that training did not meet.
    var unmet: Set<String> = []
    /// Rows of every call of the ranker.
    let calls = CallLog<[Int32]>()
    /// nil for a release without a model of interests.
    var arrayInterests: ArrayInterests?
    /// Nil for a release that counts nothing over windows of time.
    var arrayCounters: ArrayCounters?
    /// What was said of heads while serving.
    var headFactors: HeadFactors?
    /// What every call of the ranker was told of its rows.
    let recentCalls = CallLog<[RecentCounts]?>()
    /// Every wish for rows of the index.
    let wishes = CallLog<RetrievalWish>()

    init(_ items: [ArrayItem], faults: Faults = Faults(), id: String = "rel_1") {
        self.items = items
        self.faults = faults
        stamp = ReleaseStamp(
            releaseID: id, retrievalVersion: "ret_1", rankerVersion: "rank_1", indexVersion: "index_1",
            configHash: "c0ffee")
        let rows = items.indices.map { Int32($0) }
        popular = rows.filter { !items[Int($0)].replaced }.map { ScoredRow(row: $0, score: items[Int($0)].popularity) }
            .sorted { ($1.score, $0.row) < ($0.score, $1.row) }
        fresh = rows.filter { items[Int($0)].createdAt != nil && !items[Int($0)].replaced }.sorted {
            let (left, right) = (items[Int($0)].createdAt, items[Int($1)].createdAt)
            guard let left, let right, left != right else { return $0 < $1 }
            return left > right
        }
        catalog = ArrayCatalog(items)
        arrayInterests = ArrayInterests(items: items, faults: faults)
    }

    var interests: (any InterestRetrieval)? { arrayInterests }

    var recentCounters: (any RecentCounters)? { arrayCounters }

    func score(
        _ user: any PreparedUser, rows: [Int32], recent: [RecentCounts]?, cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        recentCalls.append(recent)
        return try score(user, rows: rows, cancellation: cancellation)
    }

    var relations: any ItemRelations { ArrayRelations(items: items, fails: faults.retrieveFails) }

    func prepare(_ user: UserState) throws -> any PreparedUser {
        if faults.prepareFails { throw FaultError(description: "no encoding today") }
        // It cannot be stopped; what it holds up is its own thread.
        if faults.prepareHangs { Thread.sleep(forTimeInterval: 1) }
        let rows = user.history.compactMap { catalog.row(of: $0.itemID) }
        let places = rows.map { items[Int($0)].place }
        let told = user.user?.attributes["place"]?.number.map { Float($0) }
        let mean = places.isEmpty ? told ?? 0 : places.reduce(0, +) / Float(places.count)
        let met = rows.count { !unmet.contains(items[Int($0)].id) }
        return Prepared(historyCount: met, isToldByAttributes: told != nil, place: mean, rows: rows)
    }

    func retrieve(
        _ user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow] {
        if faults.retrieveFails { throw FaultError(description: "the index is on fire") }
        if faults.retrieveHangs { try hang(cancellation) }
        let place = (user as? Prepared)?.place ?? 0
        wishes.append(wish)
        let rows = items.indices.map { Int32($0) }.filter { row in
            let item = items[Int(row)]
            if item.replaced || wish.excluded.contains(row) { return false }
            return wish.categories.map { item.categories.contains(where: $0.contains) } ?? true
        }
        let scored = rows.map { ScoredRow(row: $0, score: -abs(items[Int($0)].place - place)) }
        let best = scored.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(wish.limit)
        guard faults.retrieveBreaksContract, let first = best.first else { return Array(best) }
        let broken = [
            ScoredRow(row: -1, score: 1), ScoredRow(row: Int32(items.count), score: 1), first,
            ScoredRow(row: (first.row + 1) % Int32(items.count), score: .nan),
        ]
        return broken + best
    }

    func standing(_ user: any PreparedUser, of row: Int32) throws -> RetrievalStanding? {
        if faults.retrieveFails { throw FaultError(description: "the index is on fire") }
        if items[Int(row)].replaced { return nil }
        let place = (user as? Prepared)?.place ?? 0
        let scores = items.map { -abs($0.place - place) }
        return RetrievalStanding(
            score: scores[Int(row)], rank: scores.count { $0 > scores[Int(row)] },
            count: items.count { !$0.replaced })
    }

    func score(
        _ user: any PreparedUser, rows: [Int32], cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        calls.append(rows)
        if faults.scoreFails { throw FaultError(description: "the ranker is on strike") }
        if faults.scoreHangs { try hang(cancellation) }
        let place = (user as? Prepared)?.place ?? 0
        var values: [Float] = []
        for row in rows {
            let item = items[Int(row)]
            let near = exp(-abs(item.place - place) / 10)
            let bad = faults.allNaN || faults.nanRows.contains(row)
            values += [bad ? .nan : 0.5 * near + 0.01 * item.popularity, 0.2 * near, 0.05 * (1 - near)]
        }
        if faults.scoreBreaksContract { values.removeLast() }
        return HeadScores(probabilities: values, headCount: 3)
    }

    private func hang(_ cancellation: ComputePool.Cancellation) throws {
        while true {
            try cancellation.check()
            usleep(200)
        }
    }
}

/// Items near each other on the line go together; creator code `n` is named `n`.
struct ArrayRelations: ItemRelations {
    let items: [ArrayItem]
    var fails = false
    let positiveSignal: String? = "click"

    /// What was taken together are the items of the same parity first, the nearest first.
    func together(with row: Int32) -> [ScoredRow] {
        near(row).sorted { (($0.row - row) % 2).magnitude < (($1.row - row) % 2).magnitude }
    }

    func nearest(
        to row: Int32, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow] {
        if fails { throw FaultError(description: "the index is on fire") }
        let admitted = near(row).filter { scored in
            let item = items[Int(scored.row)]
            return !item.hidden && !item.deleted && !wish.excluded.contains(scored.row)
                && (wish.categories.map { !$0.isDisjoint(with: item.categories) } ?? true)
        }
        return Array(admitted.prefix(wish.limit))
    }

    func newest(by creator: String, limit: Int) -> [Int32] {
        items.indices.filter { "\(items[$0].creator)" == creator && !items[$0].hidden }.map { Int32($0) }
            .sorted { items[Int($1)].createdAt ?? .distantPast < items[Int($0)].createdAt ?? .distantPast }
            .prefix(limit).map { $0 }
    }

    private func near(_ row: Int32) -> [ScoredRow] {
        let place = items[Int(row)].place
        return items.indices.map { Int32($0) }.filter { $0 != row }
            .map { ScoredRow(row: $0, score: 1 / (1 + abs(items[Int($0)].place - place))) }
            .sorted { ($1.score, $0.row) < ($0.score, $1.row) }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(microseconds: .min)
}

/// Keeps what it was called with.
final class CallLog<Call: Sendable>: Sendable {
    private let calls = Mutex<[Call]>([])

    var all: [Call] { calls.withLock { $0 } }

    func append(_ call: Call) { calls.withLock { $0.append(call) } }
}

/// The catalog of an `ArrayRelease`; category code `n` is named `cn`.
struct ArrayCatalog: CatalogView {
    private let items: [ArrayItem]
    private let rows: [String: Int32]

    init(_ items: [ArrayItem]) {
        self.items = items
        rows = Dictionary(uniqueKeysWithValues: zip(items.map(\.id), 0...))
    }

    var count: Int { items.count }
    func itemID(_ row: Int32) -> ItemID { ItemID(items[Int(row)].id) }
    func row(of id: ItemID) -> Int32? { rows[id.rawValue] }
    func creator(_ row: Int32) -> Int32 { items[Int(row)].creator }
    func categories(_ row: Int32) -> ArraySlice<Int32> { items[Int(row)].categories[...] }
    func categoryCode(_ name: String) -> Int32? {
        guard name.hasPrefix("c"), let code = Int32(name.dropFirst()) else { return nil }
        return items.contains { $0.categories.contains(code) } ? code : nil
    }
    func createdAt(_ row: Int32) -> Timestamp? { items[Int(row)].createdAt }
    func isHidden(_ row: Int32) -> Bool { items[Int(row)].hidden }
    func isDeleted(_ row: Int32) -> Bool { items[Int(row)].deleted }
    func isReplaced(_ row: Int32) -> Bool { items[Int(row)].replaced }
}
