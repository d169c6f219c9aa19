import Foundation

/// The part of a source that is in memory: the bytes `start..<end` are not consumed yet.
///
/// A reader looks for the end of its record in the window, asks for `more` where the window ends too early, and looks
/// again; so records cross the borders of chunks without any state of the tokenizer crossing them.
final class ByteWindow {
    /// How many bytes are read at once.
    static let defaultChunk = 1 << 20

    private let source: any ByteSource
    private let chunk: Int
    private var capacity: Int
    private(set) var base: UnsafeMutablePointer<UInt8>
    /// The first byte that is not consumed.
    var start = 0
    private(set) var end = 0
    /// True when the source holds nothing after `end`.
    private(set) var atEnd = false
    /// The line that `start` is in, from 1; the readers count it on.
    var line = 1

    init(_ source: any ByteSource, chunk: Int = ByteWindow.defaultChunk) {
        self.source = source
        self.chunk = max(1, chunk)
        capacity = self.chunk
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var storedBytesRead: Int { source.storedBytesRead }

    /// The number of bytes that are not consumed.
    var count: Int { end - start }

    /// Reads on; the bytes move, so pointers into the window become invalid.
    func more() throws(DataError) {
        if start > 0 {
            memmove(base, base + start, count)
            end -= start
            start = 0
        }
        if capacity - end < 2 {
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: max(16, capacity * 2))
            larger.update(from: base, count: end)
            base.deallocate()
            base = larger
            capacity = max(16, capacity * 2)
        }
        let got = try source.read(into: base + end, count: min(max(2, chunk), capacity - end))
        if got == 0 { atEnd = true }
        end += got
    }

    /// Drops a byte order mark; refuses UTF-16, which would be read as rubbish.
    func skipByteOrderMark(file: String) throws(DataError) {
        while count < 3, !atEnd { try more() }
        guard count >= 2 else { return }
        switch (base[start], base[start + 1]) {
        case (0xFF, 0xFE), (0xFE, 0xFF): throw .wrongEncoding(file: file, encoding: "UTF-16")
        case (0xEF, 0xBB) where count >= 3 && base[start + 2] == 0xBF: start += 3
        default: break
        }
    }

    /// The index of the next line feed at or after `position`, or nil when the window holds none.
    func lineFeed(from position: Int) -> Int? {
        guard position < end, let found = memchr(base + position, 10, end - position) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Consumes one line and gives it without its line end; nil at the end of the source.
    ///
    /// The bytes are valid until the next read. The line's number is `line - 1` afterwards.
    func takeLine(limit: Int, file: String) throws(DataError) -> UnsafeBufferPointer<UInt8>? {
        var searched = 0
        while true {
            if let feed = lineFeed(from: start + searched) { return take(until: feed, next: feed + 1) }
            if atEnd { return count == 0 ? nil : take(until: end, next: end) }
            guard count <= limit else { throw .recordTooLong(file: file, line: line, limit: limit) }
            searched = count
            try more()
        }
    }

    private func take(until lineEnd: Int, next: Int) -> UnsafeBufferPointer<UInt8> {
        let begin = start
        let hasReturn = lineEnd > begin && base[lineEnd - 1] == 13
        start = next
        line += 1
        return UnsafeBufferPointer(start: base + begin, count: lineEnd - begin - (hasReturn ? 1 : 0))
    }
}
