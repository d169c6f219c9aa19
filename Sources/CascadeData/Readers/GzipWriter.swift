import CZlib
import Foundation

/// Writes text to a gzip file, deterministically: the header holds no time and no name.
final class GzipWriter {
    private static let chunk = 1 << 18

    private let name: String
    private let handle: FileHandle
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutablePointer<UInt8>
    private var pending: [UInt8] = []

    /// Creates or replaces the file at `url`.
    init(_ url: URL) throws(DataError) {
        name = url.path
        guard FileManager.default.createFile(atPath: url.path, contents: nil),
            let handle = FileHandle(forWritingAtPath: url.path)
        else { throw .unwritable(file: url.path, reason: "the file cannot be created") }
        self.handle = handle
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(capacity: Self.chunk)
        let status = deflateInit2_(
            stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .unwritable(file: name, reason: "zlib does not start (\(status))") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Appends the UTF-8 of `text`.
    func write(_ text: String) throws(DataError) {
        pending.append(contentsOf: text.utf8)
        if pending.count >= Self.chunk { try flush(Z_NO_FLUSH) }
    }

    /// Ends the gzip data and closes the file.
    func finish() throws(DataError) {
        try flush(Z_FINISH)
        do {
            try handle.close()
        } catch {
            throw .unwritable(file: name, reason: error.localizedDescription)
        }
    }

    private func flush(_ mode: Int32) throws(DataError) {
        var pieces: [Data] = []
        pending.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                stream.pointee.next_out = output
                stream.pointee.avail_out = UInt32(Self.chunk)
                _ = deflate(stream, mode)
                pieces.append(Data(bytes: output, count: Self.chunk - Int(stream.pointee.avail_out)))
            } while stream.pointee.avail_out == 0
        }
        pending.removeAll(keepingCapacity: true)
        do {
            for piece in pieces where !piece.isEmpty { try handle.write(contentsOf: piece) }
        } catch {
            throw .unwritable(file: name, reason: error.localizedDescription)
        }
    }
}
