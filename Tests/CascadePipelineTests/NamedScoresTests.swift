import Foundation
import Testing

@testable import CascadePipeline

@Suite("Numbers by name")
struct NamedScoresTests {
    @Test("are told in their order, without those that are no numbers")
    func entries() throws {
        let all: [Float] = [9, 0.5, .nan, 0.25, .infinity, 7]
        let scores = NamedScores(names: ["view", "like", "share", "hide"], values: all[1..<5])
        #expect(scores.entries.map(\.name) == ["view", "share"])
        #expect(scores["view"] == 0.5 && scores["share"] == 0.25)
        #expect(scores["like"] == nil && scores["hide"] == nil && scores["other"] == nil)
        #expect(scores == ["share": 0.25, "view": 0.5])
        #expect(Set([scores, ["view": 0.5, "share": 0.25]]).count == 1)
        #expect(NamedScores(names: ["view"], values: []).isEmpty)
        #expect(NamedScores(names: ["view"], values: [.nan]).isEmpty && !scores.isEmpty)
        let data = try JSONEncoder().encode(scores)
        #expect(try JSONDecoder().decode([String: Float].self, from: data) == ["view": 0.5, "share": 0.25])
        #expect(try JSONDecoder().decode(NamedScores.self, from: data) == scores)
    }
}
