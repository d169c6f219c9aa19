import CascadeCore

/// The lines of a text file, each the identifier of an item.
struct IdentifierLines: Sendable {
    private let text: [UInt8]
    /// Where lines begin, and one past the end of the last line's break.
    private let starts: [Int]

    /// Reads all of the file at `path`, compressed or not; a byte order mark is no part of the first line.
    init(path: String, name: String) throws(DataError) {
        let window = ByteWindow(try TextFile.open(path: path, name: name, encoding: .utf8))
        try window.skipByteOrderMark(file: name)
        var text: [UInt8] = []
        while window.count > 0 || !window.atEnd {
            text.append(contentsOf: UnsafeBufferPointer(start: window.base + window.start, count: window.count))
            window.start = window.end
            try window.more()
        }
        if text.last != 10 { text.append(10) }
        var starts = [0]
        for (index, byte) in text.enumerated() where byte == 10 { starts.append(index + 1) }
        self.text = text
        self.starts = starts
    }

    var count: Int { starts.count - 1 }

    /// The bytes of a line, from 0.
    func bytes(_ line: Int) -> ArraySlice<UInt8> {
        let slice = text[starts[line]..<(starts[line + 1] - 1)]
        return slice.last == 13 ? slice.dropLast() : slice
    }

    /// The identifier on a line.
    func identifier(_ line: Int) throws(RowProblem) -> ItemID {
        let bytes = bytes(line)
        guard (1...256).contains(bytes.count) else {
            throw RowProblem(column: "ids", reason: "an identifier of \(bytes.count) bytes, where 1 to 256 are right")
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw RowProblem(column: "ids", reason: bytes.contains(0) ? "holds a NUL byte" : "not valid UTF-8")
        }
        return ItemID(text)
    }
}
