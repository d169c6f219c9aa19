import CascadeCore
import Foundation
import Testing

@testable import CascadeServer

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("\"\"", ""),
            ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{C}\n\r\t"),
            ("\"\\u00e9\\ud83d\\ude00é😀\"", "é😀é😀"), ("[]", []), ("[1 , \"x\",[null]]", [1, "x", [nil]]),
            ("{}", [:]), ("{\"b\":1,\"a\":{\"c\":[]}}", ["b": 1, "a": ["c": []]]),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: [
        ("", 1, 1), ("  ", 1, 3), ("nul", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
        ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2), ("{\"a\":1,\n \"a\":2}", 2, 2), ("01", 1, 2), ("+1", 1, 1), ("1.", 1, 3),
        (".5", 1, 1), ("1e", 1, 3), ("1e999", 1, 1), ("-", 1, 2), ("NaN", 1, 1), ("1 2", 1, 3), ("\"abc", 1, 5),
        ("\"\t\"", 1, 2), ("\"\\x\"", 1, 3), ("\"\\u12g4\"", 1, 6), ("\"\\ud800\"", 1, 3), ("\"\\ude00\\ud83d\"", 1, 3),
        ("\"\\u0000\"", 1, 3), ("// c\n1", 1, 1), ("\u{FEFF}1", 1, 1), ("[\n\n  tru]", 3, 3), ("[\"é😀\", x]", 1, 8),
    ])
    func refusesWithPosition(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func refusesBytesThatAreNoUTF8() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test func refusesDeepNestingAndTakesItsLimit() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONParser.parse(nested(JSONParser.maximumDepth))
        let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(nested(JSONParser.maximumDepth + 1)) }
        #expect(error?.reason.contains("levels") == true)
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(String(repeating: "[", count: 200_000)) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 200_000)) }
    }

    @Test func depthIsNotCountedAcrossSiblings() throws {
        let list = "[" + Array(repeating: "[[]]", count: 100).joined(separator: ",") + "]"
        _ = try JSONParser.parse(list)
    }

    @Test(arguments: 0..<20)
    func writesWhatItReads(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = Self.value(&random, depth: 0)
        let bytes = JSONWriter.bytes(of: value)
        #expect(try JSONParser.parse(bytes) == value, "seed \(seed)")
        // A second reader agrees that it is JSON.
        _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    @Test(arguments: 0..<20)
    func aChangedByteNeverCrashes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = JSONWriter.bytes(of: Self.value(&random, depth: 0))
        for _ in 0..<200 {
            var changed = bytes
            changed[random.below(changed.count)] = UInt8(random.below(256))
            if random.below(3) == 0 { changed.removeLast(random.below(changed.count)) }
            guard let value = try? JSONParser.parse(changed) else { continue }
            #expect((try? JSONParser.parse(JSONWriter.bytes(of: value))) == value, "seed \(seed)")
        }
    }

    @Test func writesNumbersShortAndRefusesNone() {
        #expect(
            String(decoding: JSONWriter.bytes(of: [.single(0.12), .number(3), .number(.nan), 0.183]), as: UTF8.self)
                == "[0.12,3,null,0.183]")
        #expect(String(decoding: JSONWriter.bytes(of: "\u{1}\u{7F}\""), as: UTF8.self) == #""\u0001\u007f\"""#)
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
        switch random.below(depth > 4 ? 5 : 7) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .integer(Int(truncatingIfNeeded: random.next()))
        case 3: return .number(random.uniform() * 1e6 + 0.123)
        case 4: return .string(text(&random))
        case 5: return .array((0..<random.below(5)).map { _ in value(&random, depth: depth + 1) })
        default:
            let members = (0..<random.below(5)).map {
                JSONValue.Member("\($0)" + text(&random), value(&random, depth: depth + 1))
            }
            return .object(members)
        }
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let letters: [Character] = ["a", "\"", "\\", "\n", "é", "😀", "/", "\u{1}", "\u{7F}", "~", " "]
        return String((0..<random.below(8)).map { _ in letters[random.below(letters.count)] })
    }
}
