public import Foundation

/// A client of one Cascade server: a method for each operation of its OpenAPI document, named by its `operationId`.
///
/// Requests that can be sent twice without harm are repeated by themselves, see `RetryRules`. Every method throws
/// `CascadeClientError`. Copies share their connections.
public struct CascadeClient: Sendable {
    /// The longest wait for the answer to one attempt where nothing else is said.
    public static let usualTimeout = Duration.seconds(30)
    /// How often a request is repeated at most where nothing else is said.
    public static let usualRetries = 2

    let url: URL
    let apiKey: String?
    let timeout: Duration
    let rules: RetryRules
    let transport: any Transport
    /// Lets time pass before a request is repeated.
    let pause: @Sendable (Duration) async throws -> Void

    /// Makes a client; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: where the server is, such as `http://127.0.0.1:8080`; a path in it stands before those of the interface.
    ///   - apiKey: sent with every request; nil for a server that asks for none.
    ///   - timeout: the longest wait for the answer to one attempt, and for what `Retry-After` asks for.
    ///   - retries: how often a request is repeated at most; 0 for never.
    public init(
        url: URL, apiKey: String? = nil, timeout: Duration = usualTimeout, retries: Int = usualRetries
    ) {
        self.init(
            url: url, apiKey: apiKey, timeout: timeout, retries: retries, transport: SessionTransport(),
            pause: { try await Task.sleep(for: $0) })
    }

    /// Makes a client that sends by `transport` and waits by `pause`.
    package init(
        url: URL, apiKey: String? = nil, timeout: Duration = usualTimeout, retries: Int = usualRetries,
        transport: any Transport, pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.url = url
        self.apiKey = apiKey
        self.timeout = timeout
        self.transport = transport
        self.pause = pause
        rules = RetryRules(retries: max(0, retries), longestPause: timeout)
    }
}
