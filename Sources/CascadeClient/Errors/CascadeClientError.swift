public import Foundation

/// Why a request has no answer.
public enum CascadeClientError: Error {
    /// The server refused the request, or failed.
    case problem(CascadeClient.Problem)
    /// No answer came: the server cannot be reached, or not in time. A write may have been done.
    case transport(any Error)
    /// What came is no answer of a Cascade server, such as the page of a proxy, or has another form than this client knows.
    case undecodable(status: Int, requestID: String?, reason: String)
    /// The request holds what JSON cannot say, such as a number that is not finite.
    case unencodable(reason: String)
    /// The task was cancelled. A write may have been done.
    case cancelled
}

extension CascadeClientError: CustomStringConvertible, LocalizedError {
    /// What went wrong, for people.
    public var description: String {
        switch self {
        case .problem(let problem): return problem.description
        case .transport(let error): return "no answer: \(error.localizedDescription)"
        case .undecodable(let status, let requestID, let reason):
            let name = requestID.map { ", request \($0)" } ?? ""
            return "the answer (status \(status)\(name)) cannot be read: \(reason)"
        case .unencodable(let reason): return "the request cannot be written as JSON: \(reason)"
        case .cancelled: return "the request was cancelled"
        }
    }

    /// The same for `localizedDescription`.
    public var errorDescription: String? { description }
}
