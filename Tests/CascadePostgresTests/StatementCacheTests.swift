import Testing

@testable import CascadePostgres

@Suite struct StatementCacheTests {
    @Test func theTypesOfTheValuesCount() {
        var cache = StatementCache()
        let text = StatementCache.Key(text: "SELECT $1", types: [25])
        let number = StatementCache.Key(text: "SELECT $1", types: [20])
        _ = cache.decide(text)
        cache.didPrepare(text, name: "a")
        #expect(cache.decide(text) == .prepared(name: "a"))
        #expect(cache.decide(number) == .unprepared)
    }

    @Test func aStatementIsPreparedWhenItComesAgain() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.decide("a") == .unprepared)
        #expect(cache.decide("a") == .prepare(name: "cascade_1"))
        cache.didPrepare("a", name: "cascade_1")
        #expect(cache.decide("a") == .prepared(name: "cascade_1"))
        cache.forget("a")
        #expect(cache.decide("a") == .prepare(name: "cascade_2"))
    }

    @Test func aFullCacheIsCleared() {
        var cache = StatementCache(capacity: 2)
        for text: StatementCache.Key in ["a", "b", "c"] { #expect(cache.decide(text) == .unprepared) }
        for text: StatementCache.Key in ["a", "b"] {
            guard case .prepare(let name) = cache.decide(text) else { return #expect(Bool(false)) }
            cache.didPrepare(text, name: name)
        }
        #expect(cache.decide("c") == .clear)
        cache.removeAll()
        #expect(cache.decide("c") == .prepare(name: "cascade_3"))
    }
}

extension StatementCache.Key: ExpressibleByStringLiteral {
    /// A key without values.
    public init(stringLiteral text: String) { self.init(text: text, types: []) }
}
