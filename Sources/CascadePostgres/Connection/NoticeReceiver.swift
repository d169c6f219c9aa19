import CPostgres
import Logging

/// Hands the server's notices to the logger.
final class NoticeReceiver {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// libpq calls this on the thread that reads the connection; `context` is the receiver.
    static let receive: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void = { context, result in
        guard let context, let result else { return }
        let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
        let field = { (code: UnicodeScalar) in
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
        }
        receiver.logger.debug(
            "postgres notice",
            metadata: ["severity": "\(field("V"))", "sqlstate": "\(field("C"))", "message": "\(field("M"))"])
    }
}
