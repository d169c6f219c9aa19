import Foundation

/// How separated text is written.
struct SeparatedFormat {
    /// One or several bytes between fields.
    var delimiter: [UInt8] = [UInt8(ascii: ",")]
    /// The quote around fields, doubled within them; nil: quotes mean nothing.
    var quote: UInt8? = UInt8(ascii: "\"")
    /// Whether the first record names the columns.
    var header = true
    /// The columns' names where there is no header.
    var columns: [String] = []
    /// Lines to drop at the start.
    var skipLines = 0
    /// The longest record; a quote that never closes must not swallow the file.
    var recordLimit = 4 << 20
}

/// Reads CSV (RFC 4180) and its relatives: quotes, line ends within quotes, CRLF, any delimiter, no quotes at all.
///
/// Lines without a byte are skipped. A record whose quotes are broken is given as a problem and costs its first line
/// only: reading goes on with the line after it.
final class SeparatedReader: RecordReader {
    private(set) var columns: [String] = []
    let record = RawRecord()

    private enum Outcome {
        /// The record ends before `lineEnd`, the next begins at `next`.
        case complete(lineEnd: Int, next: Int)
        case needsMore
        case malformed(String)
    }

    private let window: ByteWindow
    private let format: SeparatedFormat
    private let file: String
    private var hasHighBytes = false
    private var lineFeedsInside = 0
    // Fields with doubled quotes, and the place where they are written out without them.
    private var escaped: [Int] = []
    private var unescaped: UnsafeMutablePointer<UInt8>?
    private var unescapedCapacity = 0

    /// Reads the header, where there is one.
    init(_ window: ByteWindow, format: SeparatedFormat, file: String) throws(DataError) {
        self.window = window
        self.format = format
        self.file = file
        try window.skipByteOrderMark(file: file)
        for _ in 0..<format.skipLines { try skipLine() }
        guard format.header else {
            columns = format.columns
            return
        }
        guard try nextRaw() else { throw .emptyFile(file: file) }
        if let problem = record.problem {
            throw .brokenFile(file: file, line: record.line, reason: "the header is broken: \(problem.reason)")
        }
        columns = record.fields.map(\.string)
    }

    deinit { unescaped?.deallocate() }

    var storedBytesRead: Int { window.storedBytesRead }

    func next() throws(DataError) -> Bool {
        guard try nextRaw() else { return false }
        if record.problem == nil, record.fields.count != columns.count {
            record.problem = RowProblem(
                column: nil, reason: "has \(record.fields.count) fields where \(columns.count) are expected")
        }
        return true
    }

    private func nextRaw() throws(DataError) -> Bool {
        record.problem = nil
        while true {
            if window.count == 0 {
                if window.atEnd { return false }
                try window.more()
                continue
            }
            if try skipEmptyLine() { continue }
            switch scan() {
            case .complete(let lineEnd, let next):
                finish(lineEnd: lineEnd, next: next)
                return true
            case .needsMore:
                if window.count <= format.recordLimit {
                    try window.more()
                } else {
                    try reject("is longer than \(format.recordLimit) bytes; a quote may be open")
                    return true
                }
            case .malformed(let reason):
                let knowsLine = window.lineFeed(from: window.start) != nil || window.atEnd
                guard knowsLine || window.count > format.recordLimit else {
                    try window.more()
                    continue
                }
                try reject(reason)
                return true
            }
        }
    }

    private func skipLine() throws(DataError) {
        while true {
            if let end = window.lineFeed(from: window.start) {
                window.start = end + 1
                window.line += 1
                return
            }
            window.start = window.end
            if window.atEnd { return }
            try window.more()
        }
    }

    private func skipEmptyLine() throws(DataError) -> Bool {
        let first = window.base[window.start]
        if first == 13, window.count == 1, !window.atEnd { try window.more() }
        let hasReturn = first == 13 && window.count > 1
        guard (hasReturn ? window.base[window.start + 1] : first) == 10 else { return false }
        window.start += hasReturn ? 2 : 1
        window.line += 1
        return true
    }

    private func scan() -> Outcome {
        let base = window.base
        let end = window.end
        var position = window.start
        record.fields.removeAll(keepingCapacity: true)
        escaped.removeAll(keepingCapacity: true)
        hasHighBytes = false
        lineFeedsInside = 0
        while true {
            let field =
                if let quote = format.quote, position < end, base[position] == quote {
                    scanQuoted(from: position, quote: quote)
                } else {
                    scanPlain(from: position)
                }
            switch field {
            case .next(let next): position = next
            case .ends(let outcome): return outcome
            }
        }
    }

    private enum FieldOutcome {
        case next(Int)
        case ends(Outcome)
    }

