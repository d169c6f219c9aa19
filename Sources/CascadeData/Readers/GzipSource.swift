import CZlib

/// The text of a gzip file of one or several members, decompressed piece by piece.
final class GzipSource: ByteSource {
    private static let chunk = 1 << 18

    private let source: any ByteSource
    private let name: String
    // zlib keeps the address of its stream, so the stream has a fixed place.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutablePointer<UInt8>
    private var inMember = false
    private var atEnd = false

    /// Decompresses what `source` gives; `name` is for messages.
    init(_ source: any ByteSource, name: String) throws(DataError) {
        self.source = source
        self.name = name
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: Self.chunk)
        // 16 added to the window bits: a gzip header and trailer are expected, and its CRC is checked.
        let status = inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .unreadable(file: name, reason: "zlib does not start (\(status))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    var storedBytesRead: Int { source.storedBytesRead - Int(stream.pointee.avail_in) }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(DataError) -> Int {
        stream.pointee.next_out = target
        stream.pointee.avail_out = UInt32(clamping: count)
        let room = stream.pointee.avail_out
        while stream.pointee.avail_out == room, !atEnd {
            if stream.pointee.avail_in == 0, try !refill() {
                if inMember { throw .truncatedGzip(file: name, position: storedBytesRead) }
                atEnd = true
                break
            }
            if !inMember, try !beginMember() { break }
            try step()
        }
        return Int(room - stream.pointee.avail_out)
    }

    private func refill() throws(DataError) -> Bool {
        let got = try source.read(into: input, count: Self.chunk)
        stream.pointee.next_in = input
        stream.pointee.avail_in = UInt32(got)
        return got > 0
    }

    /// Looks at the byte after a member: another member, padding of zeros up to the end, or garbage.
    private func beginMember() throws(DataError) -> Bool {
        while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
            stream.pointee.next_in += 1
            stream.pointee.avail_in -= 1
            if stream.pointee.avail_in == 0, try !refill() {
                atEnd = true
                return false
            }
        }
        guard stream.pointee.next_in.pointee == 0x1F else {
            throw .corruptGzip(file: name, position: storedBytesRead, reason: "bytes that are no gzip member")
        }
        inMember = true
        return true
    }

    private func step() throws(DataError) {
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            inMember = false
            inflateReset(stream)
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "not gzip data"
            throw .corruptGzip(file: name, position: storedBytesRead, reason: reason)
        }
    }
}
