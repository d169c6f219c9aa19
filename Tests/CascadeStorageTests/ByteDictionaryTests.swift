import CascadeCore
import Testing

@testable import CascadeStorage

@Suite struct ByteDictionaryTests {
    private func number(_ text: String, _ dictionary: inout ByteDictionary) -> Int32 {
        Array(text.utf8).withUnsafeBytes { dictionary.number(of: $0) }
    }

    @Test func textsAreNumberedInOrderOfAppearance() {
        var dictionary = ByteDictionary()
        let texts = awkwardIdentifiers + [""]
        #expect(texts.map { number($0, &dictionary) } == (0..<Int32(texts.count)).map { $0 })
        #expect(texts.reversed().map { number($0, &dictionary) } == (0..<Int32(texts.count)).reversed())
        #expect((0..<texts.count).map { Array(dictionary.text($0).utf8) } == texts.map { Array($0.utf8) })
    }

    @Test func equivalentTextsWithOtherBytesAreTwo() {
        var dictionary = ByteDictionary()
        #expect("e\u{301}" == "\u{e9}")
        #expect(number("e\u{301}", &dictionary) != number("\u{e9}", &dictionary))
        #expect(ByteKey(text: "e\u{301}") != ByteKey(text: "\u{e9}"))
    }

    @Test(arguments: [7 as UInt64, 8]) func agreesWithADictionaryOfArrays(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var dictionary = ByteDictionary()
        var naive: [[UInt8]: Int32] = [:]
        for step in 0..<20_000 {
            let text = (0..<random.below(4)).map { _ in UInt8(random.below(17) + 97) }
            let expected = naive[text] ?? Int32(naive.count)
            naive[text] = expected
            let given = text.withUnsafeBytes { dictionary.number(of: $0) }
            #expect(given == expected, "seed \(seed), step \(step)")
        }
        #expect(dictionary.count == naive.count)
        let sorted = naive.keys.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(dictionary.sortedNumbers() == sorted.map { naive[$0] })
    }
}
