/// How the server listens and what it accepts; the `server` section of the configuration.
package struct ServerSettings: Codable, Hashable, Sendable {
    /// Address to listen on. One beyond this machine needs API keys, or `allow_remote_without_keys`.
    package var host = "127.0.0.1"
    /// Port to listen on; 0 takes any free one.
    package var port = 8080
    /// Longest body that is read, in bytes; a longer one gets 413.
    package var maxBodyBytes = 1 << 20
    /// Longest time for a request, in milliseconds; `X-Request-Timeout-Ms` can shorten it for one request.
    package var requestTimeoutMilliseconds = 5000
    /// Time that running requests have to end after a signal to stop, in milliseconds; then they are cancelled.
    package var shutdownGraceMilliseconds = 10_000
    /// Reading requests (recommendations too) that run at once.
    package var maxConcurrentRequests = 64
    /// Writing requests that run at once; apart from the readers, so that a burst of events slows no recommendation.
    package var maxConcurrentWrites = 16
    /// Requests of each kind that may wait for their turn; further ones get 503.
    package var maxQueuedRequests = 64
    /// Longest wait for a turn, in milliseconds; then the request gets 503.
    package var maxQueueWaitMilliseconds = 250
    /// Connections open at once; further ones wait in the backlog of the system.
    package var maxConnections = 4096
    /// Idle connections are closed after so long, in milliseconds.
    package var idleTimeoutMilliseconds = 60_000
    /// Allows listening beyond this machine without API keys: everyone who reaches the port may then read and write.
    package var allowRemoteWithoutKeys = false
    /// Seconds for which a slate has a next page; 0: none has.
    package var nextPageSeconds = 1800
    /// Event types that are taken; others are refused, so that a misspelt one makes no signal. Empty takes any.
    package var eventTypes: [String] = []
    package var auth = AuthSettings()
    /// Answers from so many bytes on go out in gzip to callers that take it; 0: none.
    package var compressionMinBytes = 1024
    package var rateLimit = RateLimitSettings()
    package var cors = CORSSettings()
    /// Whether the page that shows users, slates and releases is served at `/inspector`.
    package var inspector = true

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case host, port, auth, cors, inspector
        case compressionMinBytes = "compression_min_bytes"
        case rateLimit = "rate_limit"
        case maxBodyBytes = "max_body_bytes"
        case requestTimeoutMilliseconds = "request_timeout_ms"
        case shutdownGraceMilliseconds = "shutdown_grace_ms"
        case maxConcurrentRequests = "max_concurrent_requests"
        case maxConcurrentWrites = "max_concurrent_writes"
        case maxQueuedRequests = "max_queued_requests"
        case maxQueueWaitMilliseconds = "max_queue_wait_ms"
        case maxConnections = "max_connections"
        case idleTimeoutMilliseconds = "idle_timeout_ms"
        case allowRemoteWithoutKeys = "allow_remote_without_keys"
        case nextPageSeconds = "next_page_seconds"
        case eventTypes = "event_types"
    }
}

/// Who may use the server.
package struct AuthSettings: Codable, Hashable, Sendable {
    /// SHA-256 of API keys that allow everything, in hexadecimal digits, beside those of the database (`cascade keys`). Without any of
    /// either no key is asked for.
    package var keysSHA256: [String] = []
    /// Asks for a key also while none is made.
    package var requireKeys = false

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case keysSHA256 = "keys_sha256"
        case requireKeys = "require_keys"
    }
}
