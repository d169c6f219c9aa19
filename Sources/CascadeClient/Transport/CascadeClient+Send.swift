import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension CascadeClient {
    /// The answer to `call` as a value.
    func answer<Answer: Decodable>(
        to call: Call, as type: Answer.Type = Answer.self
    ) async throws(CascadeClientError) -> Answer {
        let reply = try await send(call)
        do {
            return try Self.decoder().decode(type, from: reply.body)
        } catch {
            throw .undecodable(status: reply.status, requestID: reply.headers["x-request-id"], reason: "\(error)")
        }
    }

    /// Sends `call`, again where the rules say so, until it succeeds.
    @discardableResult
    func send(_ call: Call) async throws(CascadeClientError) -> Reply {
        let request = try request(for: call)
        let retries = RetryRules.isRepeatable(request) ? rules.retries : 0
        var attempt = 0
        while true {
            let failure: CascadeClientError
            let pause: Duration?
            do throws(CascadeClientError) {
                let reply = try await sendOnce(request)
                if (200..<300).contains(reply.status) || (reply.status == call.accepted && !reply.isProblem) {
                    return reply
                }
                let problem = Self.problem(of: reply)
                failure = problem.map { .problem($0) } ?? Self.unknown(reply)
                pause = rules.pause(after: reply, problem)
            } catch {
                guard case .transport = error else { throw error }
                failure = error
                pause = rules.pause(afterFailure: attempt)
            }
            guard attempt < retries, let pause else { throw failure }
            try await rest(pause)
            attempt += 1
        }
    }

    private func sendOnce(_ request: URLRequest) async throws(CascadeClientError) -> Reply {
        do {
            return try await transport.send(request)
        } catch {
            if error is CancellationError || (error as? URLError)?.code == .cancelled { throw .cancelled }
            throw .transport(error)
        }
    }

    private func rest(_ pause: Duration) async throws(CascadeClientError) {
        do {
            try await self.pause(pause)
        } catch {
            throw .cancelled
        }
    }

    private static func problem(of reply: Reply) -> Problem? {
        guard reply.isProblem, var problem = try? decoder().decode(Problem.self, from: reply.body) else { return nil }
        problem.retryAfter = reply.retryAfter
        return problem
    }

    /// An answer that is neither a success nor a problem document.
    private static func unknown(_ reply: Reply) -> CascadeClientError {
        let text = String(decoding: reply.body.prefix(200), as: UTF8.self)
        return .undecodable(
            status: reply.status, requestID: reply.headers["x-request-id"],
            reason: text.isEmpty ? "it is empty" : "it begins with '\(text)'")
    }
}
