import CascadeCore
import Testing

@testable import CascadeData

@Suite struct SeparatedReaderTests {
    private func reader(
        _ text: String, _ change: (inout SeparatedFormat) -> Void = { _ in }
    ) throws -> SeparatedReader {
        try reader(bytes: Array(text.utf8), change)
    }

    private func reader(
        bytes: [UInt8], _ change: (inout SeparatedFormat) -> Void = { _ in }
    ) throws -> SeparatedReader {
        var format = SeparatedFormat()
        change(&format)
        return try SeparatedReader(ByteWindow(MemorySource(bytes)), format: format, file: "t.csv")
    }

    @Test func readsQuotesLineEndsAndDoubledQuotes() throws {
        let text = "id,title\r\n1,\"a, b\"\r\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n4,\"\"\n5,last"
        let reader = try reader(text)
        #expect(reader.columns == ["id", "title"])
        #expect(
            try reader.texts() == [
                ["1", "a, b"], ["2", "say \"hi\""], ["3", "two\nlines"], ["4", ""], ["5", "last"],
            ])
    }

    @Test func countsPhysicalLines() throws {
        let reader = try reader("a,b\n1,\"x\ny\"\n\n2,z\n\r\n3,w\n")
        #expect(try reader.all().map(\.line) == [2, 5, 7])
    }

    @Test func dropsTheByteOrderMark() throws {
        let reader = try reader("\u{FEFF}id,x\n1,2\n")
        #expect(reader.columns == ["id", "x"])
        #expect(try reader.texts() == [["1", "2"]])
    }

    @Test func refusesUTF16() throws {
        #expect(throws: DataError.wrongEncoding(file: "t.csv", encoding: "UTF-16")) {
            _ = try self.reader(bytes: [0xFF, 0xFE, 0x61, 0x00])
        }
    }

    @Test func aWrongNumberOfFieldsIsABadRow() throws {
        let reader = try reader("a,b\n1\n1,2,3\n1,2\n")
        #expect(try reader.next())
        #expect(reader.record.problem?.reason == "has 1 fields where 2 are expected")
        #expect(try reader.texts() == [nil, ["1", "2"]])
    }

    @Test func anOpenQuoteCostsOneLine() throws {
        let reader = try reader("a,b\n1,\"open\n2,x\n3,y\n")
        #expect(try reader.texts() == [nil, ["2", "x"], ["3", "y"]])
    }

    @Test func textAfterAClosingQuoteCostsOneLine() throws {
        let reader = try reader("a,b\n1,\"x\"y\n2,z\n")
        #expect(try reader.texts() == [nil, ["2", "z"]])
    }

    @Test func anOpenQuoteIsGivenUpAtTheLimit() throws {
        let rows = (0..<2000).map { "\($0),x" }.joined(separator: "\n")
        let reader = try reader("a,b\n1,\"open\n" + rows) { $0.recordLimit = 1000 }
        let texts = try reader.texts()
        #expect(texts.count == 2001)
        #expect(texts[0] == nil)
        #expect(texts[2000] == ["1999", "x"])
    }

    @Test func aLineWithoutEndIsAnError() throws {
        let reader = try reader("a,b\n" + String(repeating: "x", count: 5000)) { $0.recordLimit = 1000 }
        #expect(throws: DataError.recordTooLong(file: "t.csv", line: 2, limit: 1000)) { _ = try reader.next() }
    }

    @Test func badTextIsABadRow() throws {
        let bytes = Array("a,b\n1,".utf8) + [0xC3, 0x28, 10] + Array("2,é\n3,".utf8) + [0, 10] + Array("4,z".utf8)
        let reader = try reader(bytes: bytes)
        #expect(try reader.texts() == [nil, ["2", "é"], nil, ["4", "z"]])
    }

    @Test func readsOtherDelimitersAndNoQuotes() throws {
        let wide = try reader("1::Toy: Story::A|B\n") {
            $0.delimiter = Array("::".utf8)
            $0.quote = nil
            $0.header = false
            $0.columns = ["id", "title", "genres"]
        }
        #expect(try wide.texts() == [["1", "Toy: Story", "A|B"]])
        let tabs = try reader("a\tb\n1\t\"x\n") {
            $0.delimiter = [9]
            $0.quote = nil
        }
        #expect(try tabs.texts() == [["1", "\"x"]])
    }

    @Test func skipsLinesBeforeTheHeader() throws {
        let reader = try reader("# made by hand\n#\na,b\n1,2\n") { $0.skipLines = 2 }
        #expect(reader.columns == ["a", "b"])
        #expect(try reader.all().map(\.line) == [4])
    }

    @Test func onlyLineEndsIsNoHeader() {
        #expect(throws: DataError.emptyFile(file: "t.csv")) { _ = try self.reader("\n\r\n") }
    }

    /// Any text, in chunks of any size, reads like the naive twin reads it.
    @Test(arguments: 0..<300) func agreesWithTheNaiveTwin(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let alphabet: [[UInt8]] = [",", ",", "\"", "\"", "\n", "\n", "\r", "\r\n", "a", "bc", "é", "::", " "]
            .map { Array($0.utf8) }
        var bytes: [UInt8] = []
        for _ in 0..<random.below(120) { bytes += alphabet[random.below(alphabet.count)] }
        let delimiter = Array((random.below(4) == 0 ? "::" : ",").utf8)
        let quote: UInt8? = random.below(5) == 0 ? nil : 34
        let columns = 1 + random.below(3)
        var format = SeparatedFormat()
        format.delimiter = delimiter
        format.quote = quote
        format.header = false
        format.columns = (0..<columns).map { "c\($0)" }
        let source = MemorySource(bytes, largest: 1 + random.below(9), seed: seed)
        let window = ByteWindow(source, chunk: 1 + random.below(16))
        let fast = try SeparatedReader(window, format: format, file: "t").all()
        var naive = NaiveCSV(bytes, delimiter: delimiter, quote: quote)
        #expect(
            fast == naive.all(columns: columns),
            "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
}
