extension ServerSettings {
    /// Everything that is wrong with the settings, each text with its key; empty when the server can start.
    package func problems() -> [String] {
        var problems: [String] = []
        func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) {
            guard !range.contains(value) else { return }
            problems.append("`\(key)` must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        if host.isEmpty { problems.append("`host` must not be empty; 127.0.0.1 is this machine only") }
        check("port", port, 0...65_535)
        check("max_body_bytes", maxBodyBytes, 1024...(256 << 20))
        check("request_timeout_ms", requestTimeoutMilliseconds, 1...600_000)
        check("shutdown_grace_ms", shutdownGraceMilliseconds, 0...600_000)
        check("max_concurrent_requests", maxConcurrentRequests, 1...100_000)
        check("max_concurrent_writes", maxConcurrentWrites, 1...100_000)
        check("max_queued_requests", maxQueuedRequests, 0...100_000)
        check("max_queue_wait_ms", maxQueueWaitMilliseconds, 1...600_000)
        check("max_connections", maxConnections, 1...1_000_000)
        check("idle_timeout_ms", idleTimeoutMilliseconds, 100...86_400_000)
        check("next_page_seconds", nextPageSeconds, 0...86_400)
        check("compression_min_bytes", compressionMinBytes, 0...(256 << 20))
        problems += callerProblems()
        for (index, key) in auth.keysSHA256.enumerated() where APIKeyDigest.digest(fromHex: key) == nil {
            problems.append(
                "`auth.keys_sha256[\(index)]` must be the SHA-256 of a key as 64 hexadecimal digits"
                    + " (printf %s KEY | sha256sum)")
        }
        if !host.isEmpty, !isLoopback, auth.keysSHA256.isEmpty, !auth.requireKeys, !allowRemoteWithoutKeys {
            problems.append(
                "`host` \(host) can be reached from other machines and no API key is set: set `auth.require_keys: true` and make"
                    + " keys with `cascade keys make`, or add the SHA-256 of a key to `auth.keys_sha256`, or listen on 127.0.0.1, or set `allow_remote_without_keys: true` when the"
                    + " network keeps strangers out")
        }
        return problems
    }

    private func callerProblems() -> [String] {
        var problems: [String] = []
        if !(rateLimit.requestsPerSecond == 0 || (0.001...1_000_000).contains(rateLimit.requestsPerSecond)) {
            problems.append(
                "`rate_limit.requests_per_second` must be 0 (as many as come) or from 0.001 to 1000000, not"
                    + " \(rateLimit.requestsPerSecond)")
        }
        if !(1...1_000_000).contains(rateLimit.burst) {
            problems.append("`rate_limit.burst` must be from 1 to 1000000, not \(rateLimit.burst)")
        }
        if !(0...86_400).contains(cors.maxAgeSeconds) {
            problems.append("`cors.max_age_seconds` must be from 0 to 86400, not \(cors.maxAgeSeconds)")
        }
        for (index, origin) in cors.allowOrigins.enumerated() where !CORSSettings.isOrigin(origin) {
            problems.append(
                "`cors.allow_origins[\(index)]` must be an origin in lower case such as https://shop.example, or *")
        }
        return problems
    }

    /// Whether only this machine can reach the address.
    package var isLoopback: Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
