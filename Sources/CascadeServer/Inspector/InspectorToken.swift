/// The secret of one start of the server, which its inspector page shows where no API key is asked for.
///
/// It tells the page that the operator opened from every other page that runs in a browser on the same machine.
package struct InspectorToken: Sendable {
    /// 64 hexadecimal digits.
    package let text: String
    private let digest: [UInt8]

    /// A new one, of 32 random bytes.
    package init() {
        var generator = SystemRandomNumberGenerator()
        text = (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        digest = APIKeyDigest.of(text)
    }

    /// Whether `offered` is the token, in a time that tells nothing of how near it is.
    func matches(_ offered: String) -> Bool { APIKeyDigest.areEqual(APIKeyDigest.of(offered), digest) }

    /// The address that opens the page with the token; nil where the token opens nothing: the page is off, keys are asked for,
    /// or others than this machine reach the server.
    package func link(_ settings: ServerSettings, _ keys: KeyRing, port: Int) -> String? {
        guard settings.inspector, settings.isLoopback, !keys.isRequired else { return nil }
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        return "http://\(host):\(port)\(InspectorController.path)#token=\(text)"
    }
}
