/// A write that its caller has named.
package struct IdempotentWrite: Sendable, Hashable {
    /// Seconds for which answers are kept.
    package static let lifetime = 86_400.0

    /// Whose name it is: the identifier of an API key, or empty where none is asked for.
    package var owner: String
    /// 1 to 255 bytes.
    package var key: String
    /// SHA-256 of what is written.
    package var digest: [UInt8]

    package init(owner: String, key: String, digest: [UInt8]) {
        self.owner = owner
        self.key = key
        self.digest = digest
    }
}

/// The answer that a write got.
package struct StoredAnswer: Sendable, Hashable {
    package var status: Int
    /// By name.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What is to be done with a write that comes with a name.
package enum IdempotencyClaim: Sendable, Hashable {
    /// It is new, or the attempt before came to no end: do it, and say how it ended under the name of the attempt.
    case begun(attempt: String)
    /// It was done.
    case answered(StoredAnswer)
    /// Somebody does it.
    case inFlight
    /// The name stands for something else.
    case reused
}
