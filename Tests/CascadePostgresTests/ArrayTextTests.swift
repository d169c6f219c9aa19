import Testing

@testable import CascadePostgres

@Suite struct ArrayTextTests {
    private func parse(_ text: String) -> [String?]? { Array(text.utf8).withUnsafeBytes { ArrayText.parse($0) } }

    @Test func elementsQuotesAndNulls() {
        #expect(parse("{}") == [])
        #expect(parse("{1,2}") == ["1", "2"])
        #expect(parse(#"{"a,b","c\"d","e\\f","",NULL,"NULL"}"#) == ["a,b", "c\"d", "e\\f", "", nil, "NULL"])
    }

    @Test(arguments: ["", "{", "1,2", "{{1},{2}}", "{1,}", #"{"a}"#, #"{"a"b}"#])
    func otherTextIsRefused(text: String) { #expect(parse(text) == nil) }
}
