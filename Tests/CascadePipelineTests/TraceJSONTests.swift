import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

/// Traces as they are stored.
@Suite struct TraceJSONTests {
    private static let odd = "a\"b\\c\n\u{1}\u{1F}/é🙂\"candidates\":[]"

    /// Both forms hold the same: the quick one read back is what was written, and so is the plain one.
    private func holds(_ trace: PipelineTrace) throws {
        let text = try TraceJSON.text(of: trace)
        #expect(try JSONDecoder().decode(PipelineTrace.self, from: Data(text.utf8)) == trace, "\(text.prefix(500))")
        let (quick, plain) = (
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary,
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(trace)) as? NSDictionary
        )
        #expect(quick == plain)
    }

    @Test("the trace of a request reads back as it was")
    func aRequest() async throws {
        var bench = Bench(line(300))
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]])
        bench.settings.sources.append(SourceSettings(name: "interests", limit: 50, timeoutMilliseconds: 20))
        let trace = try #require(try await bench.ask(RecommendRequest("bob", limit: 10, debug: true)).trace)
        #expect(trace.candidates.count > 50 && trace.candidates.contains { $0.sources.contains { $0.interest != nil } })
        try holds(trace)
        var none = trace
        none.candidates = []
        try holds(none)
    }

    @Test("every member, odd texts and odd numbers read back", arguments: 0..<200)
    func everything(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        func chance() -> Bool { random.next() & 1 == 0 }
        func number() -> Double { Double(bitPattern: random.next()) }
        func finite() -> Double {
            while true {
                let value = chance() ? number() : Double(below(2_000)) / 8 - 100
                if value.isFinite { return value }
            }
        }
        func single() -> Float {
            let value = Float(finite())
            return value.isFinite ? value : 0.1
        }
        func maybe<Value>(_ make: @autoclosure () -> Value) -> Value? { chance() ? make() : nil }
        func text() -> String {
            String(String.UnicodeScalarView((0..<below(6)).map { _ in Unicode.Scalar(UInt8(below(256))) }))
        }
        var trace = try #require(
            try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        trace.context = [Self.odd: Self.odd, text(): text()]
        trace.candidates = (0..<below(4)).map { _ in
            var candidate = CandidateTrace(
                itemID: chance() ? text() : Self.odd, row: maybe(Int32(truncatingIfNeeded: random.next())),
                sources: (0..<below(3)).map { _ in
                    SourceMark(
                        name: text(), rank: below(500), score: single(), because: maybe(text()),
                        interest: maybe(
                            InterestMark(
                                cluster: 3, name: maybe(text()), rank: 1, probability: single(),
                                because: [text(), Self.odd])))
                },
                retrievalScore: maybe(single()), heads: [text(): single(), "click": single()],
                weightedScore: maybe(finite()), diversityMultiplier: maybe(finite()), finalScore: maybe(finite()),
                position: maybe(below(20)), removedBy: maybe(text()), removedStage: maybe(.filter),
                propensity: maybe(finite()))
            candidate.creator = maybe(-1)
            candidate.categories = maybe([0, 7])
            return candidate
        }
        try holds(trace)
    }

    @Test("a number that JSON cannot hold is told")
    func refusesWhatIsNoNumber() async throws {
        var trace = try #require(try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        trace.candidates = [CandidateTrace(itemID: "i", weightedScore: .nan)]
        #expect(throws: EncodingError.self) { try TraceJSON.text(of: trace) }
    }
}
