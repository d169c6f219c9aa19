import CascadeCore
import Testing

@testable import CascadeStorage

@Suite struct AttributesJSONTests {
    @Test func kindsKeepTheirKind() throws {
        let attributes: [String: AttributeValue] = [
            "n": .number(1.5), "whole": .number(-3), "huge": .number(1e300), "tiny": .number(.leastNonzeroMagnitude),
            "t": .text("a \"quoted\"\n\\ text \u{1} ü 🙂"), "l": .list(["x", "", "y,z"]), "none": .list([]),
            "yes": .flag(true), "no": .flag(false), "": .text(""),
        ]
        #expect(try AttributesDecoder.decode(try AttributesEncoder.encode(attributes)) == attributes)
    }

    @Test func emptyIsAnEmptyObject() throws {
        #expect(try AttributesEncoder.encode([:]) == "{}")
        #expect(try AttributesDecoder.decode(" { } ").isEmpty)
    }

    @Test func numbersThatAreNotFiniteAreMissing() throws {
        let text = try AttributesEncoder.encode(["nan": .number(.nan), "inf": .number(-.infinity), "n": .number(2)])
        #expect(text == #"{"n":2}"#)
    }

    @Test func nulIsRefusedWithTheAttributesName() {
        #expect {
            try AttributesEncoder.encode(["colour": .list(["red", "a\u{0}b"])])
        } throws: { error in
            guard case StorageError.invalidValue(let reason) = error else { return false }
            return reason.contains("colour")
        }
    }

    @Test func escapesOfOthersAreRead() throws {
        let text = #"{"a":"\u00e9\ud83d\ude42\/\b\f\r\t\"","b" : [ 1 , true, null, "x", [2], {"y": "}"} ], "c":null}"#
        let expected: [String: AttributeValue] = [
            "a": .text("é🙂/\u{8}\u{c}\r\t\""), "b": .list(["1", "true", "x", "[2]", #"{"y": "}"}"#]),
        ]
        #expect(try AttributesDecoder.decode(text) == expected)
        #expect(
            try AttributesDecoder.decode(#"{"o": {"p": [1, "]"]}, "z": 1}"#) == [
                "o": .text(#"{"p": [1, "]"]}"#), "z": .number(1),
            ])
    }

    @Test(arguments: [
        "", "[]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":tru}"#, #"{"a":"x}"#, #"{"a":"\q"}"#,
        #"{"a":"\ud83d"}"#, #"{"a":[1}"#, #"{"a":1} x"#, #"{"a":1-}"#,
    ])
    func whatIsNoObjectIsRefused(_ text: String) {
        #expect(throws: StorageError.self) { try AttributesDecoder.decode(text) }
    }

    @Test(arguments: [1 as UInt64, 2, 3]) func randomAttributesSurvive(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let attributes = Self.randomAttributes(&random)
            let text = try AttributesEncoder.encode(attributes)
            #expect(try AttributesDecoder.decode(text) == attributes, "seed \(seed), round \(round): \(text)")
        }
    }

    static func randomAttributes(_ random: inout SeededRandom) -> [String: AttributeValue] {
        var attributes: [String: AttributeValue] = [:]
        for _ in 0..<random.below(8) {
            let value: AttributeValue =
                switch random.below(4) {
                case 0: .number(Self.randomNumber(&random))
                case 1: .text(randomText(&random))
                case 2: .list((0..<random.below(4)).map { _ in randomText(&random) })
                default: .flag(random.below(2) == 0)
                }
            attributes[randomText(&random)] = value
        }
        return attributes
    }

    private static func randomNumber(_ random: inout SeededRandom) -> Double {
        let number = Double(bitPattern: random.next())
        return number.isFinite && number != 0 ? number : Double(random.below(100))
    }

    private static func randomText(_ random: inout SeededRandom) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "\"", "\\", "\n", "\t", "\u{1f}", "/", "{", "]", ",", "é", "🙂", "\u{301}",
        ]
        var text = ""
        for _ in 0..<random.below(12) { text.unicodeScalars.append(alphabet[random.below(alphabet.count)]) }
        return text
    }
}
