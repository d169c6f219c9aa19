import CascadeCore
import CascadeObservability
import CascadePipeline
import Logging
import Synchronization

/// A pipeline with everything around it in memory, for tests to set up and ask.
struct Bench {
    static let now = Timestamp(rfc3339: "2026-06-01T00:00:00Z") ?? .now

    var release: ArrayRelease?
    var people = People()
    /// What is remembered of users; a memory of each pipeline where it is nil.
    var memory: UserMemory?
    var settings = PipelineSettings()
    var live: LiveStates?
    var catalogItems: CatalogItems?
    var traces: KeptTraces?
    /// Timeouts of this many milliseconds pass at once; all others never do.
    var instantTimeouts: Set<Int> = []
    /// Nanoseconds of the steady clock.
    var nanoseconds: @Sendable () -> UInt64 = { 0 }
    /// Whether time is that of the machine.
    var isTimed = false
    var logLevel = "info"
    let metrics = MetricRegistry()
    let log = MemorySink()
    let pool = ComputePool(threads: 2)

    init(_ items: [ArrayItem]? = nil, faults: Faults = Faults()) {
        release = items.map { ArrayRelease($0, faults: faults) }
        settings.stageSampleRate = 0
    }

    func pipeline() throws -> RecommendPipeline {
        var environment = PipelineEnvironment(pool: pool) { [release] in release }
        environment.users = people
        environment.histories = people
        environment.follows = people
        environment.items = catalogItems
        environment.liveState = live
        environment.traces = traces
        environment.memory = memory
        environment.metrics = metrics
        environment.logger = LogSetup(
            format: .json, level: logLevel == "debug" ? .debug : .info, sink: log
        ).logger("cascade.pipeline")
        if !isTimed { environment.clock = clock }
        let counter = Counting()
        environment.identifier = { _ in "rec_\(counter.next())" }
        return try RecommendPipeline(settings: settings, environment: environment)
    }

    /// Time that stands still but for what the bench is told of it.
    private var clock: PipelineClock {
        PipelineClock(
            now: { Self.now }, nanoseconds: nanoseconds,
            alarm: { [instantTimeouts] duration, action in
                let alarm = Alarm(action)
                if instantTimeouts.contains(where: { duration == .milliseconds($0) }) { alarm.ring() }
                return alarm
            })
    }

    func ask(_ request: RecommendRequest, id: String = "req-1") async throws -> RecommendResponse {
        try await pipeline().recommend(request, context: RequestContext(requestID: id))
    }
}

/// Counts up from 1.
final class Counting: Sendable {
    private let last = Mutex(0)

    func next() -> Int {
        last.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Users with their histories, in dictionaries.
struct People: UserReader, HistoryReader, FollowReader {
    var known: Set<String> = []
    /// The attribute `place` of those who have it, which a release reads.
    var places: [String: Double] = [:]
    var histories: [String: [String]] = [:]
    var hidden: [String: [String]] = [:]
    var usersFail = false
    var historiesFail = false
    var seenFails = false
    /// Counts how often seen items were read.
    var seenReads: Reads?
    var hiddenFails = false
    var followed: [String: [String]] = [:]
    var followsFail = false
    /// While it is on, no history, seen or hidden item can be read.
    var outage: Outage?
    /// What is never answered: `user`, `history`, `seen`, `hidden` or `follows`.
    var hanging: Set<String> = []

    private func hang(_ name: String) async throws {
        if hanging.contains(name) { try await Task.sleep(for: .seconds(3600)) }
    }

    func user(_ id: UserID) async throws -> User? {
        try await hang("user")
        if usersFail { throw FaultError(description: "no users") }
        guard known.contains(id.rawValue) else { return nil }
        return User(id: id, attributes: places[id.rawValue].map { ["place": .number($0)] } ?? [:])
    }

    func history(of user: UserID, limit: Int) async throws -> [HistoryEntry] {
        try await hang("history")
        if historiesFail || outage?.isOn == true { throw FaultError(description: "no histories") }
        return (histories[user.rawValue] ?? []).prefix(limit).map {
            HistoryEntry(itemID: ItemID($0), at: Bench.now, signals: ["click"])
        }
    }

    /// All of a bench's past happened at its present.
    func history(of user: UserID, before moment: Timestamp, limit: Int) async throws -> [HistoryEntry] {
        moment > Bench.now ? try await history(of: user, limit: limit) : []
    }

    func followedCreators(of user: UserID, limit: Int) async throws -> [String] {
        try await hang("follows")
        if followsFail { throw FaultError(description: "no follows") }
        return Array((followed[user.rawValue] ?? []).prefix(limit))
    }

    func seenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await hang("seen")
        if seenFails || outage?.isOn == true { throw FaultError(description: "no seen items") }
        seenReads?.add()
        return (histories[user.rawValue] ?? []).prefix(limit).map { ItemID($0) }
    }

    func hiddenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await hang("hidden")
        if hiddenFails || outage?.isOn == true { throw FaultError(description: "no hidden items") }
        return (hidden[user.rawValue] ?? []).prefix(limit).map { ItemID($0) }
    }
}

/// How often something was read.
final class Reads: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func add() { state.withLock { $0 += 1 } }
}

/// Something that is away and comes back.
final class Outage: Sendable {
    private let state = Mutex(false)

    var isOn: Bool { state.withLock { $0 } }

    func set(_ isOn: Bool) { state.withLock { $0 = isOn } }
}

/// Live states from a dictionary.
struct LiveStates: LiveStateReader {
    var states: [String: LiveItemState] = [:]
    var fails = false
    var hangs = false

    func states(of ids: [ItemID]) async throws -> [ItemID: LiveItemState] {
        if hangs { try await Task.sleep(for: .seconds(3600)) }
        if fails { throw FaultError(description: "no states") }
        return Dictionary(uniqueKeysWithValues: ids.compactMap { id in states[id.rawValue].map { (id, $0) } })
    }
}

/// Items from an array.
struct CatalogItems: ItemReader {
    var all: [Item] = []
    var fails = false
    var hangs = false

    func items(_ ids: [ItemID]) async throws -> [ItemID: Item] {
        if hangs { try await Task.sleep(for: .seconds(3600)) }
        if fails { throw FaultError(description: "no items") }
        return Dictionary(uniqueKeysWithValues: all.filter { ids.contains($0.id) }.map { ($0.id, $0) })
    }

    func fallbackItems(limit: Int) async throws -> [Item] {
        if fails { throw FaultError(description: "no items") }
        return Array(all.prefix(limit))
    }
}

/// `count` items `i0`, `i1`, … on a line: five creators, four categories, one a day, the first the most popular; each
/// quarter of the line is an interest.
func line(_ count: Int) -> [ArrayItem] {
    (0..<count).map { index in
        ArrayItem(
            id: "i\(index)", creator: Int32(index % 5), categories: [Int32(index % 4)],
            createdAt: Bench.now.adding(seconds: -86_400 * Double(index)), place: Float(index),
            popularity: Float(count - index) / Float(count), cluster: Int32(index * 4 / count))
    }
}

extension RecommendResponse {
    var ids: [String] { items.map(\.itemID.rawValue) }
}

extension RecommendRequest {
    init(_ user: String?, limit: Int? = nil, debug: Bool = false) {
        self.init(userID: user.map { UserID($0) }, limit: limit, debug: debug)
    }
}
