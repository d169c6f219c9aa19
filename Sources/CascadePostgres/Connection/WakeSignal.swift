import Foundation

/// A pipe whose reading end wakes a thread out of `poll`.
final class WakeSignal: Sendable {
    /// To be polled for reading.
    let descriptor: Int32
    private let writeEnd: Int32

    init() throws(PostgresError) {
        var ends: (Int32, Int32) = (-1, -1)
        let status = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress!.assumingMemoryBound(to: Int32.self)) }
        if status != 0 { throw .system(call: "pipe", code: errno) }
        (descriptor, writeEnd) = ends
        for end in [ends.0, ends.1] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// Wakes the thread; a full pipe has woken it already.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Takes back all wakes so far.
    func drain() {
        var bytes: UInt64 = 0
        while read(descriptor, &bytes, 8) > 0 {}
    }
}
