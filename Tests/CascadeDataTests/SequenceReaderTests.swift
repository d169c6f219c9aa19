import Testing

@testable import CascadeData

@Suite struct SequenceReaderTests {
    @Test func givesOneRecordAnItem() throws {
        let window = ByteWindow(MemorySource("u1 a b\nu2\n\nu3\tc  d \r\n"), chunk: 3)
        let reader = try SequenceReader(window, delimiter: nil, file: "t")
        #expect(reader.columns == ["user", "item", "index", "remaining"])
        let records = try reader.all()
        #expect(
            records.map { $0.fields.map { String(decoding: $0, as: UTF8.self) } } == [
                ["u1", "a", "0", "1"], ["u1", "b", "1", "0"], ["u3", "c", "0", "1"], ["u3", "d", "1", "0"],
            ])
        #expect(records.map(\.line) == [1, 1, 4, 4])
    }

    @Test func readsOtherDelimiters() throws {
        let reader = try SequenceReader(ByteWindow(MemorySource("u 1,a b,c")), delimiter: 44, file: "t")
        #expect(try reader.texts() == [["u 1", "a b", "0", "1"], ["u 1", "c", "1", "0"]])
    }

    @Test func aBadLineIsOneBadRecord() throws {
        let bytes = Array("u a b\nu ".utf8) + [0xFF, 32, 0xFE, 10] + Array("v c\n".utf8)
        let reader = try SequenceReader(ByteWindow(MemorySource(bytes)), delimiter: nil, file: "t")
        #expect(try reader.texts() == [["u", "a", "0", "1"], ["u", "b", "1", "0"], nil, ["v", "c", "0", "0"]])
    }
}
