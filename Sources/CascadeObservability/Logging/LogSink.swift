import Foundation
import Synchronization

/// Takes whole log lines.
package protocol LogSink: Sendable {
    /// Writes one line; `line` ends in a line feed.
    func write(_ line: String)
}

/// Writes log lines to a file descriptor, each in one piece.
package final class DescriptorSink: LogSink {
    /// Standard error: standard output belongs to the results of commands.
    package static let standardError = DescriptorSink(descriptor: 2)

    private let descriptor: Int32
    private let lock = Mutex(())

    package init(descriptor: Int32) { self.descriptor = descriptor }

    package func write(_ line: String) {
        var copy = line
        copy.withUTF8 { bytes in
            lock.withLock { _ in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                    if written < 0, errno == EINTR { continue }
                    // A log that cannot be written must not stop the program.
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }
}

/// Keeps log lines in memory, for tests and for commands that show the lines of one request.
package final class MemorySink: LogSink {
    private let kept = Mutex<[String]>([])

    package init() {}

    /// The lines so far, each with its line feed.
    package var lines: [String] { kept.withLock { $0 } }

    package func write(_ line: String) { kept.withLock { $0.append(line) } }
}
