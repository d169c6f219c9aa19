import HTTPTypes
import Hummingbird

/// Who may change releases and jobs while no API key is asked for: this machine at most, and of the pages of a browser on it the
/// inspector alone, opened with the token of this start.
struct OpenAdministration: Sendable {
    /// Whether nobody but this machine reaches the server.
    let isLoopback: Bool
    /// Headers that a proxy adds to what strangers sent.
    private static let forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"]
    /// nil lets no page in.
    let token: InspectorToken?

    /// Some of these requests have no body, so a page of anybody's could send them without the browser asking first: what comes
    /// with an `Origin` has to prove that it is the page of this server.
    ///
    /// - Throws: `forbidden` for everything else.
    func check(_ request: Request) throws(RequestFailure) {
        if !isLoopback {
            throw RequestFailure(
                .forbidden,
                "without API keys this is open to the server's own machine alone: make a key with"
                    + " `cascade keys make NAME --scope admin`")
        }
        // A proxy on this machine makes a stranger look like somebody of it.
        for name in Self.forwarding.compactMap({ HTTPField.Name($0) }) where request.headers[name] != nil {
            throw RequestFailure(
                .forbidden,
                "without API keys this is open to nobody who comes through a proxy (\(name)): make a key with"
                    + " `cascade keys make NAME --scope admin`")
        }
        guard let origin = request.headers[.origin] else { return }
        // A name of somebody else's that leads to this machine makes his page one of the same origin, and it sends that name.
        let host = request.head.authority ?? ""
        guard Self.isLoopbackHost(host), origin.lowercased() == "http://\(host.lowercased())" else {
            throw RequestFailure(
                .forbidden,
                "pages of other origins may not do this while no API key is asked for: send no `Origin`, or use"
                    + " \(InspectorController.path) at the address that the server listens on")
        }
        guard let token, let offered = request.headers[.inspectorToken], token.matches(offered) else {
            throw RequestFailure(
                .forbidden,
                "pages of a browser may not do this while no API key is asked for, but for \(InspectorController.path) opened by"
                    + " the link in the server's line `listening` in its log: send no `Origin`, or that link's token as"
                    + " `X-Inspector-Token`")
        }
    }

    /// Whether `Host`, with or without a port, is a name that never leaves this machine.
    static func isLoopbackHost(_ header: String) -> Bool {
        let host = header.lowercased()
        if host.hasPrefix("[") {
            let parts = host.split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0] == "[::1" && isPort(parts[1])
        }
        let name = host.prefix { $0 != ":" }
        var settings = ServerSettings()
        settings.host = String(name)
        return settings.isLoopback && isPort(host.dropFirst(name.count))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || (text.first == ":" && UInt16(text.dropFirst()) != nil)
    }
}
