import CascadeCore
import Foundation
import Testing

@Suite struct DomainTests {
    @Test func identifierRulesNameWhatIsWrong() {
        #expect(IdentifierRules.problem(with: "a/b ü 🎬") == nil)
        #expect(IdentifierRules.problem(with: "")?.contains("empty") == true)
        #expect(IdentifierRules.problem(with: String(repeating: "x", count: 256)) == nil)
        #expect(IdentifierRules.problem(with: String(repeating: "ü", count: 129))?.contains("258") == true)
        #expect(IdentifierRules.problem(with: "a\u{0}b")?.contains("NUL") == true)
    }

    @Test func identifiersAreBytes() {
        let (one, two) = ("\u{E9}", "e\u{301}")
        #expect(one == two)
        #expect(ItemID(one) != ItemID(two))
        #expect(Set([UserID(one), UserID(two)]).count == 2)
        #expect(ItemID("Z") < ItemID("a"))
    }

    @Test func attributesGiveTokensAndNumbers() {
        #expect(AttributeValue.number(3).tokens == ["3"])
        #expect(AttributeValue.number(2.5).tokens == ["2.5"])
        #expect(AttributeValue.list(["a", "b"]).tokens == ["a", "b"])
        #expect(AttributeValue.flag(true).tokens == ["true"])
        #expect(AttributeValue.text("7.5").number == 7.5)
        #expect(AttributeValue.text("x").number == nil)
        #expect(AttributeValue.number(.nan).number == nil)
        #expect(AttributeValue.list(["1"]).number == nil)
        #expect(AttributeValue.flag(false).number == 0)
    }

    @Test func attributesSurviveJSON() throws {
        let values: [String: AttributeValue] = [
            "n": .number(1.5), "t": .text("x"), "l": .list(["a"]), "e": .list([]), "f": .flag(true),
        ]
        let data = try JSONEncoder().encode(values)
        #expect(try JSONDecoder().decode([String: AttributeValue].self, from: data) == values)
    }

    @Test func logsKnowTheirSignals() {
        var log = InteractionLog()
        log.signals = ["click", "like"]
        #expect(log.mask(of: "like") == 2)
        #expect(log.mask(of: "hate") == 0)
    }
}
