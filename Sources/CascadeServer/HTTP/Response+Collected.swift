import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

extension Response {
    /// The bytes of the body.
    func collected() async throws -> [UInt8] {
        let collector = BodyCollector()
        try await body.write(collector)
        return collector.bytes
    }
}

/// Keeps what a body writes.
private final class BodyCollector: ResponseBodyWriter, Sendable {
    private let collected = Mutex<[UInt8]>([])

    var bytes: [UInt8] { collected.withLock { $0 } }

    func write(_ buffer: ByteBuffer) { collected.withLock { $0.append(contentsOf: buffer.readableBytesView) } }

    func finish(_ trailingHeaders: HTTPFields?) {}
}
