import CascadePipeline
import Hummingbird

/// The one place where errors become answers.
///
/// An error that nobody knows becomes `internal`, whose text says nothing of its inside; that goes to the log only.
struct FailureMapping: Sendable {
    /// Knows the errors of the targets that the server does not see, such as those of the database.
    let classify: @Sendable (any Error) -> RequestFailure?

    func failure(for error: any Error) -> RequestFailure {
        switch error {
        case let failure as RequestFailure: failure
        case let error as JSONSyntaxError: .validation("", "malformed_json", "the body is not valid JSON: \(error)")
        case let error as PipelineError: failure(for: error)
        case let error as HTTPError: failure(for: error)
        case is CancellationError: .unavailable("the request was cancelled before it was done")
        default: classify(error) ?? Self.unknown
        }
    }

    private static let unknown = RequestFailure(
        .internal, "an unexpected error; the server's log has more under this request id")

    private func failure(for error: PipelineError) -> RequestFailure {
        switch error {
        case .invalidRequest(let problems): .validation(problems)
        case .notServed, .unknownHead: RequestFailure(.conflict, "\(error)")
        case .cancelled: .unavailable("the request was cancelled before it was done")
        case .invalidSettings, .contract: Self.unknown
        }
    }

    /// Errors that the web framework itself raises.
    private func failure(for error: HTTPError) -> RequestFailure {
        switch error.status {
        case .notFound: .missing("such path")
        case .badRequest: .validation("", "invalid", "the request could not be read")
        case .contentTooLarge: RequestFailure(.tooLarge, "the body is too large")
        default: Self.unknown
        }
    }
}