    private func scanPlain(from start: Int) -> FieldOutcome {
        let base = window.base
        let end = window.end
        let first = format.delimiter[0]
        let isWide = format.delimiter.count > 1
        var position = start
        var high: UInt8 = 0
        defer { if high >= 0x80 { hasHighBytes = true } }
        while position < end {
            let byte = base[position]
            if byte == 10 {
                let lineEnd = position > start && base[position - 1] == 13 ? position - 1 : position
                append(start, lineEnd)
                return .ends(.complete(lineEnd: lineEnd, next: position + 1))
            }
            if byte == first {
                if !isWide {
                    append(start, position)
                    return .next(position + 1)
                }
                switch matchesDelimiter(at: position) {
                case nil: return .ends(.needsMore)
                case true?:
                    append(start, position)
                    return .next(position + format.delimiter.count)
                case false?: break
                }
            }
            high |= byte
            position += 1
        }
        guard window.atEnd else { return .ends(.needsMore) }
        let lineEnd = position > start && base[position - 1] == 13 ? position - 1 : position
        append(start, lineEnd)
        return .ends(.complete(lineEnd: lineEnd, next: position))
    }

    /// Whether the delimiter stands at `position`; nil when the window ends within it.
    private func matchesDelimiter(at position: Int) -> Bool? {
        for (offset, byte) in format.delimiter.enumerated() {
            if position + offset >= window.end { return window.atEnd ? false : nil }
            if window.base[position + offset] != byte { return false }
        }
        return true
    }

    private func scanQuoted(from start: Int, quote: UInt8) -> FieldOutcome {
        let base = window.base
        let end = window.end
        var position = start + 1
        var high: UInt8 = 0
        var hasDoubled = false
        defer { if high >= 0x80 { hasHighBytes = true } }
        while true {
            guard position < end else {
                return .ends(window.atEnd ? .malformed("a quote opens here and never closes") : .needsMore)
            }
            let byte = base[position]
            if byte == quote {
                guard position + 1 < end else {
                    if !window.atEnd { return .ends(.needsMore) }
                    break
                }
                guard base[position + 1] == quote else { break }
                hasDoubled = true
                position += 2
                continue
            }
            if byte == 10 { lineFeedsInside += 1 }
            high |= byte
            position += 1
        }
        if hasDoubled { escaped.append(record.fields.count) }
        append(start + 1, position)
        return afterQuote(position + 1)
    }

    /// What follows a closing quote: the end, a line end, or the delimiter.
    private func afterQuote(_ position: Int) -> FieldOutcome {
        let base = window.base
        guard position < window.end else {
            return .ends(window.atEnd ? .complete(lineEnd: position, next: position) : .needsMore)
        }
        if base[position] == 10 { return .ends(.complete(lineEnd: position, next: position + 1)) }
        if base[position] == 13 {
            if position + 1 < window.end {
                if base[position + 1] == 10 { return .ends(.complete(lineEnd: position, next: position + 2)) }
            } else {
                return .ends(window.atEnd ? .complete(lineEnd: position, next: position + 1) : .needsMore)
            }
        }
        switch matchesDelimiter(at: position) {
        case nil: return .ends(.needsMore)
        case true?: return .next(position + format.delimiter.count)
        case false?: return .ends(.malformed("text follows a closing quote"))
        }
    }

    private func append(_ start: Int, _ end: Int) {
        record.fields.append(FieldBytes(base: UnsafePointer(window.base + start), count: end - start))
    }

    private func finish(lineEnd: Int, next: Int) {
        record.line = window.line
        record.raw = UnsafeBufferPointer(start: window.base + window.start, count: lineEnd - window.start)
        record.checkText(hasHighBytes: hasHighBytes)
        window.line += 1 + lineFeedsInside
        window.start = next
        if !escaped.isEmpty { unescape() }
    }

    private func unescape() {
        guard let quote = format.quote else { return }
        if unescapedCapacity < record.raw.count {
            unescaped?.deallocate()
            unescapedCapacity = max(1024, record.raw.count * 2)
            unescaped = .allocate(capacity: unescapedCapacity)
        }
        guard let target = unescaped else { return }
        var out = 0
        for index in escaped {
            let field = record.fields[index]
            let start = out
            var position = 0
            while position < field.count {
                target[out] = field.base[position]
                out += 1
                position += field.base[position] == quote ? 2 : 1
            }
            record.fields[index] = FieldBytes(base: UnsafePointer(target + start), count: out - start)
        }
    }

    /// Gives the first line of a broken record as a problem and goes on after it.
    private func reject(_ reason: String) throws(DataError) {
        record.line = window.line
        let feed = window.lineFeed(from: window.start)
        if feed == nil, window.count > format.recordLimit {
            throw .recordTooLong(file: file, line: window.line, limit: format.recordLimit)
        }
        var lineEnd = feed ?? window.end
        let next = feed.map { $0 + 1 } ?? window.end
        if lineEnd > window.start, window.base[lineEnd - 1] == 13 { lineEnd -= 1 }
        record.raw = UnsafeBufferPointer(start: window.base + window.start, count: lineEnd - window.start)
        record.fields.removeAll(keepingCapacity: true)
        record.problem = RowProblem(column: nil, reason: reason)
        window.line += 1
        window.start = next
    }
}
