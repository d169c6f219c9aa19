/// Postgres' text format of one-dimensional arrays: `{1,2}`, `{"a \"b\"",NULL,c}`.
enum ArrayText {
    /// The elements, nil for NULL; nil altogether when the text is no one-dimensional array.
    static func parse(_ text: UnsafeRawBufferPointer) -> [String?]? {
        guard text.count >= 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else { return nil }
        var elements: [String?] = []
        let end = text.count - 1
        var position = 1
        while position < end {
            guard let element = parseElement(text, &position, end) else { return nil }
            elements.append(element.isNull ? nil : String(decoding: element.bytes, as: UTF8.self))
            if position < end {
                guard text[position] == UInt8(ascii: ","), position + 1 < end else { return nil }
                position += 1
            }
        }
        return elements
    }

    private static func parseElement(
        _ text: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int
    ) -> (bytes: [UInt8], isNull: Bool)? {
        var bytes: [UInt8] = []
        guard text[position] == UInt8(ascii: "\"") else {
            while position < end, text[position] != UInt8(ascii: ",") {
                if text[position] == UInt8(ascii: "{") { return nil }
                bytes.append(text[position])
                position += 1
            }
            return (bytes, bytes.elementsEqual("NULL".utf8))
        }
        position += 1
        while position < end, text[position] != UInt8(ascii: "\"") {
            if text[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < end else { return nil }
            bytes.append(text[position])
            position += 1
        }
        guard position < end else { return nil }
        position += 1
        return (bytes, false)
    }
}
