import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct JSONReaderTests {
    private func lines(_ text: String, _ columns: [String]) throws -> NDJSONReader {
        try NDJSONReader(ByteWindow(MemorySource(text), chunk: 7), columns: columns, file: "t.ndjson")
    }

    private func map(_ text: String, chunk: Int = 5) throws -> JSONMapReader {
        try JSONMapReader(ByteWindow(MemorySource(text), chunk: chunk), file: "t.json")
    }

    @Test func readsFlatObjectsInAnyOrder() throws {
        let reader = try lines(
            "{\"id\": \"a\", \"n\": -1.5e3, \"b\": true}\n\n"
                + "  {\"b\":false,\"other\":[{\"x\":[1]}],\"id\":\"c\"}\n{\"id\":null}",
            ["id", "n", "b"])
        #expect(try reader.texts() == [["a", "-1.5e3", "true"], ["c", "∅", "false"], ["∅", "∅", "∅"]])
    }

    @Test func writesOutEscapes() throws {
        let reader = try lines(#"{"id":"q\"\\\/\n\tA\u00e9\ud83d\ude00z"}"#, ["id"])
        #expect(try reader.texts() == [["q\"\\/\n\tAé😀z"]])
    }

    @Test func readsListsAndNestedMembers() throws {
        let reader = try lines(
            #"{"tags":["a","b\u0041", 3, null],"empty":[],"meta":{"maker":{"id":"m1"}}}"#,
            ["tags", "empty", "meta.maker.id"])
        #expect(try reader.next())
        let record = reader.record
        #expect(record.fields[0].kind == .list)
        #expect(record.fields[0].string == "a\u{1F}bA\u{1F}3")
        #expect(record.fields[1].kind == .list && record.fields[1].count == 0)
        #expect(record.fields[2].string == "m1")
    }

    @Test(arguments: [
        "{\"id\":}", "{\"id\" 1}", "{\"id\":\"a\"", "[1]", "{\"id\":01x}", "{\"id\":tru}", "{\"id\":\"a\"} x",
        "{\"id\":\"\\u0000\"}", "{\"id\":\"\\ud800\"}", "{\"id\":\"\\x\"}", "{\"id\":[[1]]}", "{\"id\":{\"a\":1},}",
        "plain", "{\"id\":1.}", "{\"id\":\"a\tb\"}",
    ])
    func refusesBrokenObjects(text: String) throws {
        let reader = try lines(text + "\n{\"id\":\"fine\"}\n", ["id"])
        #expect(try reader.texts() == [nil, ["fine"]])
    }

    @Test func refusesDeepNesting() throws {
        let deep = String(repeating: "[", count: 100_000)
        let reader = try lines("{\"other\":\(deep)\n{\"id\":\"fine\"}", ["id"])
        #expect(try reader.texts() == [nil, ["fine"]])
    }

    @Test func namesTheMemberOfABadValue() throws {
        let reader = try lines(#"{"id":{"a":[{}]},"tags":[[1]]}"#, ["tags"])
        #expect(try reader.next())
        #expect(reader.record.problem?.column == "tags")
    }

    @Test func collectsTheNamesOfAllMembers() throws {
        let window = ByteWindow(MemorySource(#"{"id":1,"meta":{"x":2}}"#))
        let reader = try NDJSONReader(window, columns: ["id"], file: "t", collects: true)
        #expect(try reader.next())
        #expect(reader.seen == ["id", "meta.x"])
    }

    @Test func readsAMapAsRows() throws {
        let reader = try map("{\"4\": [1, 2],\n \"83\": \"x\", \"é\": []}\n")
        #expect(try reader.texts() == [["4", "1\u{1F}2"], ["83", "x"], ["é", ""]])
        #expect(try map("{}").texts() == [])
    }

    @Test(arguments: ["{\"a\": 1", "{\"a\" 1}", "[1]", "", "{\"a\":1 \"b\":2}", "{\"a\":"])
    func refusesABrokenMap(text: String) throws {
        let reader = try map(text)
        #expect(throws: DataError.self) { while try reader.next() {} }
    }

    /// A map that Foundation has written reads the same in chunks of any size.
    @Test(arguments: 0..<60) func agreesWithFoundation(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let texts = ["a", "é", "\"", "\\", "\n", "😀", "x/y", " ", ""]
        var expected: [String: [String]] = [:]
        for number in 0..<random.below(30) {
            expected["\(texts[random.below(texts.count)])\(number)"] =
                (0..<random.below(5)).map { _ in texts[random.below(8)] + "t" }
        }
        let data = try JSONSerialization.data(withJSONObject: expected)
        let window = ByteWindow(
            MemorySource(Array(data), largest: 1 + random.below(20), seed: seed), chunk: 1 + random.below(40))
        let reader = try JSONMapReader(window, file: "t")
        var found: [String: [String]] = [:]
        while try reader.next() {
            let value = reader.record.fields[1]
            let parts = value.buffer.split(separator: FieldBytes.listSeparator).map {
                String(decoding: $0, as: UTF8.self)
            }
            found[reader.record.fields[0].string] = parts
        }
        #expect(found == expected, "seed \(seed)")
    }
}
