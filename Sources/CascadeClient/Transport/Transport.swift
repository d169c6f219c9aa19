package import Foundation

#if canImport(FoundationNetworking)
    package import FoundationNetworking
#endif

extension CascadeClient {
    /// Sends requests.
    package protocol Transport: Sendable {
        /// The answer to `request`, whatever its status; throws where none comes.
        func send(_ request: URLRequest) async throws -> Reply
    }

    /// An answer as it came.
    package struct Reply: Sendable {
        package let status: Int
        /// Names in lower case.
        package let headers: [String: String]
        package let body: Data

        package init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// Seconds after which to try again.
        var retryAfter: Int? { headers["retry-after"].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 } }

        /// Whether the body is a problem document.
        var isProblem: Bool { headers["content-type"]?.hasPrefix("application/problem+json") == true }
    }
}
