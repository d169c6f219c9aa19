/// Reads NDJSON: one JSON object a line; its columns are the members that the mapping asks for.
final class NDJSONReader: RecordReader {
    let columns: [String]
    let record = RawRecord()

    private let window: ByteWindow
    private let file: String
    private let slots: JSONSlots
    private let arena = ByteArena()
    private let lineLimit = 16 << 20
    private let absent: ContiguousArray<FieldBytes>
    private let collects: Bool
    /// The paths of all members met so far, when they are collected.
    private(set) var seen: Set<String> = []

    /// Reads `columns`; with `collects` it gathers the names of all members in `seen` too.
    ///
    /// - Parameter objects: those of the columns whose objects are wanted whole.
    init(
        _ window: ByteWindow, columns: [String], objects: Set<String> = [], file: String, collects: Bool = false
    ) throws(DataError) {
        self.window = window
        self.columns = columns
        self.file = file
        self.collects = collects
        slots = JSONSlots(columns, objects: objects)
        absent = ContiguousArray(
            repeating: FieldBytes(base: UnsafePointer(arena.base), count: 0, kind: .absent), count: columns.count)
        record.isIdentifiedByRaw = true
        try window.skipByteOrderMark(file: file)
    }

    var storedBytesRead: Int { window.storedBytesRead }

    func next() throws(DataError) -> Bool {
        while let line = try window.takeLine(limit: lineLimit, file: file) {
            guard line.contains(where: { $0 > 32 }) else { continue }
            record.line = window.line - 1
            record.raw = line
            record.problem = nil
            record.checkText()
            if record.problem == nil { read(line) }
            return true
        }
        return false
    }

    private func read(_ line: UnsafeBufferPointer<UInt8>) {
        // A list is copied once more than its texts, so twice the line is enough for all that is written out.
        arena.reset(room: line.count * 2 + 16)
        record.fields = absent
        var scanner = JSONScanner(line, arena: arena)
        scanner.collects = collects
        do throws(RowProblem) {
            var ordinal = 0
            scanner.skipSpace()
            try scanner.object(into: &record.fields, slots: slots, ordinal: &ordinal)
            scanner.skipSpace()
            if scanner.position < scanner.end { throw scanner.unexpected() }
        } catch {
            record.problem = error
        }
        if collects { seen.formUnion(scanner.seen) }
    }
}

/// Reads one JSON object as a table of two columns: `key`, the name of a member, and `value`, a plain value or list.
final class JSONMapReader: RecordReader {
    let columns = ["key", "value"]
    let record = RawRecord()

    private let window: ByteWindow
    private let file: String
    private let arena = ByteArena()
    private let memberLimit = 16 << 20
    private var isOpen = false
    private var isDone = false

    init(_ window: ByteWindow, file: String) throws(DataError) {
        self.window = window
        self.file = file
        record.isIdentifiedByRaw = true
        try window.skipByteOrderMark(file: file)
    }

    var storedBytesRead: Int { window.storedBytesRead }

    func next() throws(DataError) -> Bool {
        while !isDone {
            arena.reset(room: window.count * 2 + 16)
            let unread = UnsafeBufferPointer(start: UnsafePointer(window.base + window.start), count: window.count)
            var scanner = JSONScanner(unread, arena: arena)
            var problem: RowProblem?
            do throws(RowProblem) {
                let found = try member(&scanner)
                if !scanner.ranOut || window.atEnd {
                    consume(scanner, unread: unread)
                    if found { return true }
                    isDone = true
                    return false
                }
            } catch {
                problem = error
            }
            guard scanner.ranOut, !window.atEnd, window.count <= memberLimit else {
                throw .brokenFile(file: file, line: window.line, reason: problem?.reason ?? "a member is too long")
            }
            try window.more()
        }
        return false
    }

    /// Reads one member, with the brace or comma before it; false at the closing brace.
    private func member(_ scanner: inout JSONScanner) throws(RowProblem) -> Bool {
        scanner.skipSpace()
        let isFirst = !isOpen
        if isFirst {
            try scanner.expect(UInt8(ascii: "{"))
            scanner.skipSpace()
        }
        if try scanner.peek() == UInt8(ascii: "}") {
            scanner.position += 1
            return false
        }
        if !isFirst {
            try scanner.expect(UInt8(ascii: ","))
            scanner.skipSpace()
        }
        let start = scanner.position
        let key = try scanner.text()
        scanner.skipSpace()
        try scanner.expect(UInt8(ascii: ":"))
        scanner.skipSpace()
        let value = try scanner.value()
        record.fields = [key, value]
        record.raw = UnsafeBufferPointer(start: scanner.base + start, count: scanner.position - start)
        return true
    }

    private func consume(_ scanner: JSONScanner, unread: UnsafeBufferPointer<UInt8>) {
        isOpen = true
        record.line = window.line
        record.problem = nil
        record.checkText()
        window.line += unread.prefix(scanner.position).count { $0 == 10 }
        window.start += scanner.position
    }
}
