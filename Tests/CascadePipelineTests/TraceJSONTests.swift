import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

/// Traces as they are stored.
@Suite struct TraceJSONTests {
    private static let odd = "a\"b\\c\n\u{1}\u{1F}/é🙂\"candidates\":[]"

    /// What is stored and what answers tell read back as what was written.
    private func holds(_ trace: PipelineTrace) throws {
        let stored = try TraceJSON.text(of: trace, candidates: ListedCandidates(trace.candidates))
        #expect(try JSONDecoder().decode(PipelineTrace.self, from: Data(stored.utf8)) == trace, "\(stored.prefix(500))")
        #expect(try JSONDecoder().decode(PipelineTrace.self, from: JSONEncoder().encode(trace)) == trace)
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

    /// The reader names each member, and the compiler does not miss one that may be missing.
    @Test("no member that may be missing is lost")
    func everyMember() async throws {
        var trace = try #require(try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        trace.experiment = ["test": "b"]
        trace.sessionEvents = 2
        trace.fallback = FallbackReason.allCases.first
        trace.underfillCause = UnderfillCause.allCases.first
        trace.factorsVersion = 3
        trace.exploration = ExplorationTrace(ExplorationSettings(temperature: 1, epsilon: 0, top: 5), seed: 7)
        for (name, value) in Mirror(reflecting: trace).children {
            let isMissing = Mirror(reflecting: value).displayStyle == .optional && "\(value)" == "nil"
            #expect(!isMissing, "set \(name ?? "?") here")
        }
        try holds(trace)
    }

    @Test("a number that JSON cannot hold is told")
    func refusesWhatIsNoNumber() async throws {
        var trace = try #require(try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        trace.candidates = [CandidateTrace(itemID: "i", weightedScore: .nan)]
        #expect(throws: EncodingError.self) {
            try TraceJSON.text(of: trace, candidates: ListedCandidates(trace.candidates))
        }
    }

    @Test("candidates are stored in columns, which end with the last that has the member")
    func columns() async throws {
        var trace = try #require(try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        let mark = SourceMark(name: "fresh", rank: 4, score: 0.5)
        let interest = InterestMark(cluster: 3, rank: 1, probability: 0.25, because: ["i9"])
        trace.candidates = [
            CandidateTrace(itemID: "a", sources: [mark], heads: ["like": 0.5], weightedScore: 2, position: 0),
            CandidateTrace(
                itemID: "b",
                sources: [SourceMark(name: "popular", rank: 0, score: 7, because: "u"), mark],
                heads: ["like": .nan, "share": .infinity, "click": 0.75], removedBy: "seen", removedStage: .filter),
            CandidateTrace(itemID: "c", sources: [SourceMark(name: "fresh", rank: 5, score: 1, interest: interest)]),
        ]
        let text = try TraceJSON.text(of: trace, candidates: ListedCandidates(trace.candidates))
        let written = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let expected = """
            {"item_id":["a","b","c"],"weighted_score":[2.0],"position":[0],"removed_by":[null,"seen"],
             "removed_stage":[null,"filter"],"heads":{"like":[0.5],"click":[null,0.75]},
             "sources":{"names":["fresh","popular"],
              "marks":[[[0,4,0.5]],[[1,0,7.0,"u"],[0,4,0.5]],
               [[0,5,1.0,null,{"cluster":3,"rank":1,"probability":0.25,"because":["i9"]}]]]}}
            """
        #expect(
            written["candidates"] as? NSDictionary
                == (try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? NSDictionary))
        try holds(trace)
    }

    @Test(
        "columns that do not fit each other are refused",
        arguments: [
            (#""row":[]"#, #""row":[1,2,3,4,5,6,7,8,9]"#), (#""marks":[[[0,"#, #""marks":[[[7,"#),
            (#""marks":["#, #""marks":[[],"#),
        ])
    func refusesColumnsThatDoNotFit(_ change: (of: String, to: String)) async throws {
        var trace = try #require(try await Bench(line(5)).ask(RecommendRequest("bob", limit: 1, debug: true)).trace)
        trace.candidates = [
            CandidateTrace(itemID: "a", row: 1, sources: [SourceMark(name: "fresh", rank: 4, score: 0.5)])
        ]
        let text = try TraceJSON.text(of: trace, candidates: ListedCandidates(trace.candidates)).replacing(
            #""row":[1]"#, with: #""row":[]"#)
        let changed = text.replacing(change.of, with: change.to)
        #expect(changed != text)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(PipelineTrace.self, from: Data(changed.utf8))
        }
    }
}

/// Candidates with members of every kind, which no request has.
private struct ListedCandidates: TraceColumnSource {
    let list: [CandidateTrace]
    let headNames: [String]

    init(_ list: [CandidateTrace]) {
        self.list = list
        headNames = Set(list.flatMap { $0.heads.entries.map(\.name) }).sorted()
    }

    var count: Int { list.count }

    func itemID(at place: Int) -> String { list[place].itemID }
    func row(at place: Int) -> Int32? { list[place].row }
    func creator(at place: Int) -> Int32? { list[place].creator }
    func categories(at place: Int) -> ArraySlice<Int32>? { list[place].categories.map { $0[...] } }
    func sources(at place: Int) -> [SourceMark] { list[place].sources }
    func retrievalScore(at place: Int) -> Float? { list[place].retrievalScore }
    func head(_ head: Int, at place: Int) -> Float? { list[place].heads[headNames[head]] }
    func weightedScore(at place: Int) -> Double? { list[place].weightedScore }
    func diversityMultiplier(at place: Int) -> Double? { list[place].diversityMultiplier }
    func finalScore(at place: Int) -> Double? { list[place].finalScore }
    func position(at place: Int) -> Int? { list[place].position }
    func removedBy(at place: Int) -> String? { list[place].removedBy }
    func removedStage(at place: Int) -> StageKind? { list[place].removedStage }
    func propensity(at place: Int) -> Double? { list[place].propensity }
}
