/// How often a caller may ask; the `server.rate_limit` section of the configuration.
package struct RateLimitSettings: Codable, Hashable, Sendable {
    /// Requests a second of one API key, or of one address where no key is asked for; 0: as many as come.
    package var requestsPerSecond = 0.0
    /// Requests that may come at once.
    package var burst = 50

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case requestsPerSecond = "requests_per_second"
        case burst
    }

    var isOn: Bool { requestsPerSecond > 0 }

    /// Seconds in which a burst is made good.
    var windowSeconds: Int { max(1, Int((Double(burst) / requestsPerSecond).rounded(.up))) }
}

/// Which pages of browsers may use the server; the `server.cors` section of the configuration.
package struct CORSSettings: Codable, Hashable, Sendable {
    /// Origins such as `https://shop.example`, or `*` for all; none: no page of another origin.
    package var allowOrigins: [String] = []
    /// Seconds for which a browser need not ask again.
    package var maxAgeSeconds = 600

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case allowOrigins = "allow_origins"
        case maxAgeSeconds = "max_age_seconds"
    }

    func allows(_ origin: String) -> Bool { allowOrigins.contains(origin) || allowOrigins.contains("*") }

    /// Whether a text is an origin: a scheme and a host, perhaps with a port, and nothing behind.
    static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !rest.contains(where: { "/?#@,*".contains($0) }) && rest == rest.lowercased()
    }
}
