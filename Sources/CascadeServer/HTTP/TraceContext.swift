/// Where a request stands in a trace over several services, as the W3C's `traceparent` has it.
struct TraceContext: Hashable, Sendable {
    /// 32 hexadecimal digits.
    let traceID: String
    /// The caller's span, 16 hexadecimal digits.
    let parentID: String
    /// The server's own.
    let spanID: String
    /// Whether the caller records the trace.
    let isSampled: Bool

    /// Reads a `traceparent`; nil for one that is malformed, which counts as none.
    init?(_ header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), parts[0] != "ff", Self.isHex(parts[1], 32),
            Self.isHex(parts[2], 16), Self.isHex(parts[3], 2), let flags = UInt8(parts[3], radix: 16),
            // Later versions may have more behind.
            parts.count == 4 || parts[0] != "00", parts[1].contains(where: { $0 != "0" }),
            parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        parentID = String(parts[2])
        isSampled = flags & 1 == 1
        spanID = Self.newSpan()
    }

    /// The value of `traceresponse`.
    var response: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func isHex(_ text: Substring, _ digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func newSpan() -> String {
        let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
