import CascadeCore
import Testing

/// What reads attributes with it is tested with their writer, in the tests of the storage and of the catalog's file.
@Suite struct JSONCursorTests {
    private func reading<Value>(_ text: String, _ body: (inout JSONCursor) -> Value) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            var cursor = JSONCursor(UnsafeRawBufferPointer(bytes))
            return body(&cursor)
        }
    }

    @Test func wholeNumbersAreExact() {
        #expect(reading(" 9007199254740993") { $0.integer() } == 9_007_199_254_740_993)
        #expect(reading("-5,") { $0.integer() } == -5)
        for text in ["", "1.5", "x", "99999999999999999999"] { #expect(reading(text) { $0.integer() } == nil) }
    }

    @Test func membersAreReadInTheirOrder() {
        var names: [String] = []
        let isRead = reading(#" { "a" : 1 , "b\u00e9":"x" } "#) { cursor in
            cursor.members { cursor, name in
                names.append(name)
                return cursor.value() != nil
            } && cursor.atEnd
        }
        #expect(isRead && names == ["a", "bé"])
        #expect(reading("{}") { $0.members { _, _ in false } })
    }

    @Test(arguments: ["", "[]", "{", #"{"a"}"#, #"{"a":1"#, #"{"a":1,}"#, #"{a:1}"#])
    func whatIsNoObjectIsNotRead(_ text: String) {
        #expect(!reading(text) { $0.members { cursor, _ in cursor.value() != nil } })
    }

    @Test func readingStopsWhereItIsGivenUp() {
        let position = reading(#"{"a":1,"b":2}"#) { cursor in
            #expect(!cursor.members { cursor, name in name == "a" && cursor.value() != nil })
            return cursor.position
        }
        #expect(position == 11)
    }
}
