/// Reads lines of `user item item …` as one record an item.
///
/// Its columns: `user`, `item`, `index` (the item's place in the line, from 0) and `remaining` (how many items follow).
final class SequenceReader: RecordReader {
    let columns = ["user", "item", "index", "remaining"]
    let record = RawRecord()

    private let window: ByteWindow
    private let file: String
    private let delimiter: UInt8?
    private let arena = ByteArena()
    private let lineLimit = 64 << 20
    private var tokens: [FieldBytes] = []
    private var index = 0

    /// `delimiter` nil: any run of spaces and tabs.
    init(_ window: ByteWindow, delimiter: UInt8?, file: String) throws(DataError) {
        self.window = window
        self.delimiter = delimiter
        self.file = file
        try window.skipByteOrderMark(file: file)
    }

    var storedBytesRead: Int { window.storedBytesRead }

    func next() throws(DataError) -> Bool {
        while index + 1 >= tokens.count {
            guard let line = try window.takeLine(limit: lineLimit, file: file) else { return false }
            record.line = window.line - 1
            record.raw = line
            record.problem = nil
            record.checkText()
            index = 0
            tokens.removeAll(keepingCapacity: true)
            // A broken line is one bad record; its items are not worth a line each in the rejects.
            if record.problem != nil { return true }
            split(line)
        }
        arena.reset(room: 64)
        let place = arena.appendDigits(index)
        record.fields = [tokens[0], tokens[index + 1], place, arena.appendDigits(tokens.count - index - 2)]
        index += 1
        return true
    }

    private func split(_ line: UnsafeBufferPointer<UInt8>) {
        guard let base = line.baseAddress else { return }
        var start = 0
        for position in 0...line.count {
            let isEnd = position == line.count
            let byte = isEnd ? 10 : line[position]
            guard isEnd || (delimiter.map { $0 == byte } ?? (byte == 32 || byte == 9)) else { continue }
            if position > start { tokens.append(FieldBytes(base: base + start, count: position - start)) }
            start = position + 1
        }
    }
}
