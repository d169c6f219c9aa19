import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension CascadeClient {
    /// One request before it is sent.
    struct Call: Sendable {
        let operation: Operation
        /// What stands for the names of the path, in their order.
        var path: [String] = []
        /// Parameters of the query; those that are nil are left out.
        var query: [(name: String, value: String?)] = []
        var body: (any Encodable & Sendable)?
        /// Names the write; of operations that take a name, nil makes one.
        var key: String?
        /// The longest wait for an answer; nil for that of the client.
        var timeout: Duration?
        /// A status beside 2xx that comes with the usual answer.
        var accepted: Int?
    }

    /// The request of `call`, which stays the same however often it is sent.
    func request(for call: Call) throws(CascadeClientError) -> URLRequest {
        let endpoint = call.operation.endpoint
        let target = Addresses.target(endpoint.path, call.path, call.query)
        guard let url = URL(string: Addresses.base(of: url) + target) else {
            throw .transport(URLError(.badURL))
        }
        var request = URLRequest(
            url: url, cachePolicy: .reloadIgnoringLocalCacheData,
            timeoutInterval: (call.timeout ?? timeout).seconds)
        request.httpMethod = endpoint.method.rawValue
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        if let apiKey { request.setValue(apiKey, forHTTPHeaderField: "X-API-Key") }
        if endpoint.takesKey {
            request.setValue(call.key ?? UUID().uuidString, forHTTPHeaderField: "Idempotency-Key")
        }
        if let body = call.body {
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            do {
                request.httpBody = try Self.encoder().encode(body)
            } catch {
                throw .unencodable(reason: "\(error)")
            }
        }
        return request
    }
}

extension Duration {
    /// The same as seconds with a fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
