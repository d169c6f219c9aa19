import CascadeCore
import Foundation
import Testing

@Suite struct ChosenWordTests {
    private enum Colour: String, ChosenWord {
        case red
        case blue = "deep_blue"
    }

    @Test func knownWordsAreReadAndWritten() throws {
        let words = try JSONDecoder().decode([Colour].self, from: Data(#"["red", "deep_blue"]"#.utf8))
        #expect(words == [.red, .blue])
        #expect(try JSONEncoder().encode(words) == Data(#"["red","deep_blue"]"#.utf8))
    }

    @Test func anUnknownWordIsRefusedWithTheKnownOnes() throws {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Colour].self, from: Data(#"["green"]"#.utf8))
        }
        guard case .dataCorrupted(let context) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(context.debugDescription == "there is no 'green'; known are red, deep_blue")
    }
}
