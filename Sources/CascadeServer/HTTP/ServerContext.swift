import CascadeCore
import Hummingbird
import Logging
import NIOCore

/// What travels with a request through middleware and handlers.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The identifier that the answer, the log and the traces name; `RequestIDMiddleware` sets it.
    var requestID: String
    /// The API key that the request came with; nil where none is asked for.
    var keyID: String?
    /// The trace that the request is part of, if any.
    var trace: TraceContext?
    /// Where it comes from, as far as requests are counted by it.
    let address: String
    /// Headers of whatever the answer becomes.
    let headers = AnswerHeaders()
    /// When the request's head had been read.
    let arrival: ContinuousClock.Instant

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = ""
        address = CallerAddress.name(of: source.channel.remoteAddress)
        arrival = .now
    }
}

/// Identifiers of requests.
enum RequestIdentifier {
    /// Whether a caller's `text` may serve: 1 to 128 letters, digits, dots, underscores and hyphens.
    static func isAcceptable(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    /// A new identifier: `req_` and 26 digits of base 32, which sort by time.
    static func make(now: Timestamp = .now) -> String { SortableIdentifier.make(prefix: "req_", now: now) }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Identifiers that sort by the time they were made and do not collide: 48 bits of time, 80 random bits.
enum SortableIdentifier {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// `prefix` and 26 digits of Crockford's base 32.
    static func make(prefix: String, now: Timestamp) -> String {
        var text = prefix
        let milliseconds = UInt64(max(0, now.microseconds / 1000))
        for shift in stride(from: 45, through: 0, by: -5) { text.append(digits[Int(milliseconds >> shift & 31)]) }
        for _ in 0..<16 { text.append(digits[Int.random(in: 0..<32)]) }
        return text
    }
}
