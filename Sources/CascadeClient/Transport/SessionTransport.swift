import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    package import FoundationNetworking
#endif

extension CascadeClient {
    /// Sends requests by a session of its own, which keeps nothing on disk and no cookies, and follows no redirection.
    package final class SessionTransport: Transport {
        private let session: URLSession
        private let exchanges = Exchanges()

        package init() {
            let configuration = URLSessionConfiguration.ephemeral
            configuration.urlCache = nil
            configuration.httpShouldSetCookies = false
            session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
        }

        deinit { session.finishTasksAndInvalidate() }

        package func send(_ request: URLRequest) async throws -> Reply {
            let task = session.dataTask(with: request)
            let number = task.taskIdentifier
            defer { exchanges.forget(number) }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    if exchanges.begin(number, continuation) { task.resume() }
                }
            } onCancel: {
                exchanges.cancel(number)
                task.cancel()
            }
        }
    }
}

/// What is under way, by the numbers of the session's tasks.
///
/// A delegate, and not the session's own asynchronous methods: on Linux those follow redirections whatever they are told.
private final class Exchanges: NSObject, URLSessionDataDelegate {
    private enum State {
        case waiting(CheckedContinuation<CascadeClient.Reply, any Error>, body: Data)
        /// Cancelled before it began.
        case cancelled
    }

    private let states = Mutex<[Int: State]>([:])

    /// Has the answer to task `number` go to `continuation`; false where the task is not to begin any more.
    func begin(_ number: Int, _ continuation: CheckedContinuation<CascadeClient.Reply, any Error>) -> Bool {
        let isCancelled = states.withLock { states in
            if case .cancelled? = states.removeValue(forKey: number) { return true }
            states[number] = .waiting(continuation, body: Data())
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        return !isCancelled
    }

    func cancel(_ number: Int) {
        let state = states.withLock { states in
            let state = states.removeValue(forKey: number)
            if state == nil { states[number] = .cancelled }
            return state
        }
        if case .waiting(let continuation, _)? = state { continuation.resume(throwing: CancellationError()) }
    }

    func forget(_ number: Int) { states.withLock { $0[number] = nil } }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        states.withLock { states in
            guard case .waiting(let continuation, var body)? = states.removeValue(forKey: dataTask.taskIdentifier)
            else {
                return
            }
            body.append(data)
            states[dataTask.taskIdentifier] = .waiting(continuation, body: body)
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let state = states.withLock { states -> State? in
            // That it was cancelled is for `begin` to find.
            if case .cancelled? = states[task.taskIdentifier] { return nil }
            return states.removeValue(forKey: task.taskIdentifier)
        }
        guard case .waiting(let continuation, let body)? = state else { return }
        guard error == nil, let response = task.response as? HTTPURLResponse else {
            return continuation.resume(throwing: error ?? URLError(.badServerResponse))
        }
        var headers: [String: String] = [:]
        for case (let name as String, let value as String) in response.allHeaderFields {
            headers[name.lowercased()] = value
        }
        continuation.resume(returning: .init(status: response.statusCode, headers: headers, body: body))
    }

    /// The server redirects nobody, and an API key must not go where another one points.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
