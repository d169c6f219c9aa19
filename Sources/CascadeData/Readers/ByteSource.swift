import Foundation

/// Something that gives bytes in order, in pieces of any size.
protocol ByteSource: AnyObject {
    /// Reads up to `count` bytes to `target`; 0 only at the end.
    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(DataError) -> Int
    /// How far the stored form of the data has been read, in bytes (compressed ones for gzip).
    var storedBytesRead: Int { get }
}

/// The bytes of a file as they are stored.
final class FileSource: ByteSource {
    private let descriptor: Int32
    private let name: String
    private(set) var storedBytesRead = 0

    /// Opens the file at `path`; `name` is for messages.
    init(path: String, name: String) throws(DataError) {
        self.name = name
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: name, reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(DataError) -> Int {
        while true {
            let got = Foundation.read(descriptor, target, count)
            if got >= 0 {
                storedBytesRead += got
                return got
            }
            if errno != EINTR { throw .unreadable(file: name, reason: String(cString: strerror(errno))) }
        }
    }
}

/// Opens a file as the text it holds: gzip is recognised by its first bytes, whatever the file's name is.
enum TextFile {
    /// Opens the file at `path`; a file without any byte is an error.
    static func open(path: String, name: String, encoding: TextEncoding) throws(DataError) -> any ByteSource {
        let probe = try FileSource(path: path, name: name)
        var magic: (UInt8, UInt8) = (0, 0)
        let got = try withMagic(&magic, probe)
        guard got > 0 else { throw .emptyFile(file: name) }
        let stored = try FileSource(path: path, name: name)
        let isGzip = got == 2 && magic == (0x1F, 0x8B)
        let text: any ByteSource = isGzip ? try GzipSource(stored, name: name) : stored
        return encoding == .latin1 ? Latin1Source(text) : text
    }

    private static func withMagic(
        _ magic: inout (UInt8, UInt8), _ source: FileSource
    ) throws(DataError) -> Int {
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 2)
        defer { buffer.deallocate() }
        var got = 0
        while got < 2 {
            let more = try source.read(into: buffer + got, count: 2 - got)
            if more == 0 { break }
            got += more
        }
        magic = (got > 0 ? buffer[0] : 0, got > 1 ? buffer[1] : 0)
        return got
    }
}

/// Turns ISO 8859-1 into UTF-8 while it is read.
final class Latin1Source: ByteSource {
    private let source: any ByteSource

    init(_ source: any ByteSource) { self.source = source }

    var storedBytesRead: Int { source.storedBytesRead }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(DataError) -> Int {
        // Every byte becomes at most two, so half of the room is read into its second half and widened from there.
        let half = count / 2
        let got = try source.read(into: target + (count - half), count: half)
        var out = 0
        for index in 0..<got {
            let byte = target[count - half + index]
            if byte < 0x80 {
                target[out] = byte
                out += 1
            } else {
                target[out] = 0xC0 | (byte >> 6)
                target[out + 1] = 0x80 | (byte & 0x3F)
                out += 2
            }
        }
        return out
    }
}
