import CZlib

/// Bodies in gzip.
enum Gzip {
    /// Why a body could not be read.
    enum Failure: Error, Equatable {
        case corrupt
        /// It is longer than allowed.
        case tooLong
        case unavailable
    }

    /// Quick rather than small: answers are made while somebody waits.
    private static let level: Int32 = 2
    private static let chunk = 1 << 15

    static func deflated(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 16 added to the window bits: with the header and the trailer of gzip.
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw .unavailable }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let (inputCount, outputCount) = (UInt32(input.count), UInt32(output.count))
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = inputCount
                stream.next_out = output.baseAddress
                stream.avail_out = outputCount
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { throw .unavailable }
        output.removeLast(Int(stream.avail_out))
        return output
    }

    /// The text of gzip members, `limit` bytes at most: what would be longer is not inflated to its end.
    static func inflated(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .unavailable
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: chunk)
        let failure = input.withUnsafeMutableBufferPointer { input -> Failure? in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let (status, count) = piece.withUnsafeMutableBufferPointer { piece in
                    stream.next_out = piece.baseAddress
                    stream.avail_out = UInt32(chunk)
                    return (inflate(&stream, Z_NO_FLUSH), chunk - Int(stream.avail_out))
                }
                output += piece[..<count]
                if output.count > limit { return .tooLong }
                switch status {
                case Z_STREAM_END where stream.avail_in == 0: return nil
                case Z_STREAM_END: guard inflateReset(&stream) == Z_OK else { return .corrupt }
                case Z_OK: continue
                // Also where there is no more to read before the end.
                default: return .corrupt
                }
            }
        }
        if let failure { throw failure }
        return output
    }
}
